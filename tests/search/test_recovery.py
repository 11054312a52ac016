"""Faults against strategies, measured."""

import pytest

from harness.clients.recovery.strategies import STRATEGIES
from harness.faults import faults_over
from harness.journal import Journal, RunEnded, UserSpeaks
from harness.search.recovery import RecoveryCell, RecoveryMatrix, Trial, play_trial, words_lost
from harness.units import SECOND
from tests.journal.testing import entry

LADDER = "ladder"


def test_words_are_counted_from_a_time_on_as_the_property_counts_utterances():
    """Two utterances that no turn took; a clip has some ten words."""
    journal = Journal({})
    for second in (5, 15):
        journal.add(entry(second, UserSpeaks, length_us=2 * SECOND, rms=3000.0, probe=False))
    journal.add(entry(60, RunEnded))
    both, one, none = (words_lost(journal, since * SECOND) for since in (0, 10, 20))
    assert one > 3
    assert (both, none) == (2 * one, 0)


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
    assert empty.words_lost > 3
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
@pytest.mark.parametrize("fault", faults_over("websocket"))
def test_the_ladder_recovers_from_every_fault(fault):
    """In one phase each; `stillthere recover` plays all."""
    assert LADDER in STRATEGIES
    for seed in (1, 3):
        assert play_trial(Trial(fault, LADDER, seed)).answered_after_us is not None
