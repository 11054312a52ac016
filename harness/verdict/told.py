"""The first thing that a client is told after a fault: something arrives or changes, and nothing has to be missed."""

from collections.abc import Iterator
from typing import NamedTuple

from ..journal import (
    CallStateChanged,
    ClientDisconnects,
    ConnectionClosed,
    ConnectionDialFailed,
    Entry,
    EventAtClient,
    EventEntry,
    Journal,
)
from ..protocol.events import ErrorEvent, ResponseDone

BAD_ENDS = ("failed", "incomplete")
"""The states of a response that say that it did not go well."""

STATES = {"disconnected": "disconnected", "failed": "failed", "channel_closed": "data channel closed"}
"""The states of a call that a browser reports and that say that something is wrong."""


class FirstTold(NamedTuple):
    """What a client was told, and how long after the fault; the sooner one is the smaller."""

    after_us: int
    what: str
    """Such as ``close 1006``."""


def first_told(journal: Journal, since: int) -> FirstTold | None:
    """The first thing that the client is told after ``since`` (microseconds); None: nothing.

    What is absent tells nothing: an answer, a chunk, a pong. Nor does what the client did itself, such as a close.
    """
    return min((FirstTold(entry.t - since, what) for entry, what in _signs(journal) if entry.t >= since), default=None)


def _signs(journal: Journal) -> Iterator[tuple[Entry, str]]:
    left = False
    for entry in journal.select(
        ClientDisconnects, ConnectionClosed, ConnectionDialFailed, CallStateChanged, EventAtClient
    ):
        if isinstance(entry, ClientDisconnects):
            left = True
        elif isinstance(entry, ConnectionClosed):
            if not left:
                yield entry, f"close {entry.code}"
            left = False
        elif isinstance(entry, ConnectionDialFailed):
            yield entry, "no connection"
        elif isinstance(entry, CallStateChanged):
            if entry.state in STATES:
                yield entry, STATES[entry.state]
        elif isinstance(entry, EventEntry) and entry.is_a(ErrorEvent):
            yield entry, "`error`"
        elif isinstance(entry, EventEntry) and entry.is_a(ResponseDone) and entry.status in BAD_ENDS:
            yield entry, f"response {entry.status}"
