"""``stillthere confusion``: the matrix, the page, and when it fails; most results are set by hand."""

import pytest

from harness.search import confusion
from harness.search.confusion import ConfusionMatrix, DiagnosisCase, DiagnosisResult


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch):
    """The matrix has these results: pairs of truth and diagnosis."""
    asked = {}

    def set_results(*pairs):
        def matrix(seeds, jobs=None):
            asked.update(seeds=seeds, jobs=jobs)
            result = ConfusionMatrix()
            for truth, diagnosis in pairs:
                case = DiagnosisCase("mute", "reported", 3)
                result.add(DiagnosisResult(case, truth, (truth,), diagnosis, 1.0, (diagnosis,)))
            return result

        monkeypatch.setattr(confusion, "matrix", matrix)
        return asked

    return set_results


RIGHT = ("server_mute", "server_mute")
WRONG = ("server_mute", "half_open")


def test_95_of_100_silences_diagnosed_correctly_are_enough(stillthere, results):
    results(*[RIGHT] * 19, WRONG)
    outcome = stillthere("confusion")
    assert (outcome.code, outcome.err) == (0, "")
    assert "right: 95.00% of all runs, 95.00% of the silences" in outcome.out


def test_less_is_exit_1_however_many_runs_had_no_silence(stillthere, results):
    results(*[RIGHT] * 18, WRONG, *[("answered", "answered")] * 100)
    assert stillthere("confusion").code == 1


def test_wrong_diagnoses_are_listed_on_request(stillthere, results):
    results(RIGHT, WRONG)
    listed = "mute with reported, seed 3: server_mute, diagnosed as half_open\n"
    assert stillthere("confusion", "--wrong").out.endswith(listed)
    assert listed not in stillthere("confusion").out


def test_seeds_and_jobs_are_used_and_the_page_shows_the_seeds(stillthere, results):
    asked = results(RIGHT)
    page = stillthere("confusion", "--markdown", "--seeds", 7, "--jobs", 3).out
    assert asked == {"seeds": 7, "jobs": 3}
    assert page.startswith("# How often the diagnosis is right\n") and "7 times" in page


@pytest.mark.parametrize("arguments", [("--seeds", 0), ("--jobs", 0), ("--seeds", "x")])
def test_a_wrong_option_is_exit_2(stillthere, arguments):
    outcome = stillthere("confusion", *arguments)
    assert (outcome.code, outcome.out) == (2, "") and f"'{arguments[0]}'" in outcome.err


@pytest.mark.slow
def test_a_run_of_its_own(stillthere, monkeypatch):
    """Nothing set by hand: one fault and the controls are played."""
    monkeypatch.setattr(confusion, "CATALOGUE", {"mute": confusion.CATALOGUE["mute"]})
    outcome = stillthere("confusion", "--seeds", 2, "--jobs", 1)
    assert outcome.code == 0
    assert "server_mute" in outcome.out and "100.0%" in outcome.out
