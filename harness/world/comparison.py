"""What a client plays, compared with what the server sent: how much of it can be heard, and how much is the answer.

A client usually plays the bytes that it was sent, cut and joined as it likes. If it changes them (a gain, a filter,
another rate), what it plays is looked for in what was sent by its correlation, 100 ms at a time. Both are compared in
the band of a telephone, which every output passes, and without the pitch, which is alike in many vowels.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..audio.formats import FORMATS, PCM24K, SAMPLE_RATE_HZ, AudioFormat, Samples
from ..audio.levels import sum_of_squares
from ..audio.resampling import resample
from ..units import FULL_SCALE, MS, SECOND, amplitude

AUDIBLE_DBFS = -50.0
"""Sound below this level is not heard as an answer: 30 dB under the level at which assistants speak."""
_FRAME_US = 10 * MS
_BLOCK_US = 100 * MS
_ALIKE = 0.6
"""Correlation from which 100 ms are the next part of what was sent."""
_THE_SAME = 0.85
"""Correlation from which they are any other part of it: vowels of another pitch reach 0.7."""
_SMALLEST_DB = 0.5
_LOW_SAMPLES = 40
"""A mean over so many samples holds what is below some 400 Hz."""
_HIGH_SAMPLES = 5
"""A mean over so many samples leaves out what is above some 3 kHz."""
_MOST_MISSES = 10
"""After so many blocks in a row that are nowhere in what was sent, one in so many is still looked for everywhere."""
RECOGNISED_BYTES = 600 * PCM24K.bytes_per_sample * SAMPLE_RATE_HZ
"""So much of what was sent is recognised, ten minutes; of what is older only the length is kept."""
_PROBE_BYTES = 256
"""The first bytes of what is played tell whose it is."""
_CACHED_BYTES = 16 * 1024
"""The spans of longer pieces are not kept: they are seldom played twice, and take much memory."""

TimeSpan = tuple[int, int]
"""Begin and end, in microseconds."""


@dataclass(frozen=True, slots=True)
class PlayedPiece:
    """One queued piece: its length, and its spans that can be heard, counted from its begin (microseconds)."""

    length_us: int
    answer: tuple[TimeSpan, ...]
    """What is recognised as what the server sent."""
    garbled: tuple[TimeSpan, ...]
    """What is not."""
    energy: float = 0.0
    """Of what was recognised but changed: the sum of its squares, and of the same as the server sent it."""
    sent_energy: float = 0.0


_NO_SAMPLES: npt.NDArray[np.float64] = np.zeros(0)


class SentItem:
    """The audio of one item, as the server sent it."""

    __slots__ = (
        "_joined", "_misses", "_next", "_next_byte", "_next_piece", "_next_piece_byte", "_pieces", "_pieces_joined",
        "_recent", "_sums", "_voice", "audible_us", "complete", "format", "response_id", "size",
    )  # fmt: skip

    def __init__(self, response_id: str, audio_format: AudioFormat) -> None:
        self.response_id = response_id
        self.format = audio_format
        self.complete = False
        """Whether the server will send no more of it."""
        self.audible_us = 0
        """How much of it can be heard."""
        self.size = 0
        """Length of what was sent, in bytes."""
        self._pieces: list[bytes] = []
        """As they were sent: most clients play them one by one."""
        self._joined = bytearray()
        """The first of them in one piece, once somebody needs that."""
        self._pieces_joined = 0
        self._next_byte = 0
        """What is played next begins here, if the client plays what it was sent."""
        self._next_piece = self._next_piece_byte = 0
        """A piece, and where it begins."""
        self._voice: npt.NDArray[np.float64] | None = None
        """The same at 24 kHz, in the compared band."""
        self._sums = _NO_SAMPLES
        """The energy of its first samples, by their number."""
        self._next = 0
        self._misses = 0
        self._recent = _NO_SAMPLES
        """What was played last, so that a short piece is compared together with what came before it."""

    @property
    def length_us(self) -> int:
        """Length of what was sent."""
        return self.format.duration_us(self.size)

    def add(self, piece: bytes) -> None:
        """The server sends more."""
        self.size += len(piece)
        self._pieces.append(piece)
        self.audible_us += sum(end - begin for begin, end in audible_spans(piece, self.format.name))
        self._voice = None

    def is_silent(self, begin_us: int, end_us: int) -> bool:
        """Whether between these times it was sent, as digital silence."""
        begin, end = (at * self.format.rate_hz // SECOND * self.format.bytes_per_sample for at in (begin_us, end_us))
        piece = bytes(self._audio[begin:end])
        return len(piece) == end - begin and not self.format.decode(piece).any()

    def forget_voice(self) -> None:
        """Free what is computed anew if it is needed again."""
        self._voice, self._sums = None, _NO_SAMPLES

    def forget(self) -> None:
        """Keep only its length: nothing that is played from now on is recognised as it."""
        self.forget_voice()
        self._pieces, self._joined, self._recent = [], bytearray(), _NO_SAMPLES
        self._next_byte = self._next_piece = self._next_piece_byte = self._pieces_joined = 0

    @property
    def _audio(self) -> bytearray:
        """All of it that is remembered, in one piece."""
        if self._pieces_joined < len(self._pieces):
            for piece in self._pieces[self._pieces_joined :]:
                self._joined += piece
            self._pieces_joined = len(self._pieces)
        return self._joined

    def has(self, piece: bytes) -> bool:
        """Whether the server sent exactly these bytes; nothing is taken to be played."""
        return self._audio.startswith(piece, self._next_byte) or piece in self._audio

    def goes_on_with(self, piece: bytes) -> bool:
        """Whether what was sent goes on with these bytes behind what was played last; nothing is taken to be played."""
        return self._audio.startswith(piece, self._next_byte)

    def holds(self, piece: bytes) -> bool:
        """Whether the server sent exactly these bytes, in one piece or in several."""
        number = self._next_piece
        if self._next_byte == self._next_piece_byte and self._pieces[number : number + 1] == [piece]:
            self._next_piece = number + 1
            self._next_byte = self._next_piece_byte = self._next_byte + len(piece)
            return True
        place = self._next_byte
        if not self._audio.startswith(piece, place):
            place = self._audio.find(piece)
            while place > 0 and place % self.format.bytes_per_sample:
                place = self._audio.find(piece, place + 1)
        if place >= 0:
            self._next_byte = place + len(piece)
        return place >= 0

    def find(self, samples: npt.NDArray[np.float64]) -> tuple[float, float] | None:
        """Where the next part that is played (float64 at 24 kHz, up to 100 ms) sounds like this; None if nowhere.

        The energy of what is played, with what was played before it up to 100 ms, and of the same as it was sent.
        """
        most = _BLOCK_US * SAMPLE_RATE_HZ // SECOND
        self._recent = np.concatenate([self._recent, samples])[-most - _LOW_SAMPLES :]
        block = _voice_band(self._recent)[-most:]
        sent, energy = self._sent(), float(block.dot(block))
        length = block.size
        if sent.size < length or not energy:
            return None
        energies = self._sums[length:] - self._sums[:-length]
        expected = min(max(0, self._next + samples.size - length), energies.size - 1)
        places = [(max(0, expected - length), min(expected + length, energies.size), _ALIKE)]
        if self._misses < _MOST_MISSES or self._misses % _MOST_MISSES == 0:
            places.append((0, energies.size, _THE_SAME))
        for begin, end, limit in places:
            products = np.abs(_correlate(sent[begin : end + length - 1], block))  # inverted, it sounds the same
            alike = products / np.sqrt(np.maximum(energies[begin : begin + products.size] * energy, 1.0))
            best = int(np.argmax(alike))
            if alike[best] >= limit:
                self._next = begin + best + length
                self._misses = 0
                return energy, float(energies[begin + best])
        self._misses += 1
        return None

    def _sent(self) -> npt.NDArray[np.float64]:
        if self._voice is None:
            whole = len(self._audio) - len(self._audio) % self.format.bytes_per_sample
            samples = self.format.decode(bytes(self._audio[:whole]))
            self._voice = _voice_band(_at_24k(samples, self.format).astype(np.float64))
            self._sums = np.concatenate([[0.0], np.cumsum(self._voice * self._voice)])
        return self._voice


class SentAudio:
    """The items of a run that have audio, by item id, and the newest :data:`RECOGNISED_BYTES` of their audio."""

    def __init__(self) -> None:
        self._items: dict[str, SentItem] = {}
        self._held: deque[SentItem] = deque()
        """Those whose audio is remembered, oldest first."""
        self._held_bytes = 0
        self._open: dict[str, SentItem] = {}
        """Those of which the server will send more."""
        self._searched: SentItem | None = None
        """The one in which something that the client has changed was looked for last."""
        self.asked = PCM24K
        """The format that the client asked for last: what it takes all audio for."""

    def add(self, response_id: str, item_id: str, audio_format: AudioFormat, piece: bytes) -> None:
        """The server sends a piece of an item, which may be new."""
        self._begin(response_id, item_id, audio_format).add(piece)
        self._held_bytes += len(piece)
        while self._held_bytes > RECOGNISED_BYTES and len(self._held) > 1:
            oldest = self._held.popleft()
            self._held_bytes -= oldest.size
            oldest.forget()

    def finish(self, response_id: str, item_id: str, audio_format: AudioFormat) -> SentItem:
        """The server will send no more of an item."""
        item = self._begin(response_id, item_id, audio_format)
        item.complete = True
        self._open.pop(item_id, None)
        return item

    def _begin(self, response_id: str, item_id: str, audio_format: AudioFormat) -> SentItem:
        item = self._items.get(item_id)
        if item is None or item.response_id != response_id:
            item = self._items[item_id] = self._open[item_id] = SentItem(response_id, audio_format)
            self._held.append(item)
        return item

    def owner(self, audio: bytes) -> tuple[str, str] | None:
        """The item and the response whose bytes these are, the newest such; None if nobody's are known."""
        probe = audio[:_PROBE_BYTES]
        if probe.count(0) == len(probe):
            return None
        for item_id, item in reversed(self._items.items()):
            if item.has(probe):
                return item_id, item.response_id
        return None

    def item(self, item_id: str) -> SentItem | None:
        """The item, if the server sent audio of it."""
        return self._items.get(item_id)

    def open_items(self, response_id: str) -> list[str]:
        """The items of a response that are not complete."""
        return [item_id for item_id, item in self._open.items() if item.response_id == response_id]

    def asks(self, document: Any) -> None:
        """The client sends the settings of a session or of a response, in any shape."""
        for key in ("audio", "output", "format", "type"):
            if not isinstance(document, dict) or key not in document:
                return
            document = document[key]
        if isinstance(document, str):
            self.asked = FORMATS.get(document, self.asked)

    def played(self, audio: bytes, item_id: str, response_id: str, declared: str | None = None) -> PlayedPiece:
        """Compare what a client plays; ``declared`` is the format that it says it is in."""
        audio_format = self.asked if declared is None else FORMATS[declared]
        whole = audio[: len(audio) - len(audio) % audio_format.bytes_per_sample]
        length_us = audio_format.duration_us(len(whole))
        item = self._items.get(item_id)
        if item is not None and item.response_id != response_id:
            item = None  # played as another response than it is of
        if item is not None and item.format is audio_format and item.holds(audio):
            return PlayedPiece(length_us, audible_spans(whole, audio_format.name), ())
        spans = audible_spans(whole, audio_format.name)
        if item is None or not spans:
            return PlayedPiece(length_us, (), spans)
        if self._searched is not None and self._searched is not item:
            self._searched.forget_voice()
        self._searched = item
        samples = _at_24k(audio_format.decode(whole), audio_format).astype(np.float64)
        return _search(item, samples, spans, length_us)

    def samples(self, audio: bytes, declared: str | None = None) -> Samples:
        """What a client plays, as int16 at 24 kHz."""
        audio_format = self.asked if declared is None else FORMATS[declared]
        whole = audio[: len(audio) - len(audio) % audio_format.bytes_per_sample]
        return _at_24k(audio_format.decode(whole), audio_format)


def _search(
    item: SentItem, samples: npt.NDArray[np.float64], spans: tuple[TimeSpan, ...], length_us: int
) -> PlayedPiece:
    """Look for each 100 ms that can be heard in what was sent."""
    answer: list[TimeSpan] = []
    garbled: list[TimeSpan] = []
    energy = sent_energy = 0.0
    for begin in range(0, length_us, _BLOCK_US):
        end = min(begin + _BLOCK_US, length_us)
        heard = tuple(_within(spans, begin, end))
        block = samples[begin * SAMPLE_RATE_HZ // SECOND : end * SAMPLE_RATE_HZ // SECOND]
        if not heard or not block.size:
            continue
        found = item.find(block)
        (garbled if found is None else answer).extend(heard)
        if found is not None:
            energy += found[0]
            sent_energy += found[1]
    return PlayedPiece(length_us, tuple(answer), tuple(garbled), energy, sent_energy)


def gain_db(energy: float, sent_energy: float) -> float | None:
    """How much louder something is played than it was sent, in dB; None if that cannot be heard."""
    if energy <= 0 or sent_energy <= 0:
        return None
    found = 10 * math.log10(energy / sent_energy)
    return None if abs(found) < _SMALLEST_DB else round(found, 1)


def audible_spans(audio: bytes, format_name: str) -> tuple[TimeSpan, ...]:
    """The spans of some audio, whole samples of a format, that are above :data:`AUDIBLE_DBFS`."""
    if len(audio) > _CACHED_BYTES:
        return _spans(audio, format_name)
    return _cached_spans(audio, format_name)


@lru_cache(maxsize=2048)
def _cached_spans(audio: bytes, format_name: str) -> tuple[TimeSpan, ...]:
    return _spans(audio, format_name)


def _spans(audio: bytes, format_name: str) -> tuple[TimeSpan, ...]:
    audio_format = FORMATS[format_name]
    samples = audio_format.decode(audio)
    size = _FRAME_US * audio_format.rate_hz // SECOND
    limit = (FULL_SCALE * amplitude(AUDIBLE_DBFS)) ** 2
    spans: list[TimeSpan] = []
    for start in range(0, samples.size, size):
        frame = samples[start : start + size]
        if sum_of_squares(frame) < limit * frame.size:
            continue
        begin, end = (at * SECOND // audio_format.rate_hz for at in (start, start + frame.size))
        if spans and spans[-1][1] >= begin:
            begin = spans.pop()[0]
        spans.append((begin, end))
    return tuple(spans)


def _within(spans: tuple[TimeSpan, ...], begin: int, end: int) -> Iterator[TimeSpan]:
    for first, last in spans:
        if max(first, begin) < min(last, end):
            yield max(first, begin), min(last, end)


def overlap_us(spans: list[TimeSpan], begin: int, end: int) -> int:
    """How much of the spans is between two times."""
    return sum(max(0, min(last, end) - max(first, begin)) for first, last in spans)


def _at_24k(samples: Samples, audio_format: AudioFormat) -> Samples:
    if audio_format.rate_hz == SAMPLE_RATE_HZ:
        return samples
    return resample(samples, audio_format.rate_hz, SAMPLE_RATE_HZ)


def _voice_band(samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The band from some 400 Hz to some 3 kHz."""
    if samples.size <= _LOW_SAMPLES:
        return samples - (samples.mean() if samples.size else 0.0)
    smooth = np.convolve(samples, np.full(_HIGH_SAMPLES, 1 / _HIGH_SAMPLES), "same")
    return smooth - _mean(_mean(smooth))


def _mean(samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The mean of the samples around each."""
    return np.convolve(samples, np.full(_LOW_SAMPLES, 1 / _LOW_SAMPLES), "same")


def _correlate(sent: npt.NDArray[np.float64], block: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The product of the block with each place of what was sent, by FFT."""
    size = 1 << (sent.size + block.size - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(sent, size) * np.conj(np.fft.rfft(block, size)), size)
    found: npt.NDArray[np.float64] = products[: sent.size - block.size + 1]
    return found
