"""When audio that a client sends was captured: found by its bytes, however the client joins, cuts or repeats it.

The noise of the room repeats every 5 s, and a looped microphone more often, so that the same bytes may have been
captured several times. What follows on what was sent before tells them apart.

Audio that the client has changed (another rate or format, a filter, a gain) is not found, and neither is silence.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from ..audio.chunk import Chunk
from ..audio.formats import PCM24K, SAMPLE_RATE_HZ
from ..units import MS, SECOND

_HEAD_SAMPLES = 32
"""So much of a chunk tells it from most others."""
_HEAD_BYTES = PCM24K.bytes_per_sample * _HEAD_SAMPLES
REMEMBERED_CHUNKS = 6_000
"""Chunks that are found: two minutes of 20 ms."""
_MOST_ALIKE = 64
"""Chunks with the same bytes among which one is chosen, the newest ones."""
_MOST_MISSES = 50
"""After so many appends in a row without a find, the client changes its audio: most are no longer searched through."""
_SEARCHED_EACH = 10
"""Of those, one in so many still is."""
_NEAR_US = 100 * MS
"""A chunk that was captured so near to when it is expected is the one."""
_RECENT = 16
"""So many of the newest chunks are compared before all are searched."""


CapturedChunk: TypeAlias = tuple[Chunk, int]
"""A chunk that the microphone delivered, and when its end was captured, in microseconds."""


class Piece(NamedTuple):
    """A part of an append that is a chunk of the microphone, or the begin or the end of one."""

    begin_byte: int
    """Where it begins in the append."""
    end_byte: int
    """Where it ends."""
    number: int
    """The number of the chunk, in the order of capture."""
    captured_us: int
    """When its end was captured, in microseconds."""
    is_begin: bool
    """Whether the chunk begins with it."""
    is_guess: bool
    """Whether the same bytes were captured more than once and nothing tells which of them this is."""


class Captured:
    """The chunks that the microphone delivered. A chunk is not encoded before what is sent is compared with it."""

    def __init__(self) -> None:
        self._chunks: list[Chunk] = []
        """The chunks in the order of capture, without the oldest, whose places later ones take."""
        self._captured_us = array("q")
        """When the end of each was captured."""
        self._numbers: dict[bytes, list[int]] = {}
        """The chunks that begin with some bytes, oldest first; made only when audio is searched for."""
        self._next = 1
        """The number of the next chunk: they are numbered in the order of capture from 1 on."""
        self._indexed = 1
        """The first chunk that is not in it yet."""

    def add(self, chunk: Chunk, captured_us: int) -> None:
        """A chunk that is not silent was delivered; its end was captured at ``captured_us`` (microseconds)."""
        number = self._next
        self._next = number + 1
        if number <= REMEMBERED_CHUNKS:
            self._chunks.append(chunk)
            self._captured_us.append(captured_us)
            return
        if number - REMEMBERED_CHUNKS < self._indexed:
            self._forget(number - REMEMBERED_CHUNKS)
        place = number % REMEMBERED_CHUNKS - 1
        self._chunks[place] = chunk
        self._captured_us[place] = captured_us

    def _forget(self, number: int) -> None:
        """The oldest chunk is not found any more."""
        head = _head(self._chunks[number % REMEMBERED_CHUNKS - 1])
        alike = self._numbers[head]
        del alike[0]
        if not alike:
            del self._numbers[head]

    def get(self, number: int) -> CapturedChunk | None:
        """The chunk with this number; None if it is too old, or not captured yet."""
        if not (0 < number < self._next <= number + REMEMBERED_CHUNKS):
            return None
        place = number % REMEMBERED_CHUNKS - 1
        return self._chunks[place], self._captured_us[place]

    def chunk(self, number: int) -> Chunk:
        """The chunk with this number, which is remembered."""
        return self._chunks[number % REMEMBERED_CHUNKS - 1]

    def captured_us(self, number: int) -> int:
        """When the end of that chunk was captured, in microseconds."""
        return self._captured_us[number % REMEMBERED_CHUNKS - 1]

    @property
    def numbers(self) -> range:
        """The numbers of all chunks that are remembered."""
        return range(max(1, self._next - REMEMBERED_CHUNKS), self._next)

    def _index(self) -> None:
        for number in range(max(self._indexed, self._next - REMEMBERED_CHUNKS), self._next):
            self._numbers.setdefault(_head(self.chunk(number)), []).append(number)
        self._indexed = self._next

    def same(self, number: int, other: int) -> bool:
        """Whether two chunks hold the same bytes."""
        one, two = self.get(number), self.get(other)
        return one is not None and two is not None and one[0].pcm == two[0].pcm

    def is_unique(self, number: int) -> bool:
        """Whether no other chunk begins as this one."""
        self._index()
        return len(self._numbers[_head(self.chunk(number))]) == 1

    def recent(self, audio: bytes, begin: int) -> list[int]:
        """As :meth:`at`, but of the newest few chunks."""
        left, head = len(audio) - begin, audio[begin : begin + _HEAD_BYTES]
        numbers = range(max(1, self._next - _RECENT), self._next)
        found = [each for each in numbers if audio.startswith(self.chunk(each).pcm[:left], begin)]
        return [each for each in found if _head(self.chunk(each)) == head]

    def at(self, audio: bytes, begin: int) -> list[int]:
        """The chunks that some audio holds from ``begin`` (bytes) on, whole or up to its end, oldest first."""
        self._index()
        numbers = self._numbers.get(audio[begin : begin + _HEAD_BYTES])
        if numbers is None:
            return []
        left = len(audio) - begin
        return [each for each in numbers[-_MOST_ALIKE:] if audio.startswith(self.chunk(each).pcm[:left], begin)]

    def next_begin(self, audio: bytes, begin: int) -> int:
        """The next place (bytes) at which some chunk may begin, or the end of the audio."""
        self._index()
        known, step = self._numbers, PCM24K.bytes_per_sample
        end = max(begin, begin + (len(audio) - begin + step - 1) // step * step)
        return next((at for at in range(begin, end, step) if audio[at : at + _HEAD_BYTES] in known), end)


def _head(chunk: Chunk) -> bytes:
    return chunk.pcm[:_HEAD_BYTES]


class SentStream:
    """Recognises what a client sends, append after append."""

    def __init__(self, captured: Captured) -> None:
        self._captured = captured
        self._last = -1
        """The chunk that was found last."""
        self._rest = b""
        """What of it was not sent yet, if an append ended within it."""
        self._expected_us = 0
        """When what is sent next was captured, if nothing was left out."""
        self._guessing = False
        self._misses = 0
        self._silence = b""
        """The last append that was silent; many that follow are equal to it."""
        self._silence_us = 0

    def next_chunk(self, audio: bytes) -> tuple[int, int] | None:
        """The number and the capture time of an append that is simply the next chunk, as most are; else None."""
        if self._rest or self._guessing or audio == self._silence:
            return None
        number = self._last + 1
        follows = self._captured.get(number)
        if follows is None or follows[0].pcm != audio:
            return None
        self._last, self._misses = number, 0
        self._expected_us = captured_us = follows[1]
        return number, captured_us

    def pieces(self, audio: bytes) -> tuple[Piece, ...]:
        """The parts of an append that are audio of the microphone, in order."""
        if audio == self._silence:
            self._expected_us += self._silence_us
            self._rest = b""
            return ()
        simple = self.next_chunk(audio)
        if simple is not None:
            return (Piece(0, len(audio), *simple, True, False),)
        if audio.count(0) == len(audio):
            self._silence, self._silence_us = audio, PCM24K.duration_us(len(audio))
            return self.pieces(audio)
        found = tuple(self._within(audio))
        self._misses = 0 if found else self._misses + 1
        return found

    def _within(self, audio: bytes) -> Iterator[Piece]:
        thorough = self._misses < _MOST_MISSES or self._misses % _SEARCHED_EACH == 0
        at = skipped = 0
        while at < len(audio):
            piece = (None if skipped else self._continued(audio, at)) or self._begun(audio, at, skipped)
            if piece is not None:
                self._expected_us = piece.captured_us
                at, skipped = piece.end_byte, 0
                yield piece
            elif thorough:
                step = self._captured.next_begin(audio, at + PCM24K.bytes_per_sample) - at
                at += step
                skipped += step
            else:
                break
            if piece is None:
                self._rest = b""
        self._expected_us += PCM24K.duration_us(max(0, len(audio) - at + skipped))

    def _continued(self, audio: bytes, at: int) -> Piece | None:
        """What follows on what was found last."""
        rest, number = self._rest, self._last
        is_begin = not rest
        if is_begin:
            number += 1
        chunk = self._captured.get(number)
        if chunk is None:
            return None
        left = rest or chunk[0].pcm
        size = min(len(left), len(audio) - at)
        if not audio.startswith(left[:size], at):
            return None
        self._guessing = self._guessing and not self._captured.is_unique(number)
        return self._found(number, chunk, at, size, left, is_begin)

    def _begun(self, audio: bytes, at: int, skipped: int) -> Piece | None:
        """A chunk that begins here: the only one, or the one that is expected, or the newest."""
        begins_us = self._expected_us + PCM24K.duration_us(skipped)
        number = None if skipped else self._near(self._captured.recent(audio, at), begins_us)
        guessing = False
        if number is None:
            numbers = self._captured.at(audio, at)
            if not numbers:
                return None
            number = numbers[0] if len(numbers) == 1 else self._near(numbers, begins_us)
            if number is None:
                number, guessing = numbers[-1], True
        self._guessing = guessing
        chosen = self._captured.get(number)
        assert chosen is not None
        pcm = chosen[0].pcm
        return self._found(number, chosen, at, min(len(pcm), len(audio) - at), pcm, True)

    def _near(self, numbers: Sequence[int], begins_us: int) -> int | None:
        """The newest of these chunks that were captured near to when one that begins then is expected."""
        for number in reversed(numbers):
            length_us = self._captured.chunk(number).size * SECOND // SAMPLE_RATE_HZ
            if abs(self._captured.captured_us(number) - begins_us - length_us) <= _NEAR_US:
                return number
        return None

    def _found(self, number: int, chunk: CapturedChunk, at: int, size: int, left: bytes, is_begin: bool) -> Piece:
        self._last = number
        self._rest = left[size:]
        captured_us = chunk[1] - PCM24K.duration_us(len(self._rest))
        return Piece(at, at + size, number, captured_us, is_begin, self._guessing)
