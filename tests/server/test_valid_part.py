"""What a server that applies an update field by field has in force after a refusal (§4.6)."""

import pytest

from harness.audio.formats import PCMU
from harness.errors import ProtocolError
from harness.server.config import valid_part
from tests.server.playbook import (
    CREATE,
    FINISHES,
    REST,
    Playbook,
    append,
    refuses,
    says,
    sends,
    silence,
    speech,
    update,
)
from tests.server.testing import STARTED

PARTIAL = {"update_error": "partial"}


def refuse(*bad):
    """A check that names the first of ``bad`` that it finds, in the order of ``bad``."""

    def found(document, path):
        for key, value in document.items():
            yield f"{path}.{key}"
            if isinstance(value, dict):
                yield from found(value, f"{path}.{key}")

    def check(document):
        for each in bad:
            if each in set(found(document, "d")):
                raise ProtocolError("invalid_value", "wrong", param=each)

    return check


@pytest.mark.parametrize(
    ("bad", "left"),
    [
        ((), {"a": 1, "b": {"c": 2, "d": {"e": 3}, "f": 4}, "g": 5}),
        (("d.g",), {"a": 1, "b": {"c": 2, "d": {"e": 3}, "f": 4}}),
        (("d.b.f",), {"a": 1, "b": {"c": 2, "d": {"e": 3}}}),
        (("d.b.d.e",), {"a": 1, "b": {"c": 2}}),
        (("d.b.c",), {"a": 1}),
        (("d.b",), {"a": 1}),
        (("d.a",), {}),
        (("d.g", "d.b.d.e", "d.b.f"), {"a": 1, "b": {"c": 2}}),
    ],
)
def test_what_stands_before_the_first_bad_field(bad, left):
    """In the order of the document, whichever field is complained about first."""
    document = {"a": 1, "b": {"c": 2, "d": {"e": 3}, "f": 4}, "g": 5}
    assert valid_part(document, refuse(*bad), "d") == left
    assert document == {"a": 1, "b": {"c": 2, "d": {"e": 3}, "f": 4}, "g": 5}


def test_a_complaint_about_the_whole_leaves_nothing():
    def check(document):
        raise ProtocolError("invalid_value", "wrong")

    assert valid_part({"a": 1}, check, "d") == {}


def after(session, policy=PARTIAL, play=None):
    """The refusal, and the configuration that the next update shows."""
    play = play or Playbook(policy=policy)
    play >> sends("session.update", session=session, event_id="bad")
    refusal, *more = play.said[play._taken :]
    assert refusal["type"] == "error" and refusal["error"]["event_id"] == "bad" and not more
    play << REST >> update() << REST
    return play.last("session.updated")["session"]


BAD_SPEED = {"output": {"voice": "cedar", "speed": 9}}
BRIEF = "Be brief."


@pytest.mark.behaviour("partial")
@pytest.mark.parametrize(
    ("changes", "brief", "modalities", "voice"),
    [
        ({"instructions": BRIEF, "audio": BAD_SPEED, "output_modalities": ["text"]}, True, ["audio"], "cedar"),
        ({"audio": BAD_SPEED, "instructions": BRIEF}, False, ["audio"], "cedar"),
        ({"output_modalities": ["text"], "nope": 1, "instructions": BRIEF}, False, ["text"], "alloy"),
        ({"instructions": BRIEF, "audio": BAD_SPEED, "nope": 1}, True, ["audio"], "cedar"),
        ({"instructions": BRIEF, "tools": [5], "output_modalities": ["text"]}, True, ["audio"], "alloy"),
        ({"nope": 1, "instructions": BRIEF}, False, ["audio"], "alloy"),
    ],
)
@pytest.mark.parametrize("type_first", [True, False])
def test_an_update_may_be_applied_up_to_its_bad_field(changes, brief, modalities, voice, type_first):
    """speaches does so (§4.6); the client gets the error alone."""
    kind = {"type": "realtime"}
    found = after({**kind, **changes} if type_first else {**changes, **kind})
    assert (found["instructions"] == BRIEF) is brief
    assert found["output_modalities"] == modalities and found["audio"]["output"]["voice"] == voice


@pytest.mark.behaviour("partial")
@pytest.mark.parametrize(
    "session",
    [
        {"instructions": BRIEF},
        {"type": "transcription", "instructions": BRIEF},
        {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "nope"}}}, "instructions": BRIEF},
        {"type": "realtime", "audio": {"input": {"format": {"rate": 24_000}}}, "instructions": BRIEF},
    ],
)
def test_before_the_first_field_there_is_nothing(session):
    """Nor in an update that does not name its type at all (assumed, §4.6)."""
    new = Playbook(opened=False).last("session.created")["session"]
    assert after(session) == new


@pytest.mark.behaviour("partial")
def test_an_object_of_which_nothing_is_left_switches_nothing_on():
    """§4.6: an empty ``turn_detection`` would switch detection on."""
    play = Playbook(policy=PARTIAL) >> update(audio={"input": {"turn_detection": None}}) << REST
    wrong = {"type": "realtime", "audio": {"input": {"turn_detection": {"threshold": 5, "type": "server_vad"}}}}
    assert after(wrong, play=play)["audio"]["input"]["turn_detection"] is None


@pytest.mark.behaviour("partial")
def test_the_voice_that_is_locked_is_a_bad_field_too():
    """§4.6: its error names no field."""
    play = Playbook(policy=PARTIAL) >> CREATE << REST >> FINISHES << REST
    wrong = {
        "instructions": BRIEF,
        "audio": {"output": {"speed": 1.5, "voice": "cedar"}},
        "output_modalities": ["text"],
    }
    found = after({"type": "realtime", **wrong}, play=play)
    assert (found["instructions"], found["output_modalities"]) == (BRIEF, ["audio"])
    assert found["audio"]["output"]["speed"] == 1.5 and found["audio"]["output"]["voice"] == "alloy"


@pytest.mark.behaviour("partial")
def test_what_was_applied_is_in_force():
    """The format that is declared before the bad field is how the audio is read from then on (§4.6)."""
    play = Playbook(policy=PARTIAL) >> update(audio={"input": {"format": {"type": PCMU.name}, "nope": 1}})
    play << refuses("unknown_parameter")
    play >> append(b"\x00" * 256 + b"\xff" * 256 * 7) << says(STARTED) << REST
    play = Playbook(policy=PARTIAL) >> append(speech(3)) << says(STARTED)
    play >> update(audio={"input": {"turn_detection": None}}, nope=1) << refuses("unknown_parameter")
    assert play >> append(silence(20))


@pytest.mark.behaviour("atomic")
def test_by_default_a_refused_update_changes_nothing():
    """Captured (§4.6)."""
    new = Playbook(opened=False).last("session.created")["session"]
    assert after({"type": "realtime", "instructions": BRIEF, "nope": 1}, policy={}) == new
