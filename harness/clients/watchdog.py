"""The stuck-VAD watchdog of the report: too long in ``speech_started`` without a change sends ``clear``."""

from harness.units import MS


class Watchdog:
    """Armed by ``speech_started``, disarmed by ``speech_stopped``; fires again and again while nothing changes."""

    def __init__(self, watchdog_ms: int | None) -> None:
        self._period_us = watchdog_ms * MS if watchdog_ms is not None else None
        self.due: int | None = None

    def arm(self, now: int) -> None:
        """Speech started."""
        if self._period_us is not None:
            self.due = now + self._period_us

    def disarm(self) -> None:
        """Speech stopped, or the session ended."""
        self.due = None

    def fires(self, now: int) -> bool:
        """Whether its time has come; it is then armed anew."""
        if self.due is None or now < self.due:
            return False
        self.arm(now)
        return True
