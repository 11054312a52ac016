"""Ranges: written in a file, taken at their middle by a plain run, drawn from by a search."""

import copy
import pickle

import pytest
from hypothesis import HealthCheck, given, settings

from harness.faults.echo import Echo
from harness.ranges import between
from harness.scenario import dump, loads
from harness.scenario.model import At, Noise, Say, Scenario, Step
from harness.units import MS, SECOND
from harness.world.play import play

from .scenario.marks import BELOW, TIMELINE, TOP, expect_one
from .scenario.strategies import scenarios
from .scenario.test_dump import without_path

RANGES = """\
scenario: s
room: -70..-60 dBFS
network: {latency: 20ms..60ms}
server: {reply: {latency: 300ms..500ms}}
timeline:
  - at: 2s..4s
    say: babble
    level: -30 dBFS..-20 dBFS
    lasts: 1s..2s
    repeat: 1..3
    every: 5s..7s
    label: spoken
  - after: spoken
    by: 100ms..900ms
    noise: thocks
    lasts: 1s
    peak: 12000..24000 LSB
"""


def test_every_number_of_a_step_may_be_a_range():
    scenario = loads(RANGES)
    spoken, noise = scenario.timeline
    assert spoken.trigger == At(between(2 * SECOND, 4 * SECOND))
    assert spoken.action == Say("babble", between(-30.0, -20.0), between(SECOND, 2 * SECOND))
    assert (spoken.repeat, spoken.every_us) == (between(1, 3), between(5 * SECOND, 7 * SECOND))
    assert noise.trigger.by_us == between(100 * MS, 900 * MS)
    assert noise.action == Noise("thocks", SECOND, peak_lsb=between(12_000, 24_000))
    assert (scenario.room_dbfs, scenario.latency_us) == (between(-70.0, -60.0), between(20 * MS, 60 * MS))
    assert scenario.server.reply.latency_us == between(300 * MS, 500 * MS)


def test_a_plain_run_takes_the_middle():
    middle = RANGES
    for written, number in {
        "-70..-60 dBFS": "-65 dBFS",
        "20ms..60ms": "40ms",
        "300ms..500ms": "400ms",
        "2s..4s": "3s",
        "-30 dBFS..-20 dBFS": "-25 dBFS",
        "1s..2s": "1.5s",
        "1..3": "2",
        "5s..7s": "6s",
        "100ms..900ms": "500ms",
        "12000..24000": "18000",
    }.items():
        assert written in middle
        middle = middle.replace(written, number)
    assert loads(RANGES).settled() == loads(middle)

    def journal(text):
        return play(loads(text), "development", detector="energy").journal.sha256()

    assert journal(RANGES) == journal(middle)


def test_what_is_drawn_lies_within_the_ends_and_is_named():
    asked = {}

    def choose(name, low, high):
        asked[name] = (low, high)
        return high

    drawn = loads(RANGES).drawn(choose)
    assert asked["timeline/spoken/trigger/at_us"] == (2 * SECOND, 4 * SECOND)
    assert asked["timeline/Noise 1/action/peak_lsb"] == (12_000, 24_000)
    assert asked["server/reply/latency_us"] == (300 * MS, 500 * MS)
    assert len(asked) == 10
    assert drawn.timeline[0].trigger == At(4 * SECOND) and drawn.timeline[0].repeat == 3
    assert drawn.settled() is drawn


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_settling_leaves_no_range_and_is_the_same_twice(scenario: Scenario):
    settled = scenario.settled()
    asked = []
    settled.drawn(lambda name, low, high: asked.append(name) or low)
    assert settled.settled() is settled and asked == []
    assert without_path(loads(dump(settled))) == settled


FAULTS = """\
scenario: s
timeline:
  - {at: 1s, say: babble, lasts: 2s}
  - at: 4s
    microphone: echo
    with: {loss: -10..30 dB, delay: 20ms..100ms}
    lasts: 2s
    label: echoing
  - at: 7s
    network: dropped-events
    with: {events: response.*, skip: 2..5, probability: 0.1..0.5}
    lasts: 5s..9s
"""


def test_a_parameter_of_a_fault_may_be_a_range_and_a_plain_run_takes_its_middle():
    scenario = loads(FAULTS)
    echo = scenario.timeline[1].action.fault
    assert echo == Echo(loss_db=between(-10.0, 30.0), delay_us=between(20 * MS, 100 * MS))
    middle = FAULTS
    for written, number in {
        "-10..30 dB": "10 dB",
        "20ms..100ms": "60ms",
        "2..5": "3",
        "0.1..0.5": "0.3",
        "5s..9s": "7s",
    }.items():
        assert written in middle
        middle = middle.replace(written, number)
    assert scenario.settled() == loads(middle)

    def journal(text):
        return play(loads(text), "development", detector="energy").journal.sha256()

    assert journal(FAULTS) == journal(middle)
    assert loads(dump(scenario)).timeline == scenario.timeline


def test_a_range_of_a_fault_is_drawn_by_the_place_of_its_step():
    asked = {}

    def choose(name, low, high):
        asked[name] = (low, high)
        return low

    drawn = loads(FAULTS).drawn(choose)
    assert asked["timeline/echoing/action/fault/loss_db"] == (-10.0, 30.0)
    assert asked["timeline/Inject 2/action/fault/skip"] == (2, 5)
    assert drawn.timeline[1].action.fault == Echo(loss_db=-10.0, delay_us=20 * MS)


def test_a_range_is_its_middle_and_equals_only_itself():
    span = between(10, 20)
    assert span + 0 == 15 and span != 15 and span == between(10, 20) and span != between(11, 19)
    assert hash(span) == hash(between(10, 20)) and between(5, 5) == 5
    assert pickle.loads(pickle.dumps(span)) == span == copy.deepcopy(span)
    with pytest.raises(ValueError, match="from low to high"):
        between(3, 1)


def test_a_scenario_without_ranges_is_left_alone():
    plain = Scenario("s", (Step(At(0), Say("babble")),))
    assert plain.settled() is plain


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (TIMELINE + "  - {at: §4s..2s, say: babble}", "a range goes from low to high (got '4s..2s')"),
        (
            TIMELINE + "  - {at: §4..6s, say: babble}",
            "write a duration with its unit, such as 500ms or 1.2s (got '4')",
        ),
        (TOP + "room: §-6..-30 dBFS", "a range goes from low to high (got '-6..-30 dBFS')"),
        (TOP + "room: §-30..6 dBFS", "a level is between -120 and 0 dBFS (got '6 dBFS')"),
        (
            TOP + "recover within: §4s..6s",
            "this must be one duration, such as 500ms, not a range (got '4s..6s')",
        ),
        (
            TIMELINE + BELOW + "expect: [answer: {after: greeting, within: §4s..6s}]",
            "this must be one duration, such as 500ms, not a range (got '4s..6s')",
        ),
        (
            TIMELINE + "  - {at: 1s, say: babble, repeat: §3..2, every: 1s}",
            "a range goes from low to high (got '3..2')",
        ),
        (
            TIMELINE + "  - {at: 1s, say: babble, §repeat: 2..3}",
            "'repeat' needs 'every', such as every: 12s",
        ),
    ],
)
def test_mistakes(marked: str, message: str):
    expect_one(marked, message)


def test_client_settings_may_be_ranges():
    scenario = loads(
        "scenario: x\nclient: {gate_threshold: 0.01..0.03, gate_hold_ms: 0..300, gate_mode: zeros}\n"
        "timeline: [{at: 2s, say: babble}]\n"
    )
    assert scenario.settled().client == {"gate_threshold": 0.02, "gate_hold_ms": 150, "gate_mode": "zeros"}
    asked = []
    scenario.drawn(lambda name, low, high: asked.append((name, low, high)) or low)
    assert asked == [("client/gate_threshold", 0.01, 0.03), ("client/gate_hold_ms", 0, 300)]
    assert "gate_threshold: 0.01..0.03" in dump(scenario)
    assert play(scenario, "reported", detector="energy").journal.header["settings"]["gate_hold_ms"] == 150
