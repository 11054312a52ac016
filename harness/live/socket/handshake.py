"""The handshakes of a WebSocket: opening, with 101 or one sentence of JSON that says why not, and closing."""

import contextlib
from collections.abc import Sequence
from typing import Literal

import msgspec
from websockets.exceptions import InvalidHandshake, InvalidMessage
from websockets.exceptions import ProtocolError as InvalidClose
from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import Protocol as WebSocketProtocol
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from ...errors import SettingError
from ..admission import SUBPROTOCOL
from ..before_socket.vendor_errors import sentence
from ..control.routes import JSON

_CURE = (
    "a client sends GET with HTTP/1.1, no body, at most 128 headers, lines of at most 8 KiB that end in CR LF, and the "
    "headers of RFC 6455 in ASCII"
)


def select_subprotocol(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """``realtime`` if it is offered. Browsers offer their key as a further subprotocol, which must not be chosen."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None


def answer_handshake(protocol: ServerProtocol, head: bytes) -> list[bytes]:
    """The bytes to send to a client whose request is ``head``; afterwards ``protocol`` is open if it was answered 101.

    An empty element at the end stands for the end of the stream.
    """
    protocol.receive_data(head)
    (request,) = protocol.events_received() or (None,)
    if not isinstance(request, Request):
        protocol.data_to_send()  # the end of the stream, and from some versions of websockets an answer of their own
        return [_rejection(protocol, 400).serialize(), b""]
    response = None
    with contextlib.suppress(UnicodeEncodeError):  # websockets fails on a header of its own that is not ASCII
        response = protocol.accept(request)
    if response is None or response.status_code != 101:
        upgrade_needed = response is not None and response.status_code == 426
        response = _rejection(protocol, 426 if upgrade_needed else 400)
    protocol.send_response(response)
    return protocol.data_to_send()


def _rejection(protocol: ServerProtocol, status: int) -> Response:
    problem = f"this is not a WebSocket handshake: {_reason(protocol.handshake_exc)}; {_CURE}"
    response = protocol.reject(status, msgspec.json.encode(sentence(problem)).decode())
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = JSON
    response.headers["Sec-WebSocket-Version"] = "13"
    if status == 426:
        response.headers["Upgrade"] = "websocket"
    return response


def _reason(error: BaseException | None) -> str:
    """What websockets found wrong: with a header, or with the request, which it wraps in a further exception."""
    if not isinstance(error, InvalidHandshake) or isinstance(error, InvalidMessage):
        while error is not None and error.__cause__ is not None:
            error = error.__cause__
    if isinstance(error, UnicodeError):
        return "a header is not ASCII"
    return str(error).encode(errors="surrogateescape").decode("ascii", "backslashreplace")


EndedBy = Literal["client", "server", "stop"]
"""Who ended a connection; ``stop``: the whole server stopped."""


def ending(protocol: WebSocketProtocol, without_frame: EndedBy) -> tuple[int, str, EndedBy]:
    """Code and reason of a closed connection, and who ended it.

    They are of the Close frame that came first. If there was none, it is 1006, and ``without_frame`` ended it.
    """
    sent, received = protocol.close_sent, protocol.close_rcvd
    first = received if protocol.close_rcvd_then_sent else sent or received
    if first is None:
        return CloseCode.ABNORMAL_CLOSURE, "", without_frame
    return first.code, first.reason, "client" if first is received else "server"


def send_close(protocol: WebSocketProtocol, code: int, reason: str) -> None:
    """Let ``protocol`` send a Close frame; an empty one for 1005, which means no code (RFC 6455, section 7.1.5)."""
    if code == CloseCode.NO_STATUS_RCVD:
        protocol.send_close()
    else:
        protocol.send_close(code, reason)


def check_close(code: int, reason: str) -> None:
    """Raise :exc:`SettingError` for a code or a reason that RFC 6455 forbids."""
    try:
        Frame(Opcode.CLOSE, Close(code, reason).serialize()).check()
    except InvalidClose:
        raise SettingError(
            f"a WebSocket cannot be closed with {code} {reason!r}; use a code such as 1000, 1011 or 4000 and a "
            "reason of at most 123 bytes"
        ) from None
