"""Long work on the event loop in short steps: between two of them, the loop serves all other connections."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator


class PacedWork:
    """Work that is under way or waits; each of its steps should take a few milliseconds at most."""

    def __init__(self, steps: Iterator[None], done: Callable[[], None]) -> None:
        self._steps = iter(steps)
        self._done = done
        self._stepping = self._cancelled = False

    def cancel(self) -> None:
        """End it where it is, and free what it holds; ``done`` is not called."""
        self._cancelled = True
        if not self._stepping:
            self._steps = iter(())

    def step(self) -> bool:
        """Go on by one step; False if it has ended."""
        self._stepping = True
        going_on = False
        try:
            if not self._cancelled:
                next(self._steps)
                going_on = not self._cancelled
        except StopIteration:
            pass
        finally:
            self._stepping = False
        if going_on:
            return True
        self._steps = iter(())
        if not self._cancelled:
            self._done()
        return False


class Pacer:
    """The long work of all connections of a server, in two queues; each turn of the loop takes a step of either.

    One work of a queue is done after the other, so only one large message is inflated at a time.
    """

    def __init__(self) -> None:
        self._large: deque[PacedWork] = deque()
        self._small: deque[PacedWork] = deque()
        self._armed = False

    def begin(self, steps: Iterator[None], done: Callable[[], None]) -> PacedWork:
        """Work through ``steps``, behind all others, then call ``done``."""
        return self._add(self._large, PacedWork(steps, done))

    def pause(self, done: Callable[[], None]) -> PacedWork:
        """Call ``done`` in a later turn, behind all others that pause."""
        return self._add(self._small, PacedWork(iter(()), done))

    def _add(self, queue: deque[PacedWork], work: PacedWork) -> PacedWork:
        queue.append(work)
        self._arm()
        return work

    def _arm(self) -> None:
        if not self._armed:
            self._armed = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._armed = False
        try:
            for queue in (self._small, self._large):
                if queue:
                    work = queue.popleft()
                    if work.step():
                        queue.appendleft(work)
        finally:
            if self._small or self._large:
                self._arm()
