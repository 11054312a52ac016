"""What the conversation is doing when a fault strikes."""

import pytest

from harness.units import SECOND
from harness.verdict.phases import PHASES, Moment, struck
from tests.verdict.journals import Tale

STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"


def phase(tale, at_s):
    moment = Moment()
    for entry in tale.journal.entries:
        if entry.t <= at_s * SECOND:
            moment.add(entry)
    return moment.phase(round(at_s * SECOND))


def turn():
    """Connected at 0.1 s, a turn from 2 to 4 s, its answer from 4.5 s, played from 5 to 9 s."""
    tale = Tale().add(2, "user", "speaks", length_us=3 * SECOND, rms=1.0, probe=False)
    tale.server(2.3, STARTED, item_id="u").server(4, STOPPED, item_id="u")
    tale.server(4, "input_audio_buffer.committed", item_id="u").server(4.1, "response.created", response_id="r")
    tale.server(4.5, "response.output_item.added", response_id="r")
    tale.add(5, "speaker", "playing", response_id="r").server(6, "response.done", response_id="r")
    return tale.add(9, "speaker", "ended", response_id="r")


@pytest.mark.parametrize(
    ("at_s", "expected"),
    [
        (0, "reconnecting"),
        (1, "idle"),
        (2.1, "user speaking"),
        (3, "user speaking"),
        (4.05, "committed"),
        (4.2, "committed"),
        (4.6, "responding"),
        (5.5, "responding"),
        (7, "playing tail"),
        (9.5, "idle"),
    ],
)
def test_the_phases_of_a_turn(at_s, expected):
    assert phase(turn(), at_s) == expected


def test_a_turn_that_the_client_clears_is_over():
    tale = Tale().server(2, STARTED, item_id="u").server(3, "input_audio_buffer.cleared")
    assert phase(tale, 2.5) == "user speaking"
    assert phase(tale, 3.5) == "idle"


def test_a_lost_connection_takes_its_turn_with_it():
    tale = Tale().server(2, STARTED, item_id="u").add(3, "connection", "closed", connection=1)
    tale.add(4, "connection", "dial", connection=2).add(5, "connection", "open", connection=2)
    assert [phase(tale, at_s) for at_s in (2.5, 3.5, 4.5, 5.5)] == [
        "user speaking", "reconnecting", "reconnecting", "idle",
    ]  # fmt: skip


def test_suspended_playback_is_no_tail():
    assert phase(turn().add(6.5, "speaker", "suspended"), 6.7) == "idle"


def test_faults_are_told_with_their_phase():
    tale = turn().add(9.2, "fault", "mute", length_us=None)
    assert list(struck(tale.journal)) == [("mute", "idle")]


def test_all_phases_of_the_field_are_known():
    assert PHASES == ("idle", "user speaking", "committed", "responding", "playing tail", "reconnecting")
