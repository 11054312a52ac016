"""What the capture path delivers: whether chunks come, how loud they are, and whether they sound like a voice.

A voice is told from typing by its duty: most 20 ms chunks of speech stand out from the noise floor, few of typing do.
"""

from collections import deque

from harness.clients.settings import ClientSettings
from harness.units import FULL_SCALE, MS, amplitude

VOICE_OVER_FLOOR = 16.0
"""Power over the noise floor, 12 dB."""
VOICE_MINIMUM = (FULL_SCALE * amplitude(-56.0)) ** 2
"""Mean square below which nothing is a voice."""
WINDOW = 40
"""Chunks that the duty is taken over."""
VOICED_IN_WINDOW = 18


class CaptureMonitor:
    """Fed with every chunk before the gate."""

    def __init__(self, settings: ClientSettings) -> None:
        self._gap_us = settings.capture_gap_ms * MS
        self._dead_power = (FULL_SCALE * amplitude(settings.capture_dead_dbfs)) ** 2
        self._dead_us = settings.capture_dead_ms * MS
        self._floor: float | None = None
        self._voiced: deque[bool] = deque([False] * WINDOW, maxlen=WINDOW)
        self._count = 0
        self._last_chunk: int | None = None
        self._silent_us = 0
        self.proven = False
        """Whether a chunk louder than the dead level came since the capture was opened."""
        self.voice = False
        """Whether the last :data:`WINDOW` chunks were a voice."""

    def chunk(self, energy: int, samples: int, duration_us: int, assistant_speaking: bool, now: int) -> bool:
        """A chunk with this sum of squares came; gives whether it stands out like a voice.

        While the assistant speaks nobody is expected to, so its silence does not count.
        """
        power = energy / samples
        if power >= self._dead_power:
            self._silent_us, self.proven = 0, True
        elif not assistant_speaking:
            self._silent_us += duration_us
        self._last_chunk = now
        floor = power if self._floor is None else self._floor
        voiced = power > VOICE_OVER_FLOOR * floor and power > VOICE_MINIMUM
        self._floor = max(1.0, 0.8 * floor + 0.2 * power if power < floor else floor * 1.002)
        self._count += voiced - self._voiced[0]
        self._voiced.append(voiced)
        self.voice = self._count >= VOICED_IN_WINDOW
        return voiced

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
        self._floor = None
