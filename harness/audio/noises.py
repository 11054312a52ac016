"""Noise that is not speech: of the microphone, a fan, a breath, a door. int16 at 24 000 Hz, same seed same samples."""

import numpy as np

from ..units import FULL_SCALE
from .formats import SAMPLE_RATE_HZ, Samples, sample_count
from .shaping import (
    Resonance,
    add_at,
    at_level,
    at_peak,
    band_pass,
    generator,
    pink_noise,
    ring,
    seconds,
    to_rms,
)

_DOOR_AT_S = 0.05
_DOOR_LENGTH_S = 0.8
_DOOR = (
    Resonance(55, 0.12, 1.0),
    Resonance(110, 0.09, 0.7),
    Resonance(190, 0.06, 0.5),
    Resonance(410, 0.03, 0.3),
)


def self_noise(duration_us: int, peak_lsb: int, seed: int) -> Samples:
    """White noise of a microphone without sound, whose largest magnitude is exactly ``peak_lsb`` (0 to 32767)."""
    return at_peak(generator(seed).standard_normal(sample_count(duration_us)), peak_lsb)


def hum(duration_us: int, seed: int, *, level_dbfs: float = -45.0, base_hz: float = 118.0) -> Samples:
    """A fan: six harmonics of ``base_hz`` that waver a little, over the noise of air."""
    random = generator(seed)
    count = sample_count(duration_us)
    if not count:
        return np.zeros(0, np.int16)
    time_s = seconds(count)
    wave = 0.6 * to_rms(band_pass(pink_noise(random, count), 60, 2500), 1.0)
    wavering_s = time_s * (1 + 1e-4 * np.sin(2 * np.pi * 0.3 * time_s))
    for harmonic in range(1, 7):
        wave += np.sin(2 * np.pi * (harmonic * base_hz * wavering_s + random.random())) / harmonic
    return at_level(wave, level_dbfs)


def breathing(duration_us: int, seed: int, *, level_dbfs: float = -46.0, breaths_per_s: float = 0.28) -> Samples:
    """Somebody breathes near the microphone: in for 40 % of a breath, out and softer for 45 %, then rest."""
    random = generator(seed)
    count = sample_count(duration_us)
    if not count:
        return np.zeros(0, np.int16)
    phase = (seconds(count) * breaths_per_s + random.random()) % 1
    breath_in = np.where(phase < 0.4, np.sin(np.pi * phase / 0.4) ** 2, 0)
    breath_out = np.where((phase >= 0.4) & (phase < 0.85), 0.6 * np.sin(np.pi * (phase - 0.4) / 0.45) ** 2, 0)
    air = band_pass(pink_noise(random, count), 300, 5000)
    return at_level(air * (breath_in + breath_out), level_dbfs)


def door(duration_us: int, seed: int, *, peak_lsb: int = 26_000) -> Samples:
    """A door falls shut 50 ms after the start, once; it has rung out 0.8 s later."""
    random = generator(seed)
    count = int(_DOOR_LENGTH_S * SAMPLE_RATE_HZ)
    time_s = seconds(count)
    slam = ring(_DOOR, random, count, random.uniform(0.9, 1.1))
    slam += 0.5 * band_pass(random.standard_normal(count), 100, 3000) * np.exp(-time_s / 0.02)
    slam += 0.1 * band_pass(random.standard_normal(count), 100, 1500) * np.exp(-time_s / 0.18)
    wave = np.zeros(sample_count(duration_us))
    add_at(wave, slam * (min(peak_lsb, FULL_SCALE - 1) / np.abs(slam).max()), _DOOR_AT_S)
    return np.rint(wave).astype(np.int16)
