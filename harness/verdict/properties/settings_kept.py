"""A new session has the settings that the client had set before: nothing is lost by a reconnect.

What counts is the configuration that the server confirms, so it is all the same how the client sets it: in its first
``session.update``, or in what it dials. A setting that the client changes on purpose in the new session is no loss.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...journal import EventAtClient, EventByServer, EventEntry, ResponseForItem, TurnTaken
from ...protocol.events import SessionCreated, SessionUpdate, SessionUpdated
from ...units import SECOND
from ..findings import Finding
from ..record import RunRecord, SessionSpan
from . import Property

_LEAST_US = 2 * SECOND
"""How long a client may take to set up a session, even if a turn is taken before."""
_SPOKEN_TO_US = 5 * SECOND
"""A session this old to which the user spoke is judged although no turn was taken: it may be its settings' fault."""
_CONFIRMED_US = 15 * SECOND
"""How long a client may wait for the confirmation of what it sent, and to set up a session after a fault of it."""

_Named = tuple[int, dict[str, Any]]
"""When an event names settings, in microseconds, and these."""


@dataclass(slots=True)
class _Setup:
    """What the events of one session say about its settings."""

    sent: list[_Named] = field(default_factory=list)
    created: list[_Named] = field(default_factory=list)
    updated: list[_Named] = field(default_factory=list)

    def sent_for(self, name: str) -> list[tuple[int, Any]]:
        """When the client sent a setting, and its values."""
        return [(t, named[name]) for t, named in self.sent if name in named]

    def is_confirmed(self, name: str, t: int, value: Any) -> bool:
        """Whether the server confirmed what was sent at a time (microseconds)."""
        return any(at >= t and name in named and _agree(named[name], value) for at, named in self.updated)

    def effective(self, at: int) -> dict[str, Any]:
        """The settings at a time (microseconds), as far as the server named them."""
        found: dict[str, Any] = {}
        for t, named in (*self.created, *self.updated):
            if t <= at:
                found.update(named)
        return found


def _find(record: RunRecord) -> Iterator[Finding]:
    setups = _setups(record)
    wanted: dict[str, list[Any]] = {}
    for session in record.sessions:
        setup = setups.get(session.connection, _Setup())
        at = _judged_at(record, session) if wanted else None
        if at is not None:
            lost = list(_lost(wanted, setup, at, session))
            if lost:
                reason = (
                    f"session {session.connection}, opened at {session.begin_us / SECOND:.3f} s, ran at "
                    f"{at / SECOND:.3f} s without what the client had set before: {', '.join(lost)}"
                )
                yield Finding(PROPERTY.name, at, reason)
        _learn(wanted, setup)


def _setups(record: RunRecord) -> dict[int, _Setup]:
    """What is said about the settings of each session, by the number of its connection."""
    setups: dict[int, _Setup] = {}
    for entry in record.journal.select(EventAtClient, EventByServer):
        by_client = isinstance(entry, EventAtClient)
        if not entry.is_a(*((SessionUpdate,) if by_client else (SessionCreated, SessionUpdated))):
            continue
        setup = setups.setdefault(entry.connection, _Setup())
        where = setup.sent if by_client else setup.created if entry.is_a(SessionCreated) else setup.updated
        where.append((entry.t, _named(entry)))
    return setups


def _named(entry: EventEntry) -> dict[str, Any]:
    return {**entry.settings, **({"turn_detection": entry.turn_detection} if entry.tells_turn_detection else {})}


def _learn(wanted: dict[str, list[Any]], setup: _Setup) -> None:
    """Note what the client set in a session: for each setting what was confirmed last, and what it sent after that."""
    for name in dict.fromkeys(name for _, named in setup.sent for name in named):
        sent = setup.sent_for(name)
        confirmed = [index for index, (t, value) in enumerate(sent) if setup.is_confirmed(name, t, value)]
        if confirmed:
            wanted[name] = [value for _, value in sent[confirmed[-1] :]]
        elif name in wanted:
            wanted[name] = wanted[name] + [value for _, value in sent]


def _judged_at(record: RunRecord, session: SessionSpan) -> int | None:
    """When a session's settings are looked at, in microseconds; None if it ends before."""
    used = [
        entry.t for entry in record.journal.select(TurnTaken, ResponseForItem) if entry.connection == session.connection
    ]
    spoken = [each.end for each in record.answers.utterances if each.t >= session.begin_us]
    used += [max(end, session.begin_us + _SPOKEN_TO_US) for end in spoken[:1]]
    if not used:
        return None
    at = max(min(used), session.begin_us + _LEAST_US)
    for begin, end in record.session_faults(session):
        if begin <= at:
            at = max(at, end + _CONFIRMED_US)
    return at if at <= session.end_us else None


def _lost(wanted: dict[str, list[Any]], setup: _Setup, at: int, session: SessionSpan) -> Iterator[str]:
    """The settings that a session lacks, in words."""
    effective = setup.effective(at)
    for name, values in wanted.items():
        if name not in effective or any(_agree(effective[name], value) for value in values):
            continue
        sent = [(t, value) for t, value in setup.sent_for(name) if t <= at]
        if not sent:
            yield name
            continue
        t, value = sent[0]
        is_over = t + _CONFIRMED_US <= session.end_us
        if is_over and len(setup.sent_for(name)) == 1 and not setup.is_confirmed(name, t, value):
            yield f"{name} (sent at {t / SECOND:.3f} s, and not confirmed)"


def _agree(effective: Any, asked: Any) -> bool:
    """Whether a setting is as it was asked for. Of turn detection only what the client named is compared."""
    if isinstance(effective, dict) and isinstance(asked, dict):
        return all(effective.get(name, value) == value for name, value in asked.items())
    if isinstance(effective, list) and isinstance(asked, list):
        return set(map(str, effective)) == set(map(str, asked))
    return bool(effective == asked)


PROPERTY = Property(
    name="settings_kept",
    broken_when="a new session runs without what the client had set before: instructions, tools, voice, formats, turn "
    "detection",
    default="fail",
    because="an assistant without its instructions and tools is another assistant, and nothing tells the user",
    find=_find,
)
