"""``stillthere recover``: faults against strategies, few of them."""

import pytest

from harness.search import recovery
from harness.search.recovery import RecoveryCell, RecoveryMatrix

pytestmark = pytest.mark.slow

FEW = ("--seeds", 1, "--honest-hours", 0, "--jobs", 1)


def test_the_ladder_cures_what_watching_does_not(stillthere):
    """A name that occurs twice counts once."""
    names = ("--fault", "mute", "--fault", "mute", "--strategy", "none", "--strategy", "ladder", "--strategy", "none")
    outcome = stillthere("recover", *names, *FEW)
    assert (outcome.code, outcome.err) == (0, "")
    head, mute, _, _, none, ladder = outcome.out.splitlines()
    assert head.split() == ["fault", "none", "ladder"]
    assert mute.split()[:3] == ["mute", "✖", "✔"]
    assert none.startswith("none") and "0 of 1" in none
    assert ladder.startswith("ladder") and "1 of 1" in ladder


def test_conversation_without_a_fault_is_played_as_long_as_asked(stillthere):
    outcome = stillthere(
        "recover", "--fault", "reset", "--strategy", "ladder", "--seeds", 1, "--honest-hours", 0.2, "--jobs", 1
    )
    assert outcome.code == 0
    assert outcome.out.splitlines()[-1].split()[-1] == "0", "no false alarm"


@pytest.mark.parametrize(("strategy", "code"), [("ladder", 1), ("clear", 0)])
def test_it_fails_if_the_best_ladder_leaves_one_silent(stillthere, monkeypatch, strategy, code):
    silent = RecoveryMatrix({("mute", strategy): RecoveryCell([], 1, 9)})
    monkeypatch.setattr(recovery, "measure", lambda *_: silent)
    assert stillthere("recover").code == code


def test_the_page(stillthere):
    page = stillthere("recover", "--fault", "mute", "--strategy", "none", "--markdown", *FEW).out
    assert page.startswith("# What recovers a silent client\n") and "| `mute` | ✖ |" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fault", "mut"), "no fault of a WebSocket is called 'mut'; did you mean 'mute'?"),
        (("--strategy", "lader"), "no strategy is called 'lader'; did you mean 'ladder'?"),
        (("--seeds", 0), "'--seeds'"),
        (("--honest-hours", -1), "'--honest-hours'"),
        (("--honest-hours", "nan"), "'--honest-hours'"),
        (("--jobs", 0), "'--jobs'"),
    ],
)
def test_a_mistake_is_shown_before_anything_is_played(stillthere, arguments, message):
    outcome = stillthere("recover", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err and "Traceback" not in outcome.err
