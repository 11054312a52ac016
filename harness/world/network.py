"""The network between client and server: dialling, the one connection that is open, and the faults that strike it."""

from collections.abc import Callable
from typing import Any

from harness.clients.interface import Closed, DialFailed, Opened, Signal
from harness.faults import DetectorFault, PolicyFault, WireFault
from harness.journal import Journal
from harness.protocol.events import PIECES, Event, event_type
from harness.protocol.summary import summary
from harness.server.session import Session, SessionSetup
from harness.units import SECOND
from harness.world.connection import Connection
from harness.world.scheduler import Scheduler

DIAL_TIMEOUT_US = 5 * SECOND
"""A dial that nobody answers fails after this."""
ROUND_TRIPS = 1.5
"""Of a TCP and WebSocket handshake, until the client may speak (assumed; TLS would add one or two)."""

Fault = WireFault | DetectorFault | PolicyFault


class Network:
    """``tell`` is given what reaches the client; ``arrived`` the type of each server event that does."""

    def __init__(
        self,
        scheduler: Scheduler,
        journal: Journal,
        setup: SessionSetup,
        tell: Callable[[Event | Signal], None],
        arrived: Callable[[str], None],
        *,
        seed: int,
        latency_us: int,
        jitter_us: int,
    ) -> None:
        self.connection: Connection | None = None
        self._scheduler = scheduler
        self._journal = journal
        self._setup = setup
        self._tell = tell
        self._arrived = arrived
        self._seed = seed
        self._latency_us = latency_us
        self._jitter_us = jitter_us
        self._dials = 0
        self._down: tuple[str, int] = ("pass", -1)
        """What becomes of dials, and until when."""
        self._passing: list[tuple[Connection, Fault]] = []

    # --- what the client does ---

    def dial(self) -> None:
        """Leave the connection, if there is one, and dial a new one."""
        now = self._scheduler.now
        if self.connection is not None:
            self._close(self.connection, 1000)
        self._dials += 1
        self._note("dial", connection=self._dials)
        handshake_us = round(2 * ROUND_TRIPS * self._latency_us)
        fate, until = self._down if now < self._down[1] else ("pass", now)
        if fate == "hang" or (fate == "wait" and until - now > DIAL_TIMEOUT_US):
            self._scheduler.at(now + DIAL_TIMEOUT_US, self._dial_failed, (self._dials, "timed out"))
        elif fate == "refuse":
            self._scheduler.at(now + 2 * self._latency_us, self._dial_failed, (self._dials, "refused"))
        else:
            self._scheduler.at(max(now, until) + handshake_us, self._opened, self._dials)

    def leave(self, code: int) -> None:
        """Close the connection."""
        if self.connection is not None:
            self._lose(self.connection, Closed(code))

    def emit(self, event: dict[str, Any]) -> None:
        """The server says a scripted event on the open connection, if there is one."""
        if self.connection is not None:
            self.connection.emit(event)

    # --- faults ---

    def strike(self, fault: Fault, lasts_us: int | None) -> bool:
        """A fault strikes the connection that is open, and dials while it lasts; False if there is nothing to strike.

        ``lasts_us``: when a passing fault ends, and how long dials are hit.
        """
        now = self._scheduler.now
        hits_dials = isinstance(fault, WireFault) and fault.dials != "pass"
        if isinstance(fault, WireFault) and hits_dials:
            self._down = (fault.dials, now + (lasts_us or 0))
        connection = self.connection
        if connection is None:
            return hits_dials
        if isinstance(fault, WireFault) and fault.kills:
            self._lose(connection, Closed(1006, "connection reset"))
            return True
        connection.strike(fault)
        if lasts_us is not None and not (isinstance(fault, WireFault) and fault.permanent):
            self._passing.append((connection, fault))
            self._scheduler.at(now + lasts_us, self._release, (connection, fault))
        return True

    def heal(self) -> None:
        """What passes has passed; a connection struck for good stays so, and new ones are healthy."""
        self._down = ("pass", -1)
        for struck in list(self._passing):
            self._release(struck)

    def _release(self, struck: tuple[Connection, Fault]) -> None:
        if struck in self._passing:
            self._passing.remove(struck)
            connection, fault = struck
            connection.release(fault)

    # --- the life of a connection ---

    def _opened(self, number: int) -> None:
        if number != self._dials:
            return
        self._note("open", connection=number)
        self.connection = Connection(
            number,
            Session(self._setup, f"{self._seed}/{number}"),
            self._scheduler,
            self._journal,
            self._deliver,
            seed=self._seed,
            latency_us=self._latency_us,
            jitter_us=self._jitter_us,
        )
        self._tell(Opened())
        if self.connection is not None:
            self.connection.begin()

    def _dial_failed(self, dial: tuple[int, str]) -> None:
        number, reason = dial
        if number == self._dials:
            self._note("dial_failed", connection=number)
            self._tell(DialFailed(reason))

    def _lose(self, connection: Connection, closed: Closed) -> None:
        self._close(connection, closed.code)
        self._tell(closed)

    def _close(self, connection: Connection, code: int) -> None:
        connection.close()
        self.connection = None
        self._note("closed", connection=connection.number, code=code)

    def _deliver(self, connection: Connection, message: Event | Signal) -> None:
        """Something arrived at the client."""
        if isinstance(message, Closed):
            self._lose(connection, message)
            return
        if isinstance(message, Event) and not isinstance(message, PIECES):
            kind = event_type(message)
            self._journal.write(self._scheduler.now, "client", kind, connection=connection.number, **summary(message))
            self._arrived(kind)
        self._tell(message)

    def _note(self, kind: str, **fields: int) -> None:
        self._journal.write(self._scheduler.now, "connection", kind, **fields)
