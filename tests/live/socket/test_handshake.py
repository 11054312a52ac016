"""The handshake of a WebSocket: why a client is not let in (RFC 6455 §4.2), and the compression that is agreed to."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Opcode

from tests.live.socket.testing import Host, connect, frame, handshake, leave, opened, send, text

KEY = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
EXTENSIONS = "Sec-WebSocket-Extensions: "


def without(*names: str) -> bytes:
    """A request that lacks these headers."""
    lines = handshake().split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(tuple(map(str.encode, names))))


def refused(request: bytes) -> tuple[int, dict[bytes, bytes], str]:
    """Status, headers and sentence of the answer to a request that is no handshake."""
    host = Host()
    transport = connect(host)
    send(transport, request)
    head, _, body = transport.sent.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines)
    assert len(lines) == len(headers)
    assert headers[b"Content-Type"] == b"application/json"
    assert int(headers[b"Content-Length"]) == len(body)
    assert transport.closed == "eof"  # and so the answer arrives even if the client has not finished
    assert host.handler.websocket is None
    leave(transport)
    assert host.gone == 1
    (error,) = json.loads(body).values()
    return int(status.split()[1]), headers, error["message"]


REFUSED = {
    "POST": (handshake().replace(b"GET", b"POST"), "POST"),
    "HTTP/1.0": (handshake().replace(b"HTTP/1.1", b"HTTP/1.0"), "HTTP/1.0"),
    "line over 8 KiB": (handshake("/v1/realtime?model=" + "x" * 8_192), "lines of at most 8 KiB"),
    "header over 8 KiB": (handshake("/v1/realtime", "Cookie: " + "x" * 20_000), "lines of at most 8 KiB"),
    "129 headers": (handshake("/v1/realtime", *["X: y"] * 124), "at most 128 headers"),
    "lines that end in LF": (handshake().replace(b"\r", b""), "line without CRLF"),
    "last line that ends in LF": (handshake()[:-2] + b"\n", "line without CRLF"),
    "body": (handshake("/v1/realtime", "Content-Length: 3") + b"abc", "unsupported request body"),
    "chunks": (handshake("/v1/realtime", "Transfer-Encoding: chunked"), "transfer codings"),
    "folded header": (handshake("/v1/realtime", "X: a", " b"), "invalid HTTP header line"),
    "no key": (without("Sec-WebSocket-Key"), "missing Sec-WebSocket-Key header"),
    "short key": (
        without("Sec-WebSocket-Key")[:-2] + b"Sec-WebSocket-Key: abc\r\n\r\n",
        "Sec-WebSocket-Key header: abc",
    ),
    "two keys": (handshake("/v1/realtime", KEY), "Sec-WebSocket-Key"),
    "no version": (without("Sec-WebSocket-Version"), "missing Sec-WebSocket-Version header"),
    "version 8": (handshake().replace(b"Version: 13", b"Version: 8"), "invalid Sec-WebSocket-Version header: 8"),
    "no ASCII in the version": (handshake().replace(b"Version: 13", b"Version: \xff"), "Sec-WebSocket-Version"),
    "no ASCII in the key": (without("Sec-WebSocket-Key")[:-2] + b"Sec-WebSocket-Key: \xff\r\n\r\n", "in ASCII"),
    "no ASCII in a subprotocol": (
        handshake("/v1/realtime", "Sec-WebSocket-Protocol: schlüssel"),
        "Sec-WebSocket-Protocol",
    ),
    "extensions": (handshake("/v1/realtime", EXTENSIONS + ";;"), "invalid Sec-WebSocket-Extensions header"),
}


@pytest.mark.parametrize(("request_", "problem"), REFUSED.values(), ids=REFUSED)
async def test_what_is_no_handshake_is_answered_with_a_sentence(request_, problem):
    status, headers, sentence = refused(request_)
    assert status == 400
    assert headers[b"Sec-WebSocket-Version"] == b"13"
    assert problem in sentence
    assert sentence.count("\n") == 0


async def test_without_connection_upgrade():
    status, headers, sentence = refused(without("Connection"))
    assert (status, headers[b"Upgrade"]) == (426, b"websocket")
    assert "missing Connection header" in sentence


@given(
    st.integers(0, len(handshake()) - 1),
    st.sampled_from([b"", b" ", b"\t", b",", b";", b"=", b'"', b"\r", b"\n", b"\r\n", b"\xff", b"\x00"]),
    st.integers(0, 3),
)
async def test_a_request_that_is_spoilt_anywhere_is_answered_or_waited_for(at, noise, left_out):
    """Property: no request makes the server raise, and none that is refused goes without its sentence."""
    whole = handshake("/v1/realtime", EXTENSIONS + "permessage-deflate", "Sec-WebSocket-Protocol: realtime, a")
    transport = connect(Host())
    send(transport, whole[:at] + noise + whole[at + left_out :])
    status = transport.sent.split()[1] if transport.sent else b"100"
    if status[:1] == b"4":
        assert json.loads(transport.sent.partition(b"\r\n\r\n")[2])["error"]
    else:
        assert status in (b"100", b"101", b"200")  # waited for, let in, or asked of the control API
    leave(transport)


class TestCompression:
    """RFC 7692 §7.1.2: the client may ask for a window of 256 bytes (8 bits), and the server may decline."""

    async def test_a_window_that_zlib_does_not_have_is_declined(self):
        transport = opened(Host(), EXTENSIONS + "permessage-deflate; server_max_window_bits=8")
        assert b"permessage-deflate" not in transport.sent
        send(transport, frame(Opcode.PING, b"still there"))
        assert transport.frames() == [(Opcode.PONG, b"still there")]
        leave(transport)

    async def test_the_next_offer_is_taken_then(self):
        offers = "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9"
        transport = opened(Host(), EXTENSIONS + offers)
        assert b"permessage-deflate; server_max_window_bits=9\r\n" in transport.sent
        leave(transport)

    async def test_a_client_may_compress_with_that_window(self):
        host = Host()
        transport = opened(host, EXTENSIONS + "permessage-deflate; client_max_window_bits=8")
        assert b"client_max_window_bits=8\r\n" in transport.sent
        said = (
            b"one two three " * 10
        )  # no match reaches back by more than 256 bytes, so zlib may do it with a larger window
        agreed = [("server_max_window_bits", "12"), ("client_max_window_bits", "9")]
        compression = ClientPerMessageDeflateFactory().process_response_params(agreed, [])
        send(transport, text(said, extensions=[compression]))
        assert host.handler.received == [said]
        leave(transport)
