"""The spans of a run's lanes, one function a lane: from a journal and its length, in no order, not clipped.

``harness.report.lanes`` puts them together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from harness.faults import CATALOGUE, MICROPHONE, NETWORK, WireFault
from harness.journal import Entry, Journal
from harness.report.words import plain
from harness.units import SECOND
from harness.verdict.liveness import answered_at

Style = Literal[
    "story", "healed", "user", "probe", "noise", "app", "capture", "network", "server", "hears", "response", "answer",
    "interrupted", "suspended", "silence", "open", "dialling", "refused",
]  # fmt: skip
"""What a span is; ``capture``, ``network``, ``server`` and ``app`` are faults."""

LONG_US = 10 * SECOND
"""A span of speech that lasts longer says so."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasted."""

    start_us: int
    end_us: int
    label: str
    style: Style
    short: str = ""
    """The label where there is little room, if it has a shorter one."""


def phases(journal: Journal, length: int) -> Iterator[Span]:
    """The part before the heal, and the part after it."""
    heal = next((entry.t for entry in journal.select("world", "heal")), length)
    yield Span(0, heal, "the scenario", "story")
    if heal < length:
        yield Span(heal, length, "healed: the user asks again and again until answered", "healed", "healed")


def user(journal: Journal, length: int) -> Iterator[Span]:
    """The user's utterances; those of the persistent user are ``probe``."""
    for entry in journal.select("user", "speaks"):
        until = entry.t + entry.fields["length_us"]
        if entry.fields["probe"]:
            yield Span(entry.t, until, "asks again", "probe", "again")
        else:
            yield Span(entry.t, until, "speaks", "user")


def noises(journal: Journal, length: int) -> Iterator[Span]:
    """Sounds of the room."""
    for entry in journal.select("room"):
        name = plain(entry.kind.replace("_", " "))
        yield Span(entry.t, entry.t + entry.fields["length_us"], name, "noise", name.split(" ")[0])


def hearing(journal: Journal, length: int) -> Iterator[Span]:
    """From each ``speech_started`` of the server to what ended it, at the latest the end of its connection."""
    started: int | None = None
    for entry in journal.entries:
        if started is not None and (entry.lane, entry.kind) in _HEARING_ENDS:
            yield _speech(started, entry.t)
            started = None
        elif started is None and (entry.lane, entry.kind) == ("server", "input_audio_buffer.speech_started"):
            started = entry.t
    if started is not None:
        yield _speech(started, length)


def _speech(start: int, end: int) -> Span:
    lasts = end - start
    label = f"in speech for {lasts // SECOND} s" if lasts > LONG_US else "in speech"
    return Span(start, end, label, "hears", "speech")


def responses(journal: Journal, length: int) -> Iterator[Span]:
    """From ``response.created`` to ``response.done``, at the latest the end of its connection."""
    begun: dict[str, int] = {}
    for entry in journal.entries:
        if entry.lane == "connection" and entry.kind in ("dial", "closed"):
            yield from (Span(start, entry.t, "response", "response") for start in begun.values())
            begun.clear()
        elif entry.lane == "server" and entry.kind == "response.created":
            begun[entry.fields["response_id"]] = entry.t
        elif entry.lane == "server" and entry.kind == "response.done" and entry.fields["response_id"] in begun:
            yield Span(begun.pop(entry.fields["response_id"]), entry.t, "response", "response")
    yield from (Span(start, length, "response", "response") for start in begun.values())


def assistant(journal: Journal, length: int) -> Iterator[Span]:
    """What the speaker plays, where its output is suspended, and a silence that lasts to the end."""
    found = [*_played(journal, length), *_suspended(journal, length)]
    yield from found
    last = max((span.end_us for span in found), default=0)
    if answered_at(journal) is None and length - last > LONG_US:
        yield Span(last, length, f"silent for {(length - last) // SECOND} s", "silence", "silent")


def _played(journal: Journal, length: int) -> Iterator[Span]:
    playing: int | None = None
    for entry in journal.select("speaker", "playing", "ended", "stopped", "suspended"):
        if playing is not None:
            yield Span(playing, entry.t, *_ANSWERS.get(entry.kind, ("answer", "answer")))
        playing = entry.t if entry.kind == "playing" else None
    if playing is not None:
        yield Span(playing, length, "answer", "answer")


def _suspended(journal: Journal, length: int) -> Iterator[Span]:
    over = Entry(length, "speaker", "resumed", {})
    for entry, after in pairwise([*journal.select("speaker", "suspended", "resumed"), over]):
        if entry.kind == "suspended":
            yield Span(entry.t, after.t, "playback suspended", "suspended", "suspended")


def connection(journal: Journal, length: int) -> Iterator[Span]:
    """Connections and dials."""
    entries = list(journal.select("connection", "dial", "open", "dial_failed", "closed"))
    over = Entry(length, "world", "end", {})
    for entry, after in pairwise([*entries, over]):
        if entry.kind == "open":
            yield Span(entry.t, after.t, "open", "open")
        elif entry.kind == "dial" and after.kind == "dial_failed":
            yield Span(entry.t, after.t, "dial failed", "refused", "failed")
        elif entry.kind == "dial":
            yield Span(entry.t, after.t, "dials", "dialling")


def faults(journal: Journal, length: int) -> Iterator[Span]:
    """Faults, for as long as they are felt: one that only the client can cure lasts until it does."""
    struck_nothing = {entry.fields["struck_us"] for entry in journal.select("world", "no_connection")}
    for entry in journal.select("fault"):
        if entry.kind in MICROPHONE:
            yield Span(
                entry.t, _capture_until(journal, entry, length), f"microphone {entry.kind}", "capture", entry.kind
            )
        elif entry.kind == "app":
            yield Span(entry.t, entry.t + entry.fields["length_us"], "app in background", "app", "app")
        elif entry.t not in struck_nothing:
            style: Style = "network" if entry.kind in NETWORK else "server"
            name = plain(entry.kind)
            meets = _meets_connection(journal, entry)
            yield Span(meets, _struck_until(journal, entry, meets, length), f"{style} {name}", style, name)


def _capture_until(journal: Journal, fault: Entry, length: int) -> int:
    """A fault without a length lasts until the client reopens the capture, any other until the heal at the latest."""
    lasts: int | None = fault.fields["length_us"]
    if lasts is None:
        return next((entry.t for entry in journal.select("client", "reopens_capture") if entry.t > fault.t), length)
    heals = [entry.t for entry in journal.select("world", "heal") if entry.t > fault.t]
    return min([fault.t + lasts, *heals])


def _meets_connection(journal: Journal, fault: Entry) -> int:
    """A fault meets the connection that is open, or else the next one; dials it meets at once."""
    kind = CATALOGUE[fault.kind]
    if issubclass(kind, WireFault) and kind.dials != "pass":
        return fault.t
    is_open, is_past = False, False
    for entry in journal.entries:
        is_past = is_past or entry is fault
        if entry.lane == "connection":
            is_open = entry.kind == "open"
        if is_past and is_open:
            return entry.t
    return fault.t


def _struck_until(journal: Journal, fault: Entry, meets: int, length: int) -> int:
    """How long the connection that was struck is not what it should be, or dials fail."""
    lasts: int | None = fault.fields["length_us"]
    left = (entry.t for entry in journal.select("connection", "dial", "closed") if entry.t > meets)
    replaced = next(left, length)
    if fault.kind in NETWORK:
        wire = NETWORK[fault.kind]
        assert issubclass(wire, WireFault)
        if wire.kills or wire.dials != "pass":
            ends = fault.t + (lasts or 0)
            return max(ends, replaced) if wire.permanent else ends
    return replaced if lasts is None else min(fault.t + lasts, replaced)


_ANSWERS: dict[str, tuple[str, Style]] = {"stopped": ("interrupted", "interrupted")}
_HEARING_ENDS = {
    ("server", "input_audio_buffer.speech_stopped"),
    ("server", "turn_closed"),
    ("connection", "dial"),
    ("connection", "open"),
    ("connection", "closed"),
}
