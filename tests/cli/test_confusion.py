"""``stillthere confusion``: the matrix, the page, and when it fails; most results are set by hand."""

import pytest

from harness.bench import live_matrix
from harness.search import confusion, zoo
from harness.search.confusion import ConfusionMatrix, DiagnosisCase, DiagnosisResult
from harness.search.zoo import ZooMatrix, ZooResult


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch):
    """The matrix has these results: pairs of truth and diagnosis. No zoo is there."""
    asked = {}
    monkeypatch.setattr(zoo, "is_there", lambda module: False)

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


@pytest.fixture
def zoo_results(monkeypatch: pytest.MonkeyPatch):
    """The zoo has these results: pairs of expected and found."""
    asked = {}

    def set_results(*pairs):
        def measure(module, seeds, jobs=None):
            asked.update(module=module, seeds=seeds, jobs=jobs)
            matrix = ZooMatrix(seeds)
            for expected, found in pairs:
                matrix.add(ZooResult("a_client", "A talk", 0, expected, found))
            return matrix

        monkeypatch.setattr(zoo, "measure", measure)
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


def test_the_live_matrix_has_a_chapter_of_its_own(stillthere, monkeypatch):
    def live(cases, on_progress):
        assert {case.fault for case in cases} > {"mute", "half-open", "stalled-reply"} and on_progress
        result = ConfusionMatrix()
        result.add(DiagnosisResult(DiagnosisCase("mute", "idle", 0), *("server_mute", ("server_mute",)), "server_mute",
                                   1.0, ()))  # fmt: skip
        return result

    monkeypatch.setattr(live_matrix, "live_matrix", live)
    outcome = stillthere("confusion", "--live", "--markdown")
    assert outcome.code == 0
    assert "## How often the diagnosis of live journals is right" in outcome.out
    assert "**100.0% of 1 sessions are diagnosed correctly; of the 1 silences among them, 100.0%.**" in outcome.out


LOST = ("words_lost", None)
FOUND, MISSED, CORRECT, FALSE_ALARM = (LOST, (LOST,)), (LOST, ()), (None, ()), (None, (LOST,))


@pytest.mark.parametrize(
    ("zoo_runs", "code"),
    [
        ([*[FOUND] * 19, MISSED, CORRECT], 0),
        ([*[FOUND] * 18, MISSED, *[CORRECT] * 100], 1),
        ([*[FOUND] * 100, *[CORRECT] * 18, FALSE_ALARM], 1),
    ],
)
def test_of_the_zoo_95_percent_must_be_right_and_of_the_correct_clients_too(
    stillthere, results, zoo_results, zoo_runs, code
):
    results(RIGHT)
    asked = zoo_results(*zoo_runs)
    outcome = stillthere("confusion", "--zoo", "a_zoo", "--zoo-seeds", 4, "--jobs", 1)
    assert outcome.code == code
    assert asked == {"module": "a_zoo", "seeds": 4, "jobs": 1}
    assert "words_lost" in outcome.out


def test_the_zoo_of_this_folder_is_the_default(stillthere, results, zoo_results, monkeypatch):
    results(RIGHT)
    monkeypatch.setattr(zoo, "is_there", lambda module: module == "tests.zoo")
    asked = zoo_results(FOUND)
    assert stillthere("confusion").code == 0 and asked["module"] == "tests.zoo"
    assert "## How often client mistakes are found" in stillthere("confusion", "--markdown").out


def test_without_a_zoo_a_line_says_so_and_the_rest_is_measured(stillthere, results):
    results(RIGHT)
    outcome = stillthere("confusion")
    assert outcome.code == 0 and "zoo of client mistakes is left out" in outcome.out


def test_a_module_that_is_no_zoo_is_an_error_before_anything_is_played(stillthere, results):
    outcome = stillthere("confusion", "--zoo", "nobody_wrote_this")
    assert (outcome.code, outcome.out) == (2, "") and "--zoo nobody_wrote_this" in outcome.err


@pytest.mark.parametrize("arguments", [("--seeds", 0), ("--jobs", 0), ("--seeds", "x")])
def test_a_wrong_option_is_exit_2(stillthere, arguments):
    outcome = stillthere("confusion", *arguments)
    assert (outcome.code, outcome.out) == (2, "") and f"'{arguments[0]}'" in outcome.err


@pytest.mark.slow
def test_a_run_of_its_own(stillthere, monkeypatch):
    """Only the zoo is left out: one fault and the controls are played."""
    monkeypatch.setattr(zoo, "is_there", lambda module: False)
    monkeypatch.setattr(confusion, "faults_over", lambda transport: {"mute": confusion.CATALOGUE["mute"]})
    outcome = stillthere("confusion", "--seeds", 2, "--jobs", 1)
    assert outcome.code == 0
    assert "server_mute" in outcome.out and "100.0%" in outcome.out
