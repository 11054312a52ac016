"""The path of a call through the network, as the client's browser sees it: what it tells the page, and when.

The times were measured in Chromium, with all UDP lost. A browser sends a check each 2.5 s; a page is told nothing of
the first ones that fail.
"""

from typing import Literal

from ..units import MS, SECOND

PathState = Literal["connected", "disconnected", "failed"]

DISCONNECTED_US = 6_300 * MS
"""The state changes so long after the path is lost."""
FAILED_US = 17_600 * MS
"""And so long after, once more."""
BACK_US = 40 * MS
"""The path is back: it is noticed at once, while the browser still checks often."""
BACK_FROM_FAILED_US = 5_600 * MS
"""And so much later, once it has failed."""
SERVER_GIVES_UP_US = 30 * SECOND
"""A server that gets no checks ends the call after this (RFC 7675; measured: 29 to 32 s)."""
CONSENT_EXPIRES_US = 33_400 * MS
"""A network stack whose checks are not answered gives the call up after this (measured in aiortc)."""


class PathWatch:
    """Call :meth:`lost` and :meth:`found` when the path changes, and :meth:`wake` at :attr:`next_wake`."""

    def __init__(self) -> None:
        self.state: PathState = "connected"
        self.server_gone = False
        """Whether the server has ended the call: the path does not come back."""
        self._lost_at: int | None = None
        self._found_at: int | None = None

    @property
    def next_wake(self) -> int | None:
        """When :meth:`wake` must be called next, in microseconds."""
        if self._found_at is not None:
            return None if self.server_gone else self._found_at + self._back_us
        if self._lost_at is None:
            return None
        steps = {"connected": DISCONNECTED_US, "disconnected": FAILED_US, "failed": SERVER_GIVES_UP_US}
        return None if self.server_gone else self._lost_at + steps[self.state]

    def lost(self, now: int) -> None:
        """From now on no packet passes."""
        if self._lost_at is None:
            self._lost_at = now
        self._found_at = None

    def found(self, now: int) -> None:
        """Packets pass again."""
        if self._lost_at is None:
            return
        if self.state == "connected":  # too short to be noticed
            self._lost_at = None
        else:
            self._found_at = now

    def wake(self, now: int) -> PathState | None:
        """The new state, if one is due; :attr:`server_gone` may have changed instead."""
        due = self.next_wake
        if due is None or due > now:
            return None
        if self._found_at is not None:
            self._lost_at = self._found_at = None
            self.state = "connected"
        elif self.state == "connected":
            self.state = "disconnected"
        elif self.state == "disconnected":
            self.state = "failed"
        else:
            self.server_gone = True
            return None
        return self.state

    @property
    def _back_us(self) -> int:
        return BACK_FROM_FAILED_US if self.state == "failed" else BACK_US
