"""One clock for the world, the event loop and the threads of an app.

The clock stands still while code of the app runs. It moves when the event loop has nothing to do. Threads of the app
run one at a time, in the order in which they became ready, and only while the loop waits for them; a thread that waits
for a lock, an event or a time passes the turn back. So the order of everything depends on nothing but the app.
"""

import math
import os
import sys
import traceback
from _thread import allocate_lock, get_ident
from collections import deque
from collections.abc import Callable
from typing import NoReturn

from ...errors import ClientError
from ...scenario.profiles import Timers
from ...units import SECOND
from ...user_code import own_line_of
from ...world.scheduler import Scheduler
from ...world.timers import allowed_at

STUCK_AFTER_S = 10.0
"""A thread of the app that neither waits nor ends for so long, in real time, is stuck."""
BUSY = 20_000
"""Code that reads the clock so often at one time, or yields to the loop so often, waits for it to move."""
BUSY_US = 1_000
_OUTSIDE_WAITS = 10_000
"""A program that waits so often before the world begins does not begin it, and one that does so after it never ends."""
_REAL_TIME = "play the app in real time with `stillthere run SCENARIO -- COMMAND`"


class StageOver(BaseException):
    """The run is over, or cannot go on, and the app still waits for something: it is left behind."""


class AppThread:
    """A thread of the app, and its right to run."""

    __slots__ = ("ended", "go", "name", "waiting")

    def __init__(self, name: str) -> None:
        self.name = name
        self.go = allocate_lock()
        self.go.acquire()
        self.ended = False
        self.waiting: deque[Waiter] = deque()
        """Those that wait for its end."""


class Waiter:
    """Something that waits: a thread of the app, or the event loop itself (None)."""

    __slots__ = ("_clock", "done", "timed_out", "turn")

    def __init__(self, clock: "Clock", turn: AppThread | None) -> None:
        self._clock = clock
        self.turn = turn
        self.done = self.timed_out = False

    def wake(self) -> bool:
        """Let it go on; False if it does so already."""
        if self.done:
            return False
        self.done = True
        if self.turn is not None:
            self._clock.ready.append(self.turn)
        return True

    def expire(self, _: object = None) -> None:
        """Its time is over."""
        if self.done:
            return
        clock = self._clock
        allowed = clock.allowed()
        if allowed == clock.scheduler.now:
            self.wake()
            self.timed_out = True
        elif allowed is not None:
            clock.scheduler.at(allowed, self.expire)
        else:
            clock.overdue.append(self)


class Clock:
    """The clock of the thread that makes it. ``fence`` is told what the app did that it cannot honour."""

    def __init__(self, scheduler: Scheduler, patience_s: float = STUCK_AFTER_S) -> None:
        self.scheduler = scheduler
        self.ready: deque[AppThread] = deque()
        self.overdue: list[Waiter] = []
        """Whose time is over while the app is frozen."""
        self.fence: Callable[[str], None] = lambda what: None
        self.is_playing: Callable[[], bool] = lambda: False
        """Whether the app's sound is heard."""
        self.where: Callable[[], list[str]] = list
        """The app's own lines in which the tasks of its event loop wait."""
        self.timers: Timers | None = None
        self.is_over = False
        """The world has ended: what is left of the app may still run, without it."""
        self.over_at: int | None = None
        """When an event loop was told so."""
        self.has_begun = True
        """Before the world has begun, and after its end, no time passes: to sleep is to go on at once."""
        self.failure: BaseException | None = None
        """Why the run cannot go on."""
        self._owner = get_ident()
        self._turns: dict[int, AppThread] = {}
        self._back = allocate_lock()
        self._back.acquire()
        self._patience_s = patience_s
        self._read_at = -1
        self._reads = 0
        self._in_world = False
        self._outside_waits = 0

    # --- who asks ---

    def here(self) -> bool:
        """Whether the caller is on this clock: the event loop's thread, or a thread of the app."""
        ident = get_ident()
        return ident == self._owner or ident in self._turns

    def on_loop(self) -> bool:
        """Whether the caller is the event loop's thread."""
        return get_ident() == self._owner

    def turn(self) -> AppThread | None:
        """The caller's turn; None on the event loop's thread."""
        return self._turns.get(get_ident())

    @property
    def is_running(self) -> bool:
        """Whether the world has begun and is not over."""
        return self.has_begun and self.over_at is None

    # --- time ---

    def read(self) -> int:
        """The time in microseconds; code that does nothing but read it again and again moves it."""
        now = self.scheduler.now
        if now != self._read_at:
            self._read_at, self._reads = now, 0
        self._reads += 1
        if self._reads > BUSY and not self._in_world:
            self.busy(f"a busy wait for the clock{_line()}")
        return self.scheduler.now

    def busy(self, what: str) -> None:
        """The caller does something again and again until time passes: let some pass."""
        self._reads = 0
        self.fence(f"{what}: {BUSY_US // 1000} ms passed each {BUSY} times")
        self.wait_unnoted(Waiter(self, self.turn()), self.scheduler.now + BUSY_US)

    def allowed(self) -> int | None:
        """When a timer that is due now may fire; None: not before the app returns to the foreground."""
        now = self.scheduler.now
        return now if self.timers is None else allowed_at(self.timers, now, playing=self.is_playing())

    def throttle(self, timers: Timers | None) -> None:
        """Slow the app's timers down, or free them."""
        self.timers = timers
        if timers is None:
            waiting, self.overdue = self.overdue, []
            for waiter in waiting:
                self.scheduler.at(self.scheduler.now, waiter.expire)

    def step(self) -> None:
        """Let the world's next callback run."""
        self._in_world = True
        try:
            self.scheduler.step()
        finally:
            self._in_world = False

    # --- waiting ---

    def sleep(self, length_us: int) -> None:
        """Wait in the calling thread."""
        self.wait(Waiter(self, self.turn()), self.scheduler.now + length_us)

    def wait(self, waiter: Waiter, until: int | None) -> bool:
        """Wait in the calling thread until woken; False if ``until`` (microseconds) came first."""
        if waiter.turn is not None:
            return self.wait_unnoted(waiter, until)
        began = self.scheduler.now
        try:
            return self.wait_unnoted(waiter, until)
        finally:
            if self.scheduler.now > began:
                self.fence(f"the event loop was blocked{_line()}: real audio would have waited too")

    def wait_unnoted(self, waiter: Waiter, until: int | None) -> bool:
        """As :meth:`wait`, for callers that note themselves what blocks the event loop."""
        if waiter.turn is None and until is not None and not self.is_running:
            return self._wait_outside(waiter)
        if until is not None:
            self.scheduler.at(until, waiter.expire)
        if waiter.turn is None:
            self._run_world(waiter)
        else:
            self._back.release()
            waiter.turn.go.acquire()
        return not waiter.timed_out

    def _wait_outside(self, waiter: Waiter) -> bool:
        """Only threads of the app go on, if they can. Raises :exc:`StageOver` for one who waits for ever."""
        self.run_ready()
        self._outside_waits += 1
        if self._outside_waits > _OUTSIDE_WAITS:
            raise StageOver
        in_time, waiter.done = waiter.done, True
        return in_time

    def _run_world(self, waiter: Waiter) -> None:
        """The event loop itself waits: everything but the loop goes on."""
        while not waiter.done:
            if self.ready:
                self.run_ready()
            elif self.scheduler.due is None:
                raise StageOver
            else:
                self.step()

    # --- threads ---

    def adopt(self, turn: AppThread) -> None:
        """A thread has started; it calls :meth:`begin` first and :meth:`end` last."""
        self.ready.append(turn)

    def begin(self, turn: AppThread) -> None:
        """Wait for the first turn, in the thread itself."""
        turn.go.acquire()
        self._turns[get_ident()] = turn

    def end(self, turn: AppThread) -> None:
        """The thread ends."""
        self._turns.pop(get_ident(), None)
        turn.ended = True
        for waiter in turn.waiting:
            waiter.wake()
        self._back.release()

    def run_ready(self) -> None:
        """Let each thread that is ready run until it waits or ends; one that does neither ends the run."""
        while self.ready:
            turn = self.ready.popleft()
            turn.go.release()
            if not self._back.acquire(True, self._patience_s):
                self.fail(self._stuck(turn))

    # --- what ends a run ---

    def fail(self, why: ClientError | str) -> NoReturn:
        """The run cannot go on. Raises :exc:`StageOver`, which no ``except Exception`` of the app keeps."""
        if isinstance(why, str):
            frame = sys._getframe(1)
            place = own_line_of(frame) or ", ".join(self.where()[:2])
            why = ClientError(f"{place}: {why}" if place else why)
            why.add_note("".join(traceback.format_stack(frame)))
        self.failure = self.failure or why
        raise StageOver

    def deadlock(self, idents: list[int]) -> NoReturn:
        """These threads wait for each other, the first one here: nothing of it will ever go on."""
        turns = [self._turns.get(ident) for ident in idents]
        frames = [sys._getframe(1), *(sys._current_frames().get(ident) for ident in idents[1:])]
        names = ["the event loop" if turn is None else f"the thread {turn.name!r}" for turn in turns]
        places = [f"{name} in {own_line_of(frame) or 'a library'}" for name, frame in zip(names, frames, strict=True)]
        place = own_line_of(frames[0])
        error = ClientError(
            f"{f'{place}: ' if place else ''}a deadlock of the app: each of these waits for a lock that the next one "
            f"holds: {', '.join(places)}; take the locks in the same order everywhere"
        )
        error.add_note("\n".join("".join(traceback.format_stack(frame)) for frame in frames if frame is not None))
        self.fail(error)

    def _stuck(self, turn: AppThread) -> ClientError:
        ident = next((ident for ident, each in self._turns.items() if each is turn), None)
        frame = sys._current_frames().get(ident or 0)
        place = own_line_of(frame) or ", ".join(self.where()[:2])
        within = "" if frame is None else f", in {frame.f_code.co_name}()"
        error = ClientError(
            f"{f'{place}: ' if place else ''}the app's thread {turn.name!r} has been in one call for "
            f"{self._patience_s:g} s of real time{within}; in virtual time nothing real is waited for: feed it through "
            f"mic and speaker, or {_REAL_TIME}"
        )
        if frame is not None:
            error.add_note("".join(traceback.format_stack(frame)))
        return error


def _line() -> str:
    """The line of the app that calls, without its folder: what is noted must not depend on where the app is."""
    place = os.path.basename(own_line_of(sys._getframe(1)))
    return f" in {place}" if place else ""


def microseconds(seconds: float) -> int:
    """A length that a program gives in seconds, rounded up: never 0, or code that looks again would look for ever."""
    return max(1 if seconds > 0 else 0, math.ceil(seconds * SECOND - 1e-3))
