"""One session that passes through the proxy: the client's WebSocket on one side, the endpoint's on the other.

What passes is written into a journal as a live server writes it: what reaches the endpoint counts as arrived, what the
endpoint says as the server's, and what is written to the client's socket as delivered.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from websockets.frames import CloseCode, Frame

from ...audio.formats import AudioFormat
from ...errors import SettingError
from ...faults import ActiveFault, WireFault
from ...journal import EventAtClient, EventByServer
from ...protocol.events import (
    PIECES,
    InputAudioBufferAppend,
    InputAudioBufferClear,
    InputAudioBufferCommit,
    ResponseOutputAudioDelta,
)
from ...units import SECOND
from ..connection import LiveConnection
from ..control.views import SessionView, TurnState
from ..journal_writer import JournalWriter
from ..socket.handler import Sender
from ..socket.handshake import EndedBy
from .client_socket import RelaySocket
from .ear import ShadowEar
from .messages import Read, read_client, read_server, without_keys
from .source import SourceFaults, appends
from .upstream import Upstream

_STEP_BYTES = 64 * 1024
_TRANSLATION_APPEND = "session.input_audio_buffer.append"
_APPENDS = ("input_audio_buffer.append", _TRANSLATION_APPEND)


class Voices(Protocol):
    """Keeps what is said, if that is wanted."""

    def sent(self, audio: bytes, audio_format: AudioFormat) -> None:
        """Audio that the endpoint is sent."""
        ...

    def received(self, audio: bytes, audio_format: AudioFormat) -> None:
        """Audio that the endpoint has sent."""
        ...

    def close(self) -> None:
        """There is no more."""
        ...


class RelayedSession(LiveConnection):
    """The handler of a client's WebSocket, and the peer of the endpoint's. ``on_end``: the client's side is gone."""

    def __init__(
        self,
        number: int,
        journal: JournalWriter,
        upstream: Upstream,
        ear: ShadowEar,
        *,
        model: str,
        voices: Voices | None,
        on_start: Callable[[LiveConnection], None],
        on_end: Callable[[LiveConnection], None],
    ) -> None:
        super().__init__(number, journal)
        self._upstream, self._ear, self._voices = upstream, ear, voices
        self._on_start, self._on_end = on_start, on_end
        self._socket: RelaySocket
        self._source = SourceFaults()
        self._early: list[tuple[ActiveFault, float | None, int]] = []
        """Faults that would keep the client from its first event: they begin after it."""
        self._model, self._id = model, ""
        self._response_id: str | None = None

    # --- what the client's WebSocket calls (harness.live.proxy.client_socket.RelayHandler) ---

    def opened(self, sender: Sender) -> None:
        """Both sides are open."""
        assert isinstance(sender, RelaySocket)
        self._sender = self._socket = sender
        self._on_start(self)
        self._upstream.attach(self)

    def text(self, data: bytes) -> None:
        """A text message of the client."""
        for _ in self.large(data):
            pass

    def large(self, data: bytes | bytearray) -> Iterator[None]:
        """A text message of the client, which is passed on at once and written down in steps."""
        self.events_in += 1
        self.deliveries.flush_due()
        try:
            yield from self._text_up(bytes(data))
        except Exception:
            self._our_bug()

    def _text_up(self, text: bytes) -> Iterator[None]:
        read = read_client(text)
        audio = _audio(read)
        if audio is None or not self._source:
            self._upstream.send(text, binary=False)
        else:
            payloads = self._source.distorted(audio, self._ear.input_format)
            for message in appends(text, payloads):
                self._upstream.send(message, binary=False)
            audio = b"".join(payloads)
        if audio is not None:
            yield from self._appended(audio)
        elif read is not None and read.kind not in _APPENDS:
            self.journal.add(read.entry(EventAtClient, self.now, self.number))
            if isinstance(read.event, InputAudioBufferClear | InputAudioBufferCommit):
                self._ear.restart()

    def _appended(self, audio: bytes) -> Iterator[None]:
        for start in range(0, len(audio), _STEP_BYTES):
            piece, now = audio[start : start + _STEP_BYTES], self.now
            self.journal.appended(now, piece, self._ear.input_format)
            for entry in self._ear.hear(now, self.number, piece):
                self.journal.add(entry)
            if self._voices is not None:
                self._voices.sent(piece, self._ear.input_format)
            yield

    def binary(self) -> None:
        """Binary messages come by :meth:`message`."""

    def message(self, data: bytes) -> None:
        """A binary message of the client."""
        self.events_in += 1
        self._upstream.send(data, binary=True)

    def control(self, frame: Frame) -> None:
        """A ping or a pong of the client."""
        self._upstream.control(frame)

    def closing(self, code: int, reason: str) -> None:
        """The client closes."""
        self._upstream.close(code, reason)

    def resumed(self) -> None:
        """The client reads: so is the endpoint read."""
        self._upstream.resume()

    def closed(self, code: int, reason: str, by: EndedBy) -> None:
        """The client's side is gone; the endpoint's is closed, if it is not."""
        if self._voices is not None:
            self._voices.close()
        self._closed_at = self.now
        reason = self.journal.lines.shown(without_keys(reason))
        self.ending = (code, reason)
        self.deliveries.flush()
        self.ending = code, self.journal.close(self._closed_at, code, reason, by)
        if by != "client":
            self._upstream.close(CloseCode.GOING_AWAY, "")
        elif code == CloseCode.ABNORMAL_CLOSURE:  # else its Close is passed on, and the endpoint answers it
            self._upstream.close(code, "")
        self._on_end(self)

    # --- what the endpoint's connection calls (harness.live.proxy.upstream.UpstreamPeer) ---

    def upstream_message(self, data: bytes, *, binary: bool) -> None:
        """A message of the endpoint."""
        if self.ending is not None:
            return
        self.events_out += 1
        number = self.events_out
        try:
            if binary:
                self._socket.send_binary(data, number)
            else:
                self._text_down(data, number)
        except Exception:
            self._our_bug()
        self._socket.flush()
        if self._socket.blocked:
            self._upstream.pause()
        early, self._early = self._early, []
        for active, lasts_s, fault_id in early:
            super().inject(active, lasts_s, fault_id)

    def _text_down(self, data: bytes, number: int) -> None:
        read = read_server(data)
        if read is not None:
            self._note(read)
            if read.event is not None:
                self.deliveries.sending(number, read.event, self._ear.output_format)
        at_once = self._socket.send(data, number)
        if read is not None and read.event is not None:
            self.deliveries.sent(number, at_once=at_once)

    def _note(self, read: Read) -> None:
        if read.kind in ("session.created", "session.updated"):
            session = read.session
            self._ear.configure(session)
            if isinstance(session, dict):
                self._id, self._model = str(session.get("id", self._id)), str(session.get("model") or self._model)
        if isinstance(read.event, ResponseOutputAudioDelta) and self._voices is not None:
            self._voices.received(read.event.delta, self._ear.output_format)
        if not isinstance(read.event, PIECES):
            entry = read.entry(EventByServer, self.now, self.number)
            self.journal.add(entry)
            if read.kind == "response.created":
                self._response_id = entry.response_id
            elif read.kind == "response.done":
                self._response_id = None

    def upstream_control(self, frame: Frame) -> None:
        """A ping or a pong of the endpoint."""
        self._socket.send_control(frame)

    def upstream_closed(self, code: int, reason: str) -> None:
        """The endpoint closes."""
        if self.ending is None:
            self._socket.pass_close(code, reason)

    def upstream_full(self, full: bool) -> None:
        """The endpoint does not read: so is the client not read from."""
        if self.ending is None:
            self._socket.hold(full)

    # --- what the server calls ---

    def emit(self, document: Mapping[str, Any]) -> None:
        """A proxy has no events of its own."""
        raise SettingError(
            f"session {self.number} passes through a proxy, which sends no event of its own; use `stillthere serve`"
        )

    def inject(self, active: ActiveFault, lasts_s: float | None, fault_id: int) -> None:
        """Start a fault; one that would keep the client from its first event begins after that."""
        fault = active.fault
        if isinstance(fault, WireFault) and fault.dials != "pass" and not self.events_out:
            self._early.append((active, lasts_s, fault_id))
        else:
            super().inject(active, lasts_s, fault_id)

    def release(self, active: ActiveFault) -> None:
        """End a fault, also one that has not begun yet."""
        self._early = [each for each in self._early if each[0] is not active]
        super().release(active)

    def _begin_fault(self, active: ActiveFault) -> None:
        self._source.begin(active)

    def _end_fault(self, active: ActiveFault) -> None:
        self._source.end(active)

    def view(self, opened_at: float, peer: str) -> SessionView:
        """What it looks like now; the turn is the shadow's."""
        code, reason = self.ending or (None, "")
        turn: TurnState = "off" if self._ear.detection is None else "speaking" if self._ear.speaking else "idle"
        return SessionView(
            number=self.number,
            id=self.journal.lines.shown(self._id),
            model=self.journal.lines.shown(self._model),
            dialect="ga",
            state="open" if self.ending is None else "closed",
            opened_at=opened_at,
            open_s=self.open_us / SECOND,
            turn_detection=self._ear.detection,
            turn=turn,
            response_id=None if self.ending is not None else self._response_id,
            audio_in_s=self.journal.received_us / SECOND,
            audio_out_s=self.deliveries.audio_us / SECOND,
            events_in=self.events_in,
            events_out=self.events_out,
            faults=tuple(each.name for each in self.faults.values()),
            peer=peer,
            close_code=code,
            close_reason=reason,
            entries=self.journal.lines.count,
            faults_now=self.faults_now,
        )


def _audio(read: Read | None) -> bytes | None:
    """The audio of an append; None if it is none."""
    if read is None:
        return None
    if isinstance(read.event, InputAudioBufferAppend):
        return read.event.audio
    if read.kind == _TRANSLATION_APPEND:
        return read.audio()
    return None
