"""Makes a :class:`SessionLog` of what a reader found: one axis of time, connections apart, audio out of the events."""

import itertools
import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .clips import Clips, EventAudio, clip_of, without_audio
from .doubled import doubles
from .frames import AnyFrame, CloseFrame, EventFrame, LevelFrame, SpanFrame, TelephoneFrame
from .logged import LogClock, LoggedClose, LoggedEvent, LoggedLevel, LoggedSession, LoggedTelephone, SessionLog
from .opening import LATER_MISSING
from .shortened import without_fragments
from .stamped_ids import stamps_of_ids
from .times import LogTimes, Stamp, timeline
from .twilio import logged_telephone
from .vocabulary import APPEND, CLIENT_TYPES, PRESENT_NAMES, SERVER_TYPES, is_by_client

MOST_TEXT_BYTES = 32 * 1024 * 1024
"""So much of the events, without their audio, is kept: ten hours of conversation."""
MOST_EVENTS = 2_000_000
_DEEPEST = 40


_Item = LoggedEvent | LoggedTelephone


@dataclass(slots=True)
class _Gathered:
    events: list[_Item] = field(default_factory=list)
    stamps: list[Stamp | None] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    closes: list[tuple[CloseFrame, int]] = field(default_factory=list)
    spans: list[SpanFrame] = field(default_factory=list)
    alike: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Events that only have a type, as most appends: one object for each type."""
    text_bytes: int = 0

    def slim(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event, or one that is alike."""
        return self.alike.setdefault(event["type"], event) if len(event) == 1 else event


def gather(frames: Iterable[AnyFrame], form: str, notes: list[str], *, sockets_known: bool = False) -> SessionLog:
    """The log that a reader's frames make. ``notes`` is filled by the reader while it is read.

    ``sockets_known``: the form tells connections apart; otherwise a second ``session.created`` begins another.
    """
    gathered = _Gathered()
    clips = Clips()
    for frame in frames:
        if not _take(frame, gathered, clips):
            notes.append(f"The log has more than {len(gathered.events)} events; {LATER_MISSING}.")
            break
    clips.release()
    _drop_doubles(gathered, notes)
    extra = [close.stamp for close, _ in gathered.closes] + [span.stamp for span in gathered.spans]
    count = len(gathered.events)
    line, clock = _axis(gathered, extra)
    if line.newest_first:
        _turn(gathered)
        line = replace(line, times=[*reversed(line.times[:count]), *line.times[count:]])
    events = [replace(event, t=t) for event, t in zip(gathered.events, line.times, strict=False)]
    close_times = line.times[count : count + len(gathered.closes)]
    closes = [
        (close.socket, place, LoggedClose(t, close.code, close.reason, close.by_client))
        for (close, place), t in zip(gathered.closes, close_times, strict=True)
    ]
    spans = list(zip(gathered.spans, line.times[count + len(gathered.closes) :], strict=True))
    names = gathered.sockets if sockets_known else _connections(events, gathered.sockets)
    sessions = _sessions(events, names, closes, spans, notes)
    began = None if line.began_us is None else line.began_us / 1e6
    is_cut = any(LATER_MISSING in note for note in notes)
    return SessionLog(form, clock, began, sessions, tuple(notes), is_cut, max(1, line.tick_us))


def _drop_doubles(gathered: _Gathered, notes: list[str]) -> None:
    """Leave out the second copies in a log that has each message twice."""
    second = doubles(gathered.events, gathered.stamps, gathered.sockets)
    if not second:
        return
    notes.append(f"Messages stand in the log twice; {len(second)} copies are left out.")
    kept = [place for place in range(len(gathered.events)) if place not in second]
    gathered.closes = [(close, bisect_left(kept, place)) for close, place in gathered.closes]
    gathered.events = [gathered.events[place] for place in kept]
    gathered.stamps = [gathered.stamps[place] for place in kept]
    gathered.sockets = [gathered.sockets[place] for place in kept]


def _take(frame: AnyFrame, gathered: _Gathered, clips: Clips) -> bool:
    """Keep a frame. False: there is no room for more."""
    if isinstance(frame, CloseFrame):
        gathered.closes.append((frame, len(gathered.events)))
    elif isinstance(frame, SpanFrame):
        gathered.spans.append(frame)
    elif isinstance(frame, LevelFrame):
        level = LoggedLevel(frame.rms, frame.peak, frame.all_zeros)
        event = LoggedEvent(frame.place, None, True, gathered.slim({"type": APPEND}), frame.size, level=level)
        _keep(gathered, event, frame.stamp, frame.socket)
    elif isinstance(frame, TelephoneFrame):
        _keep(gathered, logged_telephone(frame.document, frame.place, clips), frame.stamp, frame.socket)
    else:
        _take_event(frame, gathered, clips)
    return gathered.text_bytes < MOST_TEXT_BYTES and len(gathered.events) < MOST_EVENTS


def _take_event(frame: EventFrame, gathered: _Gathered, clips: Clips) -> None:
    kind = frame.document.get("type")
    if not isinstance(kind, str):
        return
    clip = clip_of(frame.document, clips)
    plain = without_audio(frame.document)
    if kind in PRESENT_NAMES:
        plain["type"] = PRESENT_NAMES[kind]
    known = kind in CLIENT_TYPES or kind in SERVER_TYPES
    by_client = is_by_client(kind) if known or frame.by_client is None else frame.by_client
    if _is_deep(plain):
        plain = {name: value for name, value in plain.items() if not isinstance(value, dict | list)}
    slim = gathered.slim(plain)
    gathered.text_bytes += _size(slim)
    event = LoggedEvent(frame.place, None, by_client, slim, clip.size, clip.audio)
    _keep(gathered, event, frame.stamp, frame.socket)
    for _ in range(frame.count - 1):
        again = replace(event, audio=None) if clip == EventAudio(clip.size) else event
        _keep(gathered, again, None, frame.socket)


def _size(event: Mapping[str, Any]) -> int:
    """About how many bytes an event takes."""
    texts = sum(len(value) for value in event.values() if isinstance(value, str))
    return texts + sum(len(json.dumps(value)) for value in event.values() if isinstance(value, dict | list))


def _is_deep(event: Mapping[str, Any]) -> bool:
    """Whether an event is nested more deeply than any of the protocol is."""
    level: list[Any] = [event]
    for _ in range(_DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def _keep(gathered: _Gathered, event: _Item, stamp: Stamp | None, socket: str) -> None:
    gathered.events.append(event)
    gathered.stamps.append(stamp)
    gathered.sockets.append(socket)


def _axis(gathered: _Gathered, extra: Sequence[Stamp | None]) -> tuple[LogTimes, LogClock]:
    count = len(gathered.events)
    if any(each is not None for each in gathered.stamps):
        line = timeline([*gathered.stamps, *extra])
        return replace(line, times=_between(line.times[:count]) + line.times[count:]), "recorded"
    turned = _is_turned(gathered.events)
    ids = stamps_of_ids(list(reversed(gathered.events)) if turned else gathered.events)
    if ids is None:
        return LogTimes([None] * (count + len(extra)), None, 1, turned), "none"
    line = timeline(ids)
    times = list(reversed(line.times)) if turned else line.times
    return LogTimes([*times, *([None] * len(extra))], line.began_us, 1_000_000, turned), "ids"


def _between(times: Sequence[int | None]) -> list[int | None]:
    """Events without a time of their own between two that have one: spread evenly. After the last one, as before it."""
    known = [(place, t) for place, t in enumerate(times) if t is not None]
    filled = list(times)
    steps = [0]
    for (one, start), (other, end) in itertools.pairwise(known):
        for place in range(one + 1, other):
            filled[place] = start + (end - start) * (place - one) // (other - one)
            steps.append((end - start) // (other - one))
    step = sorted(steps)[len(steps) // 2]
    if known:
        last, t = known[-1]
        filled[last + 1 :] = [t + step * number for number in range(1, len(times) - last)]
    return filled


def _type(event: _Item) -> str:
    return event.type if isinstance(event, LoggedEvent) else ""


def _is_turned(events: Sequence[_Item]) -> bool:
    """Whether a log without times has the newest first: what comes first by the protocol stands last."""
    begun: dict[tuple[str, str], int] = {}
    ended: dict[tuple[str, str], int] = {}
    for place, event in enumerate(events):
        kind, _, what = _type(event).rpartition(".")
        if isinstance(event, LoggedEvent) and what in ("created", "speech_started"):
            begun.setdefault((kind, _subject(event)), place)
        elif isinstance(event, LoggedEvent) and what in ("updated", "done", "speech_stopped"):
            ended[kind, _subject(event)] = place
    signs = [begun[each] - ended[each] for each in begun if each in ended]
    return bool(signs) and sum(each > 0 for each in signs) > len(signs) / 2


def _subject(event: LoggedEvent) -> str:
    """The id of the response, the item or the session that an event is about; empty: it does not tell."""
    inner = event.event.get("response") or event.event.get("session")
    known = inner.get("id") if isinstance(inner, dict) else event.event.get("item_id")
    return known if isinstance(known, str) else ""


def _turn(gathered: _Gathered) -> None:
    count = len(gathered.events)
    gathered.events.reverse()
    gathered.sockets.reverse()
    gathered.closes = [(close, count - place) for close, place in gathered.closes]


def _connections(events: Sequence[_Item], told: Sequence[str]) -> list[str]:
    """The connection of each event: the log's own name of it, and another from each ``session.created`` on."""
    told = _everywhere(told)
    names: list[str] = []
    numbers: dict[str, int] = {}
    created: set[str] = set()
    for place, (event, name) in enumerate(zip(events, told, strict=True)):
        if _type(event) == "session.created":
            if name in created:
                numbers[name] = numbers.get(name, 1) + 1
                _take_along(events, told, names, place, f"{name}#{numbers[name]}")
            created.add(name)
        number = numbers.get(name, 1)
        names.append(name if number == 1 else f"{name}#{number}")
    return names


def _everywhere(told: Sequence[str]) -> Sequence[str]:
    """The names of connections, also where a log leaves one out: that of the event before."""
    name = next(filter(None, told), "")
    full: list[str] = []
    for each in told:
        name = each or name
        full.append(name)
    return full


def _take_along(events: Sequence[_Item], told: Sequence[str], names: list[str], place: int, name: str) -> None:
    """A client's ``session.update`` right before ``session.created`` was sent on the new connection already."""
    while place and told[place - 1] == told[place] and _type(events[place - 1]) == "session.update":
        place -= 1
        names[place] = name


def _sessions(
    items: Sequence[_Item],
    names: Sequence[str],
    closes: Sequence[tuple[str, int, LoggedClose]],
    spans: Sequence[tuple[SpanFrame, int | None]],
    notes: list[str],
) -> tuple[LoggedSession, ...]:
    by_name: dict[str, list[_Item]] = {}
    for item, name in zip(items, names, strict=True):
        by_name.setdefault(name, []).append(item)
    sessions: list[LoggedSession] = []
    cut = 0
    for name, own in by_name.items():
        ordered = sorted(own, key=lambda each: each.t or 0) if all(each.t is not None for each in own) else own
        telephone = tuple(each for each in ordered if isinstance(each, LoggedTelephone))
        events = tuple(each for each in ordered if isinstance(each, LoggedEvent))
        if not any(each.type in CLIENT_TYPES or each.type in SERVER_TYPES for each in events) and not telephone:
            continue
        events, shortened = without_fragments(events)
        cut += shortened
        opened = [t for span, t in spans if span.socket == name and span.opens and t is not None]
        ended = [t for span, t in spans if span.socket == name and not span.opens and t is not None]
        ended = [t for t in ended if t >= (ordered[-1].t or 0)]  # mitmproxy writes how long the handshake took
        close = next((each for socket, place, each in closes if _is_of(socket, place, names, name)), None)
        title = next(filter(None, map(_session_id, events)), name or f"session {len(sessions) + 1}")
        span = min(opened, default=None), max(ended, default=None)
        sessions.append(LoggedSession(title, events, *span, close, telephone))
    if strange := len(by_name) - len(sessions):
        sockets = "1 socket holds" if strange == 1 else f"{strange} sockets hold"
        notes.append(f"{sockets} no events of the Realtime protocol; what went over them is left out.")
    if cut:
        notes.append("The log has only a fragment of the audio of each event; it counts as a log without that audio.")
    return tuple(sessions)


def _is_of(socket: str, place: int, names: Sequence[str], name: str) -> bool:
    """Whether a close is that of a connection: by its name, or because it stands behind the events of this one."""
    return socket == name if socket else 0 < place <= len(names) and names[place - 1] == name


def _session_id(event: LoggedEvent) -> str | None:
    session = event.event.get("session")
    found = session.get("id") if event.type == "session.created" and isinstance(session, dict) else None
    return found if isinstance(found, str) else None
