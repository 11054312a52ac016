"""What the capture path delivers: whether chunks come, how loud they are, and whether they sound like a voice.

A voice is told from typing by its evenness: most chunks of speech are nearly as loud as its loudest, few of typing are.
Over the shipped recordings, 26 to 40 of 40 chunks of 20 ms for voices, and at most 22 for keyboards.
"""

from collections import deque

from harness.clients.settings import ClientSettings
from harness.units import FULL_SCALE, MS, amplitude

OVER_FLOOR = 4.0
"""Power over the noise floor, 6 dB, that stands out."""
UNDER_LOUDEST = 16.0
"""A chunk within 12 dB of the loudest is nearly as loud."""
VOICE_MINIMUM = (FULL_SCALE * amplitude(-66.0)) ** 2
"""Mean square below which nothing is a voice."""
FLOOR_BUCKET_US = 500 * MS
FLOOR_BUCKETS = 6
"""The noise floor is the least of so many half seconds: an utterance has a gap in them, a steady noise has none."""
WINDOW_MS = 800
VOICED_SHARE = 0.575


class CaptureMonitor:
    """Fed with every chunk before the gate."""

    def __init__(self, settings: ClientSettings) -> None:
        self._gap_us = settings.capture_gap_ms * MS
        self._dead_power = (FULL_SCALE * amplitude(settings.capture_dead_dbfs)) ** 2
        self._dead_us = settings.capture_dead_ms * MS
        self._minima: deque[float] = deque(maxlen=FLOOR_BUCKETS)
        self._bucket_us = 0
        window = max(4, WINDOW_MS // settings.chunk_ms)
        self._powers: deque[float] = deque([0.0] * window, maxlen=window)
        self._voiced_chunks = VOICED_SHARE * window
        self._last_chunk: int | None = None
        self._silent_us = 0
        self.proven = False
        """Whether a chunk louder than the dead level came since the capture was opened."""
        self.voice = False
        """Whether the last :data:`WINDOW_MS` were a voice."""

    def chunk(self, energy: int, samples: int, duration_us: int, assistant_speaking: bool, now: int) -> bool:
        """A chunk with this sum of squares came; gives whether it is part of a voice.

        While the assistant speaks nobody is expected to, so its silence does not count.
        """
        power = energy / samples
        if power >= self._dead_power:
            self._silent_us, self.proven = 0, True
        elif not assistant_speaking:
            self._silent_us += duration_us
        self._last_chunk = now
        floor = self._noise_floor(power, duration_us)
        powers = self._powers
        powers.append(power)
        limit = max(max(powers) / UNDER_LOUDEST, OVER_FLOOR * floor, VOICE_MINIMUM)
        self.voice = sum([power > limit for power in powers]) >= self._voiced_chunks
        return self.voice and power > limit

    def _noise_floor(self, power: float, duration_us: int) -> float:
        """The least power of the last seconds. Digital zeros are no room's noise and do not count."""
        if power > 0:
            if not self._minima or self._bucket_us >= FLOOR_BUCKET_US:
                self._minima.append(power)
                self._bucket_us = 0
            self._minima[-1] = min(self._minima[-1], power)
            self._bucket_us += duration_us
        return min(self._minima, default=0.0)

    def expect(self, now: int) -> None:
        """Chunks are expected from now on, if none has come yet."""
        if self._last_chunk is None:
            self._last_chunk = now

    def stopped(self, now: int) -> bool:
        """No chunk has come for too long."""
        return self._last_chunk is not None and now - self._last_chunk >= self._gap_us

    @property
    def silent(self) -> bool:
        """Chunks come, and none has been louder than the dead level for too long: dead, or a quiet room."""
        return self._silent_us >= self._dead_us

    def begin(self, now: int) -> None:
        """The capture was (re)opened: give it time."""
        self._last_chunk = now
        self._silent_us = 0
        self.proven = False
        self._minima.clear()
