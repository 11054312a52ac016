"""How often the diagnosis is right, on a part of the matrix; `stillthere confusion` measures all of it."""

import pytest

from harness.faults import CATALOGUE
from harness.journal import Journal
from harness.search.confusion import (
    ANSWERED,
    CLIENTS,
    CONTROLS,
    NO_CAUSE,
    QUIET,
    SEEDS,
    Answer,
    Case,
    Matrix,
    answered,
    cases,
    until_heal,
)


def answer(truth, said, *causes, suspects=()):
    return Answer(Case("mute", "reported", 0), truth, causes or (truth,), said, 1.0, suspects or (said,))


def test_all_faults_on_all_clients_twenty_times_and_the_controls():
    assert SEEDS == 20
    assert len(cases()) == (len(CATALOGUE) + len(CONTROLS)) * len(CLIENTS) * 20


def test_shares_are_of_runs_and_of_silences():
    matrix = Matrix()
    for one in (
        answer(ANSWERED, ANSWERED),
        answer(QUIET, "mute"),
        answer("half_open", "half_open"),
        answer("vad_held", "endless_sound", "vad_held", "endless_sound"),
        answer(NO_CAUSE, "half_open", "none"),
        answer("half_open", "server_mute"),
    ):
        matrix.add(one)
    assert matrix.share() == 3 / 6
    assert matrix.share(of_silent=True) == 2 / 4
    assert [wrong.said for wrong in matrix.wrong] == ["mute", "half_open", "server_mute"]


@pytest.mark.parametrize(
    ("control", "state"), [("nobody speaks", QUIET), ("inaudible murmur", QUIET), ("honest talk", ANSWERED)]
)
def test_without_a_fault_nobody_is_to_blame(control, state):
    for client in CLIENTS:
        one = answered(Case(control, client, 1))
        assert (one.truth, one.said) == (state, state)


def test_a_journal_is_diagnosed_as_it_stood_at_the_heal():
    journal = Journal({})
    for t, lane, kind in ((1, "user", "speaks"), (2, "world", "heal"), (3, "speaker", "heard")):
        journal.write(t, lane, kind)
    assert [entry.kind for entry in until_heal(journal).entries] == ["speaks", "heal"]


def test_a_twentieth_of_the_matrix_is_put_down_rightly():
    matrix = Matrix()
    for name in CATALOGUE:
        for client in CLIENTS:
            matrix.add(answered(Case(name, client, 1)))
    assert matrix.share(of_silent=True) >= 0.95, [(one.case, one.said) for one in matrix.wrong]
