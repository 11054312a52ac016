"""One client on a WebSocket: its messages go to the session, what the session answers goes out, in order.

There is no task. A message is answered within the call that brings it, and an alarm wakes the session. Hearing happens
there too: about 50 us for each 32 ms of audio. The largest append (15 MiB, five minutes of audio) therefore keeps every
connection of the process waiting for most of a second; appends of ordinary length do not show.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from websockets.frames import CloseCode

from harness.errors import ProtocolError, SettingError
from harness.faults import Struck, WireFault
from harness.faults.on_session import SessionFaults
from harness.live.alarms import Alarms
from harness.live.record import Record
from harness.live.websocket import WebSocket
from harness.protocol.codec import binary_frame, event_id_of
from harness.protocol.dialects import Dialect
from harness.protocol.events import InputAudioBufferAppend, ResponseOutputAudioDelta
from harness.server.outputs import Close, Note, Output
from harness.server.session import Session
from harness.units import SECOND

SOONEST_S = 0.001
"""A session is woken at most a thousand times a second."""

_log = logging.getLogger("harness.live")


class Connection:
    """The owner of a WebSocket that has a session. ``begins`` is called before the session speaks, ``ends`` at last."""

    def __init__(
        self,
        number: int,
        session: Session,
        dialect: Dialect,
        record: Record,
        alarms: Alarms,
        *,
        begins: Callable[["Connection"], None],
        ends: Callable[["Connection"], None],
    ) -> None:
        self.number = number
        self.session = session
        self.dialect = dialect
        self.record = record
        self.faults: list[Struck] = []
        self.events_in = self.events_out = self.audio_out_bytes = 0
        self.ending: tuple[int, str] | None = None
        """How it was closed."""
        self._begins, self._ends = begins, ends
        self._session_faults = SessionFaults(session)
        self._websocket: WebSocket | None = None
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._wake_at: int | None = None
        self._alarms = alarms
        self._alarm = 0
        self._ended_at = 0

    @property
    def now(self) -> int:
        """Microseconds since the connection opened."""
        return round((self._loop.time() - self._began_s) * SECOND)

    @property
    def open_us(self) -> int:
        """How long it has been open, or was."""
        return self.now if self.ending is None else self._ended_at

    # --- what the WebSocket tells ---

    def opened(self, websocket: WebSocket) -> None:
        """The session speaks first."""
        self._websocket = websocket
        self._began_s = self._loop.time()
        try:
            self._begins(self)
            self._send(self.session.open(self.now))
        except Exception:
            self._our_bug()

    def text(self, data: bytes) -> None:
        """A message of the client."""
        self.events_in += 1
        try:
            self._answer(data)
        except Exception:
            self._our_bug()

    def binary(self) -> None:
        """The service takes no binary message (captured)."""
        self.events_in += 1
        self._send([self.session.refuse(binary_frame(), None)])

    def resumed(self) -> None:
        """The client reads again: what has become due meanwhile is sent now."""
        self._wake_next()

    def wake(self) -> None:
        """It is time for something that the session does by itself."""
        self._wake_at = None
        websocket = self._websocket
        if websocket is None or websocket.blocked or self.ending is not None:
            return  # the WebSocket calls `resumed` when it goes on
        try:
            self._send(self.session.wake(self.now))
        except Exception:
            self._our_bug()

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone."""
        if self._wake_at is not None:
            self._alarms.cancel(self._alarm, self)
        self._ended_at = self.now
        self.ending = (code, reason)
        self.record.close(self._ended_at, code, reason)
        self._ends(self)
        self.session.forget()

    # --- what the server commands ---

    def emit(self, document: Mapping[str, Any]) -> None:
        """Send a scripted server event. Raises :exc:`harness.errors.SettingError`, also if the client reads none."""
        if self._websocket is not None and self._websocket.blocked:
            raise SettingError(
                f"session {self.number} takes nothing now, because its client does not read or a stall holds it; let "
                "the client read, or release the fault"
            )
        self._send(self.session.emit(document, self.now))

    def close(self, code: int, reason: str) -> None:
        """Begin to close. Raises :exc:`harness.errors.SettingError`."""
        if self._websocket is not None:
            self._websocket.close(code, reason)

    def strike(self, struck: Struck, lasts_s: float | None) -> None:
        """A fault begins on this connection or its session; who strikes releases it."""
        fault = struck.fault
        self.faults.append(struck)
        length_us = None if lasts_s is None else round(lasts_s * SECOND)
        self.record.write(self.now, "fault", fault.name, length_us=length_us)
        if not isinstance(fault, WireFault):
            self._send(self._session_faults.strike(struck, self.now))
        elif self._websocket is not None:
            self._websocket.strike(struck)

    def release(self, struck: Struck) -> None:
        """A fault ends; one that a connection does not survive stays on it."""
        fault = struck.fault
        if struck not in self.faults or (isinstance(fault, WireFault) and fault.permanent):
            return
        self.faults.remove(struck)
        self.record.write(self.now, "connection", "fault_ends", fault=fault.name)
        if not isinstance(fault, WireFault):
            self._session_faults.release(struck)
        elif self._websocket is not None:
            self._websocket.release(struck)

    # --- the session ---

    def _answer(self, data: bytes) -> None:
        now = self.now
        try:
            event = self.dialect.decode(data)
        except ProtocolError as error:
            self._send([self.session.refuse(error, event_id_of(data))])
            return
        if type(event) is InputAudioBufferAppend:
            self.record.appended(now, event.audio, self.session.hearing.format)
        else:
            self.record.received(now, event)
        outputs = self.session.receive(event, now)
        if outputs:
            self._send(outputs)

    def _send(self, outputs: list[Output]) -> None:
        websocket = self._websocket
        assert websocket is not None
        now = self.now
        close: Close | None = None
        for output in outputs:
            self.record.answered(now, output)
            if isinstance(output, Note):
                continue
            if isinstance(output, Close):
                close = output
                continue
            self.events_out += 1
            if type(output) is ResponseOutputAudioDelta:
                self.audio_out_bytes += len(output.delta)
            for text in self.dialect.encode(output):
                websocket.send(text)
        websocket.flush()
        if close is not None:
            websocket.close(close.code, close.reason)
        self._wake_next()

    def _wake_next(self) -> None:
        """Set the alarm to the session's next wake-up, unless it will ring before that anyway."""
        due = self.session.next_wake
        if due is None or (self._wake_at is not None and self._wake_at <= due):
            return
        if self._wake_at is not None:
            self._alarms.cancel(self._alarm, self)
        self._wake_at = due
        soonest = self._loop.time() + SOONEST_S
        self._alarm = self._alarms.set(max(soonest, self._began_s + due / SECOND), self)

    def _our_bug(self) -> None:
        _log.exception("connection %d ended by a bug of stillthere", self.number)
        self.close(CloseCode.INTERNAL_ERROR, "internal error")
