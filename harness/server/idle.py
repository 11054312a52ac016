"""``idle_timeout_ms``: a user who says nothing after an answer is prompted (documented).

The time runs from ``response.done`` plus the length of its audio. It counts appended audio or time itself, as the
policy ``idle_clock`` says; positions are always of appended audio.
"""

from typing import NamedTuple

from ..units import MS


class Idled(NamedTuple):
    """The timeout was reached: positions of ``input_audio_buffer.timeout_triggered``."""

    audio_start_ms: int
    audio_end_ms: int


class IdleTimer:
    """Arm it when an answer was sent; ask :meth:`check` after audio and at :attr:`next_wake`."""

    __slots__ = ("_began_ms", "_plays_until", "_wall")

    def __init__(self) -> None:
        self._plays_until: int | None = None
        self._began_ms: int | None = None
        self._wall = False

    @property
    def armed(self) -> bool:
        """Whether it runs, or will when the answer has been played."""
        return self._plays_until is not None

    def next_wake(self, timeout_ms: int | None) -> int | None:
        """When :meth:`check` is due by time alone."""
        if self._plays_until is None or timeout_ms is None or not self._wall:
            return None
        return self._plays_until + (0 if self._began_ms is None else timeout_ms * MS)

    def arm(self, plays_until: int, *, wall: bool) -> None:
        """An answer was sent that is played until then. ``wall``: time counts, not appended audio."""
        self._plays_until = plays_until
        self._began_ms = None
        self._wall = wall

    def disarm(self) -> None:
        """Somebody spoke, or detection was switched off."""
        self._plays_until = self._began_ms = None

    def check(self, now: int, position_ms: int, timeout_ms: int) -> Idled | None:
        """Whether the timeout has been reached, at this position of appended audio; then it is disarmed."""
        if self._plays_until is None or now < self._plays_until:
            return None
        if self._began_ms is None:
            self._began_ms = position_ms
        waited_us = now - self._plays_until if self._wall else (position_ms - self._began_ms) * MS
        if waited_us < timeout_ms * MS:
            return None
        idled = Idled(self._began_ms, position_ms)
        self.disarm()
        return idled
