"""Faults on the wire of a live connection (§6.1, §6.2): what is lost, held, or broken off."""

import asyncio

from websockets.frames import Frame, Opcode

from harness.faults.half_open import HalfOpen
from harness.faults.mute import Mute
from harness.faults.reset import Reset
from harness.faults.stall import Stall
from harness.live.limits import HELD_BYTES, Timing
from tests.live.wires import DEFLATE, Host, Owner, deflate, frame, leave, opened, send, text

CLOSE_1000 = b"\x03\xe8"
PING = frame(Opcode.PING, b"?")


async def test_mute_loses_events_and_lets_pongs_pass():
    host = Host(Owner(answer=b"answer"))
    transport, mute = opened(host), Mute()
    host.owner.websocket.strike(mute)
    send(transport, text("?"), PING)
    assert transport.frames() == [(Opcode.PONG, b"?")]
    assert host.owner.heard == [b"?"]
    host.owner.websocket.release(mute)
    send(transport, text("?"))
    assert transport.frames()[1:] == [(Opcode.TEXT, b"answer")]
    leave(transport)


async def test_half_open_says_and_hears_nothing_for_ever():
    host = Host(Owner(answer=b"answer"), timing=Timing(0.001, 0.001, 0.001, 0.001))
    transport, dead = opened(host), HalfOpen()
    host.owner.websocket.strike(dead)
    send(transport, text("?"), PING, frame(Opcode.CLOSE, CLOSE_1000))
    host.owner.websocket.close(1000, "")
    host.owner.websocket.release(dead)
    send(transport, text("?"), PING)
    assert transport.frames() == []
    assert host.owner.heard == []
    assert transport.closed is None
    leave(transport)


async def test_half_open_sees_a_client_leave_that_did_not_read():
    host = Host(Owner(answer=b"x" * 100_000))
    transport = opened(host)
    send(transport, text("?"))
    assert not transport.reading
    host.owner.websocket.strike(HalfOpen())
    assert transport.reading
    leave(transport)


async def test_half_open_is_not_cut_by_the_servers_own_patience():
    host = Host(timing=Timing(0.01, 0.01, 0.01, 0.01))
    transport = opened(host)
    host.owner.websocket.strike(HalfOpen())
    host.owner.websocket.close(1000, "")
    await asyncio.sleep(0.1)
    assert transport.closed is None
    leave(transport)


async def test_reset_breaks_off():
    host = Host()
    transport = opened(host)
    host.owner.websocket.strike(Reset())
    assert transport.closed == "abort"
    leave(transport)
    assert host.owner.ending == (1006, "")


async def test_stall_delivers_all_in_order_when_it_ends():
    host = Host(Owner(answer=b"answer"))
    transport, stall = opened(host), Stall()
    websocket = host.owner.websocket
    websocket.strike(stall)
    send(transport, text("1"), PING, text("2", False), frame(Opcode.CONT, b"3"))
    websocket.send(b"event")
    websocket.flush()
    assert transport.frames() == []
    assert host.owner.heard == []
    websocket.release(stall)
    assert host.owner.heard == [b"1", b"23"]
    assert transport.frames() == [
        (Opcode.PONG, b"?"),
        (Opcode.TEXT, b"event"),
        (Opcode.TEXT, b"answer"),
        (Opcode.TEXT, b"answer"),
    ]
    leave(transport)


async def test_stall_holds_no_more_than_it_may():
    host = Host()
    transport, stall = opened(host), Stall()
    websocket = host.owner.websocket
    websocket.strike(stall)
    sent = 0
    while transport.reading:
        send(transport, text("x" * 1_000))
        sent += 1
    assert sent * 1_000 <= HELD_BYTES + 1_000
    assert websocket.blocked
    websocket.release(stall)
    assert len(host.owner.heard) == sent
    assert transport.reading and not websocket.blocked
    assert host.owner.resumptions == 1
    leave(transport)


async def test_two_at_once():
    host = Host(Owner(answer=b"answer"))
    transport, stall, mute = opened(host), Stall(), Mute()
    websocket = host.owner.websocket
    websocket.strike(mute)
    websocket.strike(stall)
    send(transport, text("1"))
    websocket.release(stall)
    assert host.owner.heard == [b"1"]
    assert transport.frames() == []
    websocket.release(mute)
    send(transport, text("2"))
    assert transport.frames() == [(Opcode.TEXT, b"answer")]
    leave(transport)


async def test_what_comes_after_a_loss_can_be_unpacked():
    host = Host(Owner(answer=b"the same answer again and again"))
    transport, mute = opened(host, DEFLATE), Mute()
    ours, theirs = deflate(), deflate()
    send(transport, text("1", extensions=[ours]))
    host.owner.websocket.strike(mute)
    send(transport, text("2", extensions=[ours]))
    host.owner.websocket.release(mute)
    send(transport, text("3", extensions=[ours]))
    unpacked = [theirs.decode(Frame(opcode, data, rsv1=True)).data for opcode, data in transport.frames()]
    assert unpacked == [b"the same answer again and again"] * 2
    leave(transport)
