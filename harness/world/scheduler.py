"""Virtual time: a heap of callbacks at integer microseconds; those of one time run in the order of their scheduling."""

import heapq
from collections.abc import Callable
from typing import Any

from ..units import SECOND

_NEAR_US = SECOND
"""What is due so soon is in the order of its times already."""


class Scheduler:
    """Time does not move while a callback runs; then it jumps to the time of the next callback."""

    __slots__ = ("_border", "_far", "_heap", "_over", "_sequence", "now")

    def __init__(self) -> None:
        self.now = 0
        self._heap: list[tuple[int, int, Callable[[Any], None], Any]] = []
        """What is due before :attr:`_border`. It is kept small: with a long timeline in it, every call would cost."""
        self._far: list[tuple[int, int, Callable[[Any], None], Any]] = []
        self._border = _NEAR_US
        self._sequence = 0
        self._over = False

    def at(self, time: int, callback: Callable[[Any], None], argument: Any = None) -> None:
        """Call ``callback(argument)`` at ``time``, or now if that is past."""
        self._sequence += 1
        due = time if time > self.now else self.now
        heapq.heappush(self._heap if due < self._border else self._far, (due, self._sequence, callback, argument))

    def stop(self) -> None:
        """Let :meth:`run` return after the current callback."""
        self._over = True

    @property
    def is_over(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._over

    @property
    def due(self) -> int | None:
        """When the next callback is due, in microseconds; None if there is none, or after :meth:`stop`."""
        return self._heap[0][0] if not self._over and (self._heap or self._come_near()) else None

    def step(self) -> None:
        """Run the next callback; there must be one."""
        if not self._heap:
            self._come_near()
        due, _, callback, argument = heapq.heappop(self._heap)
        if due > self.now:
            self.now = due
        callback(argument)

    def run(self) -> None:
        """Run until :meth:`stop`, or until there are no more callbacks."""
        heap, pop = self._heap, heapq.heappop
        while not self._over and (heap or self._come_near()):
            self.now, _, callback, argument = pop(heap)
            callback(argument)

    def _come_near(self) -> bool:
        """Nothing is left before the border: move it. Returns whether anything is left at all."""
        if not self._far:
            return False
        self._border = self._far[0][0] + _NEAR_US
        while self._far and self._far[0][0] < self._border:
            self._heap.append(heapq.heappop(self._far))
        return True
