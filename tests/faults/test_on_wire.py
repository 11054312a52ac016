"""Several faults on one wire: a message passes each once, in the order in which they were injected."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.faults.delayed_events import DelayedEvents
from harness.faults.dropped_events import DroppedEvents
from harness.faults.duplicated_events import DuplicatedEvents
from harness.faults.half_open import HalfOpen
from harness.faults.no_close_answer import NoCloseAnswer
from harness.faults.no_pong import NoPong
from harness.faults.on_wire import damaged_text
from harness.faults.slow_reader import SlowReader
from harness.faults.stall import Stall
from harness.units import SECOND
from tests.faults.testing import Ways, activated, written

APPEND, DONE = "input_audio_buffer.append", "response.done"


def test_what_a_stall_held_is_not_counted_again():
    ways = Ways(written(DroppedEvents, count=1), Stall())
    for kind in ("a", "b", "c"):
        ways.send("up", kind)
    ways.faults.release(ways.active[1])
    assert ways.messages() == ["b", "c"]


def test_what_a_stall_held_still_arrives_late():
    ways = Ways(written(DelayedEvents, delay="2s"), Stall())
    ways.send("up", "a")
    ways.now = SECOND
    ways.faults.release(ways.active[1])
    assert ways.arrived == [(3 * SECOND, "up", "a")]


def test_what_a_stall_held_passes_the_faults_injected_meanwhile():
    ways = Ways(Stall())
    ways.send("up", "a")
    ways.faults.inject(activated(HalfOpen()))
    ways.faults.release(ways.active[0])
    assert ways.messages() == []


def test_of_two_stalls_the_longer_holds_on():
    ways = Ways(Stall(), Stall())
    ways.send("up", "a")
    ways.faults.release(ways.active[0])
    ways.send("up", "b")
    assert ways.messages() == []
    ways.faults.release(ways.active[1])
    assert ways.messages() == ["a", "b"]


def test_copies_multiply():
    ways = Ways(DuplicatedEvents(), DuplicatedEvents())
    ways.send("up", "a")
    assert ways.messages() == ["a"] * 4


def test_one_that_is_not_on_it_changes_nothing():
    ways = Ways(Stall())
    ways.send("up", "a")
    ways.faults.release(activated(Stall()))
    assert ways.messages() == []


def test_what_is_held_is_counted():
    ways = Ways(Stall())
    ways.send("up", "a", size=70)
    ways.send("down", "b", size=30)
    assert ways.faults.held_bytes == {"up": 70, "down": 30}
    ways.faults.release(ways.active[0])
    assert ways.faults.held_bytes == {"up": 0, "down": 0}


def test_a_slow_reader_reads_so_many_bytes_a_second():
    ways = Ways(written(SlowReader, bytes_per_second=1_000))
    for _ in range(4):
        ways.send("up", APPEND, size=500)
    ways.send("up", None, size=0, control="ping")
    ways.send("down", DONE, size=5_000)
    ways.wait(10 * SECOND)
    assert [time for time, way, _ in ways.arrived if way == "up"] == [SECOND // 2, SECOND, 3 * SECOND // 2] + [
        2 * SECOND
    ] * 2
    assert [time for time, way, _ in ways.arrived if way == "down"] == [0]
    assert ways.messages("up")[-1] == "ping"


def test_a_slow_reader_that_has_nothing_to_do_keeps_up():
    ways = Ways(written(SlowReader, bytes_per_second=1_000))
    for _ in range(3):
        ways.send("up", APPEND, size=100)
        ways.wait(SECOND)
    assert [time for time, _, _ in ways.arrived] == [SECOND // 10, 11 * SECOND // 10, 21 * SECOND // 10]


def test_what_a_slow_reader_has_not_read_is_read_when_it_ends():
    ways = Ways(written(SlowReader, bytes_per_second=100))
    for number in range(10):
        ways.send("up", str(number), size=100)
    ways.wait(2 * SECOND)
    ways.faults.release(ways.active[0])
    assert ways.messages() == [str(number) for number in range(10)]
    ways.wait(20 * SECOND)
    assert len(ways.arrived) == 10


def test_pongs_alone_are_lost():
    ways = Ways(NoPong())
    for direction in ("up", "down"):
        for control in ("ping", "pong", "close"):
            ways.send(direction, None, control=control)
        ways.send(direction, "an event")
    assert ways.messages("up") == ["ping", "pong", "close", "an event"]
    assert ways.messages("down") == ["ping", "close", "an event"]


def test_a_close_is_answered_unless_a_fault_keeps_it_from_that():
    assert Ways(Stall()).faults.answers_close
    for fault in (NoCloseAnswer(), HalfOpen()):
        ways = Ways(Stall(), fault)
        assert not ways.faults.answers_close
        ways.faults.release(ways.active[1])
        assert ways.faults.answers_close


# --- damaged texts ---------------------------------------------------------------------------------------------------


def test_corrupt_changes_one_character():
    assert damaged_text(b'{"audio": "AAAA"}', "corrupt") == b'{"audio": "~AAA"}'


def test_truncate_leaves_the_first_half():
    assert damaged_text(b"123456789", "truncate") == b"1234"


@given(st.text(min_size=1), st.sampled_from(["corrupt", "truncate"]))
def test_property_text_stays_text(text, damage):
    damaged_text(text.encode(), damage).decode()


@pytest.mark.parametrize("text", ["{}", '{"type": "response.done", "text": "こんにちは"}'])
def test_half_an_event_is_no_json(text):
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(damaged_text(text.encode(), "truncate"))
