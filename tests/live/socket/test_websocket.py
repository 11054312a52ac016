"""A WebSocket of the server, given bytes: framing (§2.1), and what it holds at most (§5)."""

import asyncio
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Opcode

from harness.live.socket.inbox import ReceiveMemory
from harness.live.socket.limits import MAX_MESSAGE_BYTES, Timing
from tests.live.socket.testing import (
    DEFLATE,
    HIGH_WATER,
    Host,
    RecordingHandler,
    connect,
    deflate,
    frame,
    handshake,
    leave,
    opened,
    send,
    text,
)

CLOSE_1000 = b"\x03\xe8"


def conversation(extensions=()) -> bytes:
    """All kinds of frames: a text, a text in pieces with a PING between them, a binary, an empty text, a Close."""
    several = text("hällo", False, extensions) + frame(Opcode.PING, b"hm") + frame(Opcode.CONT, b"", False)
    return (
        text('{"type": "x"}', extensions=extensions)
        + several
        + frame(Opcode.CONT, "wörld".encode()[:2], False)  # within a character
        + frame(Opcode.CONT, "wörld".encode()[2:])
        + frame(Opcode.BINARY, b"\x00" * 300, extensions=extensions)
        + text("x" * 70_000, extensions=extensions)
        + text("", extensions=extensions)
        + frame(Opcode.CLOSE, CLOSE_1000)
    )


RECEIVED = [b'{"type": "x"}', "hällowörld".encode(), None, b"x" * 70_000, b""]
SAID = [(Opcode.PONG, b"hm"), (Opcode.CLOSE, CLOSE_1000)]


class TestBytes:
    """What is received and sent does not depend on how TCP cuts the bytes."""

    @pytest.mark.behaviour("close-echo")
    @pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 1_000, 16_384, 65_536, 10**6])
    async def test_pieces_of_one_size(self, size):
        whole = handshake() + conversation()
        host = Host()
        transport = connect(host)
        send(transport, *(whole[start : start + size] for start in range(0, len(whole), size)))
        assert host.handler.received == RECEIVED
        assert transport.frames() == SAID
        assert transport.closed == "eof"
        leave(transport)
        assert host.handler.ending == (1000, "")
        assert host.gone == 1
        assert host.memory.held_bytes == 0

    async def test_cut_anywhere(self):
        whole = handshake() + text('{"type": "x"}') + frame(Opcode.PING, b"hm") + text("")
        for cut in range(1, len(whole)):
            host = Host()
            transport = connect(host)
            send(transport, whole[:cut], whole[cut:])
            assert host.handler.received == [b'{"type": "x"}', b""], cut
            assert transport.frames() == [(Opcode.PONG, b"hm")], cut
            leave(transport)

    @pytest.mark.parametrize("size", [1, 1_000, 4_096, 10**6])
    async def test_compressed(self, size):
        host = Host()
        transport = opened(host, DEFLATE)
        assert b"permessage-deflate" in transport.sent
        extension = deflate()
        frames = b"".join(text(each, extensions=[extension]) for each in ("one", "two" * 10_000, "three"))
        send(transport, *(frames[start : start + size] for start in range(0, len(frames), size)))
        assert host.handler.received == [b"one", b"two" * 10_000, b"three"]
        leave(transport)

    @given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5))
    async def test_whatever_comes_is_the_same_in_pieces(self, noise, cuts):
        outcomes = []
        for edges in ([], sorted(cuts)):
            host = Host()
            transport = opened(host)
            send(transport, *pieces_at(noise, edges))
            leave(transport)
            outcomes.append((host.handler.received, transport.frames(), transport.closed, host.handler.ending))
            assert host.memory.held_bytes == 0
        assert outcomes[0] == outcomes[1]

    @given(
        st.lists(
            st.builds(
                frame, st.sampled_from([Opcode.TEXT, Opcode.CONT, Opcode.BINARY]), st.binary(max_size=40), st.booleans()
            )
            | st.builds(frame, st.sampled_from([Opcode.PING, Opcode.PONG]), st.binary(max_size=40)),
            max_size=8,
        )
    )
    async def test_frames_in_any_order_are_received_or_closed_over(self, frames):
        host = Host()
        transport = opened(host)
        send(transport, *frames)
        codes = [int.from_bytes(data[:2], "big") for opcode, data in transport.frames() if opcode is Opcode.CLOSE]
        assert codes in ([], [1002], [1007])
        assert (transport.closed == "eof") == bool(codes)
        leave(transport)


def pieces_at(data: bytes, edges: list[int]) -> list[bytes]:
    bounds = [0, *(edge for edge in edges if edge < len(data)), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(bounds) if end > start]


class TestHandshake:
    async def test_frames_behind_it_in_one_piece(self):
        host = Host()
        transport = connect(host)
        send(transport, handshake("/v1/realtime", DEFLATE) + frame(Opcode.PING, b"") + text("at once"))
        assert transport.sent.startswith(b"HTTP/1.1 101 ")
        assert host.handler.received == [b"at once"]
        assert transport.frames() == [(Opcode.PONG, b"")]
        leave(transport)


class TestBounds:
    @pytest.mark.slow
    @pytest.mark.behaviour("slow-reader")
    async def test_answers_that_nobody_reads_stop_the_parsing(self):
        host = Host(RecordingHandler(answer=b"x" * 10_000))
        transport = opened(host)
        send(transport, b"".join(text(str(number)) for number in range(2_000)))
        assert transport.unread < HIGH_WATER + 11_000
        assert not transport.reading
        received = len(host.handler.received)
        while received < 2_000:
            transport.drain()
            assert transport.unread < HIGH_WATER + 11_000
            assert len(host.handler.received) > received
            received = len(host.handler.received)
        assert host.handler.received == [str(number).encode() for number in range(2_000)]
        transport.drain()
        assert transport.reading
        assert host.handler.resumptions >= 1
        leave(transport)

    async def test_compressed_messages_are_not_unpacked_ahead(self):
        host = Host(RecordingHandler(answer=np.random.default_rng(1).bytes(200_000)))
        transport = opened(host, DEFLATE)
        extension = deflate()
        bombs = b"".join(text("x" * 10**6, extensions=[extension]) for _ in range(100))
        send(transport, bombs)
        assert len(host.handler.received) == 1
        waiting = host.handler.websocket._inbox.frames  # what it holds cannot be seen from outside
        assert sum(len(each.data) for each in waiting) < 8 * 10**6
        leave(transport)

    async def test_empty_fragments_do_not_pile_up(self):
        memory = ReceiveMemory()
        host = Host(memory=memory)
        transport = opened(host)
        send(transport, text("", False), *[frame(Opcode.CONT, b"", False) * 1_000] * 50)
        assert memory.held_bytes == 0
        leave(transport)

    @pytest.mark.behaviour("shared-memory")
    @pytest.mark.parametrize("fragments", [True, False])
    async def test_unfinished_messages_share_a_limit(self, fragments):
        memory = ReceiveMemory(limit_bytes=1_000_000)
        hosts = [Host(memory=memory) for _ in range(3)]
        transports = [opened(host) for host in hosts]
        whole = text("x" * 450_000, not fragments)
        for transport in transports:
            send(transport, whole if fragments else whole[:-1])
        closing = [transport.frames()[-1:] for transport in transports]
        assert closing[:2] == [[], []]
        assert closing[2][0][0] is Opcode.CLOSE and closing[2][0][1][:2] == (1013).to_bytes(2, "big")
        rest = frame(Opcode.CONT, b"") if fragments else whole[-1:]
        send(transports[0], rest)
        assert hosts[0].handler.received == [b"x" * 450_000]  # the others go on
        for transport in transports:
            leave(transport)
        assert memory.held_bytes == 0

    @pytest.mark.behaviour("largest-message")
    async def test_too_large_is_told_from_the_header_alone(self):
        host = Host()
        transport = opened(host)
        send(transport, b"\x81\xff" + (MAX_MESSAGE_BYTES + 1).to_bytes(8, "big") + b"mask")
        ((opcode, data),) = transport.frames()
        assert (opcode, data[:2]) == (Opcode.CLOSE, (1009).to_bytes(2, "big"))
        leave(transport)

    @pytest.mark.behaviour("slow-reader")
    async def test_a_client_that_reads_slowly_is_not_cut(self):
        host = Host(RecordingHandler(answer=b"x" * 100_000), timing=Timing(stalled_s=0.02))
        transport = opened(host)
        send(transport, text("?"))
        for _ in range(10):
            transport.unread -= 1
            await asyncio.sleep(0.01)
        assert transport.closed is None
        await asyncio.sleep(0.1)
        assert transport.closed == "abort"
        leave(transport)

    @pytest.mark.behaviour("unanswered-close")
    async def test_a_close_that_is_not_answered_is_cut(self):
        host = Host(timing=Timing(close_within_s=0.02))
        transport = opened(host)
        host.handler.websocket.close(4000, "away")
        assert transport.closed is None
        await asyncio.sleep(0.05)
        assert transport.closed == "abort"
        leave(transport)
        assert host.handler.ending == (4000, "away")

    async def test_a_client_that_is_not_read_from_need_not_pong(self):
        host = Host(RecordingHandler(answer=b"x" * 100_000), timing=Timing(ping_every_s=0.01, pong_within_s=0.01))
        transport = opened(host)
        send(transport, text("?"))
        await asyncio.sleep(0.05)
        assert not any(opcode is Opcode.CLOSE for opcode, _ in transport.frames())
        transport.drain()
        await asyncio.sleep(0.05)
        assert transport.frames()[-1] == (Opcode.CLOSE, b"\x03\xf3keepalive ping timeout")
        leave(transport)


class TestEnding:
    @pytest.mark.parametrize(
        ("said", "ending"),
        [
            (frame(Opcode.CLOSE, b"\x0f\xa1bye"), (4001, "bye")),
            (frame(Opcode.CLOSE, b""), (1005, "")),
            (b"", (1006, "")),
            (b"\x81", (1006, "")),
            (text(b"\xff"), (1007, "text is not UTF-8")),
        ],
        ids=["close", "close without a reason", "nothing", "half a frame", "no text"],  # the masks are random
    )
    async def test_is_told_once(self, said, ending):
        host = Host()
        transport = opened(host)
        if said:
            send(transport, said)
        leave(transport)
        assert host.handler.ending == ending

    async def test_nothing_is_received_after_a_close(self):
        host = Host()
        transport = opened(host)
        host.handler.websocket.close(1000, "")
        send(transport, text("late"))
        assert host.handler.received == []
        host.handler.websocket.send(b"late", 1)
        host.handler.websocket.flush()
        assert transport.frames() == [(Opcode.CLOSE, CLOSE_1000)]
        leave(transport)
