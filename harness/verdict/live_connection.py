"""What became of the connections of a live client: what of it arrived, what was delivered, who ended them.

Each function returns a :class:`~harness.verdict.links.Diagnosis` if something is wrong, None if not.
"""

from dataclasses import replace

from ..causes import Cause
from ..journal import (
    AudioArrived,
    ConnectionClosed,
    ConnectionDialFailed,
    EventAtClient,
    FaultInjected,
    UplinkAudio,
    UplinkHeldBack,
)
from ..protocol.events import ErrorEvent
from ..units import MS, SECOND
from .links import LIKELY, PERHAPS, Diagnosis
from .live_evidence import LiveEvidence

MISSING = "the journal of a live server holds neither the user nor what the client captured, received and played"
WAITING_US = 1_500 * MS
"""If as much audio waits to be read, the user has given up before the answer."""
_NO_ARRIVAL_US = 1_500 * MS
"""Audio that arrives has an entry once a second; without one for so long while bytes are received, none arrives."""
_MANY_REFUSED = 10


def uplink_dead(evidence: LiveEvidence) -> Diagnosis | None:
    """The client's bytes reach the socket, and nothing of them the session."""
    connection = evidence.last_connection
    held = [e for e in evidence.journal.select(UplinkHeldBack) if e.connection == connection]
    if not held or not held[-1].size_bytes:
        return None
    last = _last_arrival(evidence, connection)
    if held[-1].t - last < _NO_ARRIVAL_US:
        return None
    said = (
        f"{held[-1].size_bytes} bytes of the client reached the server, and nothing has arrived since {seconds(last)}"
    )
    alive = evidence.delivered_since(connection, last + SECOND)
    if alive is not None:
        lives = f"and yet {alive.kind} was delivered at {seconds(alive.t)}: the connection lives"
        return replace(silent(evidence, "events_lost", last, LIKELY, said, lives), works_until="sent")
    return replace(silent(evidence, "half_open", last, LIKELY, said), works_until="sent")


def uplink_unreadable(evidence: LiveEvidence) -> Diagnosis | None:
    """The client's messages arrive, and the server can read none of them."""
    connection = evidence.last_connection
    last = _last_arrival(evidence, connection)
    refused = [entry for entry in evidence.events(connection, ErrorEvent, since=last) if entry.t > last]
    if len(refused) < _MANY_REFUSED or refused[-1].t - last < _NO_ARRIVAL_US:
        return None
    said = f"{len(refused)} messages of the client since {seconds(last)} could not be read, and no other has arrived"
    return replace(silent(evidence, "events_lost", last, LIKELY, said), works_until="sent")


def _last_arrival(evidence: LiveEvidence, connection: int) -> int:
    arrivals = evidence.journal.select(AudioArrived, UplinkAudio, EventAtClient)
    return max((entry.t for entry in arrivals if entry.connection == connection), default=0)


def uplink_late(evidence: LiveEvidence, waiting_us: int) -> Diagnosis | None:
    """Audio of the client waits to be read for longer and longer."""
    held = [e for e in evidence.journal.select(UplinkHeldBack) if e.connection == evidence.last_connection]
    if not held or held[-1].audio_ms * MS < waiting_us or held[-1].late_ms * MS < WAITING_US:
        return None
    late = f"{held[-1].audio_ms / 1000:.1f} s of the client's audio waited to be read at {seconds(held[-1].t)}"
    arrives = f"what arrived then was {held[-1].late_ms / 1000:.1f} s late"
    found = silent(evidence, "uplink_late", held[-1].t - held[-1].audio_ms * MS, LIKELY, late, arrives)
    return replace(found, works_until="sent")


def never_connected(evidence: LiveEvidence) -> Diagnosis | None:
    """The client has dialled, and never got a connection."""
    failed = list(evidence.journal.select(ConnectionDialFailed))
    if evidence.last_connection or not failed:
        return None
    times = "once" if len(failed) == 1 else f"{len(failed)} times"
    said = [f"the client has dialled {times}, and got no connection", *_why(failed[-1])]
    return silent(evidence, "unreachable", failed[0].t, LIKELY, *said)


def _why(failed: ConnectionDialFailed) -> list[str]:
    return [f"the last time, {failed.why}"] if isinstance(failed.why, str) else []


def not_come_back(evidence: LiveEvidence) -> Diagnosis | None:
    """What was said last was answered; but then the connection ended, and the client tries in vain or not at all."""
    closed = evidence.closed.get(evidence.last_connection)
    if closed is None or closed.by not in ("client", "server"):
        return None
    if closed.by == "client" and not _dials_failed(evidence, closed):
        return None
    since = f"the {closed.by} ended the connection at {seconds(closed.t)}, and the client has had none since"
    return _ended(evidence, closed, since)


def _ended(evidence: LiveEvidence, closed: ConnectionClosed, said: str) -> Diagnosis:
    failed = _dials_failed(evidence, closed)
    if failed and closed.connection == evidence.last_connection:
        tried = f"it has dialled {failed} times since, and got no connection"
        last = list(evidence.journal.select(ConnectionDialFailed))[-1]
        return silent(evidence, "unreachable", closed.t, LIKELY, said, tried, *_why(last))
    if closed.by == "client" and closed.connection == evidence.last_connection:
        return silent(evidence, "client_left", closed.t, LIKELY, said)
    return silent(evidence, "client_waiting", closed.t, PERHAPS, said)


def _dials_failed(evidence: LiveEvidence, closed: ConnectionClosed) -> int:
    return sum(entry.t >= closed.t for entry in evidence.journal.select(ConnectionDialFailed))


def hung_up(evidence: LiveEvidence, connection: int, until: int, what: str) -> Diagnosis | None:
    """The connection was closed before this could be done."""
    closed = evidence.closed.get(connection)
    if closed is None or closed.t > until or closed.by == "stop":
        return None
    who = "the client" if closed.by == "client" else "the server"
    return _ended(evidence, closed, f"{who} ended the connection at {seconds(closed.t)}, {what}")


def kept_back(evidence: LiveEvidence, connection: int, since: int) -> Diagnosis | None:
    """Events of the server were not delivered."""
    withheld = evidence.withheld(connection, since)
    if not withheld:
        return None
    first = withheld[0]
    said = (
        f"{len(withheld)} events of the server were not delivered, the first of them {first.kind} at {seconds(first.t)}"
    )
    passed = evidence.delivered_since(connection, first.t)
    if passed is not None:
        others = f"others were, such as {passed.kind} at {seconds(passed.t)}"
        return silent(evidence, "events_lost", first.t, LIKELY, said, others)
    return silent(evidence, "server_mute", first.t, LIKELY, said, "none has been delivered since")


# --- diagnoses ---


def silent(evidence: LiveEvidence, cause: Cause, since: int, confidence: float, *said: str) -> Diagnosis:
    """A silence, with the faults that were injected as its last evidence."""
    return Diagnosis(cause, (*said, *faults(evidence), MISSING), since_us=since, confidence=confidence)


def faults(evidence: LiveEvidence) -> list[str]:
    """The faults that were injected, in words."""
    injected = evidence.journal.select(FaultInjected)
    return [f"the fault {entry.kind} was injected at {seconds(entry.t)}" for entry in injected]


def seconds(time: int) -> str:
    """A time in microseconds, in words."""
    return f"{time / SECOND:.3f} s"
