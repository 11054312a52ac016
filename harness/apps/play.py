"""Plays scenarios against asyncio apps, in virtual time, each run in a process of its own."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import ClientError, InputError
from ..processes import Lost, outcomes
from ..scenario.model import Scenario
from ..user_code import is_own_file
from ..world.play import Run
from .choices import HOSTS
from .target import AppChoice, find_app
from .virtual.child import AppResult, AppTask, play_task
from .virtual.stage import Setting

_LATER_S = 10.0
"""A process ends itself, with the places where it is, so long before its parent would end it."""
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in ', re.MULTILINE)


def play_app(
    scenario: Scenario,
    app: AppChoice,
    *,
    seed: int = 0,
    detector: str | None = None,
    hosts: Sequence[str] = HOSTS,
    timeout_s: float = 120.0,
) -> Run:
    """Play ``scenario`` in virtual time against an asyncio app, unmodified, in a process of its own.

    ``app`` is an async function ``app(mic, speaker)`` at the top of a module, or ``module:function``. It dials whatever
    it always dials, with whatever library; ``hosts`` are those that are the Realtime service. ``seed`` and ``detector``
    are as for :func:`harness.world.play.play`. A run that takes longer than ``timeout_s`` of real time is ended (0: no
    limit). Raises :exc:`ClientError` if the app cannot be loaded, never connects, or does not return to its loop, and
    :exc:`InputError` for what is wrong in the scenario; a note has the app's traceback.
    """
    setting = Setting(seed=seed, detector=detector, hosts=(*hosts,))
    (played,) = play_apps([AppTask(scenario, find_app(app), setting, limit_s=timeout_s)], jobs=1)
    return run_of(*played)


def play_apps(tasks: Iterable[AppTask], jobs: int | None = None) -> Iterator[tuple[AppTask, AppResult]]:
    """Play each in a process of its own, ``jobs`` at a time (default: one a core); in the order of the tasks."""
    wanted = list(tasks)
    early: dict[int, tuple[AppTask, AppResult]] = {}
    due = 0
    with tempfile.TemporaryDirectory(prefix="stillthere-") as folder:
        numbered = (
            (number, replace(task, stacks=str(Path(folder, f"{number}.txt")))) for number, task in enumerate(wanted)
        )
        for (number, task), result in outcomes(_numbered, numbered, jobs, _limit_s(wanted), most_tasks=1, attempts=1):
            early[number] = task, _told(task, result) if isinstance(result, Lost) else result
            while due in early:
                yield early.pop(due)
                due += 1


def _limit_s(tasks: Sequence[AppTask]) -> float | None:
    """After which a process is ended that has not done so itself, as one that has stopped its own timer."""
    limits = [task.limit_s for task in tasks]
    return max(limits) + _LATER_S if limits and all(limits) else None


def _numbered(numbered: tuple[int, AppTask]) -> AppResult:
    return play_task(numbered[1])


def run_of(task: AppTask, result: AppResult) -> Run:
    """The run that was played. Raises :exc:`ClientError` or :exc:`InputError` if there is none."""
    journal = result.journal
    if journal is None:
        error = (InputError if result.is_input_error else ClientError)(result.error)
        if result.trace:
            error.add_note(result.trace)
        raise error
    detector, setting = str(journal.header["detector"]), task.setting
    return Run(task.scenario.settled(), task.target.name, detector, setting.seed, journal, journal.end)


def _told(task: AppTask, lost: Lost) -> AppResult:
    """Why a process has not come back with a result, and where it was."""
    stacks = Path(task.stacks).read_text(encoding="utf-8") if Path(task.stacks).exists() else ""
    place = _place(stacks)
    where = f"{place}: " if place else ""
    if lost.is_late or stacks.startswith("Timeout"):
        why = f"did not let the event loop go on, and was ended after {task.limit_s:g} s of real time (--timeout)"
    else:
        why = f"ended the process: {lost.reason}"
    return AppResult(None, f"{where}the app {task.target.name!r} {why}", trace=stacks)


def _place(stacks: str) -> str:
    """``file.py:12`` of the innermost line of the app's own in the main thread, which is written last."""
    main = stacks.rpartition("\nThread ")[2] if "Current thread" not in stacks else stacks.rpartition("thread ")[2]
    own = (found for found in _FRAME.finditer(main) if is_own_file(found["file"]))
    first = next(own, None)
    return "" if first is None else f"{first['file']}:{first['line']}"
