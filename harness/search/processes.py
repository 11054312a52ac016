"""Work spread over processes of this machine, which leave without a word when the user interrupts or one of them dies.

``spawn``, not ``fork``: the children import what they play themselves, so a client of one's own must be importable. The
search path of the parent is theirs as well.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, ParamSpec, TypeVar

from harness.errors import ClientError

MOST_JOBS = 256
Task = TypeVar("Task")
Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


def spread(work: Callable[[Task], Result], tasks: Iterable[Task], jobs: int | None = None) -> Iterator[Result]:
    """``work`` on each task in processes of this machine; the results in the order of the tasks."""
    with processes(jobs) as executor:
        yield from executor.map(work, tasks, chunksize=4)


@contextmanager
def processes(jobs: int | None = None) -> Iterator[Executor]:
    """Processes of this machine, one a core unless told; each with one thread for numbers.

    What is still to be done is dropped when the block is left. Raises :exc:`ClientError` if a process dies.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # inherited; here it would be too late
    executor = _Pool(min(jobs or os.cpu_count() or 1, MOST_JOBS), get_context("spawn"), initializer=_dies_of_interrupts)
    try:
        yield executor
    except BrokenProcessPool:
        raise ClientError(
            "a process that played the client died, and Python did not say of what; "
            "play one seed alone, with --jobs 1, to find where the client ends the process, or free memory"
        ) from None
    finally:
        executor.shutdown(cancel_futures=True)


class _Pool(ProcessPoolExecutor):
    """A process is begun when there is work for it; it starts deaf to interrupts, for Python would tell of them."""

    def submit(
        self, fn: Callable[Parameters, Result], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Future[Result]:
        with _interrupts_held():
            return super().submit(fn, *args, **kwargs)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C comes when this is left."""
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
