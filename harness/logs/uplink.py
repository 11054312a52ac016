"""What the client of a log appended: how much, when, how loud it was, and what of it is speech.

The server's clock is appended audio, so a place in it is the same place in ``audio_start_ms`` and ``audio_end_ms``.
Speech is what the detector hears that matches recordings of the service (:mod:`harness.vad.silero`).
"""

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..audio.formats import AudioFormat
from ..audio.resampling import resample
from ..units import FULL_SCALE, MS, SECOND
from ..vad import silero
from ..vad.detector import FRAME_MS
from ..vad.turn import SpeechStarted, SpeechStopped, TurnDetector, TurnSettings
from .logged import LoggedEvent

_EAR_HZ = 16_000
_SHORTEST_MS = 200
"""Shorter speech is a cough."""
_MARGIN_MS = 150
_PAUSE_MS = 480
"""A silence of this length ends what was said."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the appended audio, in milliseconds of it."""

    begin_ms: int
    end_ms: int
    ended: bool = True
    """False: it goes on at the end of the log."""

    def overlaps(self, begin_ms: float, end_ms: float) -> bool:
        """Whether it has anything in common with another part."""
        return self.begin_ms <= end_ms and begin_ms <= self.end_ms


@dataclass(frozen=True, slots=True)
class Append:
    """One append: where it begins in the appended audio, its length, and when it was sent."""

    begin_ms: float
    length_ms: float
    t: int
    index: int
    """Of its event in the session."""


_HEARD: dict[bytes, tuple[Stretch, ...]] = {}
"""What was heard in the last sounds, by their digests: the same audio is asked about in several ways."""
_MOST_HEARD = 8
_LISTENED_FRAMES = 10 * 60 * 1000 // FRAME_MS
"""The last ten minutes are listened to: what was said last is in them, and memory stays bounded."""
_BLOCK_FRAMES = 1024


class AppendedAudio:
    """The appended audio of one session."""

    def __init__(self, events: tuple[LoggedEvent, ...], times: list[int], kind: AudioFormat) -> None:
        self._kind = kind
        self._audio: list[bytes | memoryview] = []
        self.pieces: list[Append] = []
        """All appends."""
        self.knows_lengths = True
        self.has_audio = False
        """Whether the log has the audio of all that was appended."""
        position = 0.0
        lacks = 0
        for index, (each, t) in enumerate(zip(events, times, strict=True)):
            if each.type != "input_audio_buffer.append" or not each.by_client:
                continue
            size = len(each.audio) if each.audio is not None else each.audio_bytes
            length = 0.0 if size is None else kind.duration_us(size) / MS
            self.knows_lengths &= size is not None
            lacks += each.audio is None and size != 0
            self._audio.append(each.audio or b"")
            self.pieces.append(Append(position, length, t, index))
            position += length
        self.total_ms = position
        self.has_audio = bool(self.pieces) and not lacks
        self.knows_lengths &= bool(self.pieces)
        self._begins = [piece.begin_ms for piece in self.pieces]

    def piece_at(self, at_ms: float) -> Append | None:
        """The append that carried this place of the audio."""
        return self.pieces[max(0, bisect_right(self._begins, at_ms) - 1)] if self.pieces else None

    def time_of(self, at_ms: float) -> int:
        """When this place of the audio was sent, in microseconds; 0 without appends."""
        piece = self.piece_at(at_ms)
        return piece.t if piece is not None else 0

    @property
    def keeps_time(self) -> bool:
        """Whether the lengths of the appends fit the times at which they were sent.

        Not so if the log's lengths are those of base64, or its times those at which it was written.
        """
        if not self.knows_lengths:
            return False
        took = self.pieces[-1].t - self.pieces[0].t
        return self.total_ms * MS <= 1.2 * took + 2 * SECOND

    # --- what it sounds like ---

    @cached_property
    def samples(self) -> NDArray[np.int16]:
        """All of it at the format's rate; an incomplete sample at an append's end is left out."""
        size = self._kind.bytes_per_sample
        whole = [audio[: len(audio) - len(audio) % size] for audio in self._audio]
        self._audio = []  # an hour is 170 MB
        return self._kind.decode(b"".join(whole))

    @cached_property
    def levels(self) -> NDArray[np.float64]:
        """``[frames, 2]``: RMS and peak of each 32 ms, in LSB."""
        size = self._kind.rate_hz * FRAME_MS // 1000
        count = len(self.samples) // size
        framed = self.samples[: count * size].reshape(count, size)
        found = np.zeros((count, 2))
        for begin in range(0, count, _BLOCK_FRAMES):
            block = framed[begin : begin + _BLOCK_FRAMES].astype(np.float64)
            found[begin : begin + _BLOCK_FRAMES, 0] = np.sqrt(np.mean(block**2, axis=1))
            found[begin : begin + _BLOCK_FRAMES, 1] = np.abs(block).max(axis=1)
        return found

    def frames(self, begin_ms: float, end_ms: float) -> NDArray[np.float64]:
        """The levels between two places."""
        return self.levels[int(max(0, begin_ms)) // FRAME_MS : int(max(0, end_ms)) // FRAME_MS]

    @cached_property
    def speeches(self) -> list[Stretch]:
        """What is speech in the last ten minutes of it."""
        key = hashlib.blake2b(np.ascontiguousarray(self.samples).data, key=self._kind.name.encode()).digest()
        if key not in _HEARD:
            if len(_HEARD) >= _MOST_HEARD:
                _HEARD.clear()
            _HEARD[key] = self._listen()
        return list(_HEARD[key])

    def _listen(self) -> tuple[Stretch, ...]:
        frame = self._kind.rate_hz * FRAME_MS // 1000
        skipped = max(0, len(self.samples) // frame - _LISTENED_FRAMES)
        heard = resample(self.samples[skipped * frame :], self._kind.rate_hz, _EAR_HZ)
        likely = silero.probabilities(heard.astype(np.float32) / np.float32(FULL_SCALE))
        turns = TurnDetector(TurnSettings(prefix_padding_ms=0, silence_duration_ms=_PAUSE_MS))
        found: list[Stretch] = []
        begin: int | None = None
        for probability in likely:
            event = turns.step(float(probability))
            if isinstance(event, SpeechStarted):
                begin = event.audio_start_ms
            elif isinstance(event, SpeechStopped) and begin is not None:
                found.append(Stretch(begin, max(begin, event.audio_end_ms - _PAUSE_MS)))
                begin = None
        if begin is not None:
            found.append(Stretch(begin, int(self.total_ms) - skipped * FRAME_MS, ended=False))
        offset = skipped * FRAME_MS
        whole = [Stretch(each.begin_ms + offset, each.end_ms + offset, each.ended) for each in found]
        return tuple(each for each in whole if each.end_ms - each.begin_ms >= _SHORTEST_MS)

    def loudest(self, span: Stretch) -> float:
        """The highest RMS in a part, in LSB."""
        return float(self.frames(span.begin_ms, span.end_ms)[:, 0].max(initial=0.0))

    @cached_property
    def longest_gap_us(self) -> int:
        """The longest time between two appends."""
        return max((b.t - a.t for a, b in pairwise(self.pieces)), default=0)

    def repeats_from(self, begin_ms: float) -> bool:
        """Whether at the end one stretch of sound is sent again and again, to the sample, and was not at first."""
        first = self.speeches[0].begin_ms - _MARGIN_MS if self.speeches else 0.0
        return self._repeats(begin_ms, self.total_ms) and not self._repeats(0.0, first)

    def _repeats(self, begin_ms: float, end_ms: float) -> bool:
        rate = self._kind.rate_hz
        last = self.samples[int(begin_ms * rate / 1000) : int(max(0.0, end_ms) * rate / 1000)][-2 * rate :]
        if len(last) < rate // 2 or not last[-rate // 10 :].any():
            return False
        steps = np.arange(rate // 100, len(last) // 2)
        for back in (1, 2, 3, rate // 100, rate // 50):
            steps = steps[last[len(last) - back - steps] == last[-back]]
        return any(np.array_equal(last[step:], last[:-step]) for step in steps.tolist())
