"""The faults on the wire of one live connection: what becomes of each message, and what they hold.

Where it is unlike a network that fails: TCP stands below, so a client's own operating system acknowledges what is lost
here.
"""

from collections import deque
from collections.abc import Iterable
from typing import Literal

from websockets.frames import Frame, Opcode

from harness.faults.seams import WireFault
from harness.live.limits import HELD_BYTES

Fate = Literal["pass", "lose", "hold"]
Direction = Literal["up", "down"]


class WireFaults:
    """The faults in force; while there are any, every message goes by them."""

    def __init__(self) -> None:
        self.dead = False
        """A fault for good loses everything both ways, even what is no message: the connection is half-open."""
        self._faults: list[WireFault] = []
        self._up: deque[Frame] = deque()
        self._down: deque[bytes] = deque()
        self._held_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._faults)

    @property
    def full(self) -> bool:
        """As much is held as may be."""
        return self._held_bytes > HELD_BYTES

    def strike(self, fault: WireFault) -> None:
        """A fault begins."""
        self._faults.append(fault)
        self.dead = self.dead or (fault.permanent and _loses_all(fault))

    def release(self, fault: WireFault) -> tuple[Iterable[Frame], Iterable[bytes]]:
        """A fault ends, unless it is for good; what it held, up and down."""
        if fault not in self._faults or fault.permanent:
            return (), ()
        self._faults.remove(fault)
        up, down = self._up, self._down
        self._up, self._down, self._held_bytes = deque(), deque(), 0
        return up, down

    def keeps_up(self, frame: Frame) -> bool:
        """Whether a frame of the client is lost or held. PING and Close are answered already: their answer is kept."""
        if frame.opcode is Opcode.PING or frame.opcode is Opcode.CLOSE:
            return False
        fate = self._fate("up", frame.opcode is not Opcode.PONG)
        if fate == "hold":
            self._up.append(frame)
            self._held_bytes += len(frame.data) + _OVERHEAD_BYTES
        return fate != "pass"

    def loses_event(self) -> bool:
        """Whether an event of the server is lost. That is decided before it is compressed: every message that a
        client gets must have been compressed with the same past as it remembers."""
        return self._fate("down", True) == "lose"

    def keeps_down(self, frame: bytes) -> bool:
        """Whether a frame of the server, as it is on the wire, is lost or held; an empty one is the stream's end."""
        opcode = Opcode(frame[0] & 0x0F) if frame else Opcode.CLOSE
        fate: Fate = "pass"
        if opcode is Opcode.PONG:  # it stands for the PING that it answers
            fate = self._fate("up", False)
        is_event = opcode is Opcode.TEXT
        if fate == "pass":
            fate = self._fate("down", is_event)
        if is_event and fate == "lose" and not self.dead:
            return False  # it is not lost, or it would not be here
        if fate == "hold":
            self._down.append(frame)
            self._held_bytes += len(frame) + _OVERHEAD_BYTES
        return fate != "pass"

    def _fate(self, direction: Direction, is_event: bool) -> Fate:
        """The first fault that does not let a message pass decides."""
        for fault in self._faults:
            fate: Fate = fault.fate(direction, is_event)
            if fate != "pass":
                return fate
        return "pass"


_OVERHEAD_BYTES = 200
"""What an empty message costs to keep."""


def _loses_all(fault: WireFault) -> bool:
    return all(fault.fate(way, is_event) == "lose" for way in ("up", "down") for is_event in (True, False))
