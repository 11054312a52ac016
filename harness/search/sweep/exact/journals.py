"""The journals of cells that share a recorded run: all but what tells of the audio itself is the same.

Three kinds of entries depend on which chunks passed: the levels of what was sent, when what arrived was captured, and
how much of a turn was speech. They are made anew for each row; what else stands in the journal stands in that of the
recorded cell.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from ....audio.formats import PCM24K
from ....journal import AudioArrived, Entry, Journal, TurnTaken, UplinkAudio
from ....units import MS, SECOND
from ....vad.detector import FRAME_MS
from ....world.tape import WINDOW_US
from .gating import Mask
from .parting import SPEECH_PROBABILITY, Frames
from .recording import Arrival, HeardSession, NotPlain, Recording, SpeechAsked
from .repeats import Repeats

_JUMP_US = 100 * MS
_LATEST_US = 10 * SECOND
_LATEST_CHUNKS = 4_000
"""Audio that arrives so long after its capture may not be found any more."""
_MOST_RUNS = 64
"""Runs of speech that a session remembers."""

_Ints = NDArray[np.int64]
_T = TypeVar("_T")


class _Window(NamedTuple):
    """Half a second of what was sent: one entry."""

    entry: int
    """Where it stands in the recorded journal."""
    chunks: _Ints


class _Taken(NamedTuple):
    """A turn that was taken: one entry."""

    entry: int
    stream: int
    asked: SpeechAsked


@dataclass(frozen=True, slots=True)
class _Arrived:
    """The appends of one session."""

    connection: int
    chunks: _Ints
    times: list[int]
    audio_ms: list[int]
    places: list[tuple[int, int]]
    """Before which of the entries that stay an entry of it would stand, and the number of the arrival."""
    told: list[int]
    """The first append of each second: it has an entry in any case."""


class Values(NamedTuple):
    """What rows say in the entries that depend on them."""

    energies: _Ints
    """``[rows, windows]``"""
    peaks: _Ints
    zeros: _Ints
    recognised: Mask
    """``[rows, chunks]``: whether an append of it is recognised as audio of the microphone."""
    first: _Ints
    """``[rows, sessions]``: the first append that is, or -1."""
    speech_ms: _Ints
    """``[rows, turns]``"""
    exact: Mask
    """``[rows]``: whether all of this is certain."""


class JournalTemplate:
    """The journal of a recorded run, with places for what depends on the mask.

    Raises :exc:`NotPlain` if it is not possible to say what would stand there.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._header = recording.run.journal.header
        entries = recording.run.journal.entries
        self._entries = entries
        self._audible = np.array(recording.peaks, np.int64) > 0
        self._windows = _windows(recording)
        self._taken = list(_turns_taken(recording))
        self._stays = [not isinstance(entry, AudioArrived) for entry in entries]
        before = np.concatenate([[0], np.cumsum(self._stays)]).tolist()
        self._streams = [stream for stream in recording.streams if stream.arrivals]
        self._arrived = [_arrived(recording, stream, before) for stream in self._streams]
        self._repeats = Repeats(recording)
        self._base = [entry for entry, stays in zip(entries, self._stays, strict=True) if stays]
        numbers = [*(window.entry for window in self._windows), *(turn.entry for turn in self._taken)]
        self._place = {number: before[number] for number in numbers}

    def values(self, masks: Mask, frames: list[Frames | None]) -> Values:
        """``masks``: ``[rows, chunks]``; ``frames``: what the sessions heard of these rows."""
        recording = self.recording
        recognised = masks & self._audible
        energies, peaks = np.array(recording.energies, np.int64), np.array(recording.peaks, np.int64)
        shape = len(masks), len(self._windows)
        sums, tops, zeros = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for number, window in enumerate(self._windows):
            sent = recognised[:, window.chunks]
            sums[:, number] = (sent * energies[window.chunks]).sum(axis=1)
            tops[:, number] = (sent * peaks[window.chunks]).max(axis=1, initial=0)
            zeros[:, number] = window.chunks.size - sent.sum(axis=1)
        first = np.full((len(masks), len(self._arrived)), -1, np.int64)
        exact = np.ones(len(masks), np.bool_)
        for number, arrived in enumerate(self._arrived):
            sent = recognised[:, arrived.chunks]
            any_sent = sent.any(axis=1)
            first[:, number] = np.where(any_sent, sent.argmax(axis=1), -1)
            exact &= ~any_sent | self._repeats.unique[arrived.chunks[np.maximum(0, first[:, number])]]
            exact &= self._repeats.certain(recognised, arrived.chunks)
        speech_ms, few_runs = self._speech_ms(len(masks), frames)
        return Values(sums, tops, zeros, recognised, first, speech_ms, exact & few_runs)

    def _speech_ms(self, rows: int, frames: list[Frames | None]) -> tuple[_Ints, Mask]:
        found, few = np.zeros((rows, len(self._taken)), np.int64), np.ones(rows, np.bool_)
        for number, taken in enumerate(self._taken):
            stream, asked = self._streams[taken.stream], taken.asked
            begins = FRAME_MS * np.arange(asked.frames)
            weights = np.minimum(begins + FRAME_MS, asked.end_ms) - np.maximum(begins, asked.begin_ms)
            weights = np.maximum(0, weights).astype(np.float64)
            recorded = np.array(stream.turn.probabilities[: asked.frames]) >= SPEECH_PROBABILITY
            begin = max(0, asked.begin_ms // FRAME_MS)
            most_runs = np.count_nonzero(np.diff(recorded[begin:].astype(np.int8))) // 2 + 1
            found[:, number] = round(float(recorded @ weights))
            of_rows = frames[taken.stream]
            if of_rows is not None:
                varying = of_rows.varying[of_rows.varying < asked.frames]
                change = of_rows.speech[:, : varying.size].astype(np.float64) - recorded[varying]
                found[:, number] += np.rint(change @ weights[varying]).astype(np.int64)
                few &= most_runs + np.abs(change[:, varying >= begin]).sum(axis=1) <= _MOST_RUNS
            elif most_runs > _MOST_RUNS:
                raise NotPlain("too many runs of speech")
        return found, few

    # --- journals ---

    def journal(self, values: Values, row: int, header: dict[str, Any] | None = None) -> Journal:
        """The journal of a row."""
        return self._with(values, row, header, UplinkAudio, AudioArrived, TurnTaken)

    def _with(self, values: Values, row: int, header: dict[str, Any] | None, *classes: type[Entry]) -> Journal:
        """The journal of a row, whose entries that depend on it are of these classes."""
        uplink, arrived, taken = classes
        entries = self._base.copy()
        for number, window in enumerate(self._windows):
            entries[self._place[window.entry]] = self._uplink(uplink, values, row, number)
        for number, turn in enumerate(self._taken):
            old = self._entries[turn.entry]
            fields = {name: getattr(old, name) for name in old.__struct_fields__}
            entries[self._place[turn.entry]] = taken(**{**fields, "speech_ms": int(values.speech_ms[row, number])})
        added = sorted(self._told(values, row), key=lambda each: each[0])
        whole: list[Entry] = []
        at = 0
        for (place, _), stream, append in added:
            whole += entries[at:place]
            at = place
            whole.append(self._arrival(arrived, values, row, stream, append))
        journal = Journal({})
        journal.header = dict(self._header if header is None else header)
        journal.entries = whole + entries[at:]
        return journal

    def _told(self, values: Values, row: int) -> Iterator[tuple[tuple[int, int], int, int]]:
        for stream, arrived in enumerate(self._arrived):
            first = int(values.first[row, stream])
            told = arrived.told
            if first >= 0 and first not in told:
                told = sorted([*told, first])
            for append in told:
                yield arrived.places[append], stream, append

    def _uplink(self, made: Any, values: Values, row: int, number: int) -> Entry:
        old = self._entries[self._windows[number].entry]
        assert isinstance(old, UplinkAudio)
        energy = int(values.energies[row, number])
        entry: Entry = made(
            t=old.t,
            chunks=old.chunks,
            samples=old.samples,
            rms=_rms(energy, old.samples),
            peak=int(values.peaks[row, number]),
            zeros=int(values.zeros[row, number]),
            connection=old.connection,
        )
        return entry

    def _arrival(self, made: Any, values: Values, row: int, stream: int, append: int) -> Entry:
        arrived = self._arrived[stream]
        chunk = int(arrived.chunks[append])
        captured_us = self.recording.captured_us[chunk]
        entry: Entry = made(
            t=arrived.times[append],
            connection=arrived.connection,
            arrived_ms=arrived.audio_ms[append],
            captured_ms=captured_us // MS if values.recognised[row, chunk] else UNSET,
        )
        return entry

    # --- reading ---

    def read(self, values: Values, rows: list[int], reader: Callable[[Journal], _T]) -> Iterator[tuple[list[int], _T]]:
        """What a reader reads from the journals of some rows. It is asked once for all that it cannot tell apart.

        It cannot tell rows apart if all that it read of the entries that depend on the row is the same in them.
        """
        pending = np.array(rows, np.int64)
        while pending.size:
            row = int(pending[0])
            with _reads() as seen:
                journal = self._with(values, row, None, _ReadUplink, _ReadArrival, _ReadTurn)
                value = reader(journal)
                same = self._alike(values, pending, row, journal, seen)
            yield pending[same].tolist(), value
            pending = pending[~same]

    def _alike(
        self, values: Values, rows: _Ints, row: int, journal: Journal, seen: dict[int, set[str]]
    ) -> NDArray[np.bool_]:
        """Of which rows the reader would have read the same."""
        alike = np.asarray((values.first[rows] == values.first[row]).all(axis=1))
        entries = {id(entry): entry for entry in journal.entries if id(entry) in seen}
        windows = {id(journal_entry): n for n, journal_entry in enumerate(journal.select(_ReadUplink))}
        turns = {id(journal_entry): n for n, journal_entry in enumerate(journal.select(_ReadTurn))}
        chunks = self._chunks_told(values, row, journal)
        for identity, names in seen.items():
            if identity in windows:
                number = windows[identity]
                if "rms" in names:
                    alike &= self._rms_of(values, rows, number) == self._rms_of(values, np.array([row]), number)[0]
                for name, told in (("peak", values.peaks), ("zeros", values.zeros)):
                    if name in names:
                        alike &= told[rows, number] == told[row, number]
            elif identity in turns:
                alike &= values.speech_ms[rows, turns[identity]] == values.speech_ms[row, turns[identity]]
            elif identity in entries:
                chunk = chunks[identity]
                alike &= values.recognised[rows, chunk] == values.recognised[row, chunk]
        return alike

    def _chunks_told(self, values: Values, row: int, journal: Journal) -> dict[int, int]:
        """The chunk of each entry of an arrival."""
        told = sorted(self._told(values, row), key=lambda each: each[0])
        arrivals = journal.select(_ReadArrival)
        return {
            id(entry): int(self._arrived[stream].chunks[append])
            for entry, (_, stream, append) in zip(arrivals, told, strict=True)
        }

    def _rms_of(self, values: Values, rows: _Ints, number: int) -> NDArray[np.float64]:
        old = self._entries[self._windows[number].entry]
        assert isinstance(old, UplinkAudio)
        energies, inverse = np.unique(values.energies[rows, number], return_inverse=True)
        return np.array([_rms(energy, old.samples) for energy in energies.tolist()])[inverse]


_SEEN: list[dict[int, set[str]]] = []
"""Whoever notes what is read."""
_MAY_DIFFER = frozenset(("rms", "peak", "zeros", "captured_ms", "speech_ms"))


@contextmanager
def _reads() -> Iterator[dict[int, set[str]]]:
    """Note which fields that may differ are read, by the identity of the entry."""
    seen: dict[int, set[str]] = {}
    _SEEN.append(seen)
    try:
        yield seen
    finally:
        _SEEN.pop()


def _note(entry: Entry, name: str) -> None:
    if name in _MAY_DIFFER and _SEEN:
        _SEEN[-1].setdefault(id(entry), set()).add(name)


class _ReadUplink(UplinkAudio, frozen=True, kw_only=True):
    def __getattribute__(self, name: str) -> Any:
        _note(self, name)
        return super().__getattribute__(name)


class _ReadArrival(AudioArrived, frozen=True, kw_only=True):
    def __getattribute__(self, name: str) -> Any:
        _note(self, name)
        return super().__getattribute__(name)


class _ReadTurn(TurnTaken, frozen=True, kw_only=True):
    def __getattribute__(self, name: str) -> Any:
        _note(self, name)
        return super().__getattribute__(name)


def _rms(energy: int, samples: int) -> float:
    return round(math.sqrt(energy / samples), 3) if samples else 0.0


def _windows(recording: Recording) -> list[_Window]:
    """The windows of what was sent, as :class:`harness.world.tape.Tape` makes them."""
    windows: list[list[int]] = []
    ends = connection = 0
    for chunk, number in enumerate(recording.sent_on):
        if not number:
            continue
        now = recording.times[chunk]
        if now >= ends or number != connection:
            windows.append([])
            ends, connection = (now // WINDOW_US + 1) * WINDOW_US, number
        windows[-1].append(chunk)
    entries = [n for n, entry in enumerate(recording.run.journal.entries) if isinstance(entry, UplinkAudio)]
    if len(entries) != len(windows):
        raise NotPlain("what was sent is not all chunks")
    return [_Window(entry, np.array(chunks, np.int64)) for entry, chunks in zip(entries, windows, strict=True)]


def _turns_taken(recording: Recording) -> Iterator[_Taken]:
    """The turns in the order of the journal, with what the session asked about each."""
    streams = [stream for stream in recording.streams if stream.arrivals]
    by_connection = {stream.connection: (number, iter(stream.asked)) for number, stream in enumerate(streams)}
    for place, entry in enumerate(recording.run.journal.entries):
        if isinstance(entry, TurnTaken):
            number, asked = by_connection[entry.connection]
            question = next(asked, None)
            if question is None:
                raise NotPlain("a turn was taken without a question about its speech")
            yield _Taken(place, number, question)


def _arrived(recording: Recording, stream: HeardSession, before: list[int]) -> _Arrived:
    """The appends of a session. Raises :exc:`NotPlain` if they are not the chunks in the order of their capture."""
    arrivals = stream.arrivals
    if any(after.chunk != one.chunk + 1 for one, after in pairwise(arrivals)):
        raise NotPlain("what arrived is not every chunk in order")
    audio_us, lengths = 0, []
    for arrival in arrivals:
        audio_us += PCM24K.duration_us(len(recording.pcm[arrival.chunk]))
        lengths.append(audio_us)
    ahead = [recording.captured_us[a.chunk] - us for a, us in zip(arrivals, lengths, strict=True)]
    if max(ahead) - min(ahead) > _JUMP_US:
        raise NotPlain("the audio that arrived jumps")
    if any(_is_late(recording, arrival) for arrival in arrivals):
        raise NotPlain("audio arrived long after its capture")
    seconds = [arrival.now // SECOND for arrival in arrivals]
    return _Arrived(
        stream.connection,
        np.array([arrival.chunk for arrival in arrivals], np.int64),
        [arrival.now for arrival in arrivals],
        [us // MS for us in lengths],
        [(before[arrival.entries], arrival.number) for arrival in arrivals],
        [n for n, second in enumerate(seconds) if n == 0 or second != seconds[n - 1]],
    )


def _is_late(recording: Recording, arrival: Arrival) -> bool:
    """Whether so much was captured since that the world may have forgotten it."""
    since = bisect_right(recording.times, arrival.now) - arrival.chunk
    return since > _LATEST_CHUNKS or arrival.now - recording.captured_us[arrival.chunk] > _LATEST_US
