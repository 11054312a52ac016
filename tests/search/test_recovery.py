"""Faults against strategies, measured."""

import pytest

from harness.clients.strategies import STRATEGIES
from harness.faults import CATALOGUE
from harness.journal import Journal
from harness.search.recovery import Cell, Recovery, Trial, attempt, words_lost
from harness.units import SECOND
from harness.verdict.evidence import COMMITTED, STARTED, STOPPED

LADDER = "ladder"


def spoken(*events, heard=True):
    """A journal of one session: (second, what happened); an utterance and a turn last 2 s."""
    journal = Journal({})
    journal.write(0, "connection", "open", connection=1)
    for number, (second, what) in enumerate(events):
        t, item = second * SECOND, f"u{number}"
        if what == "speaks":
            journal.write(t, "user", "speaks", length_us=2 * SECOND)
            continue
        if what != "by hand":
            length_ms = {"committed": 2000, "both": 4000, "a bit": 700}[what]
            journal.write(t, "server", STARTED, connection=1, item_id=item, audio_start_ms=5000)
            journal.write(t, "server", STOPPED, connection=1, item_id=item, audio_end_ms=5000 + length_ms)
        journal.write(t, "server", COMMITTED, connection=1, item_id=item)
    journal.write(50 * SECOND, "server", "response.created", connection=1, response_id="r")
    if heard:
        journal.write(51 * SECOND, "speaker", "heard", response_id="r")
    journal.write(60 * SECOND, "world", "end")
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
    assert attempt(Trial("mute", "none", 0)).heard_us is None
    cured = attempt(Trial("mute", LADDER, 0))
    assert cured.heard_us is not None
    assert cured.heard_us < 60 * SECOND


def test_speech_that_is_sent_again_is_not_lost():
    """The connection dies while the user speaks."""
    empty, again = (
        attempt(Trial("half-open", strategy, 1)) for strategy in ("reconnect_empty", "reconnect_and_resend")
    )
    assert empty.words_lost >= ONE
    assert again.words_lost == 0


def test_a_strategy_is_the_sum_of_its_trials():
    result = Recovery(
        {("a", LADDER): Cell([1, 3], 2, 5), ("b", LADDER): Cell([2], 2, 1), ("a", "none"): Cell([], 2, 9)}
    )
    total = result.strategy(LADDER)
    assert (sorted(total.heard_us), total.runs, total.words_lost, total.median_us) == ([1, 2, 3], 4, 6, 2)
    assert not total.recovered
    assert result.cells["a", LADDER].recovered


@pytest.mark.parametrize("fault", CATALOGUE)
def test_the_ladder_recovers_from_every_fault(fault):
    """In one phase each; `stillthere recover` plays all."""
    assert LADDER in STRATEGIES
    for seed in (1, 3):
        assert attempt(Trial(fault, LADDER, seed)).heard_us is not None
