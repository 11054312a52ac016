"""Whether what is captured is a voice.

A voice differs from typing by its evenness: most chunks of speech are nearly as loud as its loudest, few of typing are.
Over the shipped recordings, 26 to 40 of 40 chunks of 20 ms for voices, and at most 22 for keyboards.

A voice differs from breath, wind and keys by its pitch: it resembles itself 2.5 to 14 ms earlier (70 to 400 Hz). It is
brighter than its pitch alone, because throat and mouth add overtones; a desk that rings from a key press is not. The
sums of the pitch are exact integers, so the result is the same on every machine.
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque

import numpy as np
from numpy.typing import NDArray

from ...audio.formats import SAMPLE_RATE_HZ, Samples
from ...units import FULL_SCALE, MS, amplitude

PIECE_MS = 20
"""The evenness of voices was measured over pieces of this length."""
_WINDOW_MS = 800
_OVER_FLOOR = 4.0
"""A factor of power over the noise floor, 6 dB: as quiet as that, a piece is not loud."""
_UNDER_LOUDEST = 16.0
"""A factor of power, 12 dB: a piece within it is nearly as loud as the loudest."""
_VOICE_MINIMUM = (FULL_SCALE * amplitude(-66.0)) ** 2
"""Nothing below this mean square is a voice."""
_VOICED_SHARE = 0.525
"""The least share of loud pieces in a voice."""
_STEADY_SHARE = 0.65
"""If more than this share of the loud pieces are within 3 dB of the loudest, it is a hum that was switched on."""
_OUTLIERS = 3
"""So many of the loudest pieces do not count for that: there may be a click over the hum."""
_FLOOR_BUCKET_US = 500 * MS
_FLOOR_BUCKETS = 6
"""The noise floor is the least power of so many half seconds: an utterance has gaps in them, steady noise has none."""

_PITCH_EVERY = 3
"""The pitch is computed at every third piece that may be a voice, because it costs time."""
_PITCHES = 8
_PITCHED_SHARE = 0.25
"""The least share of the latest results that are yes in a voice; for breath none are."""
_DECIMATE = 3
"""To 8 kHz: higher frequencies say nothing about a pitch."""
_RATE_HZ = SAMPLE_RATE_HZ // _DECIMATE
_SHORTEST, _LONGEST = _RATE_HZ // 400, _RATE_HZ // 70
"""Periods in samples at 8 kHz."""
_COMPARED = _RATE_HZ // 40
"""25 ms are compared with what was before them."""
_LIKENESS = 0.5
"""The least normalised correlation of a sound that has a pitch."""
_BRIGHTNESS = 0.075
"""The least energy of the differences between neighbouring samples, relative to the sound's own: that of a pure tone at
350 Hz. Over the shipped recordings, the median of every voice is above 0.09; a ringing desk has 0.03 to 0.06."""


class VoiceDetector:
    """Takes pieces of some 20 ms; :attr:`voice` says whether the last 800 ms were a voice."""

    def __init__(self, piece_ms: int) -> None:
        self._minima: deque[float] = deque(maxlen=_FLOOR_BUCKETS)
        self._bucket_us = 0
        window = max(4, _WINDOW_MS // piece_ms)
        self._powers: deque[float] = deque([0.0] * window)
        self._ordered = [0.0] * window
        """The same in ascending order."""
        self._voiced_pieces = _VOICED_SHARE * window
        self._pitch = PitchDetector()
        self._pitched: deque[bool] = deque(maxlen=_PITCHES)
        self._until_pitch = 0
        self.voice = False
        self.noise = 0.0
        """The mean square in LSB² of the steady noise; 0 if it is not known."""

    @property
    def loudest(self) -> float:
        """The mean square of the loudest piece of the last 800 ms."""
        return self._ordered[-1]

    def forget_noise(self) -> None:
        """The capture was opened again."""
        self._minima.clear()
        self.noise = 0.0

    def piece(self, samples: Samples, power: float, duration_us: int) -> bool:
        """Take a piece with this mean square; returns whether it is part of a voice."""
        self._pitch.samples(samples)
        self._learn_noise(power, duration_us)
        floor, ordered = self.noise, self._ordered
        self._powers.append(power)
        del ordered[bisect_left(ordered, self._powers.popleft())]
        insort(ordered, power)
        limit = max(ordered[-1] / _UNDER_LOUDEST, _OVER_FLOOR * floor, _VOICE_MINIMUM)
        loud = len(ordered) - bisect_right(ordered, limit)
        is_even = loud >= self._voiced_pieces and not _is_steady(ordered, loud)
        self.voice = is_even and self._has_pitch(floor)
        if not is_even:
            self._pitched.clear()
            self._until_pitch = 0
        return self.voice and power > limit

    def _has_pitch(self, floor: float) -> bool:
        """Whether enough of the latest pieces had a pitch."""
        if self._until_pitch == 0:
            self._pitched.append(self._pitch.is_pitched(floor))
            self._until_pitch = _PITCH_EVERY
        self._until_pitch -= 1
        return sum(self._pitched) >= max(1.0, _PITCHED_SHARE * len(self._pitched))

    def _learn_noise(self, power: float, duration_us: int) -> None:
        """Its level is the least power of the last seconds. Digital zeros are no noise of a room and do not count."""
        if power <= 0:
            return
        minima = self._minima
        if not minima or self._bucket_us >= _FLOOR_BUCKET_US:
            minima.append(power)
            self._bucket_us = 0
            self.noise = min(minima)
        elif power < minima[-1]:
            minima[-1] = power
            self.noise = min(self.noise, power)
        self._bucket_us += duration_us


def _is_steady(ordered: list[float], loud: int) -> bool:
    """Whether most of the loud pieces are equally loud; all pieces in ascending order."""
    top = ordered[-1 - _OUTLIERS]
    return len(ordered) - bisect_right(ordered, top / 2) > _STEADY_SHARE * loud


class PitchDetector:
    """Takes all captured samples, at almost no cost; :meth:`is_pitched` costs some 80 µs."""

    def __init__(self) -> None:
        self._recent: deque[Samples] = deque()
        self._count = 0

    def samples(self, samples: Samples) -> None:
        """Samples were captured: int16, mono, 24 kHz."""
        self._recent.append(samples)
        self._count += samples.size
        while self._count - self._recent[0].size >= _DECIMATE * (_COMPARED + _LONGEST):
            self._count -= self._recent.popleft().size

    def is_pitched(self, floor: float) -> bool:
        """Whether the last 40 ms have the pitch of a voice, over white noise of mean square ``floor``."""
        count = _DECIMATE * (_COMPARED + _LONGEST)
        if self._count < count:
            return False
        recent = np.concatenate(self._recent)[-count:].astype(np.int64)
        wave = recent.reshape(-1, _DECIMATE).sum(axis=1)
        wave -= wave.sum() // wave.size
        steps = np.diff(wave)
        noise = _DECIMATE * floor * wave.size
        brightness = float((steps * steps).sum()) - 2 * noise
        bright = brightness >= _BRIGHTNESS * (float((wave * wave).sum()) - noise)
        return bright and _likeness(wave) >= _LIKENESS


def _likeness(wave: NDArray[np.int64]) -> float:
    """The greatest normalised correlation of the end of ``wave`` with an earlier part of it, from 0 to 1."""
    end = wave[_LONGEST:]
    products = np.correlate(wave, end, "valid")[: _LONGEST - _SHORTEST + 1].astype(np.float64)
    energies = np.convolve(wave * wave, np.ones(_COMPARED, np.int64), "valid")
    own = float(energies[-1])
    earlier = energies[: _LONGEST - _SHORTEST + 1].astype(np.float64)
    if own == 0:
        return 0.0
    return float((products / np.sqrt(own * np.maximum(earlier, 1.0))).max())
