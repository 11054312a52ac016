"""Which connections share a journal, so that one verdict spans the reconnects of a client.

A new connection continues the journal of an earlier one with the same address (without port) and key, if that one is
gone, for at most the resume window, and no other journal fits as well. Connections that give the same journal's name,
by ``?journal=NAME`` or ``X-Stillthere-Journal``, always share one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ..journal import ConnectionDialFailed
from ..units import SECOND
from .journal_lines import JournalLines
from .journal_writer import JournalWriter

_MOST_NAMES = 1_000
"""So many names are remembered; the oldest is forgotten first."""


class ClientAddress(NamedTuple):
    """What tells one client from another: host and key; or the name of the journal, if it gives one."""

    host: str
    key: str | None
    name: str | None


@dataclass(slots=True)
class _Joined:
    """A journal, when it began, and the connections that it has; times in seconds of the loop's clock."""

    client: ClientAddress
    lines: JournalLines
    began_s: float
    open: dict[int, Callable[[], bool]] = field(default_factory=dict)
    """The connections that are not closed, and whether the client can no longer use them."""
    ended_s: float = 0.0

    def us(self, now_s: float) -> int:
        return max(1, round((now_s - self.began_s) * SECOND))


class Journals:
    """The journals that may be continued. ``clock`` gives seconds; ``resume_within_s`` 0 joins only by name."""

    def __init__(self, clock: Callable[[], float], resume_within_s: float) -> None:
        self._clock = clock
        self._resume_within_s = resume_within_s
        self._joined: list[_Joined] = []

    def open(
        self,
        number: int,
        client: ClientAddress,
        keys: Iterable[str],
        make: Callable[[], JournalLines],
        gone: Callable[[], bool],
    ) -> JournalWriter:
        """The writer of a new connection: in a journal that it continues, or in one that ``make`` makes.

        From now on its ``keys`` are hidden there. ``gone`` says whether the client can no longer use the connection.
        """
        now = self._clock()
        joined = self._continued(client)
        began_us = 0
        if joined is None:
            joined = _Joined(client, make(), now)
            self._joined.append(joined)
        else:
            began_us = joined.us(now)
            joined.lines.keys.add(keys)
        joined.open[number] = gone
        return JournalWriter(number, joined.lines, began_us)

    def closed(self, number: int) -> None:
        """A connection is closed."""
        for joined in self._joined:
            if joined.open.pop(number, None) is not None:
                joined.ended_s = self._clock()
        self._forget()

    def dial_failed(self, number: int, client: ClientAddress) -> None:
        """A client that would have continued a journal gets no connection; its dial would have had this number."""
        joined = self._continued(client)
        if joined is not None:
            entry = ConnectionDialFailed(t=joined.us(self._clock()), connection=number)
            joined.lines.add(entry.document())

    def refused(
        self, number: int, client: ClientAddress, keys: Iterable[str], make: Callable[[], JournalLines], why: str
    ) -> JournalLines:
        """A client is refused by the endpoint behind a proxy: the journal that says so, which a next dial continues."""
        now = self._clock()
        joined = self._continued(client)
        if joined is None:
            joined = _Joined(client, make(), now, ended_s=now)
            self._joined.append(joined)
        joined.ended_s = now
        joined.lines.keys.add(keys)
        joined.lines.add(ConnectionDialFailed(t=joined.us(now), connection=number, why=why).document())
        return joined.lines

    def is_first(self, client: ClientAddress) -> bool:
        """Whether a connection of this client would begin a journal."""
        return self._continued(client) is None

    def _continued(self, client: ClientAddress) -> _Joined | None:
        self._forget()
        if client.name is not None:
            return next((each for each in self._joined if each.client.name == client.name), None)
        fitting = [
            each
            for each in self._joined
            if each.client == client and all(gone() for gone in each.open.values()) and self._resume_within_s
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _forget(self) -> None:
        """Those whose time to be continued is over."""
        oldest_s = self._clock() - self._resume_within_s
        kept = [e for e in self._joined if e.client.name is not None or e.open or e.ended_s >= oldest_s]
        named = [each for each in kept if each.client.name is not None and not each.open]
        dropped = named[: max(0, len(named) - _MOST_NAMES)]
        self._joined = [each for each in kept if each not in dropped]
