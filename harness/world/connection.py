"""One connection between the client and a session: messages in both directions, and faults."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from msgspec import UNSET

from ..audio.formats import FORMATS, PCM24K, AudioFormat
from ..clients.interface import Closed, Ping, Pong, Signal
from ..faults.on_session import SessionFaults
from ..faults.seams import ActiveFault, Transport, WireFault
from ..journal import EventByServer, Journal, ResponseAudio, SessionEntry
from ..protocol.codec import event_id_of
from ..protocol.events import (
    PIECES,
    Event,
    InputAudioBufferAppend,
    ResponseCreated,
    ResponseDone,
    ResponseOutputAudioDelta,
    ResponseOutputAudioDone,
)
from ..server.call_session import CallSession, FromCall
from ..server.outputs import Close, Output
from ..server.session import Session
from ..units import MS
from .arrivals import Arrivals
from .captured import Captured
from .comparison import SentAudio
from .damage import Damaged
from .scheduler import Scheduler
from .wire import Link, Wire


class NetworkTimes(NamedTuple):
    """What the latency of each message is drawn from."""

    seed: int
    latency_us: int
    jitter_us: int

    def of(self, link: str) -> tuple[int, str, int, int]:
        """The arguments of a link with this name."""
        return self.seed, link, self.latency_us, self.jitter_us


class ConnectionParts(NamedTuple):
    """What a :class:`Connection` is made of, in order."""

    number: int
    to_client: Callable[["Connection", Any], None]
    session: Session
    scheduler: Scheduler
    journal: Journal
    deliver: Callable[["Connection", Any], None]
    sent: SentAudio
    captured: Captured
    network: NetworkTimes


class Connection:
    """An open connection. ``deliver`` is called with each message that arrives; it passes it on to ``to_client``."""

    def __init__(
        self,
        number: int,
        to_client: Callable[["Connection", Any], None],
        session: Session,
        scheduler: Scheduler,
        journal: Journal,
        deliver: Callable[["Connection", Any], None],
        sent: SentAudio,
        captured: Captured,
        network: "NetworkTimes",
    ) -> None:
        self.number = number
        self.to_client = to_client
        self.session = session
        self.open = True
        self.responses: dict[str, int] = {}
        """Length in microseconds of each response's audio, in the order in which they were created."""
        self._machine: Session | CallSession = session
        self._scheduler = scheduler
        self._journal = journal
        self._deliver = deliver
        self._faults = SessionFaults(session)
        self._wake_at: int | None = None
        self._sent = sent
        self._formats: dict[str, AudioFormat] = {}
        self._arrivals = Arrivals(number, captured, journal)
        up, down = (
            self.link(scheduler, *network.of(f"link/{number}/{direction}"), arrive)
            for direction, arrive in (("up", self._arrive), ("down", self._receive))
        )
        self.wire = Wire(up, down, lambda: scheduler.now)

    link: ClassVar[type[Link]] = Link
    """What one direction of the events is."""
    transport: ClassVar[Transport] = "websocket"

    # --- the client's end ---

    def begin(self) -> None:
        """Send the first events of the session."""
        self._answer(self._machine.open(self._scheduler.now))

    def append(self, audio: bytes) -> bool:
        """The client sends audio; whether it goes out."""
        self.wire.up.send(InputAudioBufferAppend(audio=audio))
        return True

    def send(self, message: Event | Ping | Damaged) -> None:
        """The client sends an event, a ping, or text that is no event."""
        self.wire.up.send(message)

    def close(self) -> None:
        """The client closes the connection: no message is delivered any more."""
        self.open = False

    def hang_up(self, closed: Closed) -> None:
        """The server closes: its Close is delivered like any message, and it answers no further messages."""
        self.session.closed = True
        self.wire.down.send(closed)

    def _receive(self, message: Event | Signal | Damaged) -> None:
        if self.open:
            self._deliver(self, message)

    # --- the server's end ---

    def _arrive(self, message: Event | Ping | Damaged) -> None:
        if not self.open:
            return
        now = self._scheduler.now
        if type(message) is InputAudioBufferAppend:
            self._arrivals.add(message.audio, self.session.hearing.format, now)
        elif isinstance(message, Ping):
            self.wire.down.send(Pong())
            return
        elif isinstance(message, Damaged):
            if message.event is not None:
                self._arrive(message.event)
            elif message.error is not None:
                self._answer([self.session.refuse(message.error, event_id_of(message.text))])
            return
        outputs = self._machine.receive(message, now)  # type: ignore[arg-type]
        if outputs:
            self._answer(outputs)

    def _answer(self, outputs: Sequence[FromCall]) -> None:
        for output in outputs:
            self._hand_on(output)
        wake = self._machine.next_wake
        if wake is not None and (self._wake_at is None or wake < self._wake_at):
            self._wake_at = wake
            self._scheduler.at(wake, self._wake, wake)

    def _hand_on(self, output: FromCall) -> None:
        if isinstance(output, SessionEntry):
            self._journal.add(output.at(self._scheduler.now, self.number))
        elif isinstance(output, Close):
            self.wire.down.send(Closed(output.code, output.reason))
        elif isinstance(output, Event):
            self._write(output)
            self.wire.down.send(output)

    def _wake(self, wake: int) -> None:
        if self._wake_at != wake or not self.open:
            return
        self._wake_at = None
        self._answer(self._machine.wake(self._scheduler.now))

    def emit(self, event: dict[str, Any]) -> None:
        """The session sends a scripted event."""
        if self.open:
            self._answer(self._machine.emit(event, self._scheduler.now))

    def _write(self, event: Event) -> None:
        if isinstance(event, ResponseOutputAudioDelta):
            self._sent.add(event.response_id, event.item_id, self._format(event.response_id), event.delta)
        if isinstance(event, PIECES):
            return
        if isinstance(event, ResponseOutputAudioDone):
            self._write_sent(event.response_id, event.item_id)
        elif isinstance(event, ResponseDone):
            for item_id in self._sent.open_items(event.response.id):
                self._write_sent(event.response.id, item_id)
        if isinstance(event, ResponseCreated) and event.response.audio is not UNSET:
            self._formats[event.response.id] = FORMATS[event.response.audio["output"]["format"]["type"]]
        active = self.session.response
        if isinstance(event, ResponseCreated) and active is not None and active.id == event.response.id:
            self.responses[active.id] = active.total_us
        self._journal.add(EventByServer.of(event, t=self._scheduler.now, connection=self.number))

    def _write_sent(self, response_id: str, item_id: str) -> None:
        item = self._sent.finish(response_id, item_id, self._format(response_id))
        self._journal.add(
            ResponseAudio(
                t=self._scheduler.now,
                connection=self.number,
                response_id=response_id,
                item_id=item_id,
                audio_ms=item.length_us // MS,
                audible_ms=item.audible_us // MS,
            )
        )

    def _format(self, response_id: str) -> AudioFormat:
        return self._formats.get(response_id, PCM24K)

    # --- faults ---

    def inject(self, active: ActiveFault) -> None:
        """A fault begins on this connection or its session."""
        if isinstance(active.fault, WireFault):
            self.wire.inject(active)
        else:
            self._answer(self._said(self._faults.inject(active, self._scheduler.now)))

    def _said(self, outputs: list[Output]) -> Sequence[FromCall]:
        """What the session said when a fault used it."""
        return outputs

    def release(self, active: ActiveFault) -> None:
        """A fault ends."""
        if isinstance(active.fault, WireFault):
            self.wire.release(active)
        else:
            self._faults.release(active, self._scheduler.now)
            self._answer([])  # what stood still may go on
