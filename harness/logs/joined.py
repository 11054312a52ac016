"""A client's log and our server's journal of the same session: what each side sent and the other did not get.

The journal knows what arrived and what the server decided; the log knows what reached the client. Together they tell
apart what one of them leaves open.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..causes import Cause
from ..journal import AudioArrived, EventAtClient, EventByServer, Journal
from ..protocol.events import SessionCreated
from ..units import SECOND
from ..verdict.diagnosis import diagnose, is_live
from ..verdict.links import Diagnosis
from .answer import Excluded, LogDiagnosis, Suspect
from .conversation import SeenSession
from .diagnosis import diagnose_log
from .logged import LoggedSession, SessionLog

_ON_THE_WAY_DOWN: tuple[Cause, ...] = ("server_mute", "events_lost")
_MISSING_MS = 1_500
"""So much appended audio that did not arrive is more than what is on its way."""
_IN_FLIGHT_US = SECOND
"""What the server sent in the last second may not have reached the client."""
_OF_THE_SERVER: frozenset[Cause] = frozenset(
    {
        "vad_held", "vad_deaf", "turn_lost", "response_stuck", "response_failed", "reply_inaudible", "half_open",
        "uplink_late", "events_lost", "server_mute",
    }
)  # fmt: skip
"""Causes that a server's journal shows."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one side sent and the other did not get."""

    connection: int
    by: str
    """How the session was found: ``session id`` or ``order``."""
    missing_below: tuple[EventByServer, ...]
    """Events of the server that are not in the client's log, though it has others of their type."""
    missing_above: tuple[str, ...]
    """Types of client events that are not in the journal, once for each that is missing."""
    appended_ms: float | None
    """What the log says was appended; None: it does not show it."""
    arrived_ms: int
    later: bool
    """Whether anything of the server reached the client after the first missing event."""


def join(log: SessionLog, journal: Journal) -> LogDiagnosis:
    """The diagnosis of the log, narrowed by the journal of the server that it was connected to."""
    found = diagnose_log(log)
    session = next((each for each in reversed(log.sessions) if each.events), None)
    if session is None:
        return found
    compared = compare(session, len([each for each in log.sessions if each.events]), journal)
    served = diagnose(journal)
    evidence = (*found.evidence, *_words(compared), *(f"the server: {line}" for line in served.evidence))
    return _narrowed(replace(found, evidence=evidence), compared, served)


def compare(session: LoggedSession, count: int, journal: Journal) -> Comparison:
    """Compare a client's session, the ``count``-th of its log, with the journal's connection of the same session."""
    seen = SeenSession(session)
    connection, by = _connection(seen, count, journal)
    sent = [each for each in journal.select(EventByServer) if each.connection == connection]
    kinds = {mark.type for mark in seen.of_server()}
    got = Counter(_key(mark.type, _ids(mark.event)) for mark in seen.of_server())
    missing: list[EventByServer] = []
    later = False
    for each in sent:
        key = _key(each.kind, _ids_of(each))
        if got[key]:
            got[key] -= 1
            later = later or bool(missing)
        elif each.kind in kinds and each.t <= journal.end - _IN_FLIGHT_US:
            missing.append(each)
    arrived = Counter(each.kind for each in journal.select(EventAtClient) if each.connection == connection)
    own = Counter(m.type for m in seen.marks if session.events[m.index].by_client and "append" not in m.type)
    lost = tuple((own - arrived).elements()) if is_live(journal) else ()
    audio = [each.arrived_ms for each in journal.select(AudioArrived) if each.connection == connection]
    appended = seen.uplink.total_ms if seen.uplink.knows_lengths else None
    return Comparison(connection, by, tuple(missing), lost, appended, max(audio, default=0), later)


def _connection(seen: SeenSession, count: int, journal: Journal) -> tuple[int, str]:
    """By the session's id, else the one of the same number."""
    named = {_nested_id(mark.event) for mark in seen.of_server() if mark.type == "session.created"} - {None}
    connections = []
    for each in journal.events(EventByServer, SessionCreated):
        connections.append(each.connection)
        if each.fields.get("session_id") in named:
            return each.connection, "session id"
    order = connections[count - 1] if count <= len(connections) else max(connections, default=0)
    return order, "order"


def _nested_id(event: Mapping[str, Any]) -> object:
    session = event.get("session")
    return session.get("id") if isinstance(session, Mapping) else None


def _key(kind: str, ids: tuple[object, object]) -> str:
    return f"{kind} {ids[0]} {ids[1]}" if any(ids) else kind


def _ids(event: Mapping[str, Any]) -> tuple[object, object]:
    response, item = event.get("response"), event.get("item")
    response_id = event.get("response_id") or (response.get("id") if isinstance(response, Mapping) else None)
    item_id = event.get("item_id") or (item.get("id") if isinstance(item, Mapping) else None)
    return response_id, item_id


def _ids_of(entry: EventByServer) -> tuple[object, object]:
    return entry.fields.get("response_id"), entry.fields.get("item_id")


def _words(compared: Comparison) -> tuple[str, ...]:
    words = [f"the session is connection {compared.connection} of the journal, by its {compared.by}"]
    if compared.missing_below:
        first = compared.missing_below[0]
        words.append(
            f"{len(compared.missing_below)} events that the server sent are not in the log, the first of them "
            f"{first.kind} at {first.t / SECOND:.3f} s of the journal"
        )
    if compared.missing_above:
        kinds = ", ".join(dict.fromkeys(compared.missing_above))
        words.append(f"{len(compared.missing_above)} events that the client sent did not arrive: {kinds}")
    if compared.appended_ms is not None:
        appended, arrived = compared.appended_ms / 1000, compared.arrived_ms / 1000
        words.append(f"the client appended {appended:.1f} s of audio, and {arrived:.1f} s arrived")
    return tuple(words)


def _narrowed(found: LogDiagnosis, compared: Comparison, served: Diagnosis) -> LogDiagnosis:
    """Only what both sides allow."""
    if found.state == "answered" and served.state in ("answered", "quiet"):
        return found
    lost = compared.appended_ms is not None and compared.appended_ms - compared.arrived_ms >= _MISSING_MS
    if compared.missing_below:
        cause: Cause = "events_lost" if compared.later else "server_mute"
        why = "the server sent events that the log does not have" + (
            ", and others that it has" if compared.later else ""
        )
        return _decided(found, cause, why)
    if lost or compared.missing_above:
        why = "what the client sent did not arrive"
        return _decided(found, "half_open" if lost else "events_lost", why)
    if served.cause is not None and served.cause in _OF_THE_SERVER:
        return _decided(found, served.cause, f"the server's journal shows it: {served.evidence[0]}")
    if served.cause is not None and found.state in ("answered", "quiet"):
        why = f"the server's journal shows it, and the log does not: {served.evidence[0]}"
        suspects = (Suspect(served.cause, "likely", why), *found.suspects)
        return replace(found, state="unknown", suspects=suspects, unseen=()).ranked()
    excluded = [
        Excluded(each.cause, "all that each side sent reached the other")
        for each in (*found.suspects, *found.also)
        if each.cause in (*_ON_THE_WAY_DOWN, "half_open", "uplink_late")
    ]
    gone = {each.cause for each in excluded}
    left = tuple(each for each in (*found.suspects, *found.also) if each.cause not in gone)
    if served.state == "quiet":
        gone |= {"vad_deaf"}
        left = tuple(each for each in left if each.cause != "vad_deaf")
    return replace(found, suspects=left, also=(), excluded=(*found.excluded, *excluded)).ranked()


def _decided(found: LogDiagnosis, cause: Cause, why: str) -> LogDiagnosis:
    others = [each for each in (*found.suspects, *found.also) if each.cause != cause]
    excluded = tuple(Excluded(each.cause, why) for each in others)
    sure = Suspect(cause, "certain", why)
    return replace(
        found, state="silent", suspects=(sure,), also=(), unseen=(), excluded=(*found.excluded, *excluded)
    ).ranked()
