"""Faults on the wire of a live connection (§6.1, §6.2): what is lost, held, or broken off."""

import asyncio

import pytest
from websockets.frames import Frame, Opcode

from harness.faults.closed import ClosedByServer
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
from harness.live.socket.limits import HELD_BYTES, Timing
from tests.faults.testing import activated, written
from tests.live.socket.testing import (
    DEFLATE,
    Host,
    RecordingHandler,
    RecordingLog,
    deflate,
    frame,
    leave,
    opened,
    send,
    text,
)

CLOSE_1000 = b"\x03\xe8"
PING = frame(Opcode.PING, b"?")


@pytest.mark.behaviour("mute")
async def test_mute_loses_events_and_lets_pongs_pass():
    host = Host(RecordingHandler(answer=b"answer"))
    transport, mute = opened(host), activated(Mute())
    host.handler.websocket.inject(mute, RecordingLog())
    send(transport, text("?"), PING)
    assert transport.frames() == [(Opcode.PONG, b"?")]
    assert host.handler.received == [b"?"]
    host.handler.websocket.release(mute)
    send(transport, text("?"))
    assert transport.frames()[1:] == [(Opcode.TEXT, b"answer")]
    leave(transport)


@pytest.mark.behaviour("half-open")
async def test_half_open_says_and_hears_nothing_for_ever():
    host = Host(RecordingHandler(answer=b"answer"), timing=Timing(0.001, 0.001, 0.001, 0.001))
    transport, dead = opened(host), activated(HalfOpen())
    host.handler.websocket.inject(dead, RecordingLog())
    send(transport, text("?"), PING, frame(Opcode.CLOSE, CLOSE_1000))
    host.handler.websocket.close(1000, "")
    host.handler.websocket.release(dead)
    send(transport, text("?"), PING)
    assert transport.frames() == []
    assert host.handler.received == []
    assert transport.closed is None
    leave(transport)


async def test_half_open_sees_a_client_leave_that_did_not_read():
    host = Host(RecordingHandler(answer=b"x" * 100_000))
    transport = opened(host)
    send(transport, text("?"))
    assert not transport.reading
    host.handler.websocket.inject(activated(HalfOpen()), RecordingLog())
    assert transport.reading
    leave(transport)


async def test_half_open_is_not_cut_by_the_servers_own_patience():
    host = Host(timing=Timing(0.01, 0.01, 0.01, 0.01))
    transport = opened(host)
    host.handler.websocket.inject(activated(HalfOpen()), RecordingLog())
    host.handler.websocket.close(1000, "")
    await asyncio.sleep(0.1)
    assert transport.closed is None
    leave(transport)


@pytest.mark.behaviour("reset")
async def test_reset_breaks_off():
    host = Host()
    transport = opened(host)
    host.handler.websocket.inject(activated(Reset()), RecordingLog())
    assert transport.closed == "abort"
    leave(transport)
    assert host.handler.ending == (1006, "")


@pytest.mark.behaviour("stall")
async def test_stall_delivers_all_in_order_when_it_ends():
    host = Host(RecordingHandler(answer=b"answer"))
    transport, stall = opened(host), activated(Stall())
    websocket = host.handler.websocket
    websocket.inject(stall, RecordingLog())
    send(transport, text("1"), PING, text("2", False), frame(Opcode.CONT, b"3"))
    websocket.send(b"event", 1)
    websocket.flush()
    assert transport.frames() == []
    assert host.handler.received == []
    websocket.release(stall)
    assert host.handler.received == [b"1", b"23"]
    assert transport.frames() == [
        (Opcode.PONG, b"?"),
        (Opcode.TEXT, b"event"),
        (Opcode.TEXT, b"answer"),
        (Opcode.TEXT, b"answer"),
    ]
    leave(transport)


@pytest.mark.behaviour("stall")
async def test_stall_holds_no_more_than_it_may():
    host = Host()
    transport, stall = opened(host), activated(Stall())
    websocket = host.handler.websocket
    websocket.inject(stall, RecordingLog())
    sent = 0
    while transport.reading:
        send(transport, text("x" * 1_000))
        sent += 1
    assert sent * 1_000 <= HELD_BYTES + 1_000
    assert not websocket.blocked  # what is said is kept as well
    websocket.release(stall)
    assert len(host.handler.received) == sent
    assert transport.reading and not websocket.blocked
    assert host.handler.resumptions == 1
    leave(transport)


async def test_two_at_once():
    host = Host(RecordingHandler(answer=b"answer"))
    transport, stall, mute = opened(host), activated(Stall()), activated(Mute())
    websocket = host.handler.websocket
    websocket.inject(mute, RecordingLog())
    websocket.inject(stall, RecordingLog())
    send(transport, text("1"))
    websocket.release(stall)
    assert host.handler.received == [b"1"]
    assert transport.frames() == []
    websocket.release(mute)
    send(transport, text("2"))
    assert transport.frames() == [(Opcode.TEXT, b"answer")]
    leave(transport)


async def test_what_comes_after_a_loss_can_be_unpacked():
    host = Host(RecordingHandler(answer=b"the same answer again and again"))
    transport, mute = opened(host, DEFLATE), activated(Mute())
    ours, theirs = deflate(), deflate()
    send(transport, text("1", extensions=[ours]))
    host.handler.websocket.inject(mute, RecordingLog())
    send(transport, text("2", extensions=[ours]))
    host.handler.websocket.release(mute)
    send(transport, text("3", extensions=[ours]))
    unpacked = [theirs.decode(Frame(opcode, data, rsv1=True)).data for opcode, data in transport.frames()]
    assert unpacked == [b"the same answer again and again"] * 2
    leave(transport)


DONE, CREATED = b'{"type": "response.done"}', b'{"type": "response.created"}'


def client_with(fault, **parameters):
    """A client on whose wire a fault is."""
    host = Host()
    transport = opened(host)
    host.handler.websocket.inject(activated(written(fault, **parameters)), RecordingLog())
    return host.handler, transport


def say(handler, *texts):
    for each in texts:
        handler.websocket.send(each, 1)
        handler.websocket.flush()


def said(transport):
    return [data for opcode, data in transport.frames() if opcode is Opcode.TEXT]


async def test_events_are_lost_by_their_type():
    handler, transport = client_with(DroppedEvents, events="response.*", skip=1)
    say(handler, CREATED, DONE, b'{"type": "error"}')
    assert said(transport) == [CREATED, b'{"type": "error"}']
    leave(transport)


async def test_events_of_the_client_are_lost_after_so_much_audio():
    handler, transport = client_with(DroppedEvents, direction="up", audio="20ms")
    append = b'{"type": "input_audio_buffer.append", "audio": "%s"}' % (b"A" * 1_280)
    send(transport, text(append), text(append))
    assert handler.received == [append]
    leave(transport)


async def test_a_late_event_holds_up_what_follows_even_when_the_fault_has_ended():
    host = Host()
    transport, late = opened(host), activated(written(DelayedEvents, events="response.created", delay="100ms"))
    host.handler.websocket.inject(late, RecordingLog())
    say(host.handler, CREATED, DONE)
    host.handler.websocket.release(late)
    say(host.handler, b"{}")
    assert said(transport) == []
    await asyncio.sleep(0.2)
    assert said(transport) == [CREATED, DONE, b"{}"]
    leave(transport)


async def test_events_come_twice():
    handler, transport = client_with(DuplicatedEvents)
    send(transport, text(b"{}"))
    say(handler, DONE)
    assert handler.received == [b"{}"] * 2
    assert said(transport) == [DONE, DONE]
    leave(transport)


async def test_events_change_places():
    handler, transport = client_with(ReorderedEvents, events="response.created")
    say(handler, CREATED, DONE)
    assert said(transport) == [DONE, CREATED]
    leave(transport)


async def test_damaged_texts():
    handler, transport = client_with(TruncatedEvents, events="response.done")
    handler.websocket.inject(activated(written(CorruptedEvents, direction="up")), RecordingLog())
    say(handler, DONE)
    send(transport, text(b"123456"))
    assert said(transport) == [DONE[: len(DONE) // 2]]
    assert handler.received == [b"1234~6"]
    leave(transport)


async def test_closed_with_a_code_and_a_reason():
    _, transport = client_with(ClosedByServer, code=4000, reason="bye")
    assert transport.frames() == [(Opcode.CLOSE, b"\x0f\xa0bye")]
    leave(transport)


async def test_a_close_waits_behind_what_was_said():
    host = Host()
    transport, stall = opened(host), activated(Stall())
    host.handler.websocket.inject(stall, RecordingLog())
    say(host.handler, DONE)
    host.handler.websocket.close(1000, "")
    assert transport.frames() == []
    host.handler.websocket.release(stall)
    assert transport.frames() == [(Opcode.TEXT, DONE), (Opcode.CLOSE, CLOSE_1000)]
    leave(transport)


async def test_a_close_that_is_not_answered():
    _, transport = client_with(NoCloseAnswer)
    send(transport, frame(Opcode.CLOSE, CLOSE_1000))
    assert transport.frames() == []
    assert transport.closed is None
    leave(transport)


async def test_pings_that_are_not_answered():
    handler, transport = client_with(NoPong)
    send(transport, PING, text("?"))
    say(handler, DONE)
    assert transport.frames() == [(Opcode.TEXT, DONE)]
    assert handler.received == [b"?"]
    leave(transport)


async def test_a_slow_reader_hears_late_and_goes_on_speaking():
    handler, transport = client_with(SlowReader, bytes_per_second=10_000)
    send(transport, text("x" * 300), text("y" * 300))
    say(handler, DONE)
    assert said(transport) == [DONE]
    assert handler.received == []
    await asyncio.sleep(0.25)
    assert [each[:1] for each in handler.received] == [b"x", b"y"]
    leave(transport)


async def test_what_a_slow_reader_left_is_read_when_it_ends():
    host = Host()
    transport, slow = opened(host), activated(written(SlowReader, bytes_per_second=1))
    host.handler.websocket.inject(slow, RecordingLog())
    send(transport, text("1"), text("2"))
    host.handler.websocket.release(slow)
    assert host.handler.received == [b"1", b"2"]
    leave(transport)
