"""The world's time on the wall clock.

A callback of the world sees the time at which it was due, so that the world stays exact although a real timer is always
late; what comes from outside sees the real time, after all that was due before it. How late the world ran at worst is
kept: what happened too late was not what the scenario asked for. What the world itself computes at once is not counted
up to :data:`EXCUSED_US`: when a stall of 12 s ends, the server hears 12 s of sound in one moment.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ...units import MS, SECOND
from ...world.scheduler import Scheduler

EXCUSED_US = 200 * MS
"""How late the world may make itself."""


class WallClock(Scheduler):
    """A scheduler whose callbacks run on the event loop, from :meth:`start` until :meth:`stop`.

    ``over`` is done when the run is over, with the exception if a callback raised one.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.over: asyncio.Future[None] = loop.create_future()
        self.worst_us = 0
        """The longest delay of anything that was due."""
        self.worst_at_us = 0
        """When that was due."""
        self._loop = loop
        self._began: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_running = False

    @property
    def is_started(self) -> bool:
        """Whether time runs."""
        return self._began is not None

    def start(self) -> None:
        """Time 0 is now."""
        self._began = self._loop.time()
        self._arm()

    def at(self, time: int, callback: Callable[[Any], None], argument: Any = None) -> None:
        """Call ``callback(argument)`` at ``time``, or as soon as possible if that is past."""
        super().at(time, callback, argument)
        if not self._is_running:
            self._arm()

    def stop(self) -> None:
        """The run is over."""
        super().stop()
        self.fail(None)

    def fail(self, error: BaseException | None) -> None:
        """The run is over because of this error."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        if not self.over.done():
            self.over.set_exception(error) if error is not None else self.over.set_result(None)

    def enter(self) -> None:
        """Something comes from outside: run all that was due before it, then move to the real time."""
        if self._began is not None and not self._over and not self._is_running:
            self._run()
            self.now = max(self.now, self._real_us())

    def _real_us(self) -> int:
        assert self._began is not None
        return int((self._loop.time() - self._began) * SECOND)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.due
        if due is not None and self._began is not None:
            self._timer = self._loop.call_at(self._began + due / SECOND, self._run)

    def _run(self) -> None:
        """Run what is due."""
        self._is_running = True
        began_s = time.thread_time()
        try:
            while (due := self.due) is not None and due <= (real := self._real_us()):
                late_us = real - due
                if late_us > self.worst_us:
                    late_us -= min(EXCUSED_US, int((time.thread_time() - began_s) * SECOND))
                if late_us > self.worst_us:
                    self.worst_us, self.worst_at_us = late_us, due
                self.step()
        except BaseException as error:
            self.fail(error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._is_running = False
        self._arm()
