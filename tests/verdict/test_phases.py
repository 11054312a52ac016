"""What the conversation is doing when a fault is injected."""

import pytest

from harness.journal import (
    ConnectionClosed,
    ConnectionDialled,
    ConnectionOpened,
    FaultInjected,
    SpeakerEnded,
    SpeakerPlaying,
    SpeakerSuspended,
)
from harness.protocol.events import (
    InputAudioBufferCleared,
    ResponseOutputItemAdded,
)
from harness.units import SECOND
from harness.verdict.phases import PHASES, PhaseTracker, injected
from tests.verdict.journals import COMMITTED, CREATED, DONE, STARTED, STOPPED, Tale


def phase(tale, at_s):
    tracker = PhaseTracker()
    for entry in tale.journal.entries:
        if entry.t <= at_s * SECOND:
            tracker.add(entry)
    return tracker.phase(round(at_s * SECOND))


def turn():
    """Connected at 0.1 s, a turn from 2 to 4 s, its answer from 4.5 s, played from 5 to 9 s."""
    tale = Tale().speaks(2, rms=1.0, probe=False)
    tale.server(2.3, STARTED, item_id="u").server(4, STOPPED, item_id="u")
    tale.server(4, COMMITTED, item_id="u").server(4.1, CREATED, response_id="r")
    tale.server(4.5, ResponseOutputItemAdded, response_id="r")
    tale.add(5, SpeakerPlaying, response_id="r", item_id="a").server(6, DONE, response_id="r")
    return tale.add(9, SpeakerEnded, response_id="r", played_ms=4_000)


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
    tale = Tale().server(2, STARTED, item_id="u").server(3, InputAudioBufferCleared)
    assert phase(tale, 2.5) == "user speaking"
    assert phase(tale, 3.5) == "idle"


def test_a_lost_connection_takes_its_turn_with_it():
    tale = Tale().server(2, STARTED, item_id="u").add(3, ConnectionClosed, connection=1, code=1006)
    tale.add(4, ConnectionDialled, connection=2).add(5, ConnectionOpened, connection=2)
    assert [phase(tale, at_s) for at_s in (2.5, 3.5, 4.5, 5.5)] == [
        "user speaking", "reconnecting", "reconnecting", "idle",
    ]  # fmt: skip


def test_suspended_playback_is_no_tail():
    assert phase(turn().add(6.5, SpeakerSuspended), 6.7) == "idle"


def test_faults_are_told_with_their_phase():
    tale = turn().add(9.2, FaultInjected, kind="mute", length_us=None)
    assert list(injected(tale.journal)) == [("mute", "idle")]


def test_all_phases_of_the_field_are_known():
    assert PHASES == ("idle", "user speaking", "committed", "responding", "playing tail", "reconnecting")
