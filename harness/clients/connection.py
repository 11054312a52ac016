"""The connection on the client's side: dialling with backoff, and pings that tell a dead one from a quiet one."""

from harness.clients.settings import ClientSettings
from harness.units import MS


class Redial:
    """Exponential backoff: :attr:`due` is when to dial next."""

    def __init__(self, settings: ClientSettings) -> None:
        self._first_us = settings.reconnect_first_ms * MS
        self._max_us = settings.reconnect_max_ms * MS
        self._timeout_us = settings.dial_timeout_ms * MS
        self._wait_us = self._first_us
        self._dialled_at: int | None = None
        self.due: int | None = None
        self.failures = 0

    def failed(self, now: int) -> None:
        """The connection was lost or could not be made."""
        self.failures += 1
        self._dialled_at = None
        self.due = now + self._wait_us
        self._wait_us = min(self._max_us, 2 * self._wait_us)

    def dialled(self, now: int) -> None:
        """A dial is under way."""
        self.due, self._dialled_at = None, now

    def overdue(self, now: int) -> bool:
        """Whether the dial under way has not been answered in time; the first one counts from the first asking."""
        if self.due is not None:
            return False
        if self._dialled_at is None:
            self._dialled_at = now
        return now - self._dialled_at >= self._timeout_us

    def opened(self) -> None:
        """The connection is open. It may be closed at once, so the next wait is not the first one's yet."""
        self.due = self._dialled_at = None

    def succeeded(self) -> None:
        """The session is up."""
        self.due = self._dialled_at = None
        self.failures = 0
        self._wait_us = self._first_us


class Heartbeat:
    """Pings at an interval; a pong that does not come in time means that the peer is gone."""

    def __init__(self, settings: ClientSettings) -> None:
        self._interval_us = settings.ping_interval_ms * MS
        self._timeout_us = settings.pong_timeout_ms * MS
        self._asked: int | None = None
        self._next: int | None = None

    def start(self, now: int) -> None:
        """The connection opened."""
        self._asked, self._next = None, now + self._interval_us

    def stop(self) -> None:
        """The connection closed."""
        self._asked = self._next = None

    def pong(self) -> None:
        """The peer answered."""
        self._asked = None

    def ping_due(self, now: int) -> bool:
        """Whether to send a ping now; the interval then starts anew."""
        if self._next is None or now < self._next:
            return False
        self._next = now + self._interval_us
        if self._asked is None:
            self._asked = now
        return True

    def lost(self, now: int) -> bool:
        """Whether a pong is overdue."""
        return self._asked is not None and now - self._asked >= self._timeout_us
