"""A WebSocket of the server, given bytes: framing (§2.1), and what it holds at most (§5)."""

import asyncio
import itertools
import tracemalloc
import zlib

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
    until,
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


def marked_compressed(packed: bytes) -> bytes:
    """A text frame of a compressed message: with RSV1 (RFC 7692, section 6)."""
    message = bytearray(text(packed))
    message[0] |= 0b0100_0000
    return bytes(message)


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

    @pytest.mark.parametrize("size", [100, 200_000])
    @pytest.mark.parametrize("at_once", [True, False])
    async def test_what_comes_before_a_close_is_handed_over_first(self, size, at_once):
        """Also if it is answered, and if it is a large message, which is handed over later."""
        host = Host(RecordingHandler(answer=b"yes"))
        transport = opened(host)
        said = [b"before", b"x" * size, b"after", b"last"]
        messages = [*map(text, said), frame(Opcode.CLOSE, CLOSE_1000)]
        send(transport, *([b"".join(messages)] if at_once else messages))
        await until(lambda: transport.closed)
        assert host.handler.received == said
        assert transport.frames()[-1] == (Opcode.CLOSE, CLOSE_1000)
        leave(transport)
        assert host.handler.ending == (1000, "")
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
        await until(lambda: host.handler.received)
        await turns(100)
        assert len(host.handler.received) == 1
        assert host.memory.held_bytes < 10**6
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
        await until(lambda: hosts[0].handler.received)  # the others go on
        assert hosts[0].handler.received == [b"x" * 450_000]
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


class TestCompressedBombs:
    """Messages of a few KiB that inflate to megabytes."""

    MESSAGE = b"x" * 4_000_000

    @pytest.mark.behaviour("shared-memory")
    @pytest.mark.parametrize("fragments", [1, 7])
    @pytest.mark.parametrize("whole", [True, False])
    async def test_only_one_is_inflated_at_a_time(self, whole, fragments):
        memory = ReceiveMemory()
        hosts = [Host(CountingHandler(), memory=memory) for _ in range(20)]
        transports = [opened(host, DEFLATE) for host in hosts]
        bomb = in_fragments(self.MESSAGE, fragments, whole)
        tracemalloc.start()
        try:
            for transport in transports:
                send(transport, bomb)
            await (until(lambda: all(host.handler.received for host in hosts)) if whole else turns(100))
            assert memory.held_bytes < 1_000_000
            for transport in transports:
                leave(transport)
            left, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert [host.handler.received for host in hosts] == [[len(self.MESSAGE)] if whole else []] * 20
        assert peak < 4 * len(self.MESSAGE)
        assert left < 1_000_000
        assert memory.held_bytes == 0

    async def test_others_are_served_meanwhile(self):
        memory = ReceiveMemory()
        hostile, honest = Host(memory=memory), Host(memory=memory)
        transports = [opened(hostile, DEFLATE), opened(honest)]
        send(transports[0], text(b"x" * MAX_MESSAGE_BYTES, extensions=[deflate()]))
        for number in range(100):
            send(transports[1], text(str(number)))
            await asyncio.sleep(0)
        assert len(honest.handler.received) == 100
        assert hostile.handler.received == []
        await until(lambda: hostile.handler.received)
        for transport in transports:
            leave(transport)

    @pytest.mark.parametrize("inflated", [b"", MESSAGE])
    async def test_what_follows_the_last_block_is_refused_at_once(self, inflated):
        """zlib keeps what follows, and copies it each time: 39 MiB of it would take a minute."""
        host = Host()
        transport = opened(host, DEFLATE)
        packer = zlib.compressobj(wbits=-12)
        packed = packer.compress(inflated) + packer.flush(zlib.Z_FINISH) + bytes(1_000_000)
        send(transport, marked_compressed(packed))
        await until(transport.frames)
        assert host.handler.received == []
        assert transport.frames()[-1] == (Opcode.CLOSE, (1002).to_bytes(2, "big") + b"decompression failed")
        leave(transport)

    async def test_a_message_may_end_with_a_last_block(self):
        """RFC 7692, section 7.2.3.4: "Hello" in a last block, then an empty one."""
        host = Host()
        transport = opened(host, DEFLATE)
        send(transport, marked_compressed(bytes.fromhex("f348cdc9c9070000")) * 2)
        packer = zlib.compressobj(wbits=-12)
        long = marked_compressed(packer.compress(self.MESSAGE) + packer.flush(zlib.Z_FINISH) + b"\0")
        send(transport, long + text(b"after", extensions=[deflate()]))
        await until(lambda: len(host.handler.received) == 4)
        assert host.handler.received == [b"Hello", b"Hello", self.MESSAGE, b"after"]
        leave(transport)

    async def test_blocks_without_text_are_taken_in_steps(self):
        """Eight million empty blocks in 39 MiB inflate to nothing."""
        memory = ReceiveMemory()
        hostile, honest = Host(memory=memory), Host(memory=memory)
        transports = [opened(hostile, DEFLATE), opened(honest)]
        send(transports[0], marked_compressed(b"\0\0\0\xff\xff" * 800_000 + b"\0"))
        for number in range(100):
            send(transports[1], text(str(number)))
            await asyncio.sleep(0)
        assert (len(honest.handler.received), hostile.handler.received) == (100, [])
        await until(lambda: hostile.handler.received)
        assert hostile.handler.received == [b""]
        for transport in transports:
            leave(transport)

    async def test_small_ones_in_one_piece_wait_for_their_turn(self):
        host = Host(CountingHandler())
        transport = opened(host, DEFLATE)
        extension = deflate()
        send(transport, b"".join(text(b"x" * 100_000, extensions=[extension]) for _ in range(50)))
        assert len(host.handler.received) <= 3
        await until(lambda: len(host.handler.received) == 50)
        leave(transport)

    async def test_the_order_is_kept(self):
        host = Host()
        transport = opened(host, DEFLATE)
        extension = deflate()
        said = [b"before", self.MESSAGE, b"after", b"y" * 200_000, b"last"]
        send(transport, *(text(each, extensions=[extension]) for each in said))
        await until(lambda: len(host.handler.received) == len(said))
        assert host.handler.received == said
        leave(transport)

    @pytest.mark.behaviour("largest-message")
    async def test_one_that_inflates_to_too_much_is_closed(self):
        host = Host()
        transport = opened(host, DEFLATE)
        send(transport, text(b"x" * (MAX_MESSAGE_BYTES + 1), extensions=[deflate()]))
        await until(transport.frames)
        ((opcode, data),) = transport.frames()
        assert (opcode, data[:2]) == (Opcode.CLOSE, (1009).to_bytes(2, "big"))
        assert host.handler.received == []
        assert host.memory.held_bytes == 0
        leave(transport)

    @pytest.mark.behaviour("shared-memory")
    async def test_one_for_which_there_is_no_room_is_closed(self):
        host = Host(memory=ReceiveMemory(limit_bytes=1_000_000))
        transport = opened(host, DEFLATE)
        send(transport, text(self.MESSAGE, extensions=[deflate()]))
        await until(transport.frames)
        ((opcode, data),) = transport.frames()
        assert (opcode, data[:2]) == (Opcode.CLOSE, (1013).to_bytes(2, "big"))
        assert host.memory.held_bytes == 0
        leave(transport)

    async def test_one_that_is_not_compressed_is_closed(self):
        host = Host()
        transport = opened(host, DEFLATE)
        noise = bytearray(text(b"\xff\xff\xff"))
        noise[0] |= 0x40
        send(transport, bytes(noise))
        ((opcode, data),) = transport.frames()
        assert (opcode, data[:2]) == (Opcode.CLOSE, (1002).to_bytes(2, "big"))
        leave(transport)

    async def test_a_client_that_leaves_takes_its_messages_along(self):
        memory = ReceiveMemory()
        hosts = [Host(memory=memory) for _ in range(3)]
        transports = [opened(host, DEFLATE) for host in hosts]
        for transport in transports:
            send(transport, text(self.MESSAGE, extensions=[deflate()]))
        await turns(3)
        leave(transports[0])
        leave(transports[1])
        await until(lambda: hosts[2].handler.received)
        assert hosts[0].handler.received == hosts[1].handler.received == []
        leave(transports[2])
        assert memory.held_bytes == 0

    @pytest.mark.parametrize("broken", [False, True])
    async def test_large_text_is_checked_for_utf_8(self, broken):
        host = Host()
        transport = opened(host)
        data = ("ä" * 200_000).encode()
        send(transport, text(data[:-1] if broken else data))
        await until(lambda: host.handler.received or transport.frames())
        if broken:
            assert transport.frames()[0][1][:2] == (1007).to_bytes(2, "big")
        else:
            assert host.handler.received == [data]
        leave(transport)


class CountingHandler(RecordingHandler):
    """Keeps only how long each message was."""

    def text(self, data: bytes) -> None:
        self.received.append(len(data))

    def large(self, data):
        yield
        self.received.append(len(data))


def in_fragments(message: bytes, count: int, whole: bool) -> bytes:
    """A compressed message in so many frames, with or without its end."""
    packed = zlib.compressobj(wbits=-12)
    data = (packed.compress(message) + packed.flush(zlib.Z_SYNC_FLUSH))[:-4]
    size = -(-len(data) // count)
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    frames = bytearray()
    for index, part in enumerate(parts):
        frames += frame(Opcode.CONT if index else Opcode.TEXT, part, whole and index == len(parts) - 1)
    frames[0] |= 0x40
    return bytes(frames)


async def turns(count: int) -> None:
    """So many turns of the loop."""
    for _ in range(count):
        await asyncio.sleep(0)


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
