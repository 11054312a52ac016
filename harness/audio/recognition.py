"""Which of the shipped recordings was played: so the server knows the user's words from the audio alone.

No speech recognition: the envelope of what was heard (:mod:`harness.audio.envelope`) is laid over that of every
recording at every lag, and the best fit counts if chance does not explain it. Chance is measured by Fisher's z of the
correlation, with as many independent values as the smoothness of the two envelopes leaves (Bartlett). Blocks without
any sound are left out: a client's gate may have put zeros there.

A turn may hold a part of a recording, or several. Of a part, the words are those whose place falls into it if words
are spread over the labelled speech by their length: approximate, to a word or so, but for pauses, where they are known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..units import FULL_SCALE, MS, amplitude
from .clips import Clip, clip_names, load_clip
from .envelope import BLOCK_US, Energies, Envelope, band_energies
from .formats import SAMPLE_RATE_HZ, Samples

_MIN_BLOCKS = 20
"""Less sound than this, 200 ms, is not compared."""
_MIN_SPEECH_US = 200 * MS
"""The part of a recording that is recognised must hold so much labelled speech: pauses and onsets are all alike."""
_MIN_CORRELATION = 0.75
_MIN_Z = 4.5
"""What chance may reach. Of clean pieces of a second, from any place, at least 95 % pass, and of such as were gated or
came by telephone from a noisy room 70 %; none was taken for another recording (``tests/audio/test_recognition.py``)."""

_FLOOR = 60.0
"""LSB² that are added to every energy: differences below it do not count."""
_RANGE_DB = 35.0
"""Of each band, so much below its loudest blocks counts."""
_SOUND_DB = 32.0
"""Sound begins and ends so much below its loudest block."""
_QUIET = (FULL_SCALE * amplitude(-57.0)) ** 2
"""LSB² below which nothing is a sound of its own."""
_NOTHING = (FULL_SCALE * amplitude(-70.0)) ** 2
"""LSB² below which a block is taken for gated; A-law cannot write less than 8 LSB."""
_CANDIDATES = 3
"""Lags of each recording that are compared closely."""
_APART = 15
"""Blocks between two such lags."""
_FEWEST_LAG_BLOCKS = 15
_LOUD_PERCENT = 97
_PAUSE_LETTERS = 5.0
"""A mark of punctuation may be so many letters farther from a pause than another end of a word."""

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording within a stretch of sound."""

    clip: str
    at_us: int
    """Where the recording begins in the stretch; negative if its beginning is missing."""
    from_us: int
    until_us: int
    """The part of the recording that was heard."""
    words: str | None
    """The words of that part: all of the transcript if all labelled speech was heard. None if they are not known."""


class Recogniser:
    """The recordings in a stream of samples. Keeps a minute of envelope, and compares only in :meth:`words`."""

    def __init__(self) -> None:
        self._envelope = Envelope()

    def hear(self, samples: Samples, rate_hz: int) -> None:
        """More samples, int16, at a multiple of 8 000 Hz."""
        self._envelope.push(samples, rate_hz)

    def words(self) -> str | None:
        """The words since :meth:`forget`, in order; None if no recording with known words was heard."""
        known = [heard.words for heard in recognise(self._envelope.energies()) if heard.words]
        return " ".join(known) or None

    def forget(self) -> None:
        """Start again with nothing."""
        self._envelope.clear()


def recognise(energies: Energies) -> tuple[Heard, ...]:
    """The recordings that a stretch of sound holds, in order."""
    return tuple(_recognise(energies, 0))


def _recognise(energies: Energies, offset: int) -> Iterator[Heard]:
    first, last = _sound(energies)
    heard = energies[first:last]
    here = heard.sum(axis=1) > _NOTHING
    if np.count_nonzero(here) < _MIN_BLOCKS:
        return
    shape = np.zeros_like(heard)
    shape[here] = _shape(heard[here])
    fit = max((_fit(shape, here, *each) for each in _candidates(shape)), key=lambda fit: fit.z, default=None)
    if fit is None or fit.z < _MIN_Z:
        return
    begin, end = max(0, fit.lag), min(len(heard), fit.lag + len(fit.template.shape))
    yield from _recognise(heard[:begin], offset + first)
    at = offset + first + fit.lag
    part = (begin - fit.lag) * BLOCK_US, (end - fit.lag) * BLOCK_US
    yield Heard(fit.template.clip.name, at * BLOCK_US, *part, words_within(fit.template.clip, *part))
    yield from _recognise(heard[end:], offset + first + end)


def words_within(clip: Clip, from_us: int, until_us: int) -> str | None:
    """The words of a part of a recording, None if its transcript is not known.

    A word belongs to the part that holds its middle; see :func:`word_middles_us`.
    """
    if clip.transcript is None:
        return None
    words = zip(clip.transcript.split(), word_middles_us(clip), strict=True)
    return " ".join(word for word, middle_us in words if from_us <= middle_us < until_us)


def word_middles_us(clip: Clip) -> list[float]:
    """Where the middle of each word is, roughly: a word takes its share of the speech by its letters.

    Speech that was labelled apart is parted by a pause, so words end there: at a mark of punctuation if one is near.
    """
    words = (clip.transcript or "").split()
    ends = np.cumsum([0, *(len(word) + 1 for word in words)])
    breaks = _breaks(clip, words, ends)
    middles: list[float] = []
    for (start, end), first, last in zip(clip.speech_us, breaks, breaks[1:], strict=False):
        letters = ends[first : last + 1] - ends[first]
        places = (letters[:-1] + letters[1:]) / 2 / max(1, letters[-1])
        middles += [start + float(place) * (end - start) for place in places]
    return middles


def _breaks(clip: Clip, words: list[str], ends: npt.NDArray[np.int64]) -> list[int]:
    """How many words have been said by each pause: none at first, all at last, and one more at least each time."""
    marks = np.array([0.0, *(_PAUSE_LETTERS if word[-1] in ".,:;!?" else 0.0 for word in words)])
    letters_per_us = ends[-1] / sum(end - start for start, end in clip.speech_us)
    breaks, spoken_us = [0], 0
    for start, end in clip.speech_us[:-1]:
        spoken_us += end - start
        misses = (np.abs(ends - spoken_us * letters_per_us) - marks)[breaks[-1] + 1 :]
        breaks.append(breaks[-1] + 1 + int(np.argmin(misses)) if misses.size else len(words))
    return [*breaks, len(words)]


# --- shapes -----------------------------------------------------------------------------------------------------------


def _sound(energies: Energies) -> tuple[int, int]:
    """The first block of any sound, and the block after the last."""
    levels = energies.sum(axis=1)
    if not levels.size:
        return 0, 0
    loud = np.flatnonzero(levels > max(_QUIET, levels.max() / 10 ** (_SOUND_DB / 10)))
    return (int(loud[0]), int(loud[-1]) + 1) if loud.size else (0, 0)


def _shape(energies: Energies) -> _Floats:
    """Levels in dB around the mean of each band: how loud it all was does not matter."""
    levels = 10 * np.log10(energies + _FLOOR)
    levels = np.maximum(levels, np.percentile(levels, _LOUD_PERCENT, axis=0) - _RANGE_DB)
    return np.asarray(levels - levels.mean(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class _Template:
    """A recording, ready to be compared."""

    clip: Clip
    shape: _Floats
    squares: _Floats
    """Cumulative squares of the shape, from 0."""


@lru_cache(maxsize=1)
def _templates() -> tuple[_Template, ...]:
    clips = [load_clip(name) for name in clip_names()]
    spoken = [clip for clip in clips if clip.speech_us]
    shapes = [_shape(band_energies(clip.samples, SAMPLE_RATE_HZ)) for clip in spoken]
    return tuple(_Template(clip, shape, _cumulative(shape)) for clip, shape in zip(spoken, shapes, strict=True))


@lru_cache(maxsize=4)
def _spectra(size: int) -> npt.NDArray[np.complex128]:
    """Conjugate spectra of all recordings at this transform size: (recordings, bins, bands)."""
    return np.stack([np.fft.rfft(template.shape, size, axis=0).conj() for template in _templates()])


def _cumulative(shape: _Floats) -> _Floats:
    return np.concatenate([[0.0], np.cumsum(np.square(shape).sum(axis=1))])


# --- fits -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """How well a recording explains what was heard, with its start ``lag`` blocks after the sound's."""

    template: _Template
    lag: int
    z: float


def _candidates(heard: _Floats) -> Iterator[tuple[_Template, int]]:
    """The best lags of each recording by plain correlation, weighted by how much of it overlaps."""
    count = len(heard)
    longest = max(len(template.shape) for template in _templates())
    size = 1 << (count + longest - 1).bit_length()
    spectrum = np.fft.rfft(heard, size, axis=0)
    products = np.fft.irfft(np.einsum("fb,rfb->rf", spectrum, _spectra(size)), size, axis=1)
    squares = _cumulative(heard)
    for template, product in zip(_templates(), products, strict=True):
        length = len(template.shape)
        lags = np.arange(_FEWEST_LAG_BLOCKS - length, count - _FEWEST_LAG_BLOCKS + 1)
        begin, end = np.maximum(lags, 0), np.minimum(lags + length, count)
        energy = (squares[end] - squares[begin]) * (template.squares[end - lags] - template.squares[begin - lags])
        score = product[lags % size] * np.sqrt((end - begin) / (energy + 1.0))
        for _ in range(_CANDIDATES):
            best = int(score.argmax())
            yield template, int(lags[best])
            score[max(0, best - _APART) : best + _APART + 1] = -np.inf


def _fit(heard: _Floats, here: npt.NDArray[np.bool_], template: _Template, lag: int) -> _Fit:
    begin, end = max(0, lag), min(len(heard), lag + len(template.shape))
    there = here[begin:end]
    one = heard[begin:end][there]
    other = template.shape[begin - lag : end - lag][there]
    count = len(one)
    if count < _MIN_BLOCKS or _spoken_us(template.clip, begin - lag, end - lag) < _MIN_SPEECH_US:
        return _Fit(template, lag, 0.0)
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    power, other_power = np.square(one).sum(), np.square(other).sum()
    correlation = float((one * other).sum() / np.sqrt(power * other_power + 1.0))
    if correlation < _MIN_CORRELATION:
        return _Fit(template, lag, 0.0)
    smoothness = _neighbours(one) / power * _neighbours(other) / other_power
    independent = count * (1 - smoothness) / (1 + smoothness)
    return _Fit(template, lag, float(np.arctanh(min(correlation, 0.9999)) * np.sqrt(max(0.0, independent))))


def _spoken_us(clip: Clip, begin: int, end: int) -> int:
    """Labelled speech between two blocks of a recording."""
    return sum(max(0, min(until, end * BLOCK_US) - max(at, begin * BLOCK_US)) for at, until in clip.speech_us)


def _neighbours(shape: _Floats) -> float:
    """Sum of the products of neighbouring blocks."""
    return float((shape[1:] * shape[:-1]).sum())
