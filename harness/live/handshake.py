"""The handshake of a WebSocket: a client is answered 101, or told in one sentence of JSON why not."""

import contextlib
from collections.abc import Sequence

import msgspec
from websockets.exceptions import InvalidHandshake, InvalidMessage, NegotiationError
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import ExtensionParameter, Subprotocol

from harness.live.admission import SUBPROTOCOL
from harness.live.routes import JSON

_CURE = (
    "a client sends GET with HTTP/1.1, no body, at most 128 headers, lines of at most 8 KiB that end in CR LF, and the "
    "headers of RFC 6455 in ASCII"
)


class Deflate(ServerPerMessageDeflateFactory):
    """permessage-deflate, as small as websockets' own server makes it: some 60 KiB a connection instead of 300.

    An offer that asks the server for a window of 256 bytes, which RFC 7692 lets it do, is declined: zlib has no such.
    """

    def __init__(self) -> None:
        super().__init__(server_max_window_bits=12, client_max_window_bits=12, compress_settings={"memLevel": 5})

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        """What is agreed to. Raises :exc:`NegotiationError` for an offer that is declined."""
        if ("server_max_window_bits", "8") in params:
            raise NegotiationError("zlib compresses with a window of 512 bytes at least")
        return super().process_request_params(params, accepted_extensions)


def select_subprotocol(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Browsers offer their key as a further subprotocol, which must not be chosen."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None


def answer(protocol: ServerProtocol, head: bytes) -> list[bytes]:
    """What to send to a client whose request is ``head``; ``protocol`` is open from then on, if the client is let in.

    An empty element at the end says that the server has no more to say.
    """
    protocol.receive_data(head)
    (request,) = protocol.events_received() or (None,)
    if not isinstance(request, Request):
        protocol.data_to_send()  # the end of the stream, and of some versions an answer of their own
        return [_refusal(protocol, 400).serialize(), b""]
    response = None
    with contextlib.suppress(UnicodeEncodeError):  # websockets stumbles over a header of its own that is not ASCII
        response = protocol.accept(request)
    if response is None or response.status_code != 101:
        upgrade_needed = response is not None and response.status_code == 426
        response = _refusal(protocol, 426 if upgrade_needed else 400)
    protocol.send_response(response)
    return protocol.data_to_send()


def _refusal(protocol: ServerProtocol, status: int) -> Response:
    sentence = f"this is no WebSocket handshake: {_reason(protocol.handshake_exc)}; {_CURE}"
    response = protocol.reject(status, msgspec.json.encode({"error": sentence}).decode())
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = JSON
    response.headers["Sec-WebSocket-Version"] = "13"
    if status == 426:
        response.headers["Upgrade"] = "websocket"
    return response


def _reason(error: BaseException | None) -> str:
    """What websockets has found wrong: with a header, or before that with the request, which it wraps up."""
    if not isinstance(error, InvalidHandshake) or isinstance(error, InvalidMessage):
        while error is not None and error.__cause__ is not None:
            error = error.__cause__
    if isinstance(error, UnicodeError):
        return "a header is not ASCII"
    return str(error).encode(errors="surrogateescape").decode("ascii", "backslashreplace")
