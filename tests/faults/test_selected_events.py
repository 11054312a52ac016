"""Faults on some events: which they select, how those are delivered, and that all others pass."""

import pytest

from harness.errors import SettingError
from harness.faults.corrupted_events import CorruptedEvents
from harness.faults.delayed_events import DelayedEvents
from harness.faults.dropped_events import DroppedEvents
from harness.faults.duplicated_events import DuplicatedEvents
from harness.faults.late_created import LateCreated
from harness.faults.lost_settings import LostSettings
from harness.faults.parameters import given
from harness.faults.reordered_events import ReorderedEvents
from harness.faults.truncated_events import TruncatedEvents
from harness.units import MS, SECOND
from tests.faults.testing import Ways, written

DELTA, DONE, CREATED = "response.output_audio.delta", "response.done", "response.created"
APPEND, CLEAR = "input_audio_buffer.append", "input_audio_buffer.clear"


def test_by_type():
    ways = Ways(written(DroppedEvents, events=DONE))
    for kind in (CREATED, DELTA, DONE, CREATED):
        ways.send("down", kind)
    assert ways.messages() == [CREATED, DELTA, CREATED]


def test_by_pattern():
    ways = Ways(written(DroppedEvents, events="response.*"))
    for kind in (CREATED, "session.updated", DELTA, DONE, "error"):
        ways.send("down", kind)
    assert ways.messages() == ["session.updated", "error"]


def test_by_direction():
    ways = Ways(written(DroppedEvents, direction="up"))
    ways.send("up", APPEND)
    ways.send("down", "error")
    assert ways.messages() == ["error"]


def test_no_ping_pong_or_close():
    ways = Ways(DroppedEvents())
    for control in ("ping", "pong", "close"):
        ways.send("down", None, control=control)
    ways.send("down", DONE)
    assert ways.messages() == ["ping", "pong", "close"]


def test_the_first_ones_pass_and_only_so_many_are_lost():
    ways = Ways(written(DroppedEvents, events=DELTA, skip=2, count=3))
    for number in range(8):
        ways.send("down", DELTA if number != 1 else DONE)
    assert ways.messages() == [DELTA, DONE, DELTA, DELTA, DELTA]


def test_after_so_much_audio():
    ways = Ways(written(DroppedEvents, direction="up", audio="60ms"))
    ways.send("down", DELTA, audio_us=SECOND)
    for _ in range(5):
        ways.send("up", APPEND, audio_us=20 * MS)
    ways.send("up", CLEAR)
    assert ways.messages("up") == [APPEND] * 3


def test_with_a_probability_and_the_same_seed_the_same_ones():
    def lost(seed):
        ways = Ways(written(DroppedEvents, probability=0.25), seed=seed)
        for _ in range(1_000):
            ways.send("up", APPEND)
            ways.send("up", CLEAR)
        return ways.messages()

    assert 1_400 < len(lost(1)) < 1_600
    assert lost(1) == lost(1) != lost(2)


def test_a_delayed_one_comes_later():
    ways = Ways(written(DelayedEvents, events=DONE, delay="3s"))
    ways.send("down", DELTA)
    ways.send("down", DONE)
    assert ways.arrived == [(0, "down", DELTA), (3 * SECOND, "down", DONE)]


def test_a_duplicated_one_comes_twice():
    ways = Ways(written(DuplicatedEvents, events=CREATED))
    ways.send("down", CREATED)
    ways.send("down", DONE)
    assert ways.messages() == [CREATED, CREATED, DONE]


def test_a_reordered_one_comes_after_the_next():
    ways = Ways(written(ReorderedEvents, events=CREATED))
    for kind in (CREATED, DELTA, DONE):
        ways.send("down", kind)
    assert ways.messages() == [DELTA, CREATED, DONE]


def test_a_reordered_one_comes_after_several():
    ways = Ways(written(ReorderedEvents, events=CREATED, by=3))
    for kind in (CREATED, DELTA, DELTA, DONE, DELTA):
        ways.send("down", kind)
    assert ways.messages() == [DELTA, DELTA, DONE, CREATED, DELTA]


def test_a_reordered_one_comes_after_a_later_one_of_a_type():
    """A refusal that arrives after the end that it is to wait for; what goes the other way does not count."""
    ways = Ways(written(ReorderedEvents, events="error", behind=DONE, within="10s"))
    ways.send("down", "error")
    ways.send("up", CLEAR)
    for kind in (DELTA, DELTA):
        ways.send("down", kind)
    ways.wait(3 * SECOND)
    assert "error" not in ways.messages()
    ways.send("down", DONE)
    assert ways.messages("down") == [DELTA, DELTA, DONE, "error"]


def test_a_reordered_one_does_not_wait_for_ever():
    ways = Ways(written(ReorderedEvents, events="error", behind=DONE, within="10s"))
    ways.send("down", "error")
    ways.send("down", DELTA)
    ways.wait(9 * SECOND)
    assert ways.messages() == [DELTA]
    ways.wait(SECOND)
    assert ways.messages() == [DELTA, "error"]


def test_reordered_ones_keep_their_order():
    ways = Ways(written(ReorderedEvents, events="response.created", by=2))
    for kind in (CREATED, CREATED, DELTA, DONE):
        ways.send("down", kind)
    assert ways.messages() == [DELTA, DONE, CREATED, CREATED]


def test_one_that_none_overtakes_comes_all_the_same():
    ways = Ways(written(ReorderedEvents, events=DONE))
    ways.send("down", DONE)
    assert ways.messages() == []
    ways.wait(SECOND)
    assert ways.messages() == [DONE]
    ways.wait(SECOND)
    assert ways.messages() == [DONE]


def test_one_that_none_has_overtaken_comes_when_the_fault_ends():
    ways = Ways(ReorderedEvents())
    ways.send("down", DONE)
    ways.faults.release(ways.active[0])
    assert ways.messages() == [DONE]


def test_damage():
    ways = Ways(written(CorruptedEvents, events=DELTA), written(TruncatedEvents, events=DONE))
    for kind in (CREATED, DELTA, DONE):
        ways.send("down", kind)
    assert ways.messages() == [CREATED, f"corrupt {DELTA}", f"truncate {DONE}"]


def test_only_response_created_is_late():
    ways = Ways(written(LateCreated, delay="6s"))
    for kind in ("session.created", CREATED):
        ways.send("down", kind)
    assert [when for when, _, _ in ways.arrived] == [0, 6 * SECOND]


def test_only_the_settings_are_lost():
    ways = Ways(LostSettings())
    for kind in ("session.update", APPEND):
        ways.send("up", kind)
    ways.send("down", "session.updated")
    assert ways.messages() == [APPEND, "session.updated"]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"events": "response.don"}, "no event has the type 'response.don'; did you mean 'response.done'?"),
        ({"events": "responses.*"}, "no event has the type 'responses.*'"),
        ({"count": 0}, "'count' of the fault 'dropped-events': give a whole number from 1"),
        ({"probability": 2}, "give a number from 0 to 1"),
        ({"direction": "sideways"}, "'sideways' is unknown"),
        ({"audio": 3}, "write a duration with its unit"),
    ],
)
def test_mistakes(parameters, sentence):
    with pytest.raises(SettingError) as mistake:
        written(DroppedEvents, **parameters)
    assert sentence in str(mistake.value)


def test_what_was_written_is_given_back():
    parameters = {"direction": "up", "events": "response.*", "skip": 1, "count": 2, "audio": "1.5s", "delay": "250ms"}
    assert given(written(DelayedEvents, **parameters)) == parameters
