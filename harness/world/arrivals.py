"""The audio that arrives on one connection: how much, and when it was captured, as the journal tells it."""

from msgspec import UNSET

from ..audio.formats import PCM24K, AudioFormat
from ..journal import AudioArrived, Journal
from ..units import MS, SECOND
from .captured import REMEMBERED_CHUNKS, Captured, Piece, SentStream

_JUMP_US = 100 * MS
"""What arrives is older or newer than what arrived before it by more than this: a further entry."""


class Arrivals:
    """Writes one entry for each second with audio, and one where the audio jumps.

    Where it began to be recognised by bytes that were captured several times, an entry with an earlier position puts
    right what was written of it, once that is known.
    """

    def __init__(self, connection: int, captured: Captured, journal: Journal) -> None:
        self._connection = connection
        self._captured = captured
        self._stream = SentStream(captured)
        self._journal = journal
        self._audio_us = 0
        self._size = -1
        """Of the last append, in bytes; with its format and length, which are usually those of the next one."""
        self._format = PCM24K
        self._length_us = 0
        self._next_second = 0
        self._ahead_us: int | None = None
        """In the last entry: capture time minus position in all audio that arrived."""
        self._before: set[int] = set()
        """The chunks that have arrived and can still be found, by their numbers; and some older ones."""
        self._repeats = False
        """Whether the last of them had arrived before."""
        self._repeated_us = 0
        self._guessed: list[int] = []
        """The last chunks, if it is a guess which of those with the same bytes they are."""
        self._guessed_from_us = 0

    def add(self, audio: bytes, audio_format: AudioFormat, now: int) -> None:
        """An append arrived at ``now`` (microseconds)."""
        began_us, captured_us = self._audio_us, None
        if len(audio) != self._size or audio_format is not self._format:
            self._size, self._format = len(audio), audio_format
            self._length_us = audio_format.duration_us(len(audio))
        self._audio_us += self._length_us
        simple = self._stream.next_chunk(audio) if audio_format is PCM24K and not self._guessed else None
        if simple is not None:
            number, captured_us = simple
            self._repeats = number in self._before
            self._before.add(number)
            if self._repeats:
                self._repeated_us += self._length_us
            ahead_us = captured_us - self._audio_us
            if self._ahead_us is None or not -_JUMP_US <= ahead_us - self._ahead_us <= _JUMP_US:
                self._tell_jump(self._audio_us, captured_us, now)
        elif audio_format is PCM24K:
            for piece in self._stream.pieces(audio):
                captured_us = piece.captured_us
                is_last = piece.end_byte == len(audio)
                arrived_us = self._audio_us if is_last else began_us + PCM24K.duration_us(piece.end_byte)
                if piece.is_guess or self._guessed:
                    self._guess(piece, arrived_us, now)
                if piece.is_guess:
                    self._repeats = False
                elif piece.is_begin:
                    self._repeats = piece.number in self._before
                    self._before.add(piece.number)
                if self._repeats:
                    self._repeated_us += PCM24K.duration_us(piece.end_byte - piece.begin_byte)
                self._tell_jump(arrived_us, captured_us, now)
                captured_us += self._audio_us - arrived_us
        if now >= self._next_second:
            self._write(now, self._audio_us, captured_us)

    def _tell_jump(self, arrived_us: int, captured_us: int, now: int) -> None:
        ahead_us = captured_us - arrived_us
        if self._ahead_us is None or abs(ahead_us - self._ahead_us) > _JUMP_US:
            self._ahead_us = ahead_us
            self._write(now, arrived_us, captured_us)

    def _guess(self, piece: Piece, arrived_us: int, now: int) -> None:
        """Put guesses right: a chunk that was captured only once tells which chunks came before it."""
        if piece.is_guess:
            if not self._guessed or piece.number != self._guessed[-1] + 1:
                self._guessed = []
                self._guessed_from_us = arrived_us
            if piece.is_begin:
                self._guessed.append(piece.number)
            return
        guessed, self._guessed = self._guessed, []
        first = piece.number - len(guessed)
        if first == guessed[0] or not all(self._captured.same(first + at, each) for at, each in enumerate(guessed)):
            return
        self._before.update(range(first, piece.number))
        captured_us = self._captured.captured_us(first)
        self._ahead_us = captured_us - self._guessed_from_us
        self._write(now, self._guessed_from_us, captured_us)

    def _write(self, now: int, arrived_us: int, captured_us: int | None) -> None:
        self._next_second = (now // SECOND + 1) * SECOND
        if len(self._before) > 2 * REMEMBERED_CHUNKS:
            self._before.intersection_update(self._captured.numbers)
        self._journal.add(
            AudioArrived(
                t=now,
                connection=self._connection,
                arrived_ms=arrived_us // MS,
                captured_ms=UNSET if captured_us is None else captured_us // MS,
                repeated_ms=self._repeated_us // MS or UNSET,
            )
        )
