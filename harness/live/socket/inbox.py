"""Received bytes and messages that cannot be delivered yet, and the memory that they take."""

from collections import deque

from websockets.frames import Frame, Opcode

from .limits import READ_BYTES


class ReceiveMemory:
    """What the unfinished messages of all connections of a server may take together, and the buffer they share."""

    def __init__(self, limit_bytes: int = 256 * 1024 * 1024) -> None:
        self.buffer = memoryview(bytearray(READ_BYTES))
        """Everything is read into this: it is parsed before another connection reads."""
        self.held_bytes = 0
        self._limit_bytes = limit_bytes

    def change(self, by_bytes: int) -> bool:
        """Hold more or less; False if that is too much."""
        self.held_bytes += by_bytes
        return self.held_bytes <= self._limit_bytes


class Inbox:
    """What one connection has received and not delivered. The WebSocket takes from it as soon as it may deliver."""

    def __init__(self, memory: ReceiveMemory) -> None:
        self.unparsed = b""
        """Bytes that were received while nothing may be parsed."""
        self.frames: deque[Frame] = deque()
        """Frames that were parsed with the one that stopped the parsing."""
        self.arrived: deque[Frame] = deque()
        """Whole messages and pongs that the faults on the wire have delivered."""
        self._memory = memory
        self._message: bytearray | None = None
        self._opcode = Opcode.TEXT
        self._frame_bytes = self._held_bytes = 0

    def join(self, frame: Frame) -> Frame | None:
        """The whole message, if this is its last frame. Joined at once, even empty frames cannot pile up."""
        if frame.opcode is not Opcode.CONT:
            self._message, self._opcode = bytearray(), frame.opcode
        if self._message is None:  # its first frame was dropped
            return None
        self._message += frame.data
        if not frame.fin:
            return None
        whole, self._message = bytes(self._message), None
        return Frame(self._opcode, whole)

    def parsed(self, size_bytes: int, *, complete: bool) -> bool:
        """So much was parsed, with or without the end of a frame; False if unfinished messages now take too much."""
        self._frame_bytes = 0 if complete else self._frame_bytes + size_bytes
        return self._hold(self._frame_bytes + (0 if self._message is None else len(self._message)))

    def clear(self) -> None:
        """Drop everything."""
        self.frames.clear()
        self.arrived.clear()
        self.unparsed = b""
        self._message = None
        self._hold(0)

    def _hold(self, held_bytes: int) -> bool:
        change = held_bytes - self._held_bytes
        if not change:
            return True
        self._held_bytes = held_bytes
        return self._memory.change(change) or change < 0
