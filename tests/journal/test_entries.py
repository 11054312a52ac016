"""The classes of entries and their lines on disk."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.journal import (
    ConnectionClosed,
    EventAtClient,
    EventByServer,
    SpeakerHeard,
    TurnClosed,
    UserSpeaks,
    parse,
)
from harness.journal import entries as module
from harness.journal.entries import CLOSED, OPEN, Entry
from harness.protocol.events import (
    InputAudioBufferAppend,
    InputAudioBufferSpeechStarted,
    ResponseCreated,
    ResponseDone,
    SessionUpdated,
)
from harness.protocol.objects import Response, StatusDetails
from tests.journal.strategies import of_class
from tests.journal.testing import lines

NO_LINE_OF_THEIR_OWN = {
    Entry,
    module.AudioLevels,
    module.ConnectionEntry,
    module.EventEntry,
    module.SessionEntry,
    module.SpeakerPlayed,
    module.UnknownEntry,
}


def again(*entries):
    """The entries, written and read."""
    return parse(['{"stillthere":1}', *lines(*entries)], "run").entries


def test_every_class_is_listed_as_closed_or_open():
    classes = {each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Entry)}
    assert classes - NO_LINE_OF_THEIR_OWN == {*CLOSED, *OPEN}


@pytest.mark.slow
@pytest.mark.parametrize("cls", [*CLOSED, *OPEN], ids=lambda cls: cls.__name__)
@settings(max_examples=25)
@given(data=st.data())
def test_an_entry_is_read_back_from_its_line(cls, data):
    entry = data.draw(of_class(cls))
    (read,) = again(entry)
    assert type(read) is cls and read == entry
    assert lines(read) == lines(entry)


def test_no_two_classes_have_the_same_lane_and_kind():
    pairs = [(each.lane, each.kind) for each in CLOSED]
    assert len(set(pairs)) == len(pairs)


def test_lines_as_they_have_always_been():
    """The field names and their order are those of journals written by version 0.1.0."""
    done = ResponseDone(
        event_id="event_1",
        response=Response(
            id="resp_1", status="cancelled", status_details=StatusDetails(type="cancelled", reason="turn_detected")
        ),
    )
    assert lines(
        UserSpeaks(t=19_345_000, length_us=4_000_000, rms=2690.9, probe=True),
        UserSpeaks(t=1, length_us=2, rms=5.0, probe=False, audible=False),
        ConnectionClosed(t=20_250_000, connection=1, code=1000),
        EventByServer.of(done, t=5, connection=2),
        TurnClosed(item_id="item_1", by="clear").at(7, 1),
    ) == [
        '{"t":19345000,"lane":"user","kind":"speaks","length_us":4000000,"rms":2690.9,"probe":true}',
        '{"t":1,"lane":"user","kind":"speaks","length_us":2,"rms":5.0,"probe":false,"audible":false}',
        '{"t":20250000,"lane":"connection","kind":"closed","connection":1,"code":1000}',
        '{"t":5,"lane":"server","kind":"response.done","connection":2,"response_id":"resp_1","status":"cancelled",'
        '"reason":"turn_detected"}',
        '{"t":7,"lane":"server","kind":"turn_closed","connection":1,"item_id":"item_1","by":"clear"}',
    ]


def test_a_field_of_an_event_that_every_line_has_does_not_stand_in_it_twice():
    (line,) = lines(EventAtClient.of(InputAudioBufferAppend(audio=b"abc"), t=1, connection=1))
    assert line == '{"t":1,"lane":"client","kind":"input_audio_buffer.append","connection":1,"audio":3}'


def test_an_event_answers_by_name():
    done = EventByServer(t=0, kind="response.done", connection=1, fields={"response_id": "r", "status": "completed"})
    assert (done.response_id, done.status, done.item_id, done.reason) == ("r", "completed", None, None)
    assert done.is_a(ResponseDone) and done.is_a(ResponseCreated, ResponseDone) and not done.is_a(ResponseCreated)
    started = EventByServer(t=0, kind="input_audio_buffer.speech_started", connection=1, fields={"audio_start_ms": 12})
    assert started.is_a(InputAudioBufferSpeechStarted) and started.audio_start_ms == 12


def test_turn_detection_that_is_off_is_not_turn_detection_that_is_not_mentioned():
    off = EventByServer(t=0, kind="session.updated", connection=1, fields={"turn_detection": None})
    silent = EventByServer(t=0, kind="session.updated", connection=1, fields={})
    assert off.is_a(SessionUpdated) and (off.tells_turn_detection, off.turn_detection) == (True, None)
    assert (silent.tells_turn_detection, silent.turn_detection) == (False, None)


@pytest.mark.parametrize("mistake", [{"respons_id": "r1"}, {}, {"response_id": "r1", "item_id": "u1"}])
def test_a_misspelled_a_missing_and_a_foreign_field_are_errors_where_the_entry_is_made(mistake):
    with pytest.raises(TypeError):
        SpeakerHeard(t=0, **mistake)


def test_an_entry_cannot_be_changed():
    with pytest.raises(AttributeError):
        SpeakerHeard(t=0, response_id="r1").t = 1
