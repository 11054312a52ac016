"""Events of endpoints that are not ours, as entries of a journal."""

import json

import pytest

from harness.journal import EventAtClient, EventByServer
from harness.live.proxy.messages import read_client, read_server, without_keys
from harness.protocol.events import ResponseDone, ResponseOutputAudioDelta


def entry(document):
    read = read_server(json.dumps(document).encode())
    assert read is not None
    return read.entry(EventByServer, 5, 1)


def test_an_event_whose_fields_are_not_as_documented_keeps_its_ids():
    response = {"id": "resp_1", "status": "failed", "output": "strange", "usage": 7}
    found = entry({"type": "response.done", "response": response, "event_id": 3})
    assert found.is_a(ResponseDone)
    assert (found.response_id, found.status) == ("resp_1", "failed")


def test_an_unknown_event_has_an_entry_without_its_words():
    found = entry({"type": "vendor.thing", "item_id": "item_1", "text": "said by somebody", "x": {"y": 1}})
    assert (found.kind, found.fields) == ("vendor.thing", {"item_id": "item_1"})


@pytest.mark.parametrize(
    ("beta", "today"),
    [
        ("response.audio.done", "response.output_audio.done"),
        ("response.audio_transcript.done", "response.output_audio_transcript.done"),
    ],
)
def test_the_names_of_the_beta_are_todays_in_a_journal(beta, today):
    ids = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
    found = entry({"type": beta, "event_id": "e", **ids, "transcript": "four"})
    assert (found.kind, found.response_id) == (today, "r")
    assert "four" not in str(found.fields)


def test_audio_of_the_beta_is_audio():
    ids = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
    read = read_server(json.dumps({"type": "response.audio.delta", "event_id": "e", **ids, "delta": "AAAA"}).encode())
    assert read is not None and isinstance(read.event, ResponseOutputAudioDelta)
    assert read.event.delta == b"\0\0\0"


@pytest.mark.parametrize("text", [b"", b"[]", b"nothing", b'{"type": 3}', b"\xff", b'{"a":' * 100_000])
def test_what_is_no_event_has_no_entry(text):
    assert read_server(text) is None
    assert read_client(text) is None


def test_a_clients_event_that_the_service_does_not_know():
    read = read_client(b'{"type": "vendor.ask", "response": {"id": "r"}, "transcript": "words"}')
    assert read is not None
    found = read.entry(EventAtClient, 5, 1)
    assert (found.kind, found.fields) == ("vendor.ask", {"response_id": "r"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Incorrect API key provided: sk-proj-****abcd. You can", "Incorrect API key provided: [key] You can"),
        ("ek_68af296e8e408191a1120ab6383263c2", "[key]"),
        ("task-oriented: the desk-lamp", "task-oriented: the desk-lamp"),
    ],
)
def test_keys_are_hidden_whoever_says_them(text, shown):
    assert without_keys({"a": [text]}) == {"a": [shown]}
