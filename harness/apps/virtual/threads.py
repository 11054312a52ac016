"""Puts Python's threads, locks and queues under a :class:`.clock.Clock`.

A thread of the app that waits for a lock passes its turn back. Events, conditions, semaphores, barriers, queues and
futures are made of locks in Python's own library, so they need nothing of their own.
"""

import _thread
import queue
import threading
import time
from _thread import allocate_lock, get_ident
from collections import deque
from collections.abc import Callable
from typing import Any

from ...units import SECOND
from .clock import AppThread, Clock, Waiter, microseconds

_clocks: list[Clock] = []
"""The clock of the run, once there is one."""
_starting = threading.local()
"""While a thread is being started, its starter waits in real time."""
_before: set[threading.Thread] = set()
"""Threads that run when the app is imported: none of them is its own."""
real_monotonic = time.monotonic
_real_start, _real_join, _real_is_alive = threading.Thread.start, threading.Thread.join, threading.Thread.is_alive
_real_start_raw = _thread.start_new_thread
_real_lock, _real_rlock, _real_simple_queue = threading.Lock, threading.RLock, queue.SimpleQueue


def active() -> Clock | None:
    """The clock, if the caller is on it."""
    for clock in _clocks:
        if clock.here() and not getattr(_starting, "now", False):
            return clock
    return None


def activate(clock: Clock) -> None:
    """From now on this is the clock."""
    _clocks[:] = [clock]


def clocks() -> list[Clock]:
    """The clock, for callers that may be on it or not; empty before there is one."""
    return _clocks


def current_name() -> str:
    """The caller's thread."""
    return threading.current_thread().name


def foreign_threads() -> list[str]:
    """Threads that run in real time though the app has started them: when it was imported, before there was a clock."""
    if not _before:
        return []  # nothing is patched
    others = (thread for thread in threading.enumerate() if thread not in _before)
    return [thread.name for thread in others if getattr(thread, "virtual_turn", None) is None]


# --- locks ------------------------------------------------------------------------------------------------------------


class VirtualLock:
    """``threading.Lock``: a thread of the app that waits for it passes its turn back."""

    __slots__ = ("__weakref__", "_holder", "_lock", "_waiting")

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._waiting: deque[Waiter] = deque()
        self._holder = 0
        """The thread that took it."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As that of ``threading.Lock``."""
        if self._lock.acquire(False):
            self._holder = get_ident()
            return True
        clock = active()
        if not blocking or clock is None or (timeout < 0 and timeout != -1):
            return self._lock.acquire(blocking, timeout)  # in real time, or it fails, or it raises
        until = None if timeout == -1 else clock.scheduler.now + microseconds(timeout)
        while True:
            in_time = self._wait(clock, until)
            if self._lock.acquire(False):
                self._holder = get_ident()
                return True
            if not in_time:
                return False

    def _wait(self, clock: Clock, until: int | None) -> bool:
        waiter = Waiter(clock, clock.turn())
        self._waiting.append(waiter)
        if until is not None:
            return clock.wait(waiter, until)
        ident = get_ident()
        self._look_for_a_deadlock(clock, ident)
        _wanted[ident] = self
        try:
            return clock.wait(waiter, None)
        finally:
            del _wanted[ident]

    def _look_for_a_deadlock(self, clock: Clock, ident: int) -> None:
        chain, lock = [ident], self
        while (holder := lock._holder) and holder not in chain:
            chain.append(holder)
            if holder not in _wanted:
                return
            lock = _wanted[holder]
        if holder == ident and len(chain) > 1:
            clock.deadlock(chain)

    def release(self) -> None:
        """As that of ``threading.Lock``."""
        self._lock.release()
        self._holder = 0
        while self._waiting:
            if self._waiting.popleft().wake():
                return

    def locked(self) -> bool:
        """As that of ``threading.Lock``."""
        return self._lock.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self._lock = allocate_lock()
        self._waiting.clear()


_wanted: dict[int, VirtualLock] = {}
"""The lock that each thread waits for without a time-out, by the thread."""


class _Signal(VirtualLock):
    """A lock that one thread takes and another one releases, as conditions use them: nobody holds it."""

    __slots__ = ()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        taken = super().acquire(blocking, timeout)
        self._holder = 0
        return taken


_python_rlock: Any = threading._PyRLock  # type: ignore[attr-defined]


class _VirtualRLock(_python_rlock):  # type: ignore[misc]
    """``threading.RLock``, as Python's library has it without C."""

    def __init__(self) -> None:
        super().__init__()
        self._block = VirtualLock()


# --- threads ----------------------------------------------------------------------------------------------------------


def install_threads() -> dict[int, tuple[Any, Any]]:
    """Replace them in Python's own library; gives what to replace in other modules: by its id, the old and the new."""
    _before.update(threading.enumerate())
    inside: Any = threading
    inside.Lock, inside._allocate_lock = VirtualLock, _Signal
    inside._CRLock, inside.RLock = None, _VirtualRLock
    inside._time = _own_time
    inside.Thread.virtual_turn = None
    inside.Thread.start, inside.Thread.join, inside.Thread.is_alive = _start, _join, _is_alive
    raw: Any = _thread
    raw.start_new_thread = raw.start_new = _start_raw
    queues: Any = queue
    queues.SimpleQueue, queues.time = queues._PySimpleQueue, _own_time  # the one in C waits where nobody sees it
    pairs = (
        (_real_lock, VirtualLock),
        (_real_rlock, _VirtualRLock),
        (_real_simple_queue, queues.SimpleQueue),
        (_real_start_raw, _start_raw),
    )
    return {id(old): (old, new) for old, new in pairs}


def _own_time() -> float:
    clock = active()
    return real_monotonic() if clock is None else clock.scheduler.now / SECOND


def _start(thread: Any) -> None:
    clock = active()
    if clock is None or not getattr(thread, "_initialized", False) or thread._started.is_set():
        _real_start(thread)  # in real time, or it raises
        return
    turn = AppThread(thread.name)
    run, whole_life = thread.run, thread._bootstrap_inner

    def run_in_turn() -> None:
        clock.begin(turn)
        run()

    def live() -> None:
        try:
            whole_life()
        finally:
            clock.end(turn)

    thread.run, thread._bootstrap_inner = run_in_turn, live
    thread.daemon = True  # it may be left waiting when the run is over
    _starting.now = True
    try:
        _real_start(thread)
    finally:
        _starting.now = False
    thread.virtual_turn = turn
    clock.adopt(turn)


def _join(thread: Any, timeout: float | None = None) -> None:
    clock, turn = active(), thread.virtual_turn
    if clock is None or turn is None or turn is clock.turn():
        _real_join(thread, timeout)
        return
    if not turn.ended:
        waiter = Waiter(clock, clock.turn())
        turn.waiting.append(waiter)
        clock.wait(waiter, None if timeout is None else clock.scheduler.now + microseconds(timeout))
    if turn.ended:
        _real_join(thread)  # it has nothing more to do than to vanish


def _is_alive(thread: Any) -> bool:
    turn = thread.virtual_turn
    if turn is not None and turn.ended:
        _real_join(thread)
    return _real_is_alive(thread)


def _start_raw(function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any] | None = None) -> int:
    clock = active()
    if clock is None:
        return _real_start_raw(function, arguments, named or {})
    turn = AppThread(getattr(function, "__name__", "a thread"))

    def live() -> None:
        clock.begin(turn)
        try:
            function(*arguments, **(named or {}))
        finally:
            clock.end(turn)

    ident = _real_start_raw(live, ())
    clock.adopt(turn)
    return ident
