"""One client of a load: what it sends, encoded beforehand, and what it counts of the answers."""

import asyncio
import base64
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
import numpy as np
from numpy.typing import NDArray
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from ..errors import ClientError
from ..units import MS, SECOND
from ..vad.detector import FRAME_MS

APPENDS_PER_S = SECOND // (20 * MS)
_MOST_WAITING_BYTES = 256 * 1024
"""A caller with more bytes than this still to send leaves appends out; they are counted."""
_MOST_ERRORS = 5
_KEY = "any"
_MODEL = "gpt-realtime"


class _Error(msgspec.Struct):
    message: str = ""


class _ServerEvent(msgspec.Struct):
    """The fields of a server event that a caller needs."""

    type: str
    error: _Error | None = None


_decoder = msgspec.json.Decoder(_ServerEvent)


def _frame(event: dict[str, object]) -> bytes:
    return bytes(Frame(Opcode.TEXT, json.dumps(event).encode()).serialize(mask=True))


def _append(samples: NDArray[np.int16]) -> bytes:
    return _frame({"type": "input_audio_buffer.append", "audio": base64.b64encode(samples.tobytes()).decode()})


def _quiet_room(seed: int, *shape: int) -> NDArray[np.int16]:
    """Noise of -66 dBFS, far below what any detector calls speech."""
    return np.random.default_rng(seed).normal(0, 16, shape).astype("<i2")


_ITEM = {"id": "bench", "type": "message", "role": "user", "content": [{"type": "input_text", "text": "Speak on."}]}
CREATE_ITEM = _frame({"type": "conversation.item.create", "item": _ITEM})
CREATE_RESPONSE = _frame({"type": "response.create"})
_ASK = _frame({"type": "conversation.item.retrieve", "item_id": "bench"})
APPENDS = [_append(chunk) for chunk in _quiet_room(1, APPENDS_PER_S, 24_000 // APPENDS_PER_S)]
"""A second of a quiet room."""
FIRST_APPENDS = [_append(_quiet_room(2, 24 * ms)) for ms in range(1, FRAME_MS + 1)]
"""Each caller sends one of these first: so, as with real clients, the server's frames of 32 ms are not complete at the
same moment for all of them."""


@dataclass(slots=True)
class CallerCounts:
    """What happened within the measured time, for all callers."""

    round_trips_s: list[float] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)
    appends: int = 0
    left_out: int = 0
    deltas: int = 0
    turns: int = 0
    closed: int = 0
    errors: list[str] = field(default_factory=list)

    def error(self, message: str) -> None:
        """The server sent an error; the first few are kept."""
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(message)


class CallerHost(Protocol):
    """What a caller reports to."""

    counts: CallerCounts

    def answered(self, due: float) -> None:
        """A question that was due then is answered now."""

    def lost(self) -> None:
        """A caller's connection is gone."""


class Caller(asyncio.Protocol):
    """One client: an :class:`asyncio.Protocol` over websockets' sans-I/O protocol."""

    def __init__(self, url: str, load: CallerHost) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asked: deque[float] = deque()
        """When the questions that wait for an answer were due."""
        self._websocket = ClientProtocol(parse_uri(_with_model(url)))
        self._load = load
        self._parts: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected by TCP: send the handshake."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        request = self._websocket.connect()
        request.headers["Authorization"] = f"Bearer {_KEY}"
        self._websocket.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Bytes of the server."""
        self._websocket.receive_data(data)
        for event in self._websocket.events_received():
            if isinstance(event, Response):
                self._handshake_done()
            elif isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.CONT):
                self._parts.append(bytes(event.data))
                if event.fin:
                    self._received(b"".join(self._parts))
                    self._parts.clear()
        self._flush()

    def eof_received(self) -> None:
        """The server sends no more."""
        self._websocket.receive_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, closed by the caller or not."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
        self._transport = None
        self._load.lost()
        if not self.opened.done():
            errors = " ".join(self._load.counts.errors)
            self.opened.set_exception(
                ClientError(f"the server closed a connection at once; {errors or 'it gave no reason'}")
            )

    # --- what the load calls ---

    def write(self, frame: bytes) -> bool:
        """Send a frame, unless too much waits already."""
        transport = self._transport
        if transport is None or transport.get_write_buffer_size() > _MOST_WAITING_BYTES:
            return False
        transport.write(frame)
        return True

    def ask(self, due: float) -> None:
        """Send a question and note when it was due."""
        if self.write(_ASK):
            self.asked.append(due)

    def close(self) -> None:
        """End the connection at once; the server sees an end of stream."""
        if self._transport is not None:
            self._transport.abort()

    # --- what is received ---

    def _handshake_done(self) -> None:
        if self._websocket.handshake_exc is not None and not self.opened.done():
            self.opened.set_exception(ClientError(f"the server refused: {self._websocket.handshake_exc}"))

    def _received(self, text: bytes) -> None:
        counts = self._load.counts
        try:
            event = _decoder.decode(text)
        except msgspec.DecodeError as error:
            counts.error(f"something that is not an event: {error}")
            return
        kind = event.type
        if kind == "response.output_audio.delta":
            counts.deltas += 1
        elif kind == "conversation.item.retrieved":
            if self.asked:
                self._load.answered(self.asked.popleft())
        elif kind == "response.done":
            self.write(CREATE_RESPONSE)
        elif kind == "input_audio_buffer.speech_started":
            counts.turns += 1
        elif kind == "error":
            counts.error(event.error.message if event.error else "an error without a message")
        elif kind == "session.created" and not self.opened.done():
            self.opened.set_result(None)

    def _flush(self) -> None:
        for data in self._websocket.data_to_send():
            if self._transport is not None and data:
                self._transport.write(data)


def _with_model(url: str) -> str:
    """The URL with a model, which the service needs, unless it has one."""
    if "model=" in urlsplit(url).query:
        return url
    return f"{url}{'&' if '?' in url else '?'}model={_MODEL}"
