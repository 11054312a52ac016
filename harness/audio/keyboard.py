"""Keyboard noise, with two characters.

* :func:`typing` resembles real recordings (crest 26–34 dB, clicks of about 10 ms, most energy around 3 kHz): each
  key has a contact, a bottoming out, and a release. Silero v6.2 does not take it for speech.
* :func:`thocks` is the same typing on a desk that resonates: low, long sounds. Silero v6.2 does take those for
  speech at its threshold of 0.5, which is how typing comes to raise ``speech_started``.

Unlike a real keyboard, all keys of one seed share one set of resonances, detuned from key to key.
"""

from dataclasses import dataclass

import numpy as np

from ..units import FULL_SCALE, SECOND
from .formats import SAMPLE_RATE_HZ, Samples, sample_count
from .shaping import Resonance, Wave, add_at, at_peak, generator, ring, seconds

_FIRST_KEY_S = 0.05
_ATTACK_S = 0.0003
_DESK_ATTACK_S = 0.01
_SPACE_SHARE = 0.17
_PAUSE_SHARE = 0.06
_ROOM_DECAY_S = 0.03
_ROOM_GAIN = 0.02


@dataclass(frozen=True, slots=True)
class _Board:
    """The resonances of one keyboard: its case and its key plate."""

    case: tuple[Resonance, ...]
    plate: tuple[Resonance, ...]


def _board(random: np.random.Generator) -> _Board:
    case = [Resonance(random.uniform(140, 420), random.uniform(0.004, 0.010), random.uniform(0.15, 0.5)) for _ in "12"]
    plate = [
        Resonance(random.uniform(600, 5500), random.uniform(0.001, 0.005), random.uniform(0.3, 1.2)) for _ in range(10)
    ]
    return _Board(tuple(case), tuple(plate))


def _impact(board: _Board, random: np.random.Generator, length_s: float, *, brightness: float, body: float) -> Wave:
    """One impact: the plate rings, the case sounds as loud as ``body``, a click as loud as ``brightness`` on top."""
    count = int(length_s * SAMPLE_RATE_HZ)
    time_s, detune = seconds(count), random.uniform(0.88, 1.12)
    wave = body * ring(board.case, random, count, detune) + ring(board.plate, random, count, detune)
    click = random.standard_normal(count)
    click[1:] -= 0.85 * click[:-1]
    wave += click * (0.6 * brightness * np.exp(-time_s / 0.0018) + 0.05 * np.exp(-time_s / 0.02))
    return np.asarray(wave * np.minimum(time_s / _ATTACK_S, 1))


def _press(board: _Board, random: np.random.Generator, *, body: float) -> Wave:
    wave = np.zeros(int(0.09 * SAMPLE_RATE_HZ))
    add_at(wave, 0.25 * _impact(board, random, 0.012, brightness=1.2, body=0.0), 0)
    add_at(wave, _impact(board, random, 0.06, brightness=0.8, body=body), random.uniform(0.006, 0.016))
    return wave


def _release(board: _Board, random: np.random.Generator) -> Wave:
    return 0.45 * _impact(board, random, 0.05, brightness=1.3, body=0.15)


def _key_times_s(random: np.random.Generator, duration_s: float, keys_per_s: float) -> list[float]:
    """When keys go down: gamma-distributed intervals, and now and then a pause for thought."""
    times, now = [], _FIRST_KEY_S
    while now < duration_s:
        times.append(now)
        now += random.gamma(6, 1 / (6 * keys_per_s))
        if random.random() < _PAUSE_SHARE:
            now += random.uniform(0.3, 0.8)
    return times


def _loudness(random: np.random.Generator) -> float:
    return float(10 ** (random.normal(0, 2) / 20))


def _in_room(wave: Wave, random: np.random.Generator) -> Wave:
    count = int(4 * _ROOM_DECAY_S * SAMPLE_RATE_HZ)
    tail = random.standard_normal(count) * np.exp(-seconds(count) / _ROOM_DECAY_S)
    size = wave.size + count
    echo: Wave = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(tail, size), size)[: wave.size]
    return wave + echo * float(_ROOM_GAIN / np.sqrt(np.sum(tail**2)))


def typing(duration_us: int, seed: int, *, keys_per_s: float = 6.0, peak_lsb: int = FULL_SCALE // 4) -> Samples:
    """A mechanical keyboard: presses and releases, some 6 keys a second, int16 at 24 000 Hz.

    The seed chooses the keyboard and the typing. The first key goes down after 50 ms; the loudest sample is
    ``peak_lsb``.
    """
    random = generator(seed)
    board = _board(random)
    wave = np.zeros(sample_count(duration_us))
    for time_s in _key_times_s(random, duration_us / SECOND, keys_per_s):
        is_space = random.random() < _SPACE_SHARE
        loudness = _loudness(random) * (1.3 if is_space else 1.0)
        add_at(wave, loudness * _press(board, random, body=1.5 if is_space else 0.8), time_s)
        add_at(wave, loudness * _release(board, random), time_s + random.uniform(0.07, 0.13))
    return at_peak(_in_room(wave, random) if wave.size else wave, peak_lsb)


_DESK = (Resonance(144, 0.055, 1.0), Resonance(326, 0.04, 1.0), Resonance(344, 0.034, 1.0))
"""Three modes of a desk that a keyboard stands on. Of some 400 sets tried these fool Silero v6.2 most reliably."""


def thocks(
    duration_us: int,
    seed: int,
    *,
    desk: tuple[Resonance, ...] = _DESK,
    keys_per_s: float = 6.0,
    peak_lsb: int = FULL_SCALE // 4,
) -> Samples:
    """Key presses that make a desk resonate, int16 at 24 000 Hz; Silero v6.2 takes them for speech.

    The seed chooses the moments, the loudness and the detuning (10 %) of the presses. The loudest sample is
    ``peak_lsb``.
    """
    random = generator(seed)
    wave = np.zeros(sample_count(duration_us))
    longest = int(6 * max(each.decay_s for each in desk) * SAMPLE_RATE_HZ)
    onset = np.minimum(seconds(longest) / _DESK_ATTACK_S, 1)
    for time_s in _key_times_s(random, duration_us / SECOND, keys_per_s):
        add_at(wave, _loudness(random) * onset * ring(desk, random, longest, random.uniform(0.9, 1.1)), time_s)
    return at_peak(wave, peak_lsb)
