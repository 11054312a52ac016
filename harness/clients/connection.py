"""The client's connection: dials with exponential backoff, and pings that tell a dead connection from a quiet one."""

from ..units import MS
from .settings import ClientSettings


class Redial:
    """Exponential backoff between dials: :attr:`due` is when to dial next."""

    def __init__(self, settings: ClientSettings) -> None:
        self._first_us = settings.reconnect_first_ms * MS
        self._max_us = settings.reconnect_max_ms * MS
        self._timeout_us = settings.dial_timeout_ms * MS
        self._wait_us = self._first_us
        self._dialled_at: int | None = None
        self.due: int | None = None
        self.failures = 0
        """Failed dials and lost connections since the last connection that worked."""

    def failed(self, now: int) -> None:
        """The connection was lost or could not be made."""
        self.failures += 1
        self._dialled_at = None
        self.due = now + self._wait_us
        self._wait_us = min(self._max_us, 2 * self._wait_us)

    def dialled(self, now: int) -> None:
        """A dial is under way."""
        self.due, self._dialled_at = None, now

    def is_overdue(self, now: int) -> bool:
        """Whether the dial under way has not been answered in time; the first dial counts from the first call."""
        if self.due is not None:
            return False
        if self._dialled_at is None:
            self._dialled_at = now
        return now - self._dialled_at >= self._timeout_us

    def opened(self) -> None:
        """The connection is open. It may be closed at once, so the wait is not reset yet."""
        self.due = self._dialled_at = None

    def succeeded(self) -> None:
        """The connection works: the next wait is the shortest again."""
        self.due = self._dialled_at = None
        self.failures = 0
        self._wait_us = self._first_us


class Heartbeat:
    """Pings at an interval; a pong that does not arrive in time means that the connection is dead."""

    def __init__(self, settings: ClientSettings) -> None:
        self._interval_us = settings.ping_interval_ms * MS
        self._timeout_us = settings.pong_timeout_ms * MS
        self._pinged_at: int | None = None
        """When the first ping was sent that has no pong yet."""
        self._next: int | None = None

    def start(self, now: int, *, pings: bool = True) -> None:
        """The connection opened. A call has no pings: its browser checks the path, and says so if it is lost."""
        self._pinged_at, self._next = None, now + self._interval_us if pings else None

    def stop(self) -> None:
        """The connection closed."""
        self._pinged_at = self._next = None

    def pong(self) -> None:
        """A pong arrived."""
        self._pinged_at = None

    def missed(self, now: int) -> None:
        """On a call, which has no pings, the browser says that no packet arrives: as a ping without a pong."""
        if self._pinged_at is None:
            self._pinged_at = now

    def ping_due(self, now: int) -> bool:
        """Whether to send a ping now; if so, the interval starts again."""
        if self._next is None or now < self._next:
            return False
        self._next = now + self._interval_us
        if self._pinged_at is None:
            self._pinged_at = now
        return True

    def is_lost(self, now: int) -> bool:
        """Whether a pong is overdue."""
        return self._pinged_at is not None and now - self._pinged_at >= self._timeout_us
