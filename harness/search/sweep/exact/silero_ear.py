"""Silero v6.2 over the audio of one recorded session with many masks.

Rows whose masks were the same so far are one stream of the net; they part where their masks part. A row is left as soon
as its automaton says something else than the recorded one, since what follows for it is not this run.
"""

import hashlib
import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ....audio.formats import SAMPLE_RATE_HZ
from ....audio.resampling import EXACT_SCALE, FILTER, resample_exactly
from ....vad import silero
from ....vad.silero_batch import CLOSE, States, driven, new_states, step
from ....vad.turn import TurnDetector
from .gating import Mask
from .parting import SPEECH_PROBABILITY, Frames, Parting, Thresholds, automata, follow, settings_at
from .recording import HeardSession, Recording, WrongModel

_RATE_HZ = 16_000
_FRAME, _CONTEXT = 512, 64
_ROUNDED = 1e-4
"""The detector rounds to this before a probability meets a threshold."""
_MOST_IN_A_FRAME = 62
"""Which of the chunks of a frame were sent is one number."""
_KEPT_WINDOWS = 200_000
_ENCODED_AT_ONCE = 2_048

_Floats32 = NDArray[np.float32]


class _Encoded:
    """Windows of 576 samples that were encoded, in all runs: their share of the gates, by their bytes."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._drive: _Floats32 = np.empty((1024, 512), np.float32)

    def numbers(self, windows: _Floats32) -> NDArray[np.int64]:
        """``[windows]`` numbers of ``[windows, 576]``, for :meth:`drive`."""
        if len(self._numbers) > _KEPT_WINDOWS:
            self._numbers.clear()
        keys = [_bytes_of(window) for window in windows]
        new = {key: place for place, key in enumerate(keys) if key not in self._numbers}
        if new:
            first = len(self._numbers)
            while first + len(new) > len(self._drive):
                self._drive = np.concatenate([self._drive, np.empty_like(self._drive)])
            self._drive[first : first + len(new)] = driven(silero.encode(windows[list(new.values())]))
            self._numbers.update({key: first + number for number, key in enumerate(new)})
        return np.array([self._numbers[key] for key in keys], np.int64)

    def drive(self, numbers: NDArray[np.int64]) -> _Floats32:
        """``[windows, 512]``"""
        return self._drive[numbers]


def _bytes_of(window: _Floats32) -> bytes:
    """What stands for a window: its bytes."""
    return hashlib.blake2b(window.tobytes(), digest_size=16).digest()


@lru_cache(maxsize=1)
def _encoded() -> _Encoded:
    return _Encoded()


@dataclass(slots=True)
class _Streams:
    """The streams of the net: each is that of all rows with the same masks so far."""

    states: States
    automata: list[tuple[TurnDetector, ...] | None]
    """Of each stream; None: where the recorded ones are."""


@dataclass(slots=True)
class _Found:
    partings: list[Parting | None]
    frames: list[int] = field(default_factory=list)
    speech: list[NDArray[np.bool_]] = field(default_factory=list)


class SileroEar:
    """See :class:`harness.search.sweep.exact.ears.EarModel`."""

    def __init__(self, recording: Recording, stream: HeardSession) -> None:
        self._stream = stream
        self._automata = automata(stream)
        self._thresholds = [Thresholds(each) for each in self._automata]
        self._recorded = np.array(stream.turn.probabilities)
        self._chunks = np.array([arrival.chunk for arrival in stream.arrivals], np.int64)
        sizes = [recording.sizes[chunk] for chunk in self._chunks]
        self._ends = np.cumsum(sizes)
        self._audible = np.array([recording.peaks[chunk] > 0 for chunk in self._chunks], np.bool_)
        self._reach()
        self._resample(recording)
        self._edges = sorted(self._edges_of())

    def _reach(self) -> None:
        """Which chunks bear on each frame: ``first`` to ``last`` of those that arrived."""
        margin = FILTER.zero_crossings * SAMPLE_RATE_HZ // _RATE_HZ + 2
        frames = np.arange(self._stream.frames)
        begin = (frames * _FRAME - _CONTEXT) * SAMPLE_RATE_HZ // _RATE_HZ - margin
        end = (frames + 1) * _FRAME * SAMPLE_RATE_HZ // _RATE_HZ + margin
        last = len(self._ends) - 1
        self._first = np.minimum(np.searchsorted(self._ends, np.maximum(0, begin), side="right"), last)
        self._last = np.minimum(np.searchsorted(self._ends, end, side="left"), last)
        self._width = int((self._last - self._first).max(initial=0)) + 1
        if self._width > _MOST_IN_A_FRAME:
            raise WrongModel("too many chunks bear on one frame")

    def _resample(self, recording: Recording) -> None:
        """``[width, samples]``: each chunk alone, in the row of its number modulo ``width``."""
        length = int(self._ends[-1])
        rows = []
        for row in range(self._width):
            alone = np.zeros(length, np.int16)
            for place in range(row, len(self._chunks), self._width):
                begin = self._ends[place - 1] if place else 0
                alone[begin : self._ends[place]] = recording.samples(self._chunks[place])
            rows.append(np.concatenate([np.zeros(_CONTEXT), resample_exactly(alone, SAMPLE_RATE_HZ, _RATE_HZ)]))
        self._parts = np.stack(rows)

    def _edges_of(self) -> set[float]:
        """The probabilities at which rounding takes one across a threshold."""
        thresholds = {SPEECH_PROBABILITY}
        for automaton in (self._stream.turn, self._stream.shadow):
            for _, settings in automaton.configured:
                thresholds |= {settings.threshold, settings.low_threshold}
        return {math.ceil(each / _ROUNDED - 1e-6) * _ROUNDED - _ROUNDED / 2 for each in thresholds}

    def frames(self, masks: Mask) -> Frames:
        """See :meth:`harness.search.sweep.exact.ears.EarModel.frames`."""
        rows = len(masks)
        sent = masks[:, self._chunks] & self._audible
        codes, numbers = self._windows(sent)
        found = _Found([None] * rows)
        alive = np.arange(rows)
        group = np.zeros(rows, np.int64)
        streams = _Streams(new_states(1), [None])
        for frame in range(self._stream.frames):
            code = codes[frame]
            if code is not None:
                key = group * len(numbers[frame]) + code[alive]
                if not (key == key[0]).all() or len(streams.automata) > 1:
                    kinds, group = np.unique(key, return_inverse=True)
                    parents = kinds // len(numbers[frame])
                    streams.states = streams.states.of(parents)
                    streams.automata = [_copied(streams.automata[parent]) for parent in parents.tolist()]
                    of_group = numbers[frame][kinds % len(numbers[frame])]
                else:
                    of_group = numbers[frame][code[alive[:1]]]
            else:
                of_group = np.broadcast_to(numbers[frame], len(streams.automata))
            streams.states, probabilities = step(streams.states, _encoded().drive(of_group))
            base = int(group[0])
            self._check(frame, probabilities[base])
            gone = self._judge(frame, probabilities, base, streams, found, alive, group)
            if gone:
                keep = ~np.isin(group, list(gone))
                alive, group = alive[keep], group[keep]
                left, group = np.unique(group, return_inverse=True)
                streams.states = streams.states.of(left)
                streams.automata = [streams.automata[each] for each in left.tolist()]
        speech = np.array(found.speech).T if found.speech else np.zeros((rows, 0), np.bool_)
        return Frames(np.array(found.frames, np.int64), speech, found.partings)

    def _check(self, frame: int, probability: float) -> None:
        if abs(probability - self._recorded[frame]) > _ROUNDED / 2 + CLOSE:
            raise WrongModel("the model of the ear is wrong")

    def _judge(
        self,
        frame: int,
        probabilities: NDArray[np.float64],
        base: int,
        streams: _Streams,
        found: _Found,
        alive: NDArray[np.int64],
        group: NDArray[np.int64],
    ) -> set[int]:
        """Step the automata of the streams that are elsewhere than the recorded ones; the streams that part here."""
        count = len(probabilities)
        if count == 1:
            return set()
        rounded = np.round(probabilities, 4)
        rounded[base] = self._recorded[frame]
        doubtful = np.zeros(count, np.bool_)
        for edge in self._edges:
            doubtful |= np.abs(probabilities - edge) < CLOSE
        doubtful[base] = False
        speech = rounded >= SPEECH_PROBABILITY
        if (speech != speech[base]).any():
            of_rows = np.full(len(found.partings), speech[base])
            of_rows[alive] = speech[group]
            found.frames.append(frame)
            found.speech.append(of_rows)
        off = np.zeros(count, np.bool_)
        for thresholds in self._thresholds:
            classes = thresholds.classes(rounded, frame)
            off |= classes != classes[base]
        partings: dict[int, Parting] = {}
        for stream in range(count):
            if doubtful[stream]:
                partings[stream] = ("doubtful", frame, stream)
            elif off[stream] or streams.automata[stream] is not None:
                parting = self._step(frame, float(rounded[stream]), streams, stream)
                if parting is not None:
                    partings[stream] = parting
        for row, stream in zip(alive.tolist(), group.tolist(), strict=True) if partings else ():
            if stream in partings:
                found.partings[row] = partings[stream]
        return set(partings)

    def _step(self, frame: int, probability: float, streams: _Streams, stream: int) -> Parting | None:
        own = streams.automata[stream]
        if own is None:
            own = tuple(TurnDetector(settings_at(each, frame)) for each in self._automata)
            for other, automaton in zip(own, self._automata, strict=True):
                other.restore(automaton.before[frame])
        else:
            for other, automaton in zip(own, self._automata, strict=True):
                follow(automaton, other, frame)
        is_back = True
        for number, (other, automaton) in enumerate(zip(own, self._automata, strict=True)):
            said = other.step(probability)
            if said != automaton.said[frame]:
                return number, frame, type(said).__name__
            after = automaton.before[frame + 1] if frame + 1 < len(automaton.before) else None
            is_back = is_back and other.snapshot() == after and not self._changes(frame + 1)
        streams.automata[stream] = None if is_back else own
        return None

    def _changes(self, frame: int) -> bool:
        """Whether something is done with the recorded automata before a frame."""
        return any(frame in each.resets or any(at == frame for at, _ in each.configured) for each in self._automata)

    def _windows(self, sent: Mask) -> tuple[list[NDArray[np.int64] | None], list[NDArray[np.int64]]]:
        """For each frame: which of its windows each row has (None: there is one), and the numbers of the windows."""
        varying = np.concatenate([[0], np.cumsum((sent != sent[0]).any(axis=0))])
        codes: list[NDArray[np.int64] | None] = []
        windows: list[_Floats32] = []
        counts: list[int] = []
        numbers: list[NDArray[np.int64]] = []
        for frame, (first, last) in enumerate(zip(self._first.tolist(), self._last.tolist(), strict=True)):
            if varying[last + 1] == varying[first]:
                codes.append(None)
                patterns = sent[:1, first : last + 1]
            else:
                bits = sent[:, first : last + 1]
                key = bits @ (1 << np.arange(last + 1 - first))
                _, place, code = np.unique(key, return_index=True, return_inverse=True)
                codes.append(code)
                patterns = bits[place]
            windows.append(self._audio(frame, first, patterns))
            counts.append(len(patterns))
            if sum(counts) >= _ENCODED_AT_ONCE or frame + 1 == self._stream.frames:
                found = _encoded().numbers(np.concatenate(windows))
                numbers += np.split(found, np.cumsum(counts)[:-1])
                windows, counts = [], []
        return codes, numbers

    def _audio(self, frame: int, first: int, patterns: Mask) -> _Floats32:
        """``[patterns, 576]`` samples of a frame, of which only the chunks of each pattern are no zeros."""
        begin = frame * _FRAME
        audio = self._parts[:, begin : begin + _CONTEXT + _FRAME]
        order = (first + np.arange(patterns.shape[1])) % self._width
        sums = patterns.astype(np.float64) @ audio[order]
        return np.asarray(sums * EXACT_SCALE, np.float32)


def _copied(own: tuple[TurnDetector, ...] | None) -> tuple[TurnDetector, ...] | None:
    """Automata of a stream that has come of another one."""
    if own is None:
        return None
    copies = tuple(TurnDetector(each.settings) for each in own)
    for copy, each in zip(copies, own, strict=True):
        copy.restore(each.snapshot())
    return copies
