"""Faults on the wire of a live connection (§6.1, §6.2): what is lost, held, or broken off."""

import asyncio

from websockets.frames import Frame, Opcode

from harness.faults.closed import Closed
from harness.faults.corrupted_events import CorruptedEvents
from harness.faults.delayed_events import DelayedEvents
from harness.faults.dropped_events import DroppedEvents
from harness.faults.duplicated_events import DuplicatedEvents
from harness.faults.half_open import HalfOpen
from harness.faults.mute import Mute
from harness.faults.no_close_answer import NoCloseAnswer
from harness.faults.no_pong import NoPong
from harness.faults.reordered_events import ReorderedEvents
from harness.faults.reset import Reset
from harness.faults.slow_reader import SlowReader
from harness.faults.stall import Stall
from harness.faults.truncated_events import TruncatedEvents
from harness.live.limits import HELD_BYTES, Timing
from tests.faults.strikes import struck, written
from tests.live.wires import DEFLATE, Host, Owner, deflate, frame, leave, opened, send, text

CLOSE_1000 = b"\x03\xe8"
PING = frame(Opcode.PING, b"?")


async def test_mute_loses_events_and_lets_pongs_pass():
    host = Host(Owner(answer=b"answer"))
    transport, mute = opened(host), struck(Mute())
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
    transport, dead = opened(host), struck(HalfOpen())
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
    host.owner.websocket.strike(struck(HalfOpen()))
    assert transport.reading
    leave(transport)


async def test_half_open_is_not_cut_by_the_servers_own_patience():
    host = Host(timing=Timing(0.01, 0.01, 0.01, 0.01))
    transport = opened(host)
    host.owner.websocket.strike(struck(HalfOpen()))
    host.owner.websocket.close(1000, "")
    await asyncio.sleep(0.1)
    assert transport.closed is None
    leave(transport)


async def test_reset_breaks_off():
    host = Host()
    transport = opened(host)
    host.owner.websocket.strike(struck(Reset()))
    assert transport.closed == "abort"
    leave(transport)
    assert host.owner.ending == (1006, "")


async def test_stall_delivers_all_in_order_when_it_ends():
    host = Host(Owner(answer=b"answer"))
    transport, stall = opened(host), struck(Stall())
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
    transport, stall = opened(host), struck(Stall())
    websocket = host.owner.websocket
    websocket.strike(stall)
    sent = 0
    while transport.reading:
        send(transport, text("x" * 1_000))
        sent += 1
    assert sent * 1_000 <= HELD_BYTES + 1_000
    assert not websocket.blocked  # what is said is kept as well
    websocket.release(stall)
    assert len(host.owner.heard) == sent
    assert transport.reading and not websocket.blocked
    assert host.owner.resumptions == 1
    leave(transport)


async def test_two_at_once():
    host = Host(Owner(answer=b"answer"))
    transport, stall, mute = opened(host), struck(Stall()), struck(Mute())
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
    transport, mute = opened(host, DEFLATE), struck(Mute())
    ours, theirs = deflate(), deflate()
    send(transport, text("1", extensions=[ours]))
    host.owner.websocket.strike(mute)
    send(transport, text("2", extensions=[ours]))
    host.owner.websocket.release(mute)
    send(transport, text("3", extensions=[ours]))
    unpacked = [theirs.decode(Frame(opcode, data, rsv1=True)).data for opcode, data in transport.frames()]
    assert unpacked == [b"the same answer again and again"] * 2
    leave(transport)


DONE, CREATED = b'{"type": "response.done"}', b'{"type": "response.created"}'


def struck_with(fault, **parameters):
    """A client on whose wire a fault is."""
    host = Host()
    transport = opened(host)
    host.owner.websocket.strike(struck(written(fault, **parameters)))
    return host.owner, transport


def say(owner, *texts):
    for each in texts:
        owner.websocket.send(each)
        owner.websocket.flush()


def said(transport):
    return [data for opcode, data in transport.frames() if opcode is Opcode.TEXT]


async def test_events_are_lost_by_their_type():
    owner, transport = struck_with(DroppedEvents, events="response.*", skip=1)
    say(owner, CREATED, DONE, b'{"type": "error"}')
    assert said(transport) == [CREATED, b'{"type": "error"}']
    leave(transport)


async def test_events_of_the_client_are_lost_after_so_much_audio():
    owner, transport = struck_with(DroppedEvents, direction="up", audio="20ms")
    append = b'{"type": "input_audio_buffer.append", "audio": "%s"}' % (b"A" * 1_280)
    send(transport, text(append), text(append))
    assert owner.heard == [append]
    leave(transport)


async def test_a_late_event_holds_up_what_follows_even_when_the_fault_has_ended():
    host = Host()
    transport, late = opened(host), struck(written(DelayedEvents, events="response.created", delay="100ms"))
    host.owner.websocket.strike(late)
    say(host.owner, CREATED, DONE)
    host.owner.websocket.release(late)
    say(host.owner, b"{}")
    assert said(transport) == []
    await asyncio.sleep(0.2)
    assert said(transport) == [CREATED, DONE, b"{}"]
    leave(transport)


async def test_events_come_twice():
    owner, transport = struck_with(DuplicatedEvents)
    send(transport, text(b"{}"))
    say(owner, DONE)
    assert owner.heard == [b"{}"] * 2
    assert said(transport) == [DONE, DONE]
    leave(transport)


async def test_events_change_places():
    owner, transport = struck_with(ReorderedEvents, events="response.created")
    say(owner, CREATED, DONE)
    assert said(transport) == [DONE, CREATED]
    leave(transport)


async def test_damaged_texts():
    owner, transport = struck_with(TruncatedEvents, events="response.done")
    owner.websocket.strike(struck(written(CorruptedEvents, direction="up")))
    say(owner, DONE)
    send(transport, text(b"123456"))
    assert said(transport) == [DONE[: len(DONE) // 2]]
    assert owner.heard == [b"1234~6"]
    leave(transport)


async def test_closed_with_a_code_and_a_reason():
    _, transport = struck_with(Closed, code=4000, reason="bye")
    assert transport.frames() == [(Opcode.CLOSE, b"\x0f\xa0bye")]
    leave(transport)


async def test_a_close_waits_behind_what_was_said():
    host = Host()
    transport, stall = opened(host), struck(Stall())
    host.owner.websocket.strike(stall)
    say(host.owner, DONE)
    host.owner.websocket.close(1000, "")
    assert transport.frames() == []
    host.owner.websocket.release(stall)
    assert transport.frames() == [(Opcode.TEXT, DONE), (Opcode.CLOSE, CLOSE_1000)]
    leave(transport)


async def test_a_close_that_is_not_answered():
    _, transport = struck_with(NoCloseAnswer)
    send(transport, frame(Opcode.CLOSE, CLOSE_1000))
    assert transport.frames() == []
    assert transport.closed is None
    leave(transport)


async def test_pings_that_are_not_answered():
    owner, transport = struck_with(NoPong)
    send(transport, PING, text("?"))
    say(owner, DONE)
    assert transport.frames() == [(Opcode.TEXT, DONE)]
    assert owner.heard == [b"?"]
    leave(transport)


async def test_a_slow_reader_hears_late_and_goes_on_speaking():
    owner, transport = struck_with(SlowReader, bytes_per_second=10_000)
    send(transport, text("x" * 300), text("y" * 300))
    say(owner, DONE)
    assert said(transport) == [DONE]
    assert owner.heard == []
    await asyncio.sleep(0.25)
    assert [each[:1] for each in owner.heard] == [b"x", b"y"]
    leave(transport)


async def test_what_a_slow_reader_left_is_read_when_it_ends():
    host = Host()
    transport, slow = opened(host), struck(written(SlowReader, bytes_per_second=1))
    host.owner.websocket.strike(slow)
    send(transport, text("1"), text("2"))
    host.owner.websocket.release(slow)
    assert host.owner.heard == [b"1", b"2"]
    leave(transport)
