"""Virtual time: a heap of callbacks at integer microseconds, run in the order of time and then of asking."""

import heapq
from collections.abc import Callable
from typing import Any


class Scheduler:
    """Time stands still while a callback runs and jumps to the next one's when it returns."""

    __slots__ = ("_heap", "_sequence", "now")

    def __init__(self) -> None:
        self.now = 0
        self._heap: list[tuple[int, int, Callable[[Any], None], Any]] = []
        self._sequence = 0

    def at(self, time: int, callback: Callable[[Any], None], argument: Any = None) -> None:
        """Call ``callback(argument)`` at ``time``, or now if that is past."""
        self._sequence += 1
        heapq.heappush(self._heap, (max(time, self.now), self._sequence, callback, argument))

    def run(self, until: Callable[[], bool]) -> None:
        """Run until the condition holds after a callback, or nothing is left to run."""
        heap, pop = self._heap, heapq.heappop
        while heap and not until():
            self.now, _, callback, argument = pop(heap)
            callback(argument)
