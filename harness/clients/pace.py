"""Whether the capture delivers as much audio as time passes: if not, its rate or format is another, or it has holes."""

from harness.units import SECOND

WINDOW_US = 4 * SECOND
BAD_WINDOWS = 2
"""One may be a gap that passes, or the burst after it."""
TOLERANCE = 0.2


class Pace:
    """Fed with the length of each chunk and when it came."""

    def __init__(self) -> None:
        self._begin: int | None = None
        self._audio_us = 0
        self._bad = 0

    def chunk(self, duration_us: int, now: int) -> None:
        """A chunk was captured."""
        if self._begin is None:
            self._begin = now
            return
        self._audio_us += duration_us
        passed_us = now - self._begin
        if passed_us >= WINDOW_US:
            is_bad = abs(self._audio_us - passed_us) > TOLERANCE * passed_us
            self._bad = self._bad + 1 if is_bad else 0
            self._begin, self._audio_us = now, 0

    def begin(self) -> None:
        """The capture was opened anew."""
        self._begin, self._audio_us, self._bad = None, 0, 0

    @property
    def wrong(self) -> bool:
        """Whether it is too slow or too fast for too long."""
        return self._bad >= BAD_WINDOWS
