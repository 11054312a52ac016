"""An app that is broken ends its run in one sentence with its own line; never a hang, and never a held verdict."""

import multiprocessing
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.apps.play import play_apps, run_of
from harness.apps.target import find_app
from harness.apps.virtual.child import AppResult, AppTask
from harness.apps.virtual.stage import Setting
from harness.journal import AppEnded, AppFenced, EventAtClient, SpeakerPlaying
from harness.verdict.judge import judge
from harness.world.play import Run

from ..testing import Apps, line_of, scenario
from .broken import ENDED, HEAD, LEAVES_TASKS, NO_RUN, STAYS

pytestmark = pytest.mark.slow


@dataclass
class Outcome:
    name: str
    here: str
    task: AppTask
    result: AppResult

    @property
    def run(self) -> Run:
        return run_of(self.task, self.result)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """All of them, two at a time."""
    folder = tmp_path_factory.mktemp("broken")
    found: dict[str, Outcome] = {}
    with pytest.MonkeyPatch.context() as patch:
        apps = Apps(folder, patch)
        what = scenario(folder)
        sources = {name: source for name, (source, _) in (NO_RUN | ENDED).items()} | STAYS
        tasks, names = [], []
        for source in sources.values():
            target = find_app(apps.write(HEAD + source))
            names.append((target.name, line_of(apps, "# here")))
            tasks.append(AppTask(what, target, Setting(patience_s=1.0), limit_s=5.0))
        for kind, (name, here), (task, result) in zip(sources, names, play_apps(tasks, jobs=2), strict=True):
            found[kind] = Outcome(name, here, task, result)
    return found


@pytest.mark.parametrize("kind", NO_RUN)
def test_there_is_no_run_and_one_sentence_says_why(outcomes: dict[str, Outcome], kind: str) -> None:
    outcome, words = outcomes[kind], NO_RUN[kind][1]
    expected = words.replace("HERE", outcome.here).replace("{}", repr(outcome.name))
    result = outcome.result
    assert result.journal is None and not result.is_input_error
    assert result.error.startswith(expected), result.error
    assert "\n" not in result.error


@pytest.mark.parametrize("kind", ENDED)
def test_the_journal_says_what_ended_the_app_and_nobody_is_answered(outcomes: dict[str, Outcome], kind: str) -> None:
    outcome = outcomes[kind]
    run = outcome.run
    (ended,) = run.journal.select(AppEnded)
    assert (ended.error, ended.place) == (ENDED[kind][1], Path(outcome.here).name)
    assert Path(outcome.here.rpartition(":")[0]).name in outcome.result.trace
    assert judge(run.journal, run.scenario).name == "failed"


@pytest.mark.parametrize("kind", LEAVES_TASKS)
def test_the_tasks_of_an_app_end_with_it(apps: Apps, tmp_path: Path, kind: str) -> None:
    """As with ``asyncio.run`` and the end of a process."""
    source, error = LEAVES_TASKS[kind]
    run = apps.play(HEAD + source, scenario(tmp_path))
    (ended,) = run.journal.select(AppEnded)
    assert ended.error == error
    left = ended.t + 1_100_000  # they had a second to close what they had opened
    assert not [each for each in run.journal.select(EventAtClient, SpeakerPlaying) if each.t > left]
    assert str(judge(run.journal, run.scenario)) == "failed: app_ended"


@pytest.mark.parametrize("kind", STAYS)
def test_the_run_ends_though_the_app_does_not(outcomes: dict[str, Outcome], kind: str) -> None:
    run = outcomes[kind].run
    assert not list(run.journal.select(AppEnded))
    assert judge(run.journal, run.scenario).name == "failed"


def test_a_loop_that_waits_for_itself_is_a_fence(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["its loop waits for itself"]
    (fence,) = outcome.run.journal.select(AppFenced)
    assert fence.what == f"the event loop was blocked in {Path(outcome.here).name}: real audio would have waited too"


def test_a_traceback_comes_with_it(outcomes: dict[str, Outcome]) -> None:
    without = [kind for kind in NO_RUN if "HERE" in NO_RUN[kind][1] and not outcomes[kind].result.trace]
    assert without == []


def test_no_process_is_left(outcomes: dict[str, Outcome]) -> None:
    assert multiprocessing.active_children() == []
