"""Received bytes and messages that cannot be delivered yet, and the memory that they take."""

from collections import deque

from websockets.frames import Frame, Opcode

from .limits import MEMORY_BYTES, READ_BYTES
from .pacing import Pacer


class ReceiveMemory:
    """What all connections of a server share: the memory for their messages, the buffer they read into, long work."""

    def __init__(self, limit_bytes: int = MEMORY_BYTES) -> None:
        self.buffer = memoryview(bytearray(READ_BYTES))
        """Everything is read into this: it is parsed before another connection reads."""
        self.pacer = Pacer()
        self.held_bytes = 0
        self.limit_bytes = limit_bytes

    def change(self, by_bytes: int) -> bool:
        """Hold more or less; False if that is too much."""
        self.held_bytes += by_bytes
        return self.held_bytes <= self.limit_bytes

    def has_room(self, for_bytes: int) -> bool:
        """Whether so much more may be held."""
        return self.held_bytes + for_bytes <= self.limit_bytes


class Inbox:
    """What one connection has received and not delivered. The WebSocket takes from it as soon as it may deliver."""

    def __init__(self, memory: ReceiveMemory) -> None:
        self.unparsed = b""
        """Bytes that were received while nothing may be parsed."""
        self.frames: deque[Frame] = deque()
        """Frames that were parsed with the one that stopped the parsing."""
        self.arrived: deque[Frame] = deque()
        """Whole messages and pongs that the faults on the wire have delivered."""
        self.unfinished_bytes = 0
        """What was parsed since the end of the last frame."""
        self.in_work_bytes = 0
        """The large message that is delivered in steps."""
        self.elsewhere_bytes = 0
        """What the faults on the wire hold, and what the client has not read."""
        self._memory = memory
        self._message: bytearray | None = None
        self._kind = Frame
        self._opcode = Opcode.TEXT
        self._held_bytes = 0

    def join(self, frame: Frame) -> Frame | None:
        """The whole message, if this is its last frame. Joined at once, even empty frames cannot pile up."""
        if frame.opcode is not Opcode.CONT:
            self._message, self._opcode, self._kind = bytearray(), frame.opcode, type(frame)
        if self._message is None:  # its first frame was dropped
            return None
        self._message += frame.data
        if not frame.fin:
            return None
        whole, self._message = self._message, None
        return self._kind(self._opcode, whole)

    def within_limit(self) -> bool:
        """Count what is held now; False if it grew, and the messages of all now take too much."""
        held = self.unfinished_bytes + self.in_work_bytes + self.elsewhere_bytes
        held += 0 if self._message is None else len(self._message)
        if self.arrived:
            held += sum(len(frame.data) for frame in self.arrived)
        return self._hold(held)

    def clear(self) -> None:
        """Drop everything."""
        self.frames.clear()
        self.arrived.clear()
        self.unparsed = b""
        self._message = None
        self.in_work_bytes = self.elsewhere_bytes = self.unfinished_bytes = 0
        self._hold(0)

    def _hold(self, held_bytes: int) -> bool:
        change = held_bytes - self._held_bytes
        if not change:
            return True
        self._held_bytes = held_bytes
        return self._memory.change(change) or change < 0
