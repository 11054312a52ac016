"""What follows from ``speech_started``: whether it is a barge-in, and a watchdog if no ``speech_stopped`` follows."""

from ..units import MS, SECOND
from .gate import mean_square
from .settings import ClientSettings

_RECENT_US = SECOND


class Interruption:
    """Whether ``speech_started`` during assistant audio is a barge-in: only if the captured audio was loud enough."""

    def __init__(self, settings: ClientSettings) -> None:
        self._limit = mean_square(settings.interruption_threshold)
        self._loud_at = -_RECENT_US

    def chunk(self, energy: int, samples: int, now: int) -> None:
        """A chunk was captured while the assistant is believed to speak."""
        if energy >= self._limit * samples:
            self._loud_at = now

    def is_one(self, now: int) -> bool:
        """Whether a chunk of the last second reached the threshold."""
        return now - self._loud_at <= _RECENT_US


class Watchdog:
    """The founding report's watchdog: after ``speech_started``, it fires at an interval until ``speech_stopped``."""

    def __init__(self, watchdog_ms: int | None) -> None:
        self._period_us = watchdog_ms * MS if watchdog_ms is not None else None
        self.due: int | None = None

    def arm(self, now: int) -> None:
        """Speech started."""
        if self._period_us is not None:
            self.due = now + self._period_us

    def disarm(self) -> None:
        """Speech stopped, or the connection ended."""
        self.due = None

    def fires(self, now: int) -> bool:
        """Whether to send ``clear`` now; if so, the interval starts again."""
        if self.due is None or now < self.due:
            return False
        self.arm(now)
        return True
