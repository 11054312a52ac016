"""The network between client and server: dialling, the one connection that is open, and the faults that strike it."""

from collections.abc import Callable
from typing import Any

from harness.clients.interface import Closed, DialFailed, Opened, Pong, Signal
from harness.faults import SessionFault, Struck, WireFault
from harness.journal import Journal
from harness.protocol.events import PIECES, Event, event_type
from harness.protocol.summary import summary
from harness.server.session import Session, SessionSetup
from harness.units import SECOND
from harness.world.connection import Connection
from harness.world.damage import Unreadable
from harness.world.scheduler import Scheduler

DIAL_TIMEOUT_US = 5 * SECOND
"""A dial that nobody answers fails after this."""
CLOSE_TIMEOUT_US = 10 * SECOND
"""A Close that nobody answers is given up after this, as most WebSocket libraries do."""
NO_CLOSE_FRAME = 1006
"""What both sides see of a connection that breaks."""
_WORSE = ("wait", "refuse", "hang")
ROUND_TRIPS = 1.5
"""Of a TCP and WebSocket handshake, until the client may speak (assumed; TLS would add one or two)."""


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
        self._down: list[tuple[str, int]] = []
        """What becomes of dials, and until when; the worst counts."""
        self._passing: list[tuple[Connection, Struck]] = []
        self._waiting: dict[Struck, int | None] = {}
        """Faults that struck while no connection was open: they strike the next one. Until when they last."""
        self._unmet: list[Struck] = []

    # --- what the client does ---

    def dial(self) -> None:
        """Leave the connection, if there is one, and dial a new one."""
        now = self._scheduler.now
        if self.connection is not None:
            self._close(self.connection, 1000)
        self._dials += 1
        self._note("dial", connection=self._dials)
        handshake_us = round(2 * ROUND_TRIPS * self._latency_us)
        down = [each for each in self._down if now < each[1]]
        fate, until = max(down, key=lambda each: (_WORSE.index(each[0]), each[1]), default=("pass", now))
        if fate == "hang" or (fate == "wait" and until - now > DIAL_TIMEOUT_US):
            self._scheduler.at(now + DIAL_TIMEOUT_US, self._dial_failed, (self._dials, "timed out"))
        elif fate == "refuse":
            self._scheduler.at(now + 2 * self._latency_us, self._dial_failed, (self._dials, "refused"))
        else:
            self._scheduler.at(max(now, until) + handshake_us, self._opened, self._dials)

    def leave(self, code: int) -> None:
        """Close the connection; the client is told when the Close is answered, or no longer waited for."""
        connection = self.connection
        if connection is None:
            return
        if connection.wire.answers_close:
            self._lose(connection, Closed(code))
        else:
            self._close(connection, code)
            closed = Closed(1006, "the Close was not answered")
            self._scheduler.at(self._scheduler.now + CLOSE_TIMEOUT_US, self._tell_closed, (self._dials, closed))

    def _tell_closed(self, unanswered: tuple[int, Closed]) -> None:
        dials, closed = unanswered
        if dials == self._dials:
            self._tell(closed)

    def emit(self, event: dict[str, Any]) -> None:
        """The server says a scripted event on the open connection, if there is one."""
        if self.connection is not None:
            self.connection.emit(event)

    # --- faults ---

    def strike(self, struck: Struck, lasts_us: int | None) -> None:
        """A fault strikes the connection that is open, or else the next one, and dials while it lasts.

        ``lasts_us``: when a passing fault ends, and how long dials are hit.
        """
        fault, until = struck.fault, None if lasts_us is None else self._scheduler.now + lasts_us
        if isinstance(fault, WireFault) and fault.dials != "pass":
            self._down.append((fault.dials, until or 0))
            if self.connection is None:
                return
        if self.connection is None:
            self._waiting[struck] = until
        else:
            self._hit(self.connection, struck, until)

    def heal(self) -> list[Struck]:
        """What passes has passed; a connection struck for good stays so, and new ones are healthy.

        Gives the faults that have never met a connection.
        """
        self._down.clear()
        for passing in list(self._passing):
            self._release(passing)
        unmet = [*self._unmet, *self._waiting]
        self._unmet.clear()
        self._waiting.clear()
        return unmet

    def _hit(self, connection: Connection, struck: Struck, until: int | None) -> None:
        fault = struck.fault
        if isinstance(fault, WireFault) and fault.kills:
            closed = Closed(fault.close_code, fault.close_reason)
            if fault.close_code == NO_CLOSE_FRAME:
                self._lose(connection, closed)
            else:
                connection.hang_up(closed)
            return
        connection.strike(struck)
        if until is not None and not (isinstance(fault, WireFault) and fault.permanent):
            self._passing.append((connection, struck))
            self._scheduler.at(until, self._release, (connection, struck))

    def _release(self, passing: tuple[Connection, Struck]) -> None:
        if passing in self._passing:
            self._passing.remove(passing)
            connection, struck = passing
            connection.release(struck)

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
        waiting, self._waiting = self._waiting, {}
        late = [struck for struck in waiting if _wants_a_session(struck)]
        self._hit_all({struck: until for struck, until in waiting.items() if struck not in late})
        if self.connection is not None:
            self.connection.begin()
        self._hit_all({struck: waiting[struck] for struck in late})

    def _hit_all(self, waiting: dict[Struck, int | None]) -> None:
        for struck, until in waiting.items():
            if self.connection is None or (until is not None and until <= self._scheduler.now):
                self._unmet.append(struck)
            else:
                self._hit(self.connection, struck, until)

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

    def _deliver(self, connection: Connection, message: Event | Signal | Unreadable) -> None:
        """Something arrived at the client."""
        if isinstance(message, Closed):
            self._lose(connection, message)
            return
        if isinstance(message, Unreadable):
            self._note_client("unreadable", connection)
            return
        if isinstance(message, Pong):
            self._note_client("pong", connection)
        if isinstance(message, Event) and not isinstance(message, PIECES):
            kind = event_type(message)
            self._journal.write(self._scheduler.now, "client", kind, connection=connection.number, **summary(message))
            self._arrived(kind)
        self._tell(message)

    def _note_client(self, kind: str, connection: Connection) -> None:
        self._journal.write(self._scheduler.now, "client", kind, connection=connection.number)

    def _note(self, kind: str, **fields: int) -> None:
        self._journal.write(self._scheduler.now, "connection", kind, **fields)


def _wants_a_session(struck: Struck) -> bool:
    """Whether a fault only makes sense once the session has spoken."""
    fault = struck.fault
    return isinstance(fault, SessionFault) or (isinstance(fault, WireFault) and fault.kills)
