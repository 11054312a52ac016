"""The wire of one live connection while faults are on it: what becomes of each message, and what is kept of them.

It is unlike a network in this: TCP stands below, so a client's own operating system acknowledges what is lost here;
WebSocket pings are answered as soon as they are read, and it is the answer that is lost or kept; messages are whole,
so that a fault strikes a message that came in several frames once.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from websockets.frames import Frame, Opcode

from harness.audio.formats import PCM24K
from harness.faults.damage import damaged_text
from harness.faults.on_wire import Damage, WireFaults
from harness.faults.seams import LOSE, Direction, Passage, Struck, WireFault
from harness.live.limits import HELD_BYTES
from harness.units import SECOND

OVERHEAD_BYTES = 200
"""What an empty message costs to keep."""
UNREADABLE = "unreadable"
"""Stands for the type of a message that has none."""


class Said(NamedTuple):
    """A text message of the server. It is compressed only when it passes: what a client gets must have been compressed
    with the same past as it remembers."""

    text: bytes


class Closing(NamedTuple):
    """The server wants to close."""

    code: int
    reason: str


class Wire:
    """The faults in force, and the messages that are late; while there are any, every message goes by it.

    ``heard`` is given the messages of the client that arrive. ``said`` is given what the server's end may send: a
    :class:`Said`, a :class:`Closing`, or a control frame as it is on the wire, where an empty one is the stream's end.
    ``moved`` is called after anything has passed by itself, in time.
    """

    def __init__(
        self, heard: Callable[[Frame], None], said: Callable[[Said | Closing | bytes], None], moved: Callable[[], None]
    ) -> None:
        self.dead = False
        """A fault for good loses everything both ways, even what is no message: the connection is half-open."""
        self._heard, self._said, self._moved = heard, said, moved
        self._loop = asyncio.get_running_loop()
        self._faults = WireFaults(self._now, self._later, _damaged, self._let_pass)
        self._late: dict[Direction, deque[tuple[int, Any]]] = {"up": deque(), "down": deque()}
        self._late_bytes: dict[Direction, int] = {"up": 0, "down": 0}
        self._timers: set[asyncio.TimerHandle] = set()

    def __bool__(self) -> bool:
        return bool(self._faults) or any(self._late.values())

    @property
    def answers_close(self) -> bool:
        """Whether a Close of the client is answered."""
        return self._faults.answers_close

    def full(self, direction: Direction) -> bool:
        """As much is kept as may be."""
        return self._faults.held_bytes[direction] + self._late_bytes[direction] > HELD_BYTES

    def waits(self, direction: Direction) -> bool:
        """Whether anything is kept."""
        return self._faults.held_bytes[direction] > 0 or bool(self._late[direction])

    def strike(self, struck: Struck) -> None:
        """A :class:`WireFault` begins."""
        self._faults.strike(struck)
        self.dead = self.dead or _kills_all(struck.fault)

    def release(self, struck: Struck) -> None:
        """A fault ends, unless it is for good; what it held goes on its way."""
        if not (isinstance(struck.fault, WireFault) and struck.fault.permanent):
            self._faults.release(struck)

    def stop(self) -> None:
        """The connection is gone."""
        for timer in self._timers:
            timer.cancel()

    # --- what is sent ---

    def up(self, frame: Frame) -> None:
        """A whole message of the client, or a pong. What it pings is answered already, see :meth:`control`."""
        size = len(frame.data) + OVERHEAD_BYTES
        if frame.opcode is Opcode.PONG:
            self._faults.carry(Passage("up", None, 0, size, "pong"), frame)
        elif frame.opcode is Opcode.TEXT:
            self._faults.carry(passage("up", frame.data), frame)
        else:
            self._faults.carry(Passage("up", UNREADABLE, 0, size), frame)

    def say(self, text: bytes) -> None:
        """A text message of the server."""
        self._faults.carry(passage("down", text), Said(text))

    def close(self, code: int, reason: str) -> None:
        """The server closes, behind all that waits."""
        self._faults.carry(Passage("down", None, 0, OVERHEAD_BYTES, "close"), Closing(code, reason))

    def control(self, frame: bytes) -> None:
        """A control frame of the server. A pong stands for the ping that it answers as well."""
        opcode = Opcode(frame[0] & 0x0F) if frame else Opcode.CLOSE
        if opcode is Opcode.PONG:
            self._faults.carry(Passage("up", None, 0, OVERHEAD_BYTES, "ping"), frame)
        elif opcode is Opcode.PING:
            self._faults.carry(Passage("down", None, 0, OVERHEAD_BYTES, "ping"), frame)
        else:
            self._faults.carry(Passage("down", None, 0, OVERHEAD_BYTES, "close"), frame)

    # --- what arrives ---

    def _let_pass(self, direction: Direction, message: Any, delay_us: int) -> None:
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
            self._said(message)
        elif isinstance(message, Frame):
            self._heard(message)
        else:
            self._faults.carry(Passage("down", None, 0, OVERHEAD_BYTES, "pong"), message)

    # --- time ---

    def _now(self) -> int:
        return round(self._loop.time() * SECOND)

    def _later(self, delay_us: int, action: Callable[[], None]) -> None:
        def act() -> None:
            self._timers.discard(timer)
            action()
            self._moved()

        timer = self._loop.call_later(max(0, delay_us) / SECOND, act)
        self._timers.add(timer)


class _Head(msgspec.Struct):
    """As much of an event as a fault may know."""

    type: str = UNREADABLE
    audio: msgspec.Raw = msgspec.Raw(b"")
    delta: msgspec.Raw = msgspec.Raw(b"")


_heads = msgspec.json.Decoder(_Head)
_AUDIO = ("response.output_audio.delta", "response.audio.delta")


def passage(direction: Direction, text: bytes | bytearray | memoryview) -> Passage:
    """What a fault may know of a text message; its type is as on the wire, so in the beta the beta's."""
    size = len(text) + OVERHEAD_BYTES
    try:
        head = _heads.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Passage(direction, UNREADABLE, 0, size)
    base64 = b""
    if head.type == "input_audio_buffer.append":
        base64 = bytes(head.audio)
    elif head.type in _AUDIO:
        base64 = bytes(head.delta)
    audio_bytes = 3 * max(0, len(base64) - 2) // 4  # it has quotes around it
    return Passage(direction, head.type or UNREADABLE, PCM24K.duration_us(audio_bytes), size)


def _damaged(_: Direction, message: Any, damage: Damage) -> Any:
    try:
        if isinstance(message, Said):
            return Said(damaged_text(message.text, damage))
        if isinstance(message, Frame) and message.opcode is Opcode.TEXT:
            return Frame(Opcode.TEXT, damaged_text(bytes(message.data), damage))
    except UnicodeDecodeError:
        pass  # no text: that is answered elsewhere
    return message


def _size(message: Any) -> int:
    text = message.data if isinstance(message, Frame) else message.text if isinstance(message, Said) else b""
    return len(text) + OVERHEAD_BYTES


def _kills_all(fault: Any) -> bool:
    """Whether it is for good, and loses whatever comes."""
    if not fault.permanent:
        return False
    carriage = fault.begin(None)
    ways: tuple[Direction, ...] = ("up", "down")
    return all(carriage(Passage(way, kind), 0) == LOSE for way in ways for kind in (UNREADABLE, None))
