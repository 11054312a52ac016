"""The wire of one live connection while faults are on it: which messages are lost, held or changed.

It differs from a network: TCP is below it, so the client's operating system acknowledges what is lost here. WebSocket
pings are answered when they are read, and a fault loses or delays the answer. Messages are whole, so a fault changes a
message of several frames once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import msgspec
from websockets.frames import Frame, Opcode

from ..audio.formats import PCM24K
from ..faults.on_wire import Damage, WireFaults, damaged_text
from ..faults.seams import LOSE, ActiveFault, Direction, MessageInfo, WireFault
from ..units import SECOND
from .socket.handler import DeliveryLog
from .socket.limits import HELD_BYTES

_OVERHEAD_BYTES = 200
"""What an empty message takes while it is held."""
_UNREADABLE = "unreadable"
"""The type of a message that has none."""
_CONTROLS: Mapping[Opcode, Literal["ping", "pong"]] = {Opcode.PING: "ping", Opcode.PONG: "pong"}


class TextToSend(NamedTuple):
    """A text message of the server. It is compressed only when it is delivered: compression refers to the messages
    before it, and the client has only those that were delivered."""

    text: bytes
    number: int
    damaged: bool = False


class BinaryToSend(NamedTuple):
    """A binary message of a server behind a proxy: ours sends none."""

    data: bytes
    number: int


class CloseToSend(NamedTuple):
    """The server begins to close."""

    code: int
    reason: str


@dataclass(slots=True)
class _Received:
    """A message of the client, when it was received, and whether the session has it."""

    frame: Frame
    audio_us: int
    at_us: int
    arrived: bool = False
    held: bool = False


ToSend = TextToSend | BinaryToSend | CloseToSend | bytes
"""What the server may send: a message, a Close, or the bytes of a control frame; no bytes are the stream's end."""


class LiveWire:
    """The active faults of one connection, and the messages they delay; every message goes through it meanwhile.

    ``receive`` gets the messages of the client that are delivered. ``send`` gets what the server may send.
    ``changed`` is called after a timer has delivered something. ``log`` is told what is delivered, and what not at
    once.
    """

    def __init__(
        self,
        receive: Callable[[Frame], None],
        send: Callable[[ToSend], None],
        changed: Callable[[], None],
        log: DeliveryLog,
    ) -> None:
        self.dead = False
        """A permanent fault loses everything in both directions, bytes that are no message too: half-open."""
        self._receive, self._send, self._changed, self._log = receive, send, changed, log
        self._loop = asyncio.get_running_loop()
        self._faults = WireFaults(self._now, self._later, _damaged, self._deliver)
        self._late: dict[Direction, deque[tuple[int, Any]]] = {"up": deque(), "down": deque()}
        self._late_bytes: dict[Direction, int] = {"up": 0, "down": 0}
        self._timers: set[asyncio.TimerHandle] = set()

    def __bool__(self) -> bool:
        return bool(self._faults) or any(self._late.values())

    @property
    def answers_close(self) -> bool:
        """Whether a Close of the client is answered."""
        return self._faults.answers_close

    @property
    def held_bytes(self) -> int:
        """What is held, in both directions."""
        return sum(self._faults.held_bytes.values()) + sum(self._late_bytes.values())

    def full(self, direction: Direction) -> bool:
        """Whether as much is held as is allowed."""
        return self._faults.held_bytes[direction] + self._late_bytes[direction] > HELD_BYTES

    def holds(self, direction: Direction) -> bool:
        """Whether any message is held."""
        return self._faults.held_bytes[direction] > 0 or bool(self._late[direction])

    def inject(self, active: ActiveFault) -> None:
        """Start a :class:`WireFault`."""
        self._faults.inject(active)
        self.dead = self.dead or _loses_all(active.fault)

    def release(self, active: ActiveFault) -> None:
        """End a fault, unless it is permanent; the messages that it held are delivered."""
        if not (isinstance(active.fault, WireFault) and active.fault.permanent):
            self._faults.release(active)

    def stop(self) -> None:
        """The connection is gone."""
        for timer in self._timers:
            timer.cancel()

    # --- messages that enter ---

    def receive(self, frame: Frame) -> None:
        """A whole message of the client, a pong, or a ping; one that was answered already has passed in
        :meth:`send_control`."""
        size = len(frame.data) + _OVERHEAD_BYTES
        if frame.opcode in _CONTROLS:
            info = MessageInfo("up", None, 0, size, _CONTROLS[frame.opcode])
        elif frame.opcode is Opcode.TEXT:
            info = message_info("up", frame.data)
        else:
            info = MessageInfo("up", _UNREADABLE, 0, size)
        received = _Received(frame, info.audio_us, self._now())
        self._faults.send(info, received)
        if not received.arrived:
            received.held = True
            self._log.uplink_held(len(frame.data), info.audio_us)

    def receive_unread(self, size_bytes: int) -> None:
        """Bytes of the client on a dead connection."""
        self._log.uplink_held(size_bytes, 0)

    def send_text(self, text: bytes, number: int) -> None:
        """A text message of the server, with the number that the log is told."""
        self._faults.send(message_info("down", text), TextToSend(text, number))

    def send_binary(self, data: bytes, number: int) -> None:
        """A binary message of the server, with the number that the log is told."""
        size = len(data) + _OVERHEAD_BYTES
        self._faults.send(MessageInfo("down", _UNREADABLE, 0, size), BinaryToSend(data, number))

    def send_pong(self, frame: bytes) -> None:
        """A pong of the server to a ping that has passed in :meth:`receive`."""
        self._faults.send(MessageInfo("down", None, 0, _OVERHEAD_BYTES, "pong"), frame)

    def send_close(self, code: int, reason: str) -> None:
        """The server begins to close, after all messages that are held."""
        self._faults.send(MessageInfo("down", None, 0, _OVERHEAD_BYTES, "close"), CloseToSend(code, reason))

    def send_control(self, frame: bytes) -> None:
        """A control frame of the server. A pong also stands for the ping that it answers."""
        opcode = Opcode(frame[0] & 0x0F) if frame else Opcode.CLOSE
        if opcode is Opcode.PONG:
            self._faults.send(MessageInfo("up", None, 0, _OVERHEAD_BYTES, "ping"), frame)
        elif opcode is Opcode.PING:
            self._faults.send(MessageInfo("down", None, 0, _OVERHEAD_BYTES, "ping"), frame)
        else:
            self._faults.send(MessageInfo("down", None, 0, _OVERHEAD_BYTES, "close"), frame)

    # --- messages that are delivered ---

    def _deliver(self, direction: Direction, message: Any, delay_us: int) -> None:
        late = self._late[direction]
        if not late and not delay_us:
            self._arrive(direction, message)
            return
        due = self._now() + delay_us
        late.append((max(due, late[-1][0]) if late else due, message))
        self._late_bytes[direction] += _size(message)
        if len(late) == 1:
            self._later(delay_us, lambda: self._pump(direction))

    def _pump(self, direction: Direction) -> None:
        late = self._late[direction]
        while late and late[0][0] <= self._now():
            _, message = late.popleft()
            self._late_bytes[direction] -= _size(message)
            self._arrive(direction, message)
        if late:
            self._later(late[0][0] - self._now(), lambda: self._pump(direction))

    def _arrive(self, direction: Direction, message: Any) -> None:
        if direction == "down":
            self._send(message)
            if isinstance(message, TextToSend):
                self._log.delivered(message.number, damaged=message.damaged)
            elif isinstance(message, BinaryToSend):
                self._log.delivered(message.number, damaged=False)
        elif isinstance(message, _Received):
            self._received(message)
        else:
            self.send_pong(message)

    def _received(self, message: _Received) -> None:
        if message.held and not message.arrived:
            late_us = self._now() - message.at_us
            self._log.uplink_arrived(len(message.frame.data), message.audio_us, late_us)
        message.arrived = True
        self._receive(message.frame)

    # --- time ---

    def _now(self) -> int:
        return round(self._loop.time() * SECOND)

    def _later(self, delay_us: int, action: Callable[[], None]) -> None:
        def act() -> None:
            self._timers.discard(timer)
            action()
            self._changed()

        timer = self._loop.call_later(max(0, delay_us) / SECOND, act)
        self._timers.add(timer)


class _Head(msgspec.Struct):
    """The fields of an event that a fault may know."""

    type: str = _UNREADABLE
    audio: msgspec.Raw = msgspec.Raw(b"")
    delta: msgspec.Raw = msgspec.Raw(b"")


_heads = msgspec.json.Decoder(_Head)
_AUDIO = ("response.output_audio.delta", "response.audio.delta")


def message_info(direction: Direction, text: bytes | bytearray | memoryview) -> MessageInfo:
    """What a fault may know of a text message. Its type is the one on the wire."""
    size = len(text) + _OVERHEAD_BYTES
    try:
        head = _heads.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return MessageInfo(direction, _UNREADABLE, 0, size)
    base64 = b""
    if head.type == "input_audio_buffer.append":
        base64 = bytes(head.audio)
    elif head.type in _AUDIO:
        base64 = bytes(head.delta)
    audio_bytes = 3 * max(0, len(base64) - 2) // 4  # it has quotes around it
    return MessageInfo(direction, head.type or _UNREADABLE, PCM24K.duration_us(audio_bytes), size)


def _damaged(_: Direction, message: Any, damage: Damage) -> Any:
    try:
        if isinstance(message, TextToSend):
            return TextToSend(damaged_text(message.text, damage), message.number, damaged=True)
        if isinstance(message, _Received) and message.frame.opcode is Opcode.TEXT:
            message.frame = Frame(Opcode.TEXT, damaged_text(bytes(message.frame.data), damage))
    except UnicodeDecodeError:
        pass  # not text: the WebSocket closes with 1007
    return message


def _size(message: Any) -> int:
    text = message.frame.data if isinstance(message, _Received) else b""
    text = message.text if isinstance(message, TextToSend) else text
    text = message.data if isinstance(message, BinaryToSend) else text
    return len(text) + _OVERHEAD_BYTES


def _loses_all(fault: Any) -> bool:
    """Whether it is permanent and loses every message."""
    if not fault.permanent:
        return False
    deliver = fault.begin(None)
    directions: tuple[Direction, ...] = ("up", "down")
    kinds = (_UNREADABLE, None)
    return all(deliver(MessageInfo(direction, kind), 0) == LOSE for direction in directions for kind in kinds)
