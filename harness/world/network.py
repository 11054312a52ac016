"""The network between client and server: dialling, the open connection (at most one), and its faults."""

from collections.abc import Callable
from typing import Any

from ..clients.interface import Closed, DialFailed, Opened, Pong, Signal
from ..faults import ActiveFault, SessionFault, WireFault
from ..faults.dialling import syn_from
from ..journal import (
    AudioDelivered,
    ClientPong,
    ClientUnreadable,
    ConnectionClosed,
    ConnectionDialFailed,
    ConnectionDialled,
    ConnectionOpened,
    EventAtClient,
    Journal,
)
from ..protocol.events import PIECES, Event, ResponseOutputAudioDelta, ResponseOutputAudioDone, event_type
from ..server.session import SessionSetup
from ..server.sessions import make_session
from ..units import MS, SECOND
from .captured import Captured
from .comparison import SentAudio, audible_spans
from .connection import Connection
from .damage import Unreadable
from .scheduler import Scheduler

DIAL_TIMEOUT_US = 5 * SECOND
"""A dial without an answer fails after this, unless TCP asked again before, when there was a network."""
CLOSE_TIMEOUT_US = 10 * SECOND
"""The client stops waiting for the answer to its Close after this, as most WebSocket libraries do."""
NO_CLOSE_FRAME = 1006
"""The close code that both sides see when a connection breaks."""
_WORSE = ("wait", "refuse", "hang")
ROUND_TRIPS = 1.5
"""Length of the TCP and WebSocket handshakes, in round trips (assumed; TLS would add one or two)."""


class Network:
    """``tell`` is called with each message that arrives at the client, ``arrived`` with each server event's type."""

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
        self.sent = SentAudio()
        """The audio that the server sent, on all connections."""
        self._delivered: dict[str, list[bytes]] = {}
        """The pieces of audio that reached the client on the open connection, by item that is not complete."""
        self.captured = Captured()
        """The audio that the microphone delivered."""
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
        """What happens to dials, and until when (microseconds); the worst applies."""
        self._passing: list[tuple[Connection, ActiveFault]] = []
        self._waiting: dict[ActiveFault, int | None] = {}
        """Faults injected while no connection was open, with their ends (microseconds): they apply to the next one."""
        self._without_connection: list[ActiveFault] = []

    # --- what the client does ---

    def dial(self) -> None:
        """Close the open connection, if there is one, and dial a new one."""
        now = self._scheduler.now
        if self.connection is not None:
            self._close(self.connection, 1000)
        self._dials += 1
        self._journal.add(ConnectionDialled(t=now, connection=self._dials))
        self._ask((self._dials, now))

    def _ask(self, dial: tuple[int, int]) -> None:
        """TCP sends the first SYN of a dial, or sends it again; ``dial``: its number, and when it began."""
        number, began = dial
        if number != self._dials:
            return
        now, fails_at = self._scheduler.now, began + DIAL_TIMEOUT_US
        again = began + syn_from(now - began + 1)
        down = [each for each in self._down if now < each[1]]
        outcome, until = max(down, key=lambda each: (_WORSE.index(each[0]), each[1]), default=("pass", now))
        if outcome == "hang" and again < fails_at:
            self._scheduler.at(again, self._ask, dial)
        elif outcome == "hang" or (outcome == "wait" and until > fails_at):
            self._scheduler.at(fails_at, self._dial_failed, (number, "timed out"))
        elif outcome == "refuse":
            self._scheduler.at(now + 2 * self._latency_us, self._dial_failed, (number, "refused"))
        else:
            handshake_us = round(2 * ROUND_TRIPS * self._latency_us)
            self._scheduler.at(max(now, until) + handshake_us, self._opened, number)

    def leave(self, code: int) -> None:
        """Close the connection; the client gets :class:`Closed` with the answer to the Close, or after a timeout."""
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
        """The server sends a scripted event on the open connection, if there is one."""
        if self.connection is not None:
            self.connection.emit(event)

    # --- faults ---

    def inject(self, active: ActiveFault, lasts_us: int | None) -> None:
        """Apply a fault to the open connection, or else to the next one.

        ``lasts_us``: how long the fault lasts, and how long it affects dials; None: it has no end.
        """
        fault, until = active.fault, None if lasts_us is None else self._scheduler.now + lasts_us
        if isinstance(fault, WireFault) and fault.dials != "pass":
            self._down.append((fault.dials, until or 0))
            if self.connection is None:
                return
        if self.connection is None:
            self._waiting[active] = until
        else:
            self._apply(self.connection, active, until)

    def heal(self) -> list[ActiveFault]:
        """End the faults that have an end; a permanently broken connection stays broken, new ones are healthy.

        Returns the faults for which there was no open connection.
        """
        self._down.clear()
        for passing in list(self._passing):
            self._release(passing)
        without_connection = [*self._without_connection, *self._waiting]
        self._without_connection.clear()
        self._waiting.clear()
        return without_connection

    def _apply(self, connection: Connection, active: ActiveFault, until: int | None) -> None:
        fault = active.fault
        if isinstance(fault, WireFault) and fault.kills:
            closed = Closed(fault.close_code, fault.close_reason)
            if fault.close_code == NO_CLOSE_FRAME:
                self._lose(connection, closed)
            else:
                connection.hang_up(closed)
            return
        connection.inject(active)
        if until is not None and not (isinstance(fault, WireFault) and fault.permanent):
            self._passing.append((connection, active))
            self._scheduler.at(until, self._release, (connection, active))

    def _release(self, passing: tuple[Connection, ActiveFault]) -> None:
        if passing in self._passing:
            self._passing.remove(passing)
            connection, active = passing
            connection.release(active)

    # --- the life of a connection ---

    def _opened(self, number: int) -> None:
        if number != self._dials:
            return
        self._journal.add(ConnectionOpened(t=self._scheduler.now, connection=number))
        self.connection = Connection(
            number,
            make_session(self._setup, f"{self._seed}/{number}"),
            self._scheduler,
            self._journal,
            self._deliver,
            self.sent,
            self.captured,
            seed=self._seed,
            latency_us=self._latency_us,
            jitter_us=self._jitter_us,
        )
        self._tell(Opened())
        waiting, self._waiting = self._waiting, {}
        late = [active for active in waiting if _wants_a_session(active)]
        self._apply_all({active: until for active, until in waiting.items() if active not in late})
        if self.connection is not None:
            self.connection.begin()
        self._apply_all({active: waiting[active] for active in late})

    def _apply_all(self, waiting: dict[ActiveFault, int | None]) -> None:
        for active, until in waiting.items():
            if self.connection is None or (until is not None and until <= self._scheduler.now):
                self._without_connection.append(active)
            else:
                self._apply(self.connection, active, until)

    def _dial_failed(self, dial: tuple[int, str]) -> None:
        number, reason = dial
        if number == self._dials:
            self._journal.add(ConnectionDialFailed(t=self._scheduler.now, connection=number))
            self._tell(DialFailed(reason))

    def _lose(self, connection: Connection, closed: Closed) -> None:
        self._close(connection, closed.code)
        self._tell(closed)

    def _close(self, connection: Connection, code: int) -> None:
        connection.close()
        self.connection = None
        self._delivered.clear()
        self._journal.add(ConnectionClosed(t=self._scheduler.now, connection=connection.number, code=code))

    def _deliver(self, connection: Connection, message: Event | Signal | Unreadable) -> None:
        """A message arrived at the client."""
        if isinstance(message, Closed):
            self._lose(connection, message)
            return
        now = self._scheduler.now
        if isinstance(message, Unreadable):
            self._journal.add(ClientUnreadable(t=now, connection=connection.number))
            return
        if isinstance(message, Pong):
            self._journal.add(ClientPong(t=now, connection=connection.number))
        if isinstance(message, ResponseOutputAudioDelta):
            self._delivered.setdefault(message.item_id, []).append(message.delta)
        elif isinstance(message, ResponseOutputAudioDone):
            self._write_delivered(message, connection.number)
        if isinstance(message, Event) and not isinstance(message, PIECES):
            self._journal.add(EventAtClient.of(message, t=now, connection=connection.number))
            self._arrived(event_type(message))
        self._tell(message)

    def _write_delivered(self, done: ResponseOutputAudioDone, number: int) -> None:
        item = self.sent.item(done.item_id)
        if item is None:
            return
        pieces = self._delivered.pop(done.item_id, [])
        audible_us = sum(end - begin for piece in pieces for begin, end in audible_spans(piece, item.format.name))
        self._journal.add(
            AudioDelivered(
                t=self._scheduler.now,
                connection=number,
                response_id=done.response_id,
                item_id=done.item_id,
                sent_ms=item.length_us // MS,
                delivered_ms=item.format.duration_us(sum(map(len, pieces))) // MS,
                audible_ms=audible_us // MS,
            )
        )


def _wants_a_session(active: ActiveFault) -> bool:
    """Whether a fault is applied only after the first events of the session."""
    fault = active.fault
    return isinstance(fault, SessionFault) or (isinstance(fault, WireFault) and fault.kills)
