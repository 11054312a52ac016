"""Work spread over processes of this machine: one task at a time for each, so that a lost process is one lost task.

``spawn``, not ``fork``: each child imports what it plays by itself, so a user's own client must be importable. A child
has the parent's ``sys.path``. It ends with its parent, however the parent ends.
"""

import atexit
import math
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .errors import ClientError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

MOST_JOBS = 256
_ATTEMPTS = 2
"""A process may die of something else than its task, such as memory that others use; then a new one tries again."""
_GRACE_S = 2.0
"""How long a child may take to end by itself."""
_LOOK_EVERY_S = 1.0
_HELD = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals that a terminal or a supervisor sends to children too; the parent decides when they end."""
_PR_SET_PDEATHSIG = 1
_NOTHING_YET: Any = object()

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
TasksTold = Callable[[int, int | None], None]
"""Is told how many tasks are done, and how many there are."""
_told: ContextVar[TasksTold | None] = ContextVar("_told", default=None)


@contextmanager
def progress_told(told: TasksTold) -> Iterator[None]:
    """Have ``told`` called for each task that :func:`spread` has done while the block runs."""
    token = _told.set(told)
    try:
        yield
    finally:
        _told.reset(token)


@dataclass(frozen=True, slots=True)
class Lost:
    """What stands in place of a result: the process died in this task, or was ended because it took too long."""

    is_late: bool
    reason: str
    """Such as ``its process ended with exit code 3``."""


def spread(work: Callable[[_Task], _Result], tasks: Iterable[_Task], jobs: int | None = None) -> Iterator[_Result]:
    """``work`` on each task in processes of this machine; the results in the order of the tasks.

    Raises :exc:`ClientError` if a task loses its process, and whatever ``work`` raises.
    """
    early: dict[int, _Result] = {}
    due = 0
    told = _told.get()
    if told is not None:
        tasks = list(tasks)
    for done, ((number, task), result) in enumerate(outcomes(_Numbered(work), enumerate(tasks), jobs), 1):
        if told is not None:
            told(done, len(tasks) if isinstance(tasks, list) else None)
        if isinstance(result, Lost):
            raise ClientError(f"{task!r} was not played to its end: {result.reason}; mend the client, or free memory")
        early[number] = result
        while due in early:
            yield early.pop(due)
            due += 1


@dataclass(frozen=True, slots=True)
class _Numbered(Generic[_Task, _Result]):
    work: Callable[[_Task], _Result]

    def __call__(self, numbered: tuple[int, _Task]) -> _Result:
        return self.work(numbered[1])


def outcomes(
    work: Callable[[_Task], _Result],
    tasks: Iterable[_Task],
    jobs: int | None = None,
    limit_s: float | None = None,
    *,
    most_tasks: float = math.inf,
    attempts: int = _ATTEMPTS,
) -> Iterator[tuple[_Task, _Result | Lost]]:
    """``work`` on each task, in the order in which they are done.

    By default there is one process for each core, each with one BLAS thread. A task is taken from ``tasks`` when a
    process is free for it. One that takes longer than ``limit_s`` is ended with its process, and not tried again; one
    whose process dies is tried ``attempts`` times. A process ends after ``most_tasks``. An exception of ``work`` is
    raised here, and nothing more is done. All processes have ended when the iterator is closed.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # inherited by the children; numpy is already loaded here
    pool = _Pool(
        work, iter(tasks), min(jobs or os.cpu_count() or 1, MOST_JOBS), limit_s or math.inf, most_tasks, attempts
    )
    import_module("multiprocessing.util")  # so that its exit handler runs after ours

    atexit.register(pool.close)  # before multiprocessing waits for children, if the iterator is never closed
    try:
        yield from pool.run()
    finally:
        pool.close()
        atexit.unregister(pool.close)


class _Pool(Generic[_Task, _Result]):
    """Processes that are started when there is a task for them."""

    def __init__(
        self,
        work: Callable[[_Task], _Result],
        tasks: Iterator[_Task],
        most: int,
        limit_s: float,
        most_tasks: float,
        attempts: int,
    ) -> None:
        self._work = work
        self._tasks = tasks
        self._most = most
        self._limit_s = limit_s
        self._most_tasks = most_tasks
        self._attempts = attempts
        self._busy: list[_Worker] = []
        self._idle: list[_Worker] = []

    def run(self) -> Iterator[tuple[_Task, _Result | Lost]]:
        """Give out tasks, and collect."""
        while True:
            while len(self._busy) < self._most:
                try:
                    task = next(self._tasks)
                except StopIteration:
                    break
                self._give(task, 1)
            if not self._busy:
                return
            self._wait()
            for worker in list(self._busy):
                answer = worker.answer(self._limit_s)
                if answer is _NOTHING_YET:
                    continue
                self._busy.remove(worker)
                if not isinstance(answer, Lost):
                    self._rest(worker)
                elif not answer.is_late and worker.attempt < self._attempts:
                    self._give(worker.task, worker.attempt + 1)
                    continue
                yield worker.task, answer

    def _rest(self, worker: "_Worker") -> None:
        """A process has done its task."""
        if worker.tasks < self._most_tasks:
            self._idle.append(worker)
        else:
            worker.retire()

    def _wait(self) -> None:
        """Until something has happened, or one of the tasks may be late."""
        began = time.monotonic()
        due_s = max(0.0, min(worker.due for worker in self._busy) - began)
        asked_s = min(due_s, _LOOK_EVERY_S)
        from multiprocessing.connection import wait

        wait([each for worker in self._busy for each in (worker.connection, worker.process.sentinel)], asked_s)
        stopped_s = time.monotonic() - began - asked_s
        if stopped_s > _LOOK_EVERY_S:  # all of us were, by Ctrl-Z or by a machine that slept
            for worker in self._busy:
                worker.due += stopped_s

    def _give(self, task: _Task, attempt: int) -> None:
        """To a process that is free, or at a second attempt to a new one, which nothing before has touched."""
        worker = self._idle.pop() if self._idle and attempt == 1 else _Worker(self._work)
        self._busy.append(worker)
        worker.give(task, attempt)

    def close(self) -> None:
        """End all processes; those that are idle may end by themselves."""
        for worker in self._busy:
            worker.process.kill()
        for worker in self._idle:
            worker.connection.close()
        until = time.monotonic() + _GRACE_S
        for worker in (*self._idle, *self._busy):
            worker.process.join(max(0.0, until - time.monotonic()))
            worker.process.kill()
            worker.process.join()
        self._busy.clear()
        self._idle.clear()


class _Worker:
    """One process, and the task that it has."""

    task: Any
    attempt: int
    due = math.inf
    """When its task must be done, on the clock of :func:`time.monotonic`."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        from multiprocessing import get_context

        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, work))
        self.tasks = 0
        """How many it has been given."""
        self._has_started = False
        with _signals_held():
            self.process.start()
        theirs.close()

    def give(self, task: Any, attempt: int) -> None:
        """Send a task."""
        self.task, self.attempt = task, attempt
        self.tasks += 1
        self.due = math.inf
        with suppress(OSError):  # it has died; `answer` will see it
            self.connection.send(task)

    def answer(self, limit_s: float) -> Any:
        """The result of the task, :class:`Lost`, or :data:`_NOTHING_YET`. Raises what the task raised."""
        for kind, value in self._messages():
            if kind == "result":
                return value
            if kind == "error":
                raise value
            self._has_started = True
            self.due = time.monotonic() + limit_s
        if time.monotonic() >= self.due:
            self._end()
            return Lost(True, f"it did not return within {limit_s:g} s")
        if self.process.is_alive() and not self.connection.closed:
            return _NOTHING_YET
        self._end()
        if not self._has_started:
            raise ClientError(f"a process for the client could not be started: {self._fate()}; free memory")
        return Lost(False, self._fate())

    def _messages(self) -> Iterator[tuple[str, Any]]:
        """Those that have arrived; the connection is closed if there will be no more."""
        try:
            while self.connection.poll():
                yield self.connection.recv()
        except (EOFError, OSError):
            self.connection.close()

    def retire(self) -> None:
        """It has nothing more to do, and nothing of what its tasks have left in it is waited for."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def _end(self) -> None:
        self.process.join(0.2)  # its connection may be closed a moment before its end
        self.process.kill()
        self.process.join()
        self.connection.close()

    def _fate(self) -> str:
        code = self.process.exitcode or 0
        if code >= 0:
            return f"its process ended with exit code {code}"
        try:
            return f"its process was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"its process was ended by signal {-code}"


@contextmanager
def _signals_held() -> Iterator[None]:
    """A child that starts here gets no signal before it is ready for it; Python would print a traceback of one."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # when it starts, it lets signals through again
    before: Any = signal.pthread_sigmask(signal.SIG_BLOCK, _held())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _held() -> list[signal.Signals]:
    return [getattr(signal, name) for name in _HELD if hasattr(signal, name)]


def _serve(connection: "Connection[Any, Any]", work: Callable[[Any], Any]) -> None:
    """In a child: do tasks until the parent closes the connection."""
    _end_with_the_parent()
    for number in _held():
        signal.signal(number, _do_nothing)  # not ignored: a program that the client starts would inherit that
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _held())
    with suppress(EOFError, ConnectionError):
        connection.send(("started", None))
        while True:
            task = connection.recv()
            connection.send(("started", None))
            _send(connection, *_done(work, task))


def _done(work: Callable[[Any], Any], task: Any) -> tuple[str, Any]:
    try:
        return "result", work(task)
    except Exception as error:
        error.add_note(traceback.format_exc())
        return "error", error


def _send(connection: "Connection[Any, Any]", kind: str, value: Any) -> None:
    try:
        connection.send((kind, value))
    except ConnectionError:
        raise
    except Exception as error:  # what cannot be pickled
        connection.send(("error", RuntimeError(f"{value!r} cannot be sent to another process: {error}")))


def _do_nothing(*_: object) -> None:
    """Let a signal pass."""


def _end_with_the_parent() -> None:
    """Have this process end when its parent does, whatever it is doing then."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    assert parent is not None
    if sys.platform == "linux" and hasattr(signal, "SIGKILL"):  # even inside a long call into C
        with suppress(ImportError, OSError, AttributeError):
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)

    def follow() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True, name="ends with the parent").start()
