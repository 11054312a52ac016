import pytest

from harness.journal import (
    ClientReopensCapture,
    ConnectionClosed,
    ConnectionDialFailed,
    ConnectionDialled,
    ConnectionOpened,
    FaultInjected,
    FaultWithoutConnection,
    RoomNoise,
    RunEnded,
    SpeakerEnded,
    SpeakerPlaying,
    SpeakerResumed,
    SpeakerStopped,
    SpeakerSuspended,
    StepPlayed,
    TurnClosed,
    WorldHealed,
)
from harness.picture.lanes import lanes
from harness.protocol.events import InputAudioBufferSpeechStarted, InputAudioBufferSpeechStopped, ResponseCreated
from harness.units import SECOND
from tests.journal.testing import by_server, entry
from tests.report.testing import add, conversation, cured, deaf, journal, opened, server, turn


def spans(made, lane):
    found = lanes(made)[lane].spans
    return [(span.start_us / SECOND, span.end_us / SECOND, span.style) for span in found]


def ended(made, at_s=30):
    add(made, at_s, RunEnded)
    return made


def test_what_the_user_asks_after_the_heal_is_set_apart():
    assert spans(cured(), "user speaks") == [(2, 4, "user"), (21, 23, "probe")]
    assert spans(cured(), "phase") == [(0, 20, "story"), (20, 24.3, "healed")]


def test_later_utterances_are_numbered_and_not_asked_again():
    found = [(span.start_us / SECOND, span.label, span.style) for span in lanes(conversation())["user speaks"].spans]
    assert found == [
        (2, "speaks", "user"),
        (21, "asks again", "probe"),
        (35, "utterance 2", "later"),
        (47, "utterance 3", "later"),
    ]
    _, healed = lanes(conversation())["phase"].spans
    assert healed.label == "healed: the user asks again and again until answered, then goes on talking"
    _, alone = lanes(deaf())["phase"].spans
    assert alone.label == "healed: the user asks again and again until answered"


@pytest.mark.parametrize(
    ("end", "until_s"),
    [
        (by_server(8, InputAudioBufferSpeechStopped, item_id="a"), 8),
        (entry(8, TurnClosed, connection=1, item_id="a", by="clear"), 8),
        (entry(8, ConnectionClosed, connection=1, code=1006), 8),
        (entry(8, ConnectionDialled, connection=2), 8),
        (entry(8, StepPlayed, step="step 1", label=None, length_us=0), 30),
    ],
)
def test_the_server_hears_until_something_ends_it(end, until_s):
    made = opened()
    server(made, 3, InputAudioBufferSpeechStarted, item_id="a")
    made.add(end)
    assert spans(ended(made), "server hears") == [(3, until_s, "hears")]


def test_speech_that_is_held_says_for_how_long():
    made = opened()
    server(made, 5, InputAudioBufferSpeechStarted, item_id="a")
    assert lanes(ended(made))["server hears"].spans[0].label == "in speech for 25 s"


def test_the_assistant_answers_is_interrupted_and_suspended():
    made = opened()
    add(made, 1, SpeakerPlaying, response_id="a", item_id="a")
    add(made, 2, SpeakerStopped, response_id="a", played_ms=1_000)
    add(made, 3, SpeakerPlaying, response_id="b", item_id="b")
    add(made, 4, SpeakerSuspended)
    add(made, 7, SpeakerResumed)
    add(made, 7, SpeakerPlaying, response_id="b", item_id="b")
    add(made, 9, SpeakerEnded, response_id="b", played_ms=1_000)
    assert spans(ended(made, 12), "assistant") == [
        (1, 2, "interrupted"),
        (3, 4, "answer"),
        (4, 7, "suspended"),
        (7, 9, "answer"),
    ]


def test_a_silence_without_end_is_seen_and_a_passing_one_is_not():
    assert spans(deaf(), "assistant") == [(5, 8, "answer"), (8, 40, "silence")]
    assert spans(cured(), "assistant") == [(5, 8, "answer"), (24, 24.3, "answer")]


def test_a_response_lasts_until_done_or_until_its_connection_ends():
    made = opened()
    turn(made, 2, 1)
    server(made, 10, ResponseCreated, response_id="b")
    add(made, 15, ConnectionClosed, connection=1, code=1006)
    assert spans(ended(made), "response") == [(4, 4.8, "response"), (10, 15, "response")]


def test_connections_and_failed_dials():
    made = opened()
    add(made, 5, ConnectionClosed, connection=1, code=1000)
    add(made, 5, ConnectionDialled, connection=2)
    add(made, 10, ConnectionDialFailed, connection=2)
    add(made, 11, ConnectionDialled, connection=3)
    add(made, 12, ConnectionOpened, connection=3)
    assert spans(ended(made), "connection") == [
        (0, 0.1, "dialling"),
        (0.1, 5, "open"),
        (5, 10, "refused"),
        (11, 12, "dialling"),
        (12, 30, "open"),
    ]


def fault(kind, length_s, *then, **fields):
    made = opened()
    length_us = None if length_s is None else length_s * SECOND
    add(made, 5, FaultInjected, kind=kind, length_us=length_us, **fields)
    for each in then:
        made.add(each)
    [(start, end, _)] = spans(ended(made), "faults")
    assert start == 5
    return end


def test_a_dead_capture_lasts_until_it_is_reopened():
    assert fault("near-silent", None) == 30
    assert fault("near-silent", None, entry(9, ClientReopensCapture)) == 9
    assert fault("zeroed", 3, entry(6, ClientReopensCapture)) == 8
    assert fault("zeroed", 20, entry(12, WorldHealed)) == 12


def test_a_half_open_connection_lasts_until_it_is_left_and_dials_pass():
    assert fault("half-open", 10) == 30
    assert fault("half-open", 10, entry(20, ConnectionDialled, connection=2)) == 20
    assert fault("half-open", 10, entry(7, ConnectionDialled, connection=2)) == 15
    assert fault("reset", 10, entry(6, ConnectionDialled, connection=2)) == 15
    assert fault("stall", 4) == 9


def test_a_server_fault_ends_with_its_session():
    assert fault("mute", None) == 30
    assert fault("mute", None, entry(12, ConnectionDialled, connection=2)) == 12
    assert fault("held-active", 3) == 8


def test_an_app_switch_lasts_as_long_as_it_lasts():
    assert fault("app", 4, capture="keeps", playback="suspended") == 9


def test_a_fault_that_struck_no_connection_is_not_drawn():
    made = journal()
    add(made, 5, FaultInjected, kind="mute", length_us=None)
    add(made, 12, FaultWithoutConnection, step="step 1", line=None, struck_us=5 * SECOND)
    assert spans(ended(made), "faults") == []


def test_a_fault_that_struck_while_no_connection_was_open_is_drawn_from_the_next_one():
    made = opened()
    add(made, 4, ConnectionClosed, connection=1, code=1006)
    add(made, 5, FaultInjected, kind="mute", length_us=None)
    add(made, 6, ConnectionDialled, connection=2)
    add(made, 7, ConnectionOpened, connection=2)
    add(made, 9, ConnectionClosed, connection=2, code=1000)
    assert spans(ended(made), "faults") == [(7, 9, "server")]


def test_noises_are_named():
    made = opened()
    add(made, 3, RoomNoise, kind="keyboard_typing_anton", length_us=2 * SECOND)
    [noise] = lanes(ended(made))["noise"].spans
    assert (noise.end_us, noise.label, noise.short) == (5 * SECOND, "keyboard typing anton", "keyboard")
