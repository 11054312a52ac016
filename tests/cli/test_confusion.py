"""``stillthere confusion``: the matrix, the page, and what makes it fail. The runs are few here, the answers given."""

import pytest

from harness.search import confusion
from harness.search.confusion import Answer, Case, Matrix


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch):
    """The matrix has these answers: pairs of what was true and what was said."""
    asked = {}

    def answers(*pairs):
        def matrix(seeds, jobs=None):
            asked.update(seeds=seeds, jobs=jobs)
            result = Matrix()
            for truth, said in pairs:
                result.add(Answer(Case("mute", "reported", 3), truth, (truth,), said, 1.0, (said,)))
            return result

        monkeypatch.setattr(confusion, "matrix", matrix)
        return asked

    return answers


RIGHT = ("server_mute", "server_mute")
WRONG = ("server_mute", "half_open")


def test_95_of_100_silences_put_down_rightly_are_enough(stillthere, given):
    given(*[RIGHT] * 19, WRONG)
    outcome = stillthere("confusion")
    assert (outcome.code, outcome.err) == (0, "")
    assert "right: 95.00% of all runs, 95.00% of the silences" in outcome.out


def test_less_is_exit_1_whatever_was_no_silence(stillthere, given):
    given(*[RIGHT] * 18, WRONG, *[("answered", "answered")] * 100)
    assert stillthere("confusion").code == 1


def test_wrong_answers_are_listed_when_asked_for(stillthere, given):
    given(RIGHT, WRONG)
    listed = "mute on reported, seed 3: server_mute, and not half_open\n"
    assert stillthere("confusion", "--wrong").out.endswith(listed)
    assert listed not in stillthere("confusion").out


def test_seeds_and_jobs_are_handed_on_and_the_page_tells_the_seeds(stillthere, given):
    asked = given(RIGHT)
    page = stillthere("confusion", "--markdown", "--seeds", 7, "--jobs", 3).out
    assert asked == {"seeds": 7, "jobs": 3}
    assert page.startswith("# How often the diagnosis is right\n") and "7 times" in page


@pytest.mark.parametrize("arguments", [("--seeds", 0), ("--jobs", 0), ("--seeds", "x")])
def test_a_wrong_option_is_exit_2(stillthere, arguments):
    outcome = stillthere("confusion", *arguments)
    assert (outcome.code, outcome.out) == (2, "") and f"'{arguments[0]}'" in outcome.err


def test_a_run_of_its_own(stillthere, monkeypatch):
    """Nothing given: one fault and the controls, played."""
    monkeypatch.setattr(confusion, "CATALOGUE", {"mute": confusion.CATALOGUE["mute"]})
    outcome = stillthere("confusion", "--seeds", 2, "--jobs", 1)
    assert outcome.code == 0
    assert "server_mute" in outcome.out and "100.0%" in outcome.out
