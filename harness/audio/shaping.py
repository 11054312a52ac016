"""The parts of the synthesised sounds: seeded noise, filters, resonances, and scaling to a level.

Everything is computed in float64 and rounded to int16 at the very end, so that last-bit differences of ``sin`` or
the FFT between machines stay far below the rounding step. Amplitudes are relative until the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ..units import FULL_SCALE, SECOND, amplitude
from .formats import SAMPLE_RATE_HZ, Samples

Wave: TypeAlias = npt.NDArray[np.float64]
"""One-dimensional float64 samples at 24 000 Hz, of any scale."""

CYCLE_US = 60 * SECOND
"""A synthesised sound that lasts longer repeats after this, so that it costs no more than this."""


def generator(seed: int) -> np.random.Generator:
    """The generator of a seed (not negative); PCG64 is named so that numpy may change its default."""
    return np.random.Generator(np.random.PCG64(seed))


def seconds(count: int) -> Wave:
    """The time of each of ``count`` samples, in seconds from the first."""
    return np.arange(count) / SAMPLE_RATE_HZ


def band_pass(wave: Wave, low_hz: float, high_hz: float) -> Wave:
    """``wave`` between two frequencies, with slopes of 24 dB (below) and 24 dB (above) per octave."""
    frequency_hz = np.maximum(np.fft.rfftfreq(wave.size, 1 / SAMPLE_RATE_HZ), 1e-3)
    response = 1 / (1 + (low_hz / frequency_hz) ** 4) / (1 + (frequency_hz / high_hz) ** 4)
    return np.fft.irfft(np.fft.rfft(wave) * response, wave.size)


def pink_noise(random: np.random.Generator, count: int) -> Wave:
    """Noise whose power falls by 3 dB per octave above 20 Hz."""
    frequency_hz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ)
    spectrum = np.fft.rfft(random.standard_normal(count)) / np.sqrt(np.maximum(frequency_hz, 20))
    return np.fft.irfft(spectrum, count)


@dataclass(frozen=True, slots=True)
class Resonance:
    """A damped sine: how a body rings."""

    frequency_hz: float
    decay_s: float
    """Time in which the amplitude falls to 1/e."""
    gain: float


def ring(resonances: Iterable[Resonance], random: np.random.Generator, count: int, detune: float = 1.0) -> Wave:
    """The sum of all resonances, excited at the same time, each at a random phase."""
    time_s = seconds(count)
    wave = np.zeros(count)
    for each in resonances:
        phase = 2 * np.pi * (each.frequency_hz * detune * time_s + random.random())
        wave += each.gain * np.sin(phase) * np.exp(-time_s / each.decay_s)
    return wave


def add_at(wave: Wave, piece: Wave, at_s: float) -> None:
    """Add ``piece`` into ``wave`` at a time; what does not fit is lost."""
    start = int(at_s * SAMPLE_RATE_HZ)
    room = wave[start : start + piece.size]
    room += piece[: room.size]


def to_rms(wave: Wave, rms: float) -> Wave:
    """``wave`` scaled to an RMS; silence stays silence."""
    present = float(np.sqrt(np.mean(wave**2))) if wave.size else 0.0
    return wave * (rms / present) if present else wave


def at_level(wave: Wave, level_dbfs: float) -> Samples:
    """int16 samples whose RMS is ``level_dbfs``, clipped to full scale."""
    return quantised(to_rms(wave, amplitude(level_dbfs) * FULL_SCALE))


def at_peak(wave: Wave, peak_lsb: int) -> Samples:
    """int16 samples whose largest magnitude is ``peak_lsb`` (up to 32767); silence stays silence."""
    present = float(np.abs(wave).max()) if wave.size else 0.0
    return quantised(wave * (peak_lsb / present) if present else wave)


def quantised(wave: Wave) -> Samples:
    """``wave``, in LSB, rounded and clipped to int16."""
    return np.clip(np.rint(wave), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
