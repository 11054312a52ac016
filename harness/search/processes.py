"""Work spread over processes of this machine, which end silently when the user interrupts or one of them dies.

``spawn``, not ``fork``: each child imports what it plays by itself, so a user's own client must be importable. A child
has the parent's ``sys.path``.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, ParamSpec, TypeVar

from ..errors import ClientError

MOST_JOBS = 256
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
_Parameters = ParamSpec("_Parameters")


def spread(work: Callable[[_Task], _Result], tasks: Iterable[_Task], jobs: int | None = None) -> Iterator[_Result]:
    """``work`` on each task in processes of this machine; the results in the order of the tasks."""
    with processes(jobs) as executor:
        yield from executor.map(work, tasks, chunksize=4)


@contextmanager
def processes(jobs: int | None = None) -> Iterator[Executor]:
    """Processes of this machine, by default one for each core; each with one BLAS thread.

    Tasks that have not started are dropped when the block is left. Raises :exc:`ClientError` if a process dies.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # inherited by the children; numpy is already loaded here
    executor = _Pool(min(jobs or os.cpu_count() or 1, MOST_JOBS), get_context("spawn"), initializer=_dies_of_interrupts)
    try:
        yield executor
    except BrokenProcessPool:
        raise ClientError(
            "a process that played the client died, and Python does not know why; "
            "play one seed alone, with --jobs 1, to see where the client ends the process, or free memory"
        ) from None
    finally:
        executor.shutdown(cancel_futures=True)


class _Pool(ProcessPoolExecutor):
    """Starts each process with interrupts blocked, because Python would print a traceback of an early one."""

    def submit(
        self, fn: Callable[_Parameters, _Result], /, *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> Future[_Result]:
        with _interrupts_held():
            return super().submit(fn, *args, **kwargs)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C is delivered when the block is left."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before: Any = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _dies_of_interrupts() -> None:
    """In a child: Ctrl-C ends it at once and silently."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
