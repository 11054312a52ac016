"""A client that does not read: one that is only slow is waited for, one that reads nothing at all is cut."""

import asyncio
from collections.abc import Callable


class Unread:
    """Calls ``cut`` once nothing was read for ``patience_s``; ``unread_bytes`` gives how much is still to be read."""

    def __init__(self, patience_s: float, unread_bytes: Callable[[], int], cut: Callable[[], None]) -> None:
        self._patience_s = patience_s
        self._unread_bytes = unread_bytes
        self._cut = cut
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """It has stopped reading."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._patience_s, self._look, self._unread_bytes())

    def stop(self) -> None:
        """It reads again, or is gone."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self, before_bytes: int) -> None:
        if self._unread_bytes() >= before_bytes:
            self._cut()
        else:
            self.start()
