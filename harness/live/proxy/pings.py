"""A WebSocket whose pings are passed on: whoever is at the other end of the proxy answers them."""

from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol


class PassedPings(Protocol):
    """websockets' protocol answers a ping by itself; this one leaves it among the events."""

    def recv_frame(self, frame: Frame) -> None:
        """Take a frame that was received."""
        if frame.opcode is Opcode.PING:
            self.events.append(frame)
        else:
            super().recv_frame(frame)
