"""``stillthere coverage``: it fails if a fault was never injected in some phase."""

import pytest

from harness.faults import faults_over
from harness.search import coverage
from harness.verdict.phases import PHASES


@pytest.fixture
def all_but(monkeypatch: pytest.MonkeyPatch):
    """Everything is reached by the pack, but for some pairs; none of the rest is played."""

    def leave_out(*pairs, alone=()):
        reached = set(coverage.all_pairs()) - set(pairs)
        monkeypatch.setattr(coverage, "reached_by_pack", lambda *_: reached)
        monkeypatch.setattr(coverage, "reached_by_campaign", lambda seeds, *_: set())
        monkeypatch.setattr(coverage, "reached_singly", lambda missing, jobs: [p for p in missing if p in alone])

    return leave_out


def test_all_pairs_reached_is_exit_0(stillthere, all_but):
    all_but()
    outcome = stillthere("coverage")
    assert (outcome.code, outcome.err) == (0, "")
    head, *rows = outcome.out.splitlines()
    assert head.split() == ["fault", *" ".join(PHASES).split()]
    assert [row.split()[0] for row in rows] == list(faults_over("websocket"))


def test_a_pair_that_was_never_reached_fails_the_command(stillthere, all_but):
    all_but(("mute", "committed"), ("half-open", "idle"), alone=[("half-open", "idle")])
    outcome = stillthere("coverage")
    assert outcome.code == 1
    assert [line for line in outcome.out.splitlines() if line.startswith("never")] == [
        "never reached: mute in phase committed"
    ]
    (half_open,) = (line for line in outcome.out.splitlines() if line.startswith("half-open "))
    assert half_open.split()[1:] == ["alone", "pack", "pack", "pack", "pack", "pack"]


@pytest.mark.parametrize("arguments", [("--seeds", -1), ("--jobs", 0), ("--seeds", "all")])
def test_a_wrong_option_is_exit_2(stillthere, arguments):
    outcome = stillthere("coverage", *arguments)
    assert (outcome.code, outcome.out) == (2, "") and f"'{arguments[0]}'" in outcome.err
