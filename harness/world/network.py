"""The network between client and server: dialling, the open connections, and their faults."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..clients.interface import CallState, ChannelClosed, Closed, MediaReport, Pong
from ..faults import ActiveFault, MediaFault, SessionFault, WireFault
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
from ..protocol.events import PIECES, Event, ResponseOutputAudioDelta, ResponseOutputAudioDone
from ..server.session import Session, SessionSetup
from ..server.sessions import make_session
from ..units import MS, SECOND
from .call import CallConnection
from .call_speaker import CallSpeaker
from .captured import Captured
from .comparison import SentAudio, audible_spans
from .connection import Connection, ConnectionParts, NetworkTimes
from .damage import Damaged
from .scheduler import Scheduler

NO_CLOSE_FRAME = 1006
"""The close code that both sides see when a connection breaks."""
_WORSE = ("wait", "refuse", "hang")
ROUND_TRIPS = 1.5
"""Length of the TCP and WebSocket handshakes, in round trips (assumed; TLS would add one or two)."""
CALL_ROUND_TRIPS = 6
"""Length of all that comes before the data channel is open: the request with the offer, ICE, DTLS, SCTP (assumed)."""

FromServer = Event | Closed | Pong | Damaged | CallState | ChannelClosed | MediaReport
"""What arrives at the client on a connection."""


class ClientEnd(Protocol):
    """The client's end of a dial, and of the connection that comes of it."""

    def reached(self, dial: "Dial") -> None:
        """TCP has connected after :meth:`Network.connect`; :meth:`Network.upgrade` may follow."""
        ...

    def failed(self, dial: "Dial", reason: str) -> None:
        """The dial failed: ``refused``, or ``timed out``."""
        ...

    def opened(self, dial: "Dial", connection: Connection) -> None:
        """The WebSocket is open."""
        ...

    def receive(self, connection: Connection, message: FromServer) -> None:
        """A message arrived; nothing follows a :class:`Closed`."""
        ...


@dataclass(slots=True, eq=False)
class Dial:
    """One attempt to connect."""

    end: ClientEnd
    began_us: int
    timeout_us: int
    """It fails after so long without an answer."""
    number: int = 0
    """Its number in the journal; 0 while it is not known to be a dial of a WebSocket."""
    upgrades: bool = False
    """Whether the client asks for a WebSocket as soon as TCP has connected."""
    setup: SessionSetup | None = None
    """What the session is made of, if it is another than the scenario's."""
    make: Callable[[ConnectionParts], Connection] | None = None
    """What makes the connection, if it is of another kind than the scenario's."""
    is_over: bool = False
    """Whether the connection is open, the dial has failed, or the client has given it up."""


class Network:
    """``arriving`` is called with each server event before it reaches the client, ``arrived`` after that."""

    def __init__(
        self,
        scheduler: Scheduler,
        journal: Journal,
        setup: SessionSetup,
        arriving: Callable[[Event], None],
        arrived: Callable[[Event], None],
        *,
        seed: int,
        latency_us: int,
        jitter_us: int,
        epoch_s: int = 0,
    ) -> None:
        self.call_speaker: CallSpeaker | None = None
        """What plays the calls, if connections are calls and no WebSockets."""
        self.connection: Connection | None = None
        """The open connection, the newest one if there are several."""
        self.open: dict[int, Connection] = {}
        """All open connections by their numbers."""
        self.sent = SentAudio()
        """The audio that the server sent, on all connections."""
        self.captured = Captured()
        """The audio that the microphone delivered."""
        self.session_made: Callable[[int, Session], None] = lambda number, session: None
        """Called with each new session and the number of its connection, before anything reaches it."""
        self.connection_made: Callable[[Connection], None] = lambda connection: None
        """Called with each new connection, before anything is sent on it."""
        self._scheduler = scheduler
        self._journal = journal
        self._setup = setup
        self._arriving = arriving
        self._arrived = arrived
        self._seed = seed
        self._latency_us = latency_us
        self._jitter_us = jitter_us
        self._epoch_s = epoch_s
        self._dials = 0
        self._down: list[tuple[str, int]] = []
        """What happens to dials, and until when (microseconds); the worst applies."""
        self._passing: list[tuple[Connection, ActiveFault]] = []
        self._waiting: dict[ActiveFault, int | None] = {}
        """Faults injected while no connection was open, with their ends (microseconds): they apply to the next one."""
        self._without_connection: list[ActiveFault] = []
        self._delivered: dict[str, list[bytes]] = {}
        """The pieces of audio that reached the client, by item that is not complete."""

    # --- what the client does ---

    def dial(
        self,
        end: ClientEnd,
        timeout_us: int,
        setup: SessionSetup | None = None,
        make: Callable[[ConnectionParts], Connection] | None = None,
    ) -> Dial:
        """Dial a WebSocket, or what ``make`` makes. Other connections stay open."""
        dial = Dial(end, self._scheduler.now, timeout_us, upgrades=True, setup=setup, make=make)
        self._note(dial)
        self._ask(dial)
        return dial

    def connect(self, end: ClientEnd, timeout_us: int) -> Dial:
        """Connect TCP, perhaps for a WebSocket. It is in the journal at once only if a fault is in the way."""
        dial = Dial(end, self._scheduler.now, timeout_us)
        if self._in_the_way() is not None:
            self._note(dial)
        self._ask(dial)
        return dial

    def upgrade(self, dial: Dial, setup: SessionSetup | None = None) -> None:
        """The client asks for a WebSocket on a connected dial."""
        dial.upgrades, dial.setup = True, setup
        if not dial.number:
            self._note(dial)
        self._shake_hands(dial, self._scheduler.now)

    def give_up(self, dial: Dial) -> None:
        """The client waits no longer for a dial; nothing is called for it any more."""
        if not dial.is_over:
            dial.is_over = True
            if dial.number:
                self._journal.add(ConnectionDialFailed(t=self._scheduler.now, connection=dial.number))

    def _note(self, dial: Dial) -> None:
        self._dials += 1
        dial.number = self._dials
        self._journal.add(ConnectionDialled(t=self._scheduler.now, connection=dial.number))

    @property
    def is_by_call(self) -> bool:
        """Whether the client's connections are calls."""
        newest = self.connection
        return self.call_speaker is not None or (newest is not None and newest.transport == "webrtc")

    @property
    def is_down(self) -> bool:
        """Whether a fault keeps dials from connecting now."""
        return self._in_the_way() is not None

    def _in_the_way(self) -> tuple[str, int] | None:
        """What keeps dials from connecting, and until when."""
        down = [each for each in self._down if self._scheduler.now < each[1]]
        return max(down, key=lambda each: (_WORSE.index(each[0]), each[1]), default=None)

    def _ask(self, dial: Dial) -> None:
        """TCP sends the first SYN of a dial, or sends it again."""
        if dial.is_over:
            return
        now, fails_at = self._scheduler.now, dial.began_us + dial.timeout_us
        again = dial.began_us + syn_from(now - dial.began_us + 1)
        outcome, until = self._in_the_way() or ("pass", now)
        if outcome == "hang" and again < fails_at:
            self._scheduler.at(again, self._ask, dial)
        elif outcome == "hang" or (outcome == "wait" and until > fails_at):
            self._scheduler.at(fails_at, self._fail, (dial, "timed out"))
        elif outcome == "refuse":
            self._scheduler.at(now + 2 * self._latency_us, self._fail, (dial, "refused"))
        elif dial.upgrades:
            self._shake_hands(dial, max(now, until))
        elif until > now:
            self._scheduler.at(until, self._reached, dial)
        else:
            self._reached(dial)

    def _shake_hands(self, dial: Dial, begin: int) -> None:
        trips = ROUND_TRIPS if self.call_speaker is None else CALL_ROUND_TRIPS
        self._scheduler.at(begin + round(2 * trips * self._latency_us), self._opened, dial)

    def _reached(self, dial: Dial) -> None:
        if not dial.is_over:
            dial.end.reached(dial)

    def _fail(self, failed: tuple[Dial, str]) -> None:
        dial, reason = failed
        if not dial.is_over:
            self.give_up(dial)
            dial.end.failed(dial, reason)

    def leave(self, connection: Connection, code: int) -> bool:
        """The client closes a connection; whether its Close is answered."""
        answered = connection.wire.answers_close
        self._close(connection, code)
        return answered

    def emit(self, event: dict[str, Any]) -> None:
        """The server sends a scripted event on the open connection, if there is one."""
        if self.connection is not None:
            self.connection.emit(event)

    # --- faults ---

    def inject(self, active: ActiveFault, lasts_us: int | None) -> None:
        """Apply a fault, or else keep it for the next connection.

        One on the wire applies to all open connections, another one to the newest session. ``lasts_us``: how long the
        fault lasts, and how long it affects dials; None: it has no end.
        """
        fault, until = active.fault, None if lasts_us is None else self._scheduler.now + lasts_us
        if isinstance(fault, WireFault | MediaFault) and fault.dials != "pass":
            self._down.append((fault.dials, until or 0))
            if self.connection is None:
                return
        if self.connection is None:
            self._waiting[active] = until
            return
        on_the_way = isinstance(fault, WireFault | MediaFault)
        for connection in list(self.open.values()) if on_the_way else [self.connection]:
            self._apply(connection, active, until)

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
        if connection.transport not in fault.transports:
            self._without_connection.append(active)
            return
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

    def _opened(self, dial: Dial) -> None:
        if dial.is_over:
            return
        dial.is_over = True
        number, now = dial.number, self._scheduler.now
        self._journal.add(ConnectionOpened(t=now, connection=number))
        session = make_session(self._setup_of(dial), f"{self._seed}/{number}")
        self.session_made(number, session)
        connection = self._connected(number, dial, session)
        self.connection_made(connection)
        self.open[number] = self.connection = connection
        dial.end.opened(dial, connection)
        waiting, self._waiting = self._waiting, {}
        late = [active for active in waiting if _wants_a_session(active)]
        self._apply_all(connection, {active: until for active, until in waiting.items() if active not in late})
        if connection.open:
            connection.begin()
        self._apply_all(connection, {active: waiting[active] for active in late})

    def _connected(self, number: int, dial: Dial, session: Session) -> Connection:
        parts = ConnectionParts(
            number, dial.end.receive, session, self._scheduler, self._journal, self._deliver, self.sent, self.captured,
            NetworkTimes(self._seed, self._latency_us, self._jitter_us),
        )  # fmt: skip
        if dial.make is not None:
            return dial.make(parts)
        if self.call_speaker is None:
            return Connection(*parts)
        return CallConnection(*parts, self.call_speaker, lambda: self._dials == number)

    def _setup_of(self, dial: Dial) -> SessionSetup:
        setup = dial.setup or self._setup
        if not self._epoch_s:
            return setup
        return replace(setup, expires_at=self._epoch_s + (self._scheduler.now + setup.lasts_us) // SECOND)

    def _apply_all(self, connection: Connection, waiting: dict[ActiveFault, int | None]) -> None:
        for active, until in waiting.items():
            if not connection.open or (until is not None and until <= self._scheduler.now):
                self._without_connection.append(active)
            else:
                self._apply(connection, active, until)

    def _lose(self, connection: Connection, closed: Closed) -> None:
        self._close(connection, closed.code)
        if isinstance(connection, CallConnection):
            connection.lost()
        else:
            connection.to_client(connection, closed)

    def _close(self, connection: Connection, code: int) -> None:
        connection.close()
        del self.open[connection.number]
        self.connection = next(reversed(self.open.values()), None)
        if not self.open:
            self._delivered.clear()
        self._journal.add(ConnectionClosed(t=self._scheduler.now, connection=connection.number, code=code))

    def _deliver(self, connection: Connection, message: FromServer) -> None:
        """A message arrived at the client."""
        if isinstance(message, Closed):
            self._lose(connection, message)
            return
        now = self._scheduler.now
        event = message.event if isinstance(message, Damaged) else message
        if event is None:
            self._journal.add(ClientUnreadable(t=now, connection=connection.number))
        elif isinstance(event, Pong):
            self._journal.add(ClientPong(t=now, connection=connection.number))
        elif isinstance(event, ResponseOutputAudioDelta):
            self._delivered.setdefault(event.item_id, []).append(event.delta)
        elif isinstance(event, ResponseOutputAudioDone) and connection.transport == "websocket":
            self._write_delivered(event, connection.number)
        if isinstance(event, Event) and not isinstance(event, PIECES):
            self._journal.add(EventAtClient.of(event, t=now, connection=connection.number))
            self._arriving(event)
        connection.to_client(connection, message)
        if isinstance(event, Event):
            self._arrived(event)

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
    if isinstance(fault, MediaFault):
        return fault.closes != "nothing"
    return isinstance(fault, SessionFault) or (isinstance(fault, WireFault) and fault.kills)
