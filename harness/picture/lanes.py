"""The picture of a run, from its journal alone: lanes of levels and spans, and marks.

It does not depend on how it is drawn, so the terminal, a page and a trace can show the same. All times are microseconds
since the start; spans are clipped to the length of the run.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..audio.formats import SAMPLE_RATE_HZ
from ..journal import (
    AppEnded,
    AppFenced,
    AudioLevels,
    ClientLog,
    ClientReopensCapture,
    ClientTellsUser,
    ConnectionDialled,
    Journal,
    MicrophoneAudio,
    StillOpen,
    UplinkAudio,
    WorldHealed,
)
from ..units import SECOND, dbfs
from ..verdict.liveness import answered_at, waits
from ..verdict.record import Wait
from . import session_spans, spans
from .spans import Span
from .words import plain, remedy, roughly, seconds, symptom


@dataclass(frozen=True, slots=True)
class Level:
    """The RMS of the audio between two times, in dBFS; :data:`harness.units.SILENCE_DBFS` is digital zero."""

    start_us: int
    end_us: int
    dbfs: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a time, with its symbol and a sentence."""

    t: int
    symbol: str
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row, of levels or of spans, in the order of their starts."""

    name: str
    levels: tuple[Level, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole picture. Times are microseconds; ``answered_us``: the first answer to something said after the heal."""

    length_us: int
    heal_us: int | None
    answered_us: int | None
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]

    def __getitem__(self, name: str) -> Lane:
        """The lane of that name; raises :exc:`KeyError`."""
        for lane in self.lanes:
            if lane.name == name:
                return lane
        raise KeyError(name)


def lanes(journal: Journal) -> Picture:
    """The picture of a journal, virtual or live; a lane without entries is empty."""
    length = max((entry.t for entry in journal.entries), default=0)
    heal = next((entry.t for entry in journal.select(WorldHealed)), None)
    conversation = waits(journal)
    goes_on = bool(journal.entries) and isinstance(journal.entries[-1], StillOpen)
    answered = answered_at(journal)
    rows = []
    for name, source in _LANES.items():
        if isinstance(source, type):
            rows.append(Lane(name, levels=tuple(_levels(journal, source))))
        else:
            rows.append(Lane(name, spans=_clip(source(journal, length), length)))
    marks = (
        *_fault_marks(journal, length),
        *_client_marks(journal),
        *_app_marks(journal),
        *(() if goes_on else _end_marks(length, heal, conversation)),
    )
    return Picture(length, heal, answered, tuple(rows), tuple(sorted(marks, key=lambda mark: mark.t)))


def _clip(found: Iterator[Span], length: int) -> tuple[Span, ...]:
    clipped = (replace(span, end_us=min(span.end_us, length)) for span in found if span.start_us <= length)
    return tuple(sorted(clipped, key=lambda span: (span.start_us, span.end_us)))


def _levels(journal: Journal, lane: type[AudioLevels]) -> Iterator[Level]:
    for entry in journal.select(lane):
        lasts = entry.samples * SECOND // SAMPLE_RATE_HZ
        yield Level(entry.t, entry.t + lasts, round(dbfs(entry.rms), 1))


def _fault_marks(journal: Journal, length: int) -> Iterator[Mark]:
    for span in _clip(spans.faults(journal, length), length):
        until = "to the end" if span.end_us >= length else f"until {seconds(span.end_us)}"
        yield Mark(span.start_us, "▼", f"fault: {span.label}, {until}")


def _client_marks(journal: Journal) -> Iterator[Mark]:
    logged = [entry for entry in journal.select(ClientLog) if entry.kind == "first_chunk" and "line" in entry.fields]
    for lines in _groups(logged):
        times = f", {len(lines)} times" if len(lines) > 1 else ""
        yield Mark(lines[0].t, "•", f"the client logs{times}: {plain(lines[0].fields['line'])}")
    for entry in journal.select(ClientLog, ClientTellsUser):
        if isinstance(entry, ClientTellsUser):
            yield Mark(entry.t, "!", f"the client tells the user: {plain(entry.text)}")
        elif entry.kind == "remedy":
            reason = symptom(entry)
            yield Mark(entry.t, "▲", f"the client {remedy(entry)}" + (f", because {reason}" if reason else ""))
        elif entry.kind == "watchdog":
            yield Mark(entry.t, "◆", f"the client's watchdog sends {plain(entry.fields.get('sends', 'something'))}")


def _app_marks(journal: Journal) -> Iterator[Mark]:
    """What an app was seen to do, which logs nothing here, and what its stage could not do."""
    for ended in journal.select(AppEnded):
        where = f" ({plain(ended.place)})" if ended.place else ""
        yield Mark(ended.t, "✖", f"the app ended: {plain(ended.error or 'by itself, without an error')}{where}")
    for fence in journal.select(AppFenced):
        yield Mark(fence.t, "!", f"not as on a device: {plain(fence.what)}")
    if journal.is_of_app:
        for reopened in journal.select(ClientReopensCapture):
            yield Mark(reopened.t, "▲", "the app reopens the capture")
        for dialled in list(journal.select(ConnectionDialled))[1:]:
            yield Mark(dialled.t, "▲", "the app connects again")


def _groups(entries: Iterable[ClientLog]) -> list[list[ClientLog]]:
    """Groups of entries that follow each other within 2 s; each group becomes one mark."""
    groups: list[list[ClientLog]] = []
    for entry in entries:
        if groups and entry.t - groups[-1][-1].t <= 2 * SECOND:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return groups


def _end_marks(length: int, heal: int | None, conversation: Sequence[Wait]) -> Iterator[Mark]:
    """The heal, and what became of each utterance after it."""
    if heal is None:
        yield Mark(length, "■", "the end")
        return
    yield Mark(heal, "○", "healed: what heals by itself has; from now on the user asks again and again until answered")
    if not conversation or conversation[0].answer is None:
        yield Mark(length, "✖", "the time is up, and nothing that was asked after the heal was answered")
        return
    for number, wait in enumerate(conversation, start=1):
        is_first = number == 1
        what = "what was asked after the heal" if is_first else f"utterance {number}"
        if not wait.kept:
            late = f"{what} is not answered within {roughly(wait.within_us)}"
            yield Mark(min(length, wait.since_us + wait.within_us), "✖", late)
        if wait.answer is not None and wait.waited_us is not None:
            waited = roughly(wait.waited_us)
            after = f", {waited} after the heal" if is_first else f" after {waited}"
            yield Mark(wait.answer.at_us, "✔", f"the user hears an answer to {what}{after}")


_LANES: dict[str, type[AudioLevels] | Callable[[Journal, int], Iterator[Span]]] = {
    "phase": spans.phases,
    "user speaks": spans.user,
    "noise": spans.noises,
    "faults": spans.faults,
    "microphone": MicrophoneAudio,
    "sent": UplinkAudio,
    "server hears": spans.hearing,
    "shadow": session_spans.shadow,
    "turns": session_spans.turns,
    "response": spans.responses,
    "delivered": spans.delivered,
    "assistant": spans.assistant,
    "connection": spans.connection,
    "call": session_spans.calls,
    "page": session_spans.page,
}
"""The source of each lane: a function that gives spans, or a class of entries that holds levels."""
