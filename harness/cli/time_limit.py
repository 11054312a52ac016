"""Ends a run that does not end, and says where the client is: in which method, at which line.

A client is called in the main thread. :class:`TimeLimit` is a second thread that looks at where the first one is.
"""

import _thread
import faulthandler
import math
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NamedTuple

from ..clients.registry import running_part
from ..errors import ClientError, visible
from ..units import SECOND
from ..user_code import is_interrupt, own_line, own_line_of
from ..world.tested import running_method
from .guard import leave

FIRST_WORD_S = 10.0
"""A run that takes longer is told about on standard error."""
LONGEST_S = 1_000_000.0
"""No limit may be longer: a system's timer has an end."""
_GRACE_S = 3.0
"""A client that keeps running for so long after it was interrupted is ended together with the process."""
_LOOKS_EVERY_S = 0.25
_SAME_LOOKS = 2


class _Look(NamedTuple):
    """What the main thread is doing."""

    part: str
    """What of the client has not returned, such as ``hear()``; empty if the client does not run."""
    now_us: int | None
    """The virtual time."""


class _Expired(NamedTuple):
    """Where the client was when its time was over, and the sentence about it."""

    place: str
    sentence: str

    def error(self, place: str) -> ClientError:
        """``place`` is where it was interrupted."""
        where = self.place or place
        return ClientError(f"{where}: {self.sentence}" if where else self.sentence)


class TimeLimit:
    """Watches the wall time of runs in the main thread.

    A run that takes longer than ``timeout_s`` is interrupted, and :meth:`watch` raises :exc:`ClientError`. If the
    client does not let go, ``give_up`` is called with that error in the watching thread, and the process ends with the
    exit code 4. 0: no limit.
    """

    def __init__(self, timeout_s: float, give_up: Callable[[str, ClientError], None]) -> None:
        self._timeout_s = timeout_s
        self._give_up = give_up

    @contextmanager
    def watch(self, what: str) -> Iterator[None]:
        """Watch one run, or the loading of a client, which is called ``what`` in sentences."""
        over = threading.Event()
        expired: list[_Expired] = []
        began = time.monotonic()
        with _interruptible(self._timeout_s) as interrupt:
            watching = threading.Thread(target=self._watch, args=(what, over, expired, interrupt), daemon=True)
            watching.start()
            place = ""
            try:
                try:
                    yield
                finally:
                    over.set()
                    watching.join()  # it may be about to interrupt this thread
            except BaseException as error:
                if not expired and is_interrupt(error) and 0 < self._timeout_s < time.monotonic() - began:
                    expired.append(_Expired("", _ended(self._timeout_s)))  # the other thread could not run
                if not expired:
                    raise
                place = own_line(error) or own_line(error.__context__ or error)  # it may have been interrupted twice
            finally:
                over.set()
        if expired:
            raise expired[0].error(place)

    def _watch(self, what: str, over: threading.Event, expired: list[_Expired], interrupt: Callable[[], None]) -> None:
        looks = _Looks()
        word_s = FIRST_WORD_S
        while not over.wait(_LOOKS_EVERY_S):
            looks.add(sys._current_frames().get(threading.main_thread().ident or 0))
            if looks.waited_s > word_s:
                word_s *= 4
                print(visible(f"{what}: {looks.state()}"), file=sys.stderr, flush=True)
            if self._timeout_s and looks.waited_s > self._timeout_s:
                break
        else:
            return
        expired.append(looks.expired(self._timeout_s))
        interrupt()
        if not over.wait(_GRACE_S):
            self._give_up(what, expired[0].error(""))
            leave(ClientError.exit_code)


@contextmanager
def _interruptible(timeout_s: float) -> Iterator[Callable[[], None]]:
    """A function for another thread that interrupts the main one as Ctrl-C does, even while it sleeps.

    Where there are timers, one does so by itself a second after ``timeout_s``: a regular expression that does not end
    lets no other thread run. Code that lets no signal in either is ended together with the process.
    """
    if not hasattr(signal, "setitimer") or not hasattr(signal, "pthread_kill"):
        yield _thread.interrupt_main
        return
    main = threading.main_thread().ident or 0
    until = time.monotonic() + timeout_s if timeout_s else math.inf

    def ring(number: int, frame: FrameType | None) -> None:
        if time.monotonic() >= until:
            signal.default_int_handler(number, frame)  # SIGINT may be ignored: in the background
        elif callable(before):  # an alarm that the client has set for itself
            before(number, frame)

    before: Any = signal.signal(signal.SIGALRM, ring)
    if timeout_s:
        signal.setitimer(signal.ITIMER_REAL, timeout_s + 1.0)
        with suppress(OSError, ValueError, RuntimeError):  # standard error may be no file
            faulthandler.dump_traceback_later(timeout_s + 2 * _GRACE_S, exit=True)
    try:
        yield lambda: signal.pthread_kill(main, signal.SIGALRM)
    finally:
        if timeout_s:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)


def _ended(timeout_s: float) -> str:
    return f"the run was ended after {timeout_s:g} s of real time (--timeout)"


class _Looks:
    """What the main thread was doing from time to time."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._parts: Counter[str] = Counter()
        self._last = _Look("", None)
        self._place = ""
        """The innermost line of the user's own when the client ran last."""
        self._same = 0
        """How often in a row the client was in the same part at the same virtual time."""

    @property
    def waited_s(self) -> float:
        """Since the first look."""
        return time.monotonic() - self._began

    def add(self, frame: FrameType | None) -> None:
        """Look at the stack of the main thread."""
        running = running_method(frame)
        part, now_us = running or (running_part(frame) or "", None)
        look = _Look(part, now_us)
        if part:
            self._place = own_line_of(frame)
        self._same = self._same + 1 if look == self._last else 0
        self._last = look
        self._parts[look.part] += 1

    def state(self) -> str:
        """For someone who waits."""
        hangs, place = self._hangs(), f" ({self._place})" if self._place else ""
        return f"{hangs or 'still playing' + self._busy()} after {self.waited_s:.0f} s{place}"

    def expired(self, timeout_s: float) -> _Expired:
        """Why the run was ended."""
        if hangs := self._hangs():
            return _Expired(self._place, f"{hangs}; {_ended(timeout_s)}")
        cure = "let the client do less" if self._parts.most_common(1)[0][0] else "shorten the scenario"
        return _Expired(self._place, f"{_ended(timeout_s)}{self._busy()}; {cure}, or allow more time")

    def _hangs(self) -> str:
        if not self._last.part or self._same < _SAME_LOOKS:
            return ""
        return f"the client has not returned from {self._last.part}{self._at()}"

    def _at(self) -> str:
        return "" if self._last.now_us is None else f" at {self._last.now_us / SECOND:.3f} s of the conversation"

    def _busy(self) -> str:
        part, count = self._parts.most_common(1)[0]
        share = 100 * count // self._parts.total()
        where = f"in the client's {part}" if part else "on the scenario and what the client asks for"
        return f"{self._at()}, {share} % of the time {where}"
