"""Faults against strategies, measured."""

import pytest

from harness.clients.recovery.strategies import STRATEGIES
from harness.faults import CATALOGUE
from harness.journal import ConnectionOpened, Journal, RunEnded, SpeakerHeard, UserSpeaks
from harness.protocol.events import ResponseCreated
from harness.search.recovery import RecoveryCell, RecoveryMatrix, Trial, play_trial, words_lost
from harness.units import SECOND
from harness.verdict.evidence import COMMITTED, STARTED, STOPPED
from tests.journal.testing import by_server, entry

LADDER = "ladder"


def spoken(*events, heard=True):
    """A journal of one session: (second, what happened); an utterance and a turn last 2 s."""
    journal = Journal({})
    journal.add(ConnectionOpened(t=0, connection=1))
    for number, (second, what) in enumerate(events):
        item = f"u{number}"
        if what == "speaks":
            journal.add(entry(second, UserSpeaks, length_us=2 * SECOND, rms=3000.0, probe=False))
            continue
        if what != "by hand":
            length_ms = {"committed": 2000, "both": 4000, "a bit": 700}[what]
            journal.add(by_server(second, STARTED, item_id=item, audio_start_ms=5000))
            journal.add(by_server(second, STOPPED, item_id=item, audio_end_ms=5000 + length_ms))
        journal.add(by_server(second, COMMITTED, item_id=item))
    journal.add(by_server(50, ResponseCreated, response_id="r"))
    if heard:
        journal.add(entry(51, SpeakerHeard, response_id="r"))
    journal.add(entry(60, RunEnded))
    return journal


ONE = words_lost(spoken((5, "speaks")), 0)
"""The words of an utterance."""


@pytest.mark.parametrize(
    ("events", "utterances"),
    [
        ((), 0),
        (((5, "speaks"), (8, "committed")), 0),
        (((5, "speaks"), (15, "speaks"), (18, "committed")), 1),
        (((5, "speaks"), (15, "speaks"), (18, "committed"), (19, "committed")), 0),
        (((5, "speaks"), (15, "speaks"), (18, "both")), 0),
        (((5, "speaks"), (8, "a bit")), 1),
        (((5, "speaks"), (6, "a bit"), (8, "a bit")), 0),
        (((5, "speaks"), (8, "by hand")), 0),
        (((1, "speaks"), (8, "speaks")), 2),
        (((0, "speaks"), (8, "speaks")), 1),
        (((59, "speaks"),), 0),
    ],
)
def test_words_that_no_turn_took_are_lost(events, utterances):
    """From 2 s on. One that is sent again is not lost; one that is being spoken at the end is not lost yet."""
    assert ONE > 3
    assert words_lost(spoken(*events), 2 * SECOND) == utterances * ONE


def test_words_are_lost_with_a_session_that_never_answers_again():
    assert words_lost(spoken((5, "speaks"), (8, "committed"), heard=False), 0) == ONE


def test_watching_alone_cures_no_mute_server_and_the_ladder_does():
    assert play_trial(Trial("mute", "none", 0)).answered_after_us is None
    cured = play_trial(Trial("mute", LADDER, 0))
    assert cured.answered_after_us is not None
    assert cured.answered_after_us < 60 * SECOND


def test_speech_that_is_sent_again_is_not_lost():
    """The connection dies while the user speaks."""
    empty, again = (
        play_trial(Trial("half-open", strategy, 1)) for strategy in ("reconnect_empty", "reconnect_and_resend")
    )
    assert empty.words_lost >= ONE
    assert again.words_lost == 0


def test_a_strategy_is_the_sum_of_its_trials():
    result = RecoveryMatrix(
        {
            ("a", LADDER): RecoveryCell([1, 3], 2, 5),
            ("b", LADDER): RecoveryCell([2], 2, 1),
            ("a", "none"): RecoveryCell([], 2, 9),
        }
    )
    total = result.strategy(LADDER)
    assert (sorted(total.answered_after_us), total.runs, total.words_lost, total.median_us) == ([1, 2, 3], 4, 6, 2)
    assert not total.recovered
    assert result.cells["a", LADDER].recovered


@pytest.mark.slow
@pytest.mark.parametrize("fault", CATALOGUE)
def test_the_ladder_recovers_from_every_fault(fault):
    """In one phase each; `stillthere recover` plays all."""
    assert LADDER in STRATEGIES
    for seed in (1, 3):
        assert play_trial(Trial(fault, LADDER, seed)).answered_after_us is not None
