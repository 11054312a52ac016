"""The event loop of an app in virtual time, which moves the clock; and those that it runs in other threads."""

import asyncio
from collections.abc import Callable
from typing import Any

from ...units import SECOND
from .clock import Clock, StageOver, Waiter, microseconds
from .hosts import Hosts
from .network import RESOLUTION_S, MemoryLoop
from .refusals import refused
from .threads import current_name, foreign_threads

_NEVER = -1e12
"""As the resolution of the loop's clock: no timer fires."""
_AFTER_ALL_US = 2**62
"""When a timer fires that may not."""
_EPILOGUE_US = 30 * SECOND
"""What is left of the app after the end of the run may take so long of its own time."""


class VirtualLoop(MemoryLoop):
    """``begin`` is called when one of the clock's loops first runs, ``end`` when the world's run is over."""

    def __init__(self, clock: Clock, begin: Callable[[], None], end: Callable[[], None], hosts: Hosts) -> None:
        self._begin = begin
        self._end = end
        self._stranger = ""
        """A thread that is not on the clock, and has called into the loop."""
        self._early_at = -1
        """When a timer last fired that was due less than a microsecond later."""
        super().__init__(clock, hosts)

    def run_forever(self) -> None:
        """Run until stopped. Raises :exc:`StageOver` when the run is over, and what has ended it before."""
        clock = self.clock
        if not clock.has_begun:
            clock.has_begun = True
            for name in foreign_threads():
                clock.fence(
                    f"the thread {name!r} was started when the app was imported, and runs in real time; start it in "
                    "the app's function"
                )
            self._begin()
        super().run_forever()
        if clock.is_over and clock.over_at is None:
            clock.over_at = clock.scheduler.now
            raise StageOver

    def wait(self, timeout: float | None) -> None:
        """The loop has nothing to do: let the threads and the world go on until it has."""
        clock, scheduler, inside = self.clock, self.clock.scheduler, self.inside()
        while True:
            if clock.failure is not None:
                raise clock.failure
            if clock.ready:
                clock.run_ready()
            due = scheduler.due
            if due is None and scheduler.is_over and not clock.is_over:
                clock.is_over = True
                self._end()
                self.stop()
                return
            if due is not None and due <= scheduler.now:
                clock.step()
                continue
            if inside._ready or inside._stopping:
                break
            timer = self._next_timer() if inside._scheduled else None
            if timer is not None and (due is None or timer < due):
                scheduler.now = max(scheduler.now, timer)
                if inside._scheduled[0]._when > scheduler.now / SECOND:
                    self._early_at = scheduler.now
                break
            if due is None:
                raise StageOver
            clock.step()
        self._look()

    def _look(self) -> None:
        """What must be seen to before the loop goes on."""
        clock = self.clock
        if self._stranger:
            name, self._stranger = self._stranger, ""
            clock.fence(f"the thread {name!r}, which is not on the clock, called into the event loop")
        if clock.timers is not None or self.inside()._clock_resolution != RESOLUTION_S:
            self.inside()._clock_resolution = RESOLUTION_S if clock.allowed() == clock.scheduler.now else _NEVER
        if clock.over_at is not None and clock.scheduler.now > clock.over_at + _EPILOGUE_US:
            raise StageOver  # what is left of the app has had some time of its own
        if self.is_busy():
            clock.busy("callbacks of the event loop that yield to it again and again")

    def _next_timer(self) -> int:
        """When the next timer of the loop may fire, in microseconds; after everything if it may not."""
        clock = self.clock
        when = self.inside()._scheduled[0]._when
        due = microseconds(when)
        if due == self._early_at and when > due / SECOND:
            due += 1  # its code compares the time with its own sum of floats, and would set it again for ever
        timers = clock.timers
        if timers is None or (timers.unless_audible and clock.is_playing()):
            return due
        granule_us = timers.granule_us
        if granule_us is None:
            return _AFTER_ALL_US
        return -(-max(due, clock.scheduler.now) // granule_us) * granule_us

    def _write_to_self(self) -> None:
        """The loop never sleeps; but who calls may be a thread whose time is real."""
        if not self.clock.here():
            self._stranger = current_name()


class ThreadLoop(MemoryLoop):
    """An event loop that the app runs in a thread of its own."""

    def __init__(self, clock: Clock, hosts: Hosts) -> None:
        self._waiter: Waiter | None = None
        super().__init__(clock, hosts)

    def run_forever(self) -> None:
        """Run until stopped, in a thread of the app."""
        if self.clock.on_loop():
            raise refused(
                "asyncio.run in the main thread", "make the app an async function: async def app(mic, speaker)"
            )
        super().run_forever()

    def wait(self, timeout: float | None) -> None:
        """Wait for ``timeout`` seconds, or until another thread calls."""
        clock, inside = self.clock, self.inside()
        if inside._ready or inside._stopping or timeout == 0:
            if self.is_busy():
                clock.busy("callbacks of an event loop that yield to it again and again")
            return
        self._waiter = Waiter(clock, clock.turn())
        clock.wait(self._waiter, None if timeout is None else clock.scheduler.now + microseconds(timeout))
        self._waiter = None

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:  # type: ignore[override]
        """Call back in the loop's next turn; the world calls this too, while the loop waits."""
        handle = super().call_soon(callback, *args, context=context)
        self._write_to_self()
        return handle

    def _write_to_self(self) -> None:
        if self._waiter is not None:
            self._waiter.wake()
