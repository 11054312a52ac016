"""Speech without words: a source–filter voice that speaks random syllables. Every neural VAD takes it for speech.

A buzz at the pitch of the voice goes through three formants that glide from one vowel to another; before most
syllables comes the hiss of a fricative. It is unlike speech in that it has no language, no stops and no
breath.
"""

import numpy as np

from ..units import SECOND
from .formats import SAMPLE_RATE_HZ, Samples, sample_count
from .shaping import CYCLE_US, Wave, at_level, band_pass, generator, seconds, to_rms

_VOWELS_HZ = ((730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240))
"""Formants of a, e, i, o, u. Source: Peterson and Barney (1952), male voices."""
_FORMANT_GAINS = (1.0, 0.3, 0.1)
_PULSE = np.exp(-np.arange(120) / 25)
_FRICATIVE_SHARE = 0.7
_PAUSE_SHARE = 0.12


def _resonate(wave: Wave, frequency_hz: float, bandwidth_hz: float) -> Wave:
    """A two-pole resonator, applied as a multiplication of spectra."""
    radius = np.exp(-np.pi * bandwidth_hz / SAMPLE_RATE_HZ)
    coefficient = 2 * radius * np.cos(2 * np.pi * frequency_hz / SAMPLE_RATE_HZ)
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(2 * wave.size))
    response = (1 - coefficient + radius**2) / (1 - coefficient * delay + radius**2 * delay**2)
    return np.fft.irfft(np.fft.rfft(wave, 2 * wave.size) * response, 2 * wave.size)[: wave.size]


def _buzz(random: np.random.Generator, pitch_hz: float, count: int) -> Wave:
    """Glottal pulses whose pitch sways by 12 %, with a little breath."""
    sway = np.sin(2 * np.pi * (random.uniform(2, 4) * seconds(count) + random.random()))
    cycles = np.cumsum(pitch_hz * (1 + 0.12 * sway)) / SAMPLE_RATE_HZ
    pulses = np.diff(np.floor(cycles), prepend=0.0)
    source = np.convolve(pulses, _PULSE)[:count] + 0.01 * random.standard_normal(count)
    return np.asarray(source - source.mean(), np.float64)


def _vowel(source: Wave, formants_hz: tuple[int, ...]) -> Wave:
    wave = np.zeros(source.size)
    for frequency_hz, gain in zip(formants_hz, _FORMANT_GAINS, strict=True):
        wave += gain * _resonate(source, frequency_hz, 42 + 0.042 * frequency_hz)
    return wave


def _syllable(random: np.random.Generator, pitch_hz: float) -> Wave:
    count = int(random.uniform(0.14, 0.26) * SAMPLE_RATE_HZ)
    source = _buzz(random, pitch_hz, count)
    first, second = (_vowel(source, _VOWELS_HZ[random.integers(len(_VOWELS_HZ))]) for _ in "12")
    glide = np.linspace(0, 1, count)
    envelope = np.sqrt(np.sin(np.pi * glide).clip(0))
    return to_rms((first * (1 - glide) + second * glide) * envelope, 10 ** (random.normal(0, 2) / 20))


def _fricative(random: np.random.Generator) -> Wave:
    count = int(random.uniform(0.04, 0.09) * SAMPLE_RATE_HZ)
    return to_rms(band_pass(random.standard_normal(count), 2500, 9000), 0.25) * np.hanning(count)


def _pause(random: np.random.Generator) -> Wave:
    return np.zeros(int(random.uniform(0.05, 0.15) * SAMPLE_RATE_HZ))


def babble(duration_us: int, seed: int, *, level_dbfs: float = -24.0) -> Samples:
    """A voice at ``level_dbfs`` that babbles without a break longer than 150 ms, int16 at 24 000 Hz.

    The seed chooses the voice's pitch (95 to 230 Hz) and what it says. The pitch falls by a tenth to the end. After
    :data:`harness.audio.shaping.CYCLE_US` it says the same again.
    """
    if duration_us > CYCLE_US:
        return np.resize(babble(CYCLE_US, seed, level_dbfs=level_dbfs), sample_count(duration_us))
    random = generator(seed)
    pitch_hz = random.uniform(95, 230)
    pieces, count, spoken = [np.zeros(0)], sample_count(duration_us), 0
    while spoken < count:
        said = [_fricative(random)] if random.random() < _FRICATIVE_SHARE else []
        said.append(_syllable(random, pitch_hz * (1 - 0.1 * spoken * SECOND / SAMPLE_RATE_HZ / duration_us)))
        if random.random() < _PAUSE_SHARE:
            said.append(_pause(random))
        pieces += said
        spoken += sum(piece.size for piece in said)
    return at_level(np.concatenate(pieces)[:count], level_dbfs)
