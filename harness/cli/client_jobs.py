"""Runs of clients in processes of this machine: the same journals, in the same order, as in this one."""

import contextlib
import importlib
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..clients.registry import find_client
from ..errors import ClientError, InputError, visible
from ..processes import Lost, outcomes
from ..scenario import Scenario
from ..user_code import is_interrupt
from ..verdict.judge import Verdict, judge
from ..world.play import Run, play
from .time_limit import TimeLimit

_LATER_S = 10.0
"""A run that does not end itself is ended so long after its limit, together with its process."""


@dataclass(frozen=True, slots=True)
class ClientTask:
    """One run that is wanted."""

    name: str
    """The scenario's, as the user wrote it."""
    scenario: Scenario
    client: str
    seed: int
    detector: str | None
    changes: Mapping[str, Any] | None
    choices: Mapping[str, str]
    modules: tuple[str, ...]
    timeout_s: float
    traceback: bool = False
    """Whether the traceback is wanted of what the client raises."""


@dataclass(frozen=True, slots=True)
class ClientResult:
    """What came of it: a run and its verdict, or an error."""

    run: Run | None
    verdict: Verdict | None
    wall_s: float
    error: str = ""
    trace: str = ""
    """The traceback of what the client raised."""
    is_input_error: bool = False
    """Whether it is not the client's fault, such as a fault of the user's own that raises."""


def play_here(task: ClientTask, limit: TimeLimit) -> ClientResult:
    """Play and judge it in this process. Raises :exc:`InputError` for what is not the client's fault."""
    began = time.perf_counter()
    try:
        with limit.watch(f"{task.name}, client {task.client}"):
            client = find_client(task.client)
            run = play(task.scenario, client, seed=task.seed, detector=task.detector, settings=task.changes)
            verdict = judge(run.journal, task.scenario, task.choices)
    except ClientError as error:
        trace = trace_of(error) if task.traceback else ""
        return ClientResult(None, None, time.perf_counter() - began, str(error), trace)
    return ClientResult(run, verdict, time.perf_counter() - began)


def trace_of(error: BaseException) -> str:
    """The traceback of what code of the user's raised, without what of it cannot be shown; empty if it raised none."""
    cause = error.__cause__
    if cause is None:
        return ""
    try:
        return "".join(traceback.format_exception(cause))
    except BaseException as another:  # whatever an exception of the user's says of itself
        if is_interrupt(another):
            raise
        return "".join(traceback.format_tb(cause.__traceback__))


def show_trace(task: ClientTask) -> None:
    """Play a run again, in a process, and show on standard error the traceback of what the client raises in it."""
    ((_, result),) = play_clients([task], 1)
    if result.trace:
        print(visible(result.trace.rstrip("\n"), keep="\n"), file=sys.stderr)


def play_clients(tasks: Iterable[ClientTask], jobs: int) -> Iterator[tuple[ClientTask, ClientResult]]:
    """Play each, in ``jobs`` processes; in the order of the tasks."""
    wanted = list(tasks)
    limits = [task.timeout_s for task in wanted]
    limit_s = max(limits) + _LATER_S if limits and all(limits) else None
    early: dict[int, tuple[ClientTask, ClientResult]] = {}
    due = 0
    for (number, task), result in outcomes(_in_a_process, enumerate(wanted), jobs, limit_s, attempts=1):
        early[number] = task, _lost(task, result) if isinstance(result, Lost) else result
        while due in early:
            yield early.pop(due)
            due += 1


def _in_a_process(numbered: tuple[int, ClientTask]) -> ClientResult:
    task = numbered[1]
    with contextlib.redirect_stdout(sys.stderr):  # what a client prints is no result
        for name in task.modules:
            importlib.import_module(name)
        try:
            return play_here(task, TimeLimit(task.timeout_s, _say))
        except InputError as error:
            return ClientResult(None, None, 0.0, str(error), is_input_error=True)


def _say(what: str, error: ClientError) -> None:
    """The process is about to end: the client does not let go."""
    print(visible(f"stillthere: {what}: {error}"), file=sys.stderr)


def _lost(task: ClientTask, fate: Lost) -> ClientResult:
    return ClientResult(None, None, 0.0, f"the client did not play to the end: {fate.reason}; mend it")
