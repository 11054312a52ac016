"""One capture is sent: what is appended in a session is neither more than was captured nor the same twice.

Two captures that both append, or a loop, make the server hear everything twice. Catching up on what was captured during
a stall is neither, and nor is sending speech again on a new session. While the user waits for an answer, a client may
also send the utterance again on the same session, all at once, to a server that seems deaf.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ...audio.formats import SAMPLE_RATE_HZ
from ...faults import MICROPHONE
from ...journal import AudioArrived, FaultInjected, MicrophoneAudio, UplinkAudio
from ...units import MS, SECOND
from ..findings import Finding
from ..record import RunRecord
from . import Property

_TOO_MUCH_US = 2 * SECOND
"""A chunk at the edge of a window, or padding that is sent again after a barge-in, is far less."""
_BURST_US = 1_250_000
"""More than this of the same in a second is a burst."""
_BURST_MORE_US = SECOND // 4
"""So much more audio than time within one entry is a burst, if the entry before it was none."""
_WAITS_US = 3 * SECOND // 2
"""Who sends speech again waits for an answer before: in a younger session the same twice is no second try."""
_RESENT_US = 30 * SECOND
"""Bursts of the same on one session that are still speech sent again; more is a loop."""
_WINDOW_US = SECOND // 2
"""An entry of audio holds what was captured or sent in so long from its time on."""
_LATE_US = 2 * SECOND
"""What the wire duplicates may arrive so long after the fault."""


def _find(record: RunRecord) -> Iterator[Finding]:
    found = sorted((*_excess(record), *_repeated(record)), key=lambda pair: pair[1].at_us)
    told: set[int] = set()
    for connection, finding in found:
        if connection not in told:
            told.add(connection)
            yield finding


def _excess(record: RunRecord) -> Iterator[tuple[int, Finding]]:
    """More audio than the time since the capture began, and than the (maybe faulty) microphone delivered."""
    began: int | None = None
    captured = 0
    sent: dict[int, int] = {}
    resent = _Resent(record)
    entries = sorted(record.journal.select(MicrophoneAudio, UplinkAudio), key=lambda entry: entry.t)
    for entry in entries:
        if isinstance(entry, MicrophoneAudio):
            began = entry.t if began is None else began
            captured += entry.samples
            continue
        sent[entry.connection] = sent.get(entry.connection, 0) + entry.samples - resent.samples(entry)
        if began is None:
            continue
        at_us = min(entry.t + _WINDOW_US, record.end_us)
        sent_us = sent[entry.connection] * SECOND // SAMPLE_RATE_HZ
        possible_us = max(at_us - began, captured * SECOND // SAMPLE_RATE_HZ)
        if sent_us - possible_us > _TOO_MUCH_US:
            reason = (
                f"on connection {entry.connection} the client had sent {sent_us / SECOND:.1f} s of audio by "
                f"{at_us / SECOND:.3f} s, and the microphone had captured no more than {possible_us / SECOND:.1f} s"
            )
            yield entry.connection, Finding(PROPERTY.name, at_us, reason)


class _Resent:
    """What was sent again at once: more than time has passed since the entry before, which had no more than that."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._ended: dict[int, int] = {}
        self._left: dict[int, int] = {}
        self._bursts: dict[int, bool] = {}

    def samples(self, entry: UplinkAudio) -> int:
        """How much of an entry that is; all of a session is limited."""
        number, end = entry.connection, entry.t + _WINDOW_US
        passed_us = end - self._ended.get(number, entry.t)
        more = entry.samples - passed_us * SAMPLE_RATE_HZ // SECOND
        is_burst = more * SECOND > _BURST_MORE_US * SAMPLE_RATE_HZ
        before, self._bursts[number], self._ended[number] = self._bursts.get(number, False), is_burst, end
        if not is_burst or before or not _awaits_an_answer(self._record, entry.t):
            return 0
        left = self._left.get(number, _RESENT_US * SAMPLE_RATE_HZ // SECOND)
        self._left[number] = left - min(left, more)
        return min(left, more)


def _repeated(record: RunRecord) -> Iterator[tuple[int, Finding]]:
    """The same samples twice in a session."""
    at_pace: dict[int, int] = {}
    began = {session.connection: session.begin_us for session in record.sessions}
    for connection, repetition in _repetitions(record):
        at_us = repetition.at_us
        waited = at_us - began.get(connection, at_us) >= _WAITS_US
        if repetition.is_burst and waited and _awaits_an_answer(record, at_us):
            continue
        total_us = at_pace[connection] = at_pace.get(connection, 0) + repetition.length_us
        if total_us > _TOO_MUCH_US:
            reason = (
                f"on connection {connection}, {total_us / SECOND:.1f} s of the audio that had arrived by "
                f"{at_us / SECOND:.3f} s had arrived on it before"
            )
            yield connection, Finding(PROPERTY.name, at_us, reason)


def _awaits_an_answer(record: RunRecord, at_us: int) -> bool:
    """Whether what was captured last before a time (microseconds) was not answered: what the user said, or an echo.

    While a fault of the microphone lasts, sound that nobody made seems to be a voice that awaits its answer; so may
    noise in the room.
    """
    if any(noise.t <= at_us <= noise.t + noise.length_us + _RESENT_US for noise in record.noises):
        return True
    for fault in record.journal.select(FaultInjected):
        ends = record.end_us if fault.length_us is None else fault.t + fault.length_us
        if fault.kind in MICROPHONE and fault.t <= at_us <= ends + _RESENT_US:
            return True
    said = [entry for entry in record.answers.utterances if entry.t < at_us]
    answer = record.answers.to(said[-1]) if said else None
    return bool(said) and (answer is None or answer.at_us > at_us)


def _repetitions(record: RunRecord) -> Iterator[tuple[int, "_Repetition"]]:
    """By connection, in order: what had arrived before, but for what the wire duplicates.

    What comes within a second is one repetition: the journal may tell the end of a burst with the next audio.
    """
    found: dict[int, list[_Repetition]] = {}
    before: dict[int, AudioArrived] = {}
    for entry in record.journal.select(AudioArrived):
        last = before.get(entry.connection)
        before[entry.connection] = entry
        new_us = (_repeated_ms(entry) - (0 if last is None else _repeated_ms(last))) * MS
        since_us = entry.t if last is None else last.t
        if new_us > 0 and not _duplicated(record, since_us, entry.t):
            repetitions = found.setdefault(entry.connection, [])
            if not repetitions or entry.t >= repetitions[-1].begin_us + SECOND:
                repetitions.append(_Repetition(since_us, entry.t))
            repetitions[-1].add(entry.t, new_us)
    for connection, repetitions in found.items():
        for each in repetitions:
            yield connection, each


@dataclass(slots=True)
class _Repetition:
    """What arrived again within a second."""

    since_us: int
    """When audio had arrived before it."""
    begin_us: int
    at_us: int = 0
    length_us: int = 0

    def add(self, at_us: int, length_us: int) -> None:
        """More of it."""
        self.at_us = at_us
        self.length_us += length_us

    @property
    def is_burst(self) -> bool:
        """Whether it came faster than it can be captured."""
        return self.length_us * SECOND > _BURST_US * max(SECOND, self.at_us - self.since_us)


def _repeated_ms(entry: AudioArrived) -> int:
    return entry.repeated_ms if isinstance(entry.repeated_ms, int) else 0


def _duplicated(record: RunRecord, begin: int, end: int) -> bool:
    """Whether the wire duplicates messages between two times; without an end, for as long as the connection lasts."""
    for fault in record.journal.select(FaultInjected):
        last = record.end_us if fault.length_us is None else fault.t + fault.length_us + _LATE_US
        if fault.kind == "duplicated-events" and fault.t <= end and begin <= last:
            return True
    return False


PROPERTY = Property(
    name="one_capture",
    broken_when="all that was appended in a session exceeds the time since the capture began by over 2 s, or over 2 s "
    "of it were appended to that session before, at the pace of the capture: two captures, a loop",
    default="fail",
    because="the server hears every word twice, or a voice that nobody has now, and no later answer can be right",
    find=_find,
)
