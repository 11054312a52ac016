"""Virtual time: a heap of callbacks at integer microseconds; those of one time run in the order of their scheduling."""

import heapq
from collections.abc import Callable
from typing import Any


class Scheduler:
    """Time does not move while a callback runs; then it jumps to the time of the next callback."""

    __slots__ = ("_heap", "_over", "_sequence", "now")

    def __init__(self) -> None:
        self.now = 0
        self._heap: list[tuple[int, int, Callable[[Any], None], Any]] = []
        self._sequence = 0
        self._over = False

    def at(self, time: int, callback: Callable[[Any], None], argument: Any = None) -> None:
        """Call ``callback(argument)`` at ``time``, or now if that is past."""
        self._sequence += 1
        due = time if time > self.now else self.now
        heapq.heappush(self._heap, (due, self._sequence, callback, argument))

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
        return self._heap[0][0] if self._heap and not self._over else None

    def step(self) -> None:
        """Run the next callback; there must be one."""
        due, _, callback, argument = heapq.heappop(self._heap)
        if due > self.now:
            self.now = due
        callback(argument)

    def run(self) -> None:
        """Run until :meth:`stop`, or until there are no more callbacks."""
        heap, pop = self._heap, heapq.heappop
        while heap and not self._over:
            self.now, _, callback, argument = pop(heap)
            callback(argument)
