"""One connection with the session at its far end: what the client sends arrives there, what it answers comes back."""

from collections.abc import Callable
from typing import Any

from harness.clients.interface import Closed, Ping, Pong, Signal
from harness.faults.on_session import SessionFaults
from harness.faults.seams import Struck, WireFault
from harness.journal import Journal
from harness.protocol.events import PIECES, Event, InputAudioBufferAppend, ResponseCreated, event_type
from harness.protocol.summary import summary
from harness.server.outputs import Close, Note, Output
from harness.server.session import Session
from harness.units import MS, SECOND
from harness.world.damage import Unreadable
from harness.world.scheduler import Scheduler
from harness.world.wire import Link, Wire


class Connection:
    """An open connection. ``deliver`` is given what reaches the client."""

    def __init__(
        self,
        number: int,
        session: Session,
        scheduler: Scheduler,
        journal: Journal,
        deliver: Callable[["Connection", Event | Signal | Unreadable], None],
        *,
        seed: int,
        latency_us: int,
        jitter_us: int,
    ) -> None:
        self.number = number
        self.session = session
        self.open = True
        self.responses: dict[str, int] = {}
        """Length in microseconds of each response's audio, in the order in which they were created."""
        self._scheduler = scheduler
        self._journal = journal
        self._deliver = deliver
        self._faults = SessionFaults(session)
        self._wake_at: int | None = None
        self._next_note = 0
        self._audio_us = 0
        up, down = (
            Link(scheduler, seed, f"link/{number}/{direction}", latency_us, jitter_us, arrive)
            for direction, arrive in (("up", self._arrive), ("down", self._receive))
        )
        self.wire = Wire(up, down, lambda: scheduler.now)

    # --- the client's end ---

    def begin(self) -> None:
        """The session speaks first."""
        self._answer(self.session.open(self._scheduler.now))

    def send(self, message: Event | Ping) -> None:
        """The client sends an event or a ping."""
        self.wire.up.send(message)

    def close(self) -> None:
        """The client leaves."""
        self.open = False

    def hang_up(self, closed: Closed) -> None:
        """The server closes: its Close goes the way of all messages, and it answers nothing any more."""
        self.session.closed = True
        self.wire.down.send(closed)

    def _receive(self, message: Event | Signal | Unreadable) -> None:
        if self.open:
            self._deliver(self, message)

    # --- the server's end ---

    def _arrive(self, message: Event | Ping | Unreadable) -> None:
        if not self.open:
            return
        now = self._scheduler.now
        if type(message) is InputAudioBufferAppend:
            self._audio_us += self.session.hearing.format.duration_us(len(message.audio))
            if now >= self._next_note:
                # One entry for each second in which audio arrived, not one for each append.
                self._next_note = (now // SECOND + 1) * SECOND
                arrived_ms = self._audio_us // MS
                self._journal.write(now, "server", "audio_arrives", connection=self.number, arrived_ms=arrived_ms)
        elif isinstance(message, Ping):
            self.wire.down.send(Pong())
            return
        elif isinstance(message, Unreadable):
            assert message.error is not None
            self._answer([self.session.refuse(message.error, None)])
            return
        outputs = self.session.receive(message, now)  # type: ignore[arg-type]
        if outputs:
            self._answer(outputs)

    def _answer(self, outputs: list[Output]) -> None:
        for output in outputs:
            if isinstance(output, Note):
                self._note(output)
            elif isinstance(output, Close):
                self.wire.down.send(Closed(output.code, output.reason))
            else:
                self._write(output)
                self.wire.down.send(output)
        wake = self.session.next_wake
        if wake is not None and (self._wake_at is None or wake < self._wake_at):
            self._wake_at = wake
            self._scheduler.at(wake, self._wake, wake)

    def _wake(self, wake: int) -> None:
        if self._wake_at != wake or not self.open:
            return
        self._wake_at = None
        self._answer(self.session.wake(self._scheduler.now))

    def emit(self, event: dict[str, Any]) -> None:
        """The session says a scripted event."""
        if self.open:
            self._answer(self.session.emit(event, self._scheduler.now))

    def _note(self, note: Note) -> None:
        self._journal.write(self._scheduler.now, note.lane, note.kind, connection=self.number, **note.fields)

    def _write(self, event: Event) -> None:
        if isinstance(event, PIECES):
            return
        kind = event_type(event)
        fields = summary(event)
        active = self.session.response
        if isinstance(event, ResponseCreated) and active is not None and active.id == event.response.id:
            self.responses[active.id] = active.total_us
        self._journal.write(self._scheduler.now, "server", kind, connection=self.number, **fields)

    # --- faults ---

    def strike(self, struck: Struck) -> None:
        """A fault begins on this connection or its session."""
        if isinstance(struck.fault, WireFault):
            self.wire.strike(struck)
        else:
            self._answer(self._faults.strike(struck, self._scheduler.now))

    def release(self, struck: Struck) -> None:
        """A fault ends."""
        if isinstance(struck.fault, WireFault):
            self.wire.release(struck)
        else:
            self._faults.release(struck)
