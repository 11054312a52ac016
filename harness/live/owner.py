"""Who is told what happens on a WebSocket, and how a WebSocket may be closed."""

from typing import TYPE_CHECKING, Protocol

from websockets.exceptions import ProtocolError as InvalidClose
from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.protocol import Protocol as WebSocketProtocol

from harness.errors import SettingError

if TYPE_CHECKING:
    from harness.live.websocket import WebSocket


class Owner(Protocol):
    """Who is told what happens on a WebSocket."""

    def opened(self, websocket: "WebSocket") -> None:
        """The handshake is done."""
        ...

    def text(self, data: bytes) -> None:
        """A text message came, as UTF-8."""
        ...

    def binary(self) -> None:
        """A binary message came."""
        ...

    def resumed(self) -> None:
        """The client reads again: what had to wait may be sent."""
        ...

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone."""
        ...


def ending(websocket: WebSocketProtocol) -> tuple[int, str]:
    """How it was closed: by whose Close frame came first, or with 1006 if there was none."""
    sent, received = websocket.close_sent, websocket.close_rcvd
    first = received if websocket.close_rcvd_then_sent else sent or received
    return (first.code, first.reason) if first is not None else (CloseCode.ABNORMAL_CLOSURE, "")


def check_close(code: int, reason: str) -> None:
    """Raise :exc:`SettingError` for a code or a reason that RFC 6455 forbids."""
    try:
        Frame(Opcode.CLOSE, Close(code, reason).serialize()).check()
    except InvalidClose:
        raise SettingError(
            f"a WebSocket cannot be closed with {code} {reason!r}; use a code such as 1000, 1011 or 4000 and a "
            "reason of at most 123 bytes"
        ) from None
