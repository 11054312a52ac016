"""Captures that no microphone delivers: looped samples, chunks at a wrong rate, clipping, drowning noise."""

from ...audio.chunk import Chunk
from ...audio.formats import SAMPLE_RATE_HZ
from ...units import FULL_SCALE, MS, SECOND, amplitude

_LOOP_PERIOD_US = 2 * SECOND
"""Longer loops are not detected."""
_LOOP_AFTER_US = 4 * SECOND
"""Samples that repeat for this long are a loop."""
_LOOK_UP_EVERY_US = 500 * MS
_SIGNATURE_BYTES = 32
"""16 samples: the noise of any room makes them unlike all others."""
_KEPT_BYTES = 2 * SAMPLE_RATE_HZ * _LOOP_PERIOD_US // SECOND

_RATE_WINDOW_US = 4 * SECOND
_BAD_WINDOWS = 2
"""One may be a gap that ends, or the burst of chunks after it."""
_RATE_TOLERANCE = 0.2

_FLAT_TOP = 1.9
"""The square of the peak over the power: 2 for a pure tone; less only for clipped samples, at any level."""
_CLIPPED_US = 2 * SECOND
"""Clipped audio, less a quarter of the audio that is not clipped: the capture is overdriven, or has an offset."""

_DROWNED = 1000.0
"""A factor of power: a floor 30 dB above the quiet room drowns every voice (wrong bytes, a wrong format, a hum)."""
_DROWNED_ANYWHERE = (FULL_SCALE * amplitude(-18.0)) ** 2
"""A floor of this mean square drowns every voice in any room: no steady noise of a room is as loud as a voice."""
_DROWNED_US = 10 * SECOND


class LoopDetector:
    """Whether the same samples are delivered again and again: a buffer that is looped.

    No microphone delivers the same sound twice: a few samples in a row hardly ever repeat.
    """

    def __init__(self) -> None:
        self._recent = bytearray()
        self._until_look_up_us = _LOOK_UP_EVERY_US
        self._repeated_us = 0

    def chunk(self, pcm: bytes, duration_us: int) -> None:
        """A chunk was captured. One value repeated, such as zeros, is not a loop."""
        self._until_look_up_us -= duration_us
        if self._until_look_up_us <= 0:
            self._until_look_up_us += _LOOK_UP_EVERY_US
            signature = pcm[:_SIGNATURE_BYTES]
            is_repeated = (
                signature != signature[:2] * (len(signature) // 2)
                and self._recent.rfind(signature, max(0, len(self._recent) - _KEPT_BYTES)) >= 0
            )
            self._repeated_us = self._repeated_us + _LOOK_UP_EVERY_US if is_repeated else 0
        self._recent += pcm
        if len(self._recent) > 2 * _KEPT_BYTES:
            del self._recent[:-_KEPT_BYTES]

    def reset(self) -> None:
        """The capture was opened again."""
        self._recent.clear()
        self._repeated_us = 0

    @property
    def is_loop(self) -> bool:
        """Whether the latest audio is a loop."""
        return self._repeated_us >= _LOOP_AFTER_US


class CaptureRate:
    """Whether as much audio is delivered as time passes: if not, the rate or format is wrong, or chunks are missing."""

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
        if passed_us >= _RATE_WINDOW_US:
            is_bad = abs(self._audio_us - passed_us) > _RATE_TOLERANCE * passed_us
            self._bad = self._bad + 1 if is_bad else 0
            self._begin, self._audio_us = now, 0

    def reset(self) -> None:
        """The capture was opened again."""
        self._begin, self._audio_us, self._bad = None, 0, 0

    @property
    def is_wrong(self) -> bool:
        """Whether it was too low or too high for two windows of 4 s."""
        return self._bad >= _BAD_WINDOWS


class Overload:
    """Whether the capture is clipped, or drowned in a steady noise."""

    def __init__(self, dead_power: float) -> None:
        self._dead_power = dead_power
        self._clipped_us = 0
        self._drowned_us = 0

    def chunk(self, captured: Chunk, duration_us: int) -> None:
        """A chunk was captured."""
        energy, count = captured.energy, captured.size
        is_flat = captured.peak * captured.peak * count < _FLAT_TOP * energy and energy >= self._dead_power * count
        is_clipped = is_flat or captured.peak >= FULL_SCALE - 1
        self._clipped_us = max(0, self._clipped_us + (duration_us if is_clipped else -duration_us // 4))

    def floor(self, noise: float, room: float, duration_us: int) -> None:
        """For so long the noise floor was ``noise`` and the quiet room ``room``, as mean squares; 0: not known."""
        is_over_room = noise > max(_DROWNED * room, self._dead_power) and room > 0
        is_drowned = is_over_room or noise > _DROWNED_ANYWHERE
        self._drowned_us = self._drowned_us + duration_us if is_drowned else 0

    def reset(self) -> None:
        """The capture was opened again."""
        self._clipped_us = self._drowned_us = 0

    @property
    def is_clipped(self) -> bool:
        """Whether too much of the latest audio is clipped."""
        return self._clipped_us >= _CLIPPED_US

    @property
    def is_drowned(self) -> bool:
        """Whether the noise has drowned every voice for 10 s."""
        return self._drowned_us >= _DROWNED_US
