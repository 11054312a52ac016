"""The spans of a run: one function for each lane, from a journal and its length in microseconds.

The spans are neither sorted nor clipped; ``harness.picture.lanes`` does that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from ..faults import CATALOGUE, MEDIA, MICROPHONE, NETWORK, MediaFault, WireFault
from ..journal import (
    LIVE,
    AudioDelivered,
    AudioNodeCollected,
    ClientReopensCapture,
    ConnectionClosed,
    ConnectionDialFailed,
    ConnectionDialled,
    ConnectionFaultEnded,
    ConnectionOpened,
    Entry,
    EventByServer,
    FaultInjected,
    FaultWithoutConnection,
    Journal,
    RoomNoise,
    RunEnded,
    SpeakerEnded,
    SpeakerPlaying,
    SpeakerResumed,
    SpeakerStopped,
    SpeakerSuspended,
    TurnClosed,
    UserSpeaks,
    WorldHealed,
)
from ..protocol.events import (
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    ResponseCreated,
    ResponseDone,
)
from ..units import SECOND
from ..verdict.diagnosis import is_live
from ..verdict.liveness import answered_at, waits
from .words import plain

Style = Literal[
    "story", "healed", "user", "probe", "later", "noise", "app", "capture", "network", "server", "hears", "response",
    "answer", "interrupted", "suspended", "silence", "open", "dialling", "refused",
]  # fmt: skip
"""The kind of a span; ``capture``, ``network``, ``server`` and ``app`` are faults."""

LONG_US = 10 * SECOND
"""A span of speech or silence that lasts longer shows its length."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something between two times, in microseconds."""

    start_us: int
    end_us: int
    label: str
    style: Style
    short: str = ""
    """A shorter label for narrow spans; empty if there is none."""


def packed(spans: Sequence[Span]) -> list[list[Span]]:
    """Spans in the order of their starts, in as few rows as needed, so that in none two overlap."""
    rows: list[list[Span]] = []
    for span in spans:
        row = next((row for row in rows if row[-1].end_us <= span.start_us), None)
        if row is None:
            rows.append([span])
        else:
            row.append(span)
    return rows


def phases(journal: Journal, length: int) -> Iterator[Span]:
    """The part before the heal, and the part after it; nothing if nobody played a scenario."""
    if journal.header.get("stage") == LIVE:
        return
    heal = next((entry.t for entry in journal.select(WorldHealed)), length)
    yield Span(0, heal, "the scenario", "story")
    if heal < length:
        goes_on = ", then goes on talking" if waits(journal)[1:] else ""
        yield Span(heal, length, f"healed: the user asks again and again until answered{goes_on}", "healed", "healed")


def user(journal: Journal, length: int) -> Iterator[Span]:
    """The user's utterances; after the heal the first one, each time it is said, is ``probe``, and others ``later``."""
    later = {wait.utterance.t: number for number, wait in enumerate(waits(journal)[1:], start=2)}
    for entry in journal.select(UserSpeaks):
        if entry.probe and entry.t in later:
            yield Span(entry.t, entry.end, f"utterance {later[entry.t]}", "later", str(later[entry.t]))
        elif entry.probe:
            yield Span(entry.t, entry.end, "asks again", "probe", "again")
        else:
            yield Span(entry.t, entry.end, "speaks", "user")


def noises(journal: Journal, length: int) -> Iterator[Span]:
    """Sounds of the room."""
    for entry in journal.select(RoomNoise):
        name = plain(entry.kind.replace("_", " "))
        yield Span(entry.t, entry.t + entry.length_us, name, "noise", name.split(" ")[0])


def hearing(journal: Journal, length: int) -> Iterator[Span]:
    """From each ``speech_started`` of the server to its end, at the latest the end of the connection."""
    started: int | None = None
    for entry in journal.entries:
        if started is not None and _ends_hearing(entry):
            yield _speech(started, entry.t)
            started = None
        elif started is None and isinstance(entry, EventByServer) and entry.is_a(InputAudioBufferSpeechStarted):
            started = entry.t
    if started is not None:
        yield _speech(started, length)


def _speech(start: int, end: int) -> Span:
    lasts = end - start
    label = f"in speech for {lasts // SECOND} s" if lasts > LONG_US else "in speech"
    return Span(start, end, label, "hears", "speech")


def responses(journal: Journal, length: int) -> Iterator[Span]:
    """From ``response.created`` to ``response.done``, at the latest the end of the connection."""
    open_since: dict[str | None, int] = {}
    for entry in journal.select(ConnectionDialled, ConnectionClosed, EventByServer):
        if not isinstance(entry, EventByServer):
            yield from (Span(start, entry.t, "response", "response") for start in open_since.values())
            open_since.clear()
        elif entry.is_a(ResponseCreated):
            open_since[entry.response_id] = entry.t
        elif entry.is_a(ResponseDone) and entry.response_id in open_since:
            yield Span(open_since.pop(entry.response_id), entry.t, "response", "response")
    yield from (Span(start, length, "response", "response") for start in open_since.values())


def delivered(journal: Journal, length: int) -> Iterator[Span]:
    """Live only: how much of each answer's audio was written to the client's socket, and how much was kept back."""
    if not is_live(journal):
        return
    first: dict[tuple[int, str], AudioDelivered] = {}
    last: dict[tuple[int, str], AudioDelivered] = {}
    for entry in journal.select(AudioDelivered):
        item = entry.connection, entry.item_id
        first.setdefault(item, entry)
        last[item] = entry
    for item, entry in last.items():
        kept_back = entry.sent_ms - entry.delivered_ms
        label = f"{entry.delivered_ms / 1000:.1f} s delivered"
        if kept_back:
            label += f", {kept_back / 1000:.1f} s kept back"
        style: Style = "answer" if not kept_back else "interrupted" if entry.delivered_ms else "silence"
        yield Span(
            first[item].t, max(entry.t, first[item].t + SECOND // 4), label, style, f"{entry.delivered_ms // 1000} s"
        )


def assistant(journal: Journal, length: int) -> Iterator[Span]:
    """What the speaker plays, when its output is suspended, and a long silence at the end; a live server knows nothing
    of it.
    """
    if journal.header.get("stage") == LIVE:
        return
    found = [*_played(journal, length), *_suspended(journal, length)]
    yield from found
    last = max((span.end_us for span in found), default=0)
    if answered_at(journal) is None and length - last > LONG_US:
        yield Span(last, length, f"silent for {(length - last) // SECOND} s", "silence", "silent")


def _played(journal: Journal, length: int) -> Iterator[Span]:
    playing: int | None = None
    for entry in journal.select(SpeakerPlaying, SpeakerEnded, SpeakerStopped, SpeakerSuspended):
        if playing is not None and isinstance(entry, SpeakerStopped):
            yield Span(playing, entry.t, "interrupted", "interrupted")
        elif playing is not None:
            yield Span(playing, entry.t, "answer", "answer")
        playing = entry.t if isinstance(entry, SpeakerPlaying) else None
    if playing is not None:
        yield Span(playing, length, "answer", "answer")


def _suspended(journal: Journal, length: int) -> Iterator[Span]:
    over = SpeakerResumed(t=length)
    for entry, after in pairwise([*journal.select(SpeakerSuspended, SpeakerResumed), over]):
        if isinstance(entry, SpeakerSuspended):
            yield Span(entry.t, after.t, "playback suspended", "suspended", "suspended")


def connection(journal: Journal, length: int) -> Iterator[Span]:
    """Connections and dials."""
    found: list[Entry] = [
        *journal.select(ConnectionDialled, ConnectionOpened, ConnectionDialFailed, ConnectionClosed),
        RunEnded(t=length),
    ]
    for entry, after in pairwise(found):
        if isinstance(entry, ConnectionOpened):
            yield Span(entry.t, after.t, "open", "open")
        elif isinstance(entry, ConnectionDialled) and isinstance(after, ConnectionDialFailed):
            yield Span(entry.t, after.t, "dial failed", "refused", "failed")
        elif isinstance(entry, ConnectionDialled):
            yield Span(entry.t, after.t, "dials", "dialling")


def faults(journal: Journal, length: int) -> Iterator[Span]:
    """Faults, as long as they have an effect: a fault that only the client can cure lasts until it does."""
    without_connection = {entry.struck_us for entry in journal.select(FaultWithoutConnection)}
    for entry in journal.select(FaultInjected):
        if entry.kind in MICROPHONE:
            yield Span(
                entry.t, _capture_until(journal, entry, length), f"microphone {entry.kind}", "capture", entry.kind
            )
        elif entry.kind == "app":
            yield Span(entry.t, entry.t + (entry.length_us or 0), "app in background", "app", "app")
        elif entry.t not in without_connection:
            kind = CATALOGUE.get(entry.kind)  # None: of a module of the user's own that is not imported here
            style: Style = "network" if kind is not None and kind.actor == "network" else "server"
            name = plain(entry.kind)
            begins = _effect_from(journal, entry)
            yield Span(begins, _effect_until(journal, entry, begins, length), f"{style} {name}", style, name)


def _capture_until(journal: Journal, fault: FaultInjected, length: int) -> int:
    """A fault without a length lasts until the client reopens the capture, any other until the heal at the latest.

    One by which the page lost its source of audio has no end any more.
    """
    lost = journal.select(AudioNodeCollected)
    if fault.length_us is None or any(fault.t < entry.t <= fault.t + fault.length_us for entry in lost):
        return next((entry.t for entry in journal.select(ClientReopensCapture) if entry.t > fault.t), length)
    heals = [entry.t for entry in journal.select(WorldHealed) if entry.t > fault.t]
    return min([fault.t + fault.length_us, *heals])


def _effect_from(journal: Journal, fault: FaultInjected) -> int:
    """When a fault takes effect: with an open connection, or, if it affects dials, at once."""
    kind = CATALOGUE.get(fault.kind)
    if kind is not None and issubclass(kind, WireFault | MediaFault) and kind.dials != "pass":
        return fault.t
    is_open, is_past = False, False
    for entry in journal.entries:
        is_past = is_past or entry is fault
        if isinstance(entry, ConnectionDialled | ConnectionOpened | ConnectionDialFailed | ConnectionClosed):
            is_open = isinstance(entry, ConnectionOpened)
        if is_past and is_open:
            return entry.t
    return fault.t


def _effect_until(journal: Journal, fault: FaultInjected, begins: int, length: int) -> int:
    """Until when the fault affects the connection or dials."""
    if isinstance(fault.connection, int):
        return _live_until(journal, fault, length)
    lasts = fault.length_us
    left = (entry.t for entry in journal.select(ConnectionDialled, ConnectionClosed) if entry.t > begins)
    replaced = next(left, length)
    if fault.kind in NETWORK:
        wire = NETWORK[fault.kind]
        assert issubclass(wire, WireFault)
        if wire.kills or wire.dials != "pass":
            ends = fault.t + (lasts or 0)
            return max(ends, replaced) if wire.permanent else ends
    media = MEDIA.get(fault.kind)
    if media is not None and issubclass(media, MediaFault) and media.dials != "pass" and lasts is not None:
        return fault.t + lasts
    return replaced if lasts is None else min(fault.t + lasts, replaced)


def _live_until(journal: Journal, fault: FaultInjected, length: int) -> int:
    """Of a live fault, which has one connection: until it ended, by itself or on request, or the connection did."""
    wire = NETWORK.get(fault.kind)
    stays = wire is not None and issubclass(wire, WireFault) and wire.permanent
    ends = [length if fault.length_us is None or stays else fault.t + fault.length_us]
    for entry in journal.select(ConnectionFaultEnded, ConnectionClosed):
        ours = isinstance(entry, ConnectionClosed) or entry.fault == fault.kind
        if ours and entry.connection == fault.connection and entry.t >= fault.t:
            ends.append(entry.t)
    return min(ends)


def _ends_hearing(entry: Entry) -> bool:
    if isinstance(entry, EventByServer):
        return entry.is_a(InputAudioBufferSpeechStopped)
    return isinstance(entry, TurnClosed | ConnectionDialled | ConnectionOpened | ConnectionClosed)
