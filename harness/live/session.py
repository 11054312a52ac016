"""One client on a WebSocket: its messages go to a session and the session's events go out, in order; or it is refused.

There is no task. A message is answered within the call that delivers it, and a timer wakes the session. Turn detection
runs there too: about 50 us for each 32 ms of audio. A large message is taken in steps, so that the largest append
(15 MiB, five minutes of audio) does not keep other connections waiting; in the journal it counts as several.
"""

import binascii
import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from ..errors import ProtocolError, SettingError
from ..faults import ActiveFault
from ..faults.on_session import SessionFaults
from ..journal import SessionEntry
from ..protocol.codec import (
    MAX_APPEND_BYTES,
    binary_frame,
    encode,
    event_id_of,
    oversize_append,
)
from ..protocol.events import ErrorEvent, InputAudioBufferAppend
from ..protocol.objects import ErrorDetails
from ..protocol.translation_events import TranslationAppend
from ..server.outputs import Close, Output
from ..server.session import Session
from ..server.shared import IdSource
from ..units import SECOND
from .admission import ConnectRequest, Refusal
from .connection import LiveConnection
from .journal_writer import JournalWriter, session_name
from .large import check_size, check_values, decoded_audio, event_id_in, head_of
from .socket.handler import Sender
from .socket.handshake import EndedBy
from .socket.inbox import ReceiveMemory
from .socket.timers import WakeTimer

_SOONEST_S = 0.001
"""A session is woken at most a thousand times a second."""

_STEP_BYTES = 64 * 1024
"""So much audio of a large append is taken in one step."""
_COPIES = 4
"""A message that is kept is in memory so often while it is answered: read, decoded, and in two events."""
_SETTINGS = ("session.update", "response.create")
_WIDEST = 4
"""Bytes of a character in memory, if one of a text is beyond U+FFFF."""

_log = logging.getLogger("harness.live")


class Machine(Protocol):
    """What of a session is driven here: the session itself, or what is around it."""

    def open(self, now: int) -> list[Any]:
        """The first events."""
        ...

    def receive(self, event: Any, now: int) -> list[Any]:
        """Answer an event of the client."""
        ...

    def wake(self, now: int) -> list[Any]:
        """What is due by ``now``."""
        ...

    @property
    def next_wake(self) -> int | None:
        """When to wake it next."""
        ...

    def emit(self, document: dict[str, Any], now: int) -> list[Any]:
        """Send a scripted event."""
        ...


class LiveSession(LiveConnection):
    """The handler of a WebSocket that has a session.

    ``on_start`` is called before the session's first event, ``on_end`` when the connection is gone. ``machine`` is
    driven instead of the session, if there is one around it.
    """

    def __init__(
        self,
        number: int,
        session: Session,
        journal: JournalWriter,
        wake_timer: WakeTimer,
        memory: ReceiveMemory,
        *,
        on_start: Callable[["LiveSession"], None],
        on_end: Callable[["LiveSession"], None],
        machine: Machine | None = None,
    ) -> None:
        super().__init__(number, journal)
        self.session = session
        self._machine: Machine = session if machine is None else machine
        self._on_start, self._on_end = on_start, on_end
        self._session_faults = SessionFaults(session)
        self._wake_at: int | None = None
        self._wake_timer = wake_timer
        self._wake_slot = 0
        self._memory = memory
        self._items_bytes = self._settings_bytes = self._kept_bytes = 0
        """What its large messages have left in it, at most."""

    # --- what the WebSocket calls (harness.live.socket.handler.MessageHandler) ---

    def opened(self, sender: Sender) -> None:
        """The session sends the first event."""
        self._sender = sender
        try:
            self._on_start(self)
            self._send(self._machine.open(self.now))
        except Exception:
            self._our_bug()

    def text(self, data: bytes) -> None:
        """A message of the client."""
        self.events_in += 1
        self.deliveries.flush_due()
        try:
            self._answer(data)
        except Exception:
            self._our_bug()

    def large(self, data: bytes | bytearray) -> Iterator[None]:
        """A large message of the client."""
        self.events_in += 1
        try:
            yield from self._answer_large(data)
        except Exception:
            self._our_bug()

    def binary(self) -> None:
        """The service takes no binary message (captured)."""
        self.events_in += 1
        self._send([self.session.refuse(binary_frame(), None)])

    def resumed(self) -> None:
        """The client reads again: what became due meanwhile is sent now."""
        self._wake_next()

    def wake(self) -> None:
        """The session's next wake-up is due."""
        self._wake_at = None
        sender = self._sender
        if sender is None or sender.blocked or self.ending is not None:
            return  # `resumed` follows when the sender is no longer blocked
        try:
            self._send(self._machine.wake(self.now))
        except Exception:
            self._our_bug()

    def closed(self, code: int, reason: str, by: EndedBy) -> None:
        """The connection is gone."""
        if self._wake_at is not None:
            self._wake_timer.cancel(self._wake_slot, self)
        self._closed_at = self.now
        self.ending = (code, reason)
        self.deliveries.flush()
        self.ending = code, self.journal.close(self._closed_at, code, reason, by)
        self._on_end(self)
        self.session.forget()
        self._keep(0)

    # --- what the server calls ---

    def emit(self, document: Mapping[str, Any]) -> None:
        """Send a scripted server event. Raises :exc:`SettingError` for a wrong one, and if nothing can be sent now."""
        if self._sender is not None and self._sender.blocked:
            raise SettingError(
                f"nothing can be sent in session {self.number} now: its client does not read, or a stall "
                "holds too much; let the client read, or end the fault"
            )
        self._send(self._machine.emit(dict(document), self.now))

    def _begin_fault(self, active: ActiveFault) -> None:
        self._send(self._of_fault(self._session_faults.inject(active, self.now)))

    def _end_fault(self, active: ActiveFault) -> None:
        self._session_faults.release(active, self.now)
        self._wake_next()

    # --- the session ---

    def _answer(self, data: bytes) -> None:
        now = self.now
        try:
            event = self.session.decode(data)
        except ProtocolError as error:
            self._send([self.session.refuse(error, event_id_of(data))])
            return
        if isinstance(event, (InputAudioBufferAppend, TranslationAppend)):
            self.journal.appended(now, event.audio, self.session.hearing.format)
        else:
            self.journal.received(now, event)
        outputs = self._machine.receive(event, now)
        if outputs:
            self._send(outputs)

    def _answer_large(self, data: bytes | bytearray) -> Iterator[None]:
        event_id = None
        try:
            yield from check_values(data)
            head = head_of(data)
            event_id = event_id_in(head)
            yield
            if head.type == self.session.append_type and head.audio:
                audio = yield from self._decoded(head.audio)
                yield from self._append(self._decoded_at_once(data) if audio is None else audio, event_id)
                return
            check_size(head, len(data))
            self._answer_and_keep(data, head.type)
        except ProtocolError as error:
            self._send([self.session.refuse(error, event_id)])

    def _decoded(self, raw: msgspec.Raw) -> Generator[None, None, bytearray | None]:
        """The audio of an append; None if it cannot be decoded in slices."""
        audio = bytearray()
        try:
            for piece in decoded_audio(raw):
                if piece is None:
                    yield
                else:
                    audio += piece
        except binascii.Error:
            return None
        return audio

    def _decoded_at_once(self, data: bytes | bytearray) -> bytes:
        """The audio of an append whose base64 has escapes in JSON. Raises :exc:`ProtocolError` if it is not base64."""
        self._check_room(len(data))
        event = self.session.decode(bytes(data))
        if not isinstance(event, (InputAudioBufferAppend, TranslationAppend)):
            raise ProtocolError("invalid_event", "Invalid event: it has two types.")
        if len(event.audio) > MAX_APPEND_BYTES:
            raise oversize_append(len(event.audio))
        return event.audio

    def _append(self, audio: bytes | bytearray, event_id: str | None) -> Iterator[None]:
        for start in range(0, max(1, len(audio)), _STEP_BYTES):
            if self.ending is not None:
                return
            event = InputAudioBufferAppend(audio=bytes(audio[start : start + _STEP_BYTES]), event_id=event_id)
            now = self.now
            self.journal.appended(now, event.audio, self.session.hearing.format)
            outputs = self._machine.receive(event, now)
            if outputs:
                self._send(outputs)
            yield

    def _answer_and_keep(self, data: bytes | bytearray, kind: str) -> None:
        """Answer what may stay in the session, if there is room for it. Raises :exc:`ProtocolError`."""
        needed_bytes = len(data) * (1 if data.isascii() else _WIDEST)
        conversation = self.session.conversation
        self._check_room(needed_bytes)
        before = conversation.created_bytes
        self._answer(bytes(data))
        items_bytes = min(self._items_bytes, before * _WIDEST)  # some may be deleted since
        if conversation.created_bytes > before:
            items_bytes += needed_bytes
        elif kind in _SETTINGS:
            self._settings_bytes = max(self._settings_bytes, needed_bytes)
        self._items_bytes = items_bytes
        self._keep(items_bytes + self._settings_bytes)

    def _check_room(self, needed_bytes: int) -> None:
        if not self._memory.has_room(_COPIES * needed_bytes):
            message = f"The server holds too much of its clients to take {needed_bytes} bytes more. Delete some items."
            raise ProtocolError("conversation_full", message)

    def _keep(self, kept_bytes: int) -> None:
        self._memory.change(kept_bytes - self._kept_bytes)
        self._kept_bytes = kept_bytes

    def _of_fault(self, outputs: list[Output]) -> list[Any]:
        """What the session said to a fault."""
        return outputs

    def _send(self, outputs: list[Any]) -> None:
        sender = self._sender
        assert sender is not None
        close: Close | None = None
        audio_format = self.session.config.output_format
        for output in outputs:
            self.journal.answered(self.now, output)
            if isinstance(output, SessionEntry):
                continue
            if isinstance(output, Close):
                close = output
                continue
            self.events_out += 1
            self.deliveries.sending(self.events_out, output, audio_format)
            at_once = sender.send(encode(output), self.events_out)
            self.deliveries.sent(self.events_out, at_once=at_once)
        sender.flush()
        if close is not None:
            sender.close(close.code, close.reason)
        self._wake_next()

    def _wake_next(self) -> None:
        """Set the timer to the session's next wake-up, unless it is set to an earlier time."""
        due = self._machine.next_wake
        if due is None or (self._wake_at is not None and self._wake_at <= due):
            return
        if self._wake_at is not None:
            self._wake_timer.cancel(self._wake_slot, self)
        self._wake_at = due
        soonest = self._loop.time() + _SOONEST_S
        self._wake_slot = self._wake_timer.set(max(soonest, self._opened_s + due / SECOND), self)


class RefusedClient:
    """The handler of a WebSocket without a session: one ``error`` event and, in the same bytes, the Close (captured).

    ``on_end`` is called when the connection is gone.
    """

    def __init__(
        self,
        number: int,
        request: ConnectRequest,
        refusal: Refusal,
        journal: JournalWriter,
        *,
        on_end: Callable[["RefusedClient"], None],
    ) -> None:
        self.number = number
        self.request = request
        self.journal = journal
        self.ending: tuple[int, str] | None = None
        """Close code and reason; None while it is open."""
        self._refusal = refusal
        self._on_end = on_end

    def opened(self, sender: Sender) -> None:
        """Send the error, and close."""
        error = self._refusal.error
        details = ErrorDetails(
            type=error.error_type, code=error.code, message=error.message, param=error.param, event_id=None
        )
        event = ErrorEvent(event_id=IdSource(session_name(self.number)).mint("event"), error=details)
        self.journal.answered(0, event)
        sender.send(encode(event), 1)
        sender.close(self._refusal.close_code, self._refusal.close_reason)

    def text(self, data: bytes) -> None:
        """Ignored: the connection is closing."""

    def large(self, data: bytes | bytearray) -> Iterator[None]:
        """Ignored: the connection is closing."""
        return iter(())

    def binary(self) -> None:
        """Ignored: the connection is closing."""

    def resumed(self) -> None:
        """There is nothing left to send."""

    def closed(self, code: int, reason: str, by: EndedBy) -> None:
        """The connection is gone."""
        self.ending = code, self.journal.close(0, code, reason, by)
        self._on_end(self)
