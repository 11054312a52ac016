"""What there is to see in a run, from its journal alone: lanes of levels and spans, and marks.

Nothing here knows how it is drawn, so the terminal, a page and a trace show the same. All times are microseconds since
the start, clipped to the length of the run.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.journal import Entry, Journal
from harness.report import spans
from harness.report.spans import Span
from harness.report.words import plain, remedy, seconds, symptom
from harness.units import SECOND, dbfs
from harness.verdict.liveness import answered_at


@dataclass(frozen=True, slots=True)
class Level:
    """The RMS of a stretch of audio, in dBFS; :data:`harness.units.SILENCE_DBFS` is digital zero."""

    start_us: int
    end_us: int
    dbfs: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened."""

    t: int
    symbol: str
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row, of levels or of spans; both in the order of their starts."""

    name: str
    levels: tuple[Level, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """All there is to see. Times in microseconds; ``answered_us`` is the answer that the verdict rests on."""

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
    """The picture of a journal of any stage; lanes it says nothing about are empty."""
    length = max((entry.t for entry in journal.entries), default=0)
    heal = next((entry.t for entry in journal.select("world", "heal")), None)
    answered = answered_at(journal)
    rows = []
    for name, source in _LANES.items():
        if isinstance(source, str):
            rows.append(Lane(name, levels=tuple(_levels(journal, source))))
        else:
            rows.append(Lane(name, spans=_clip(source(journal, length), length)))
    marks = (*_fault_marks(journal, length), *_client_marks(journal), *_end_marks(length, heal, answered))
    return Picture(length, heal, answered, tuple(rows), tuple(sorted(marks, key=lambda mark: mark.t)))


def _clip(found: Iterator[Span], length: int) -> tuple[Span, ...]:
    clipped = (replace(span, end_us=min(span.end_us, length)) for span in found if span.start_us <= length)
    return tuple(sorted(clipped, key=lambda span: (span.start_us, span.end_us)))


def _levels(journal: Journal, lane: str) -> Iterator[Level]:
    for entry in journal.select(lane, "audio"):
        lasts = entry.fields["samples"] * SECOND // SAMPLE_RATE_HZ
        yield Level(entry.t, entry.t + lasts, round(dbfs(entry.fields["rms"]), 1))


def _fault_marks(journal: Journal, length: int) -> Iterator[Mark]:
    for span in _clip(spans.faults(journal, length), length):
        until = "to the end" if span.end_us >= length else f"until {seconds(span.end_us)}"
        yield Mark(span.start_us, "▼", f"fault: {span.label}, {until}")


def _client_marks(journal: Journal) -> Iterator[Mark]:
    for lines in _stretches(journal.select("client", "first_chunk")):
        times = f", {len(lines)} times" if len(lines) > 1 else ""
        yield Mark(lines[0].t, "•", f"the client logs{times}: {plain(lines[0].fields['line'])}")
    for entry in journal.select("client", "remedy", "watchdog", "tells_user"):
        if entry.kind == "remedy":
            reason = symptom(entry)
            yield Mark(entry.t, "▲", f"the client {remedy(entry)}" + (f", because {reason}" if reason else ""))
        elif entry.kind == "watchdog":
            yield Mark(entry.t, "◆", f"the client's watchdog sends {plain(entry.fields.get('sends', 'something'))}")
        else:
            yield Mark(entry.t, "!", f"the client tells the user: {plain(entry.fields['text'])}")


def _stretches(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Entries that follow each other within 2 s are told as one."""
    stretches: list[list[Entry]] = []
    for entry in entries:
        if stretches and entry.t - stretches[-1][-1].t <= 2 * SECOND:
            stretches[-1].append(entry)
        else:
            stretches.append([entry])
    return stretches


def _end_marks(length: int, heal: int | None, answered: int | None) -> Iterator[Mark]:
    if heal is not None:
        yield Mark(heal, "○", "healed: what heals by itself has; from now on the user asks again and again")
    if answered is not None:
        yield Mark(answered, "✔", "the user hears an answer to what was asked after the heal")
    elif heal is not None:
        yield Mark(length, "✖", "the time is up, and nothing that was asked after the heal was answered")
    else:
        yield Mark(length, "■", "the end")


_LANES: dict[str, str | Callable[[Journal, int], Iterator[Span]]] = {
    "phase": spans.phases,
    "user speaks": spans.user,
    "noise": spans.noises,
    "faults": spans.faults,
    "microphone": "microphone",
    "sent": "uplink",
    "server hears": spans.hearing,
    "response": spans.responses,
    "assistant": spans.assistant,
    "connection": spans.connection,
}
"""Where each lane comes from: the spans of a function, or the levels of a lane of the journal."""
