import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.live.control.routes import MAX_BODY_BYTES
from harness.live.socket import http
from tests.live.socket.testing import Host, connect, handshake, leave, send

GET = b"GET /sessions HTTP/1.1\r\nHost: x\r\n\r\n"


def post(body: bytes, *lines: bytes) -> bytes:
    head = [b"POST /faults HTTP/1.1", b"Host: x", b"Content-Length: %d" % len(body), *lines]
    return b"\r\n".join([*head, b"", body])


async def test_answer_and_another_on_the_same_connection():
    host = Host()
    transport = connect(host)
    send(transport, GET, post(b"{}"))
    assert host.asked == [("GET", "/sessions", b""), ("POST", "/faults", b"{}")]
    assert transport.sent.count(b"HTTP/1.1 200 ") == 2
    assert transport.closed is None
    leave(transport)
    assert host.gone == 1


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
async def test_requests_in_pieces(size):
    whole = (
        GET
        + post(b"[1, 2]")
        + b"PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
        + GET
    )
    host = Host()
    transport = connect(host)
    send(transport, *(whole[start : start + size] for start in range(0, len(whole), size)))
    assert [body for _, _, body in host.asked] == [b"", b"[1, 2]", b"ab", b""]
    leave(transport)


async def test_a_websocket_on_a_connection_that_has_asked_before():
    host = Host()
    transport = connect(host)
    send(transport, GET + handshake())
    assert len(host.asked) == 1
    assert b"HTTP/1.1 101 " in transport.sent
    leave(transport)
    assert host.handler.ending is not None


async def test_the_connection_is_closed_if_the_client_wants_it():
    host = Host()
    transport = connect(host)
    send(transport, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert transport.closed == "close"
    leave(transport)


async def test_continue():
    host = Host()
    transport = connect(host)
    send(transport, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert transport.sent.startswith(b"HTTP/1.1 100 ")
    send(transport, b"{}")
    assert host.asked == [("POST", "/", b"{}")]
    leave(transport)


REFUSED = {
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200, b"400"),
    "no HTTP": (b"hello\r\n\r\n", b"400"),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", b"400"),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
    "head without end": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000, b"431"),
    "line without end": (b"GET /" + b"x" * 100_000, b"431"),
    "elsewhere": (handshake("/v1/nothing"), b"404"),
}


@pytest.mark.parametrize(("request_", "status"), REFUSED.values(), ids=REFUSED)
async def test_refused(request_, status):
    host = Host()
    transport = connect(host)
    send(transport, *(request_[start : start + 4_096] for start in range(0, len(request_), 4_096)))
    assert transport.sent.split()[1] == status
    assert json.loads(transport.sent.partition(b"\r\n\r\n")[2])["error"]
    assert host.asked == []
    leave(transport)


@pytest.mark.parametrize(
    ("request_", "problem"),
    [(b"SM\r\n\r\n", "illegal request line"), (b"GET / HTTP/1.1\r\nHost\r\n\r\n", "illegal header line")],
)
async def test_the_error_is_told_without_python(request_, problem):
    transport = connect(Host())
    send(transport, request_)
    error = json.loads(transport.sent.partition(b"\r\n\r\n")[2])["error"]
    assert error == f"the request is not valid HTTP/1.1: {problem}"
    leave(transport)


class TestBounds:
    async def test_a_body_is_not_kept_beyond_what_the_api_takes(self):
        host = Host()
        transport = connect(host)
        send(transport, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", *[b"x" * 65_536] * 64)
        ((_, _, body),) = host.asked
        assert len(body) == MAX_BODY_BYTES + 1  # so that the API sees that it is too large
        assert transport.sent.count(b"HTTP/1.1") == 1
        leave(transport)

    async def test_an_answer_that_nobody_reads_stops_further_ones(self):
        host = Host()
        transport = connect(host)
        send(transport, GET * 5_000)
        answered = len(host.asked)
        assert answered < 5_000
        assert not transport.reading
        while len(host.asked) < 5_000:
            transport.drain()
            assert len(host.asked) > answered
            answered = len(host.asked)
        leave(transport)

    async def test_too_many_connections(self):
        host = Host()
        host.full = True
        transport = connect(host)
        assert transport.closed == "abort"
        leave(transport)

    @pytest.mark.parametrize("said", [b"", GET[:-1], post(b"{}")[:-1], GET, handshake()[:-1]])
    async def test_a_client_that_takes_its_time_is_given_up(self, monkeypatch, said):
        monkeypatch.setattr(http, "IDLE_S", 0.02)
        transport = connect(Host())
        if said:
            send(transport, said)
        await asyncio.sleep(0.06)
        assert transport.closed == "abort"
        leave(transport)


@given(st.binary(max_size=300) | st.sampled_from([GET, handshake(), post(b"{}")]).map(lambda each: each[5:]))
async def test_any_bytes_are_answered_or_waited_for(noise):
    host = Host()
    transport = connect(host)
    send(transport, noise)
    transport.protocol.eof_received()
    leave(transport)
    assert host.gone == 1
