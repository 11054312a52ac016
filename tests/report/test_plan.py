"""The times of the steps of a scenario before it is played, and their picture."""

import io

import pytest
from hypothesis import given, settings
from rich.cells import cell_len
from rich.console import Console

from harness.report.plan import START, groups
from harness.report.plan_picture import picture
from harness.scenario import loads, shipped_scenarios
from harness.scenario.model import BeforeEnd, Scenario
from harness.units import MS, SECOND
from tests.scenario.strategies import scenarios

TOP = "scenario: s\ntimeline:\n"


def planned(*steps: str, more: str = ""):
    text = TOP + "".join(f"  - {{{step}}}\n" for step in steps) + more
    return groups(loads(text))


def times(group, lane):
    return [(span.start_us, span.end_us) for span in group.lanes[lane]]


def test_steps_with_a_time_and_those_after_them_stand_on_the_axis_of_the_run():
    (group,) = planned(
        "at: 2s, noise: thocks, lasts: 1s, repeat: 2, every: 4s, label: typing",
        "after: typing, by: 500ms, server: mute",
    )
    assert group.anchor == START
    assert times(group, "noise") == [(2 * SECOND, 3 * SECOND), (6 * SECOND, 7 * SECOND)]
    (fault,) = group.lanes["faults"]
    assert (fault.start_us, fault.end_us) == (7_500 * MS, group.end_us)  # nothing but the client ends it


def test_what_waits_for_something_stands_relative_to_that():
    start, answer, started, unnumbered = planned(
        "at: 1s, say: babble, label: said",
        "before end of: answer 2, by: 800ms, noise: door, lasts: 300ms, label: door",
        "after: door, by: 1s, app: background, lasts: 2s",
        "when: speech_started 2, by: 100ms, network: stall, lasts: 1s",
        "when: response.done, server: mute, lasts: 1s",
    )
    assert start.anchor == START and list(start.lanes) == ["user speaks"]
    assert (answer.anchor, answer.begin_us) == ("the end of answer 2", -800 * MS)
    assert times(answer, "noise") == [(-800 * MS, -500 * MS)]
    assert times(answer, "faults") == [(500 * MS, 2_500 * MS)]
    assert started.anchor == "speech_started 2" and times(started, "faults") == [(100 * MS, 1_100 * MS)]
    assert unnumbered.anchor == "the first response.done after network stall"


def test_ranges_stand_at_their_middle():
    (group,) = planned("at: 2s..4s, noise: door, lasts: 1s..2s", more="lasts: 20s..30s")
    assert times(group, "noise") == [(3 * SECOND, 4_500 * MS)]
    assert group.end_us == 25 * SECOND


def shown(scenario: Scenario, width: int) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(picture(scenario, width=width))
    return console.export_text()


@pytest.mark.slow
@settings(max_examples=30)
@given(scenarios())
def test_any_scenario_can_be_drawn(scenario: Scenario):
    for width in (60, 100):
        lines = shown(scenario, width).splitlines()
        assert len(lines) > 4 and all(cell_len(line) <= width for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
@pytest.mark.parametrize("width", [80, 120])
def test_shipped_scenarios_are_drawn_within_the_width(path, width):
    scenario = loads(path.read_text(), path.name, path.parent)
    text = shown(scenario, width)
    has_times = any(not isinstance(step.trigger, BeforeEnd) for step in scenario.timeline)
    assert scenario.name in text and ("╷0 s" in text or not has_times)
    assert all(len(line.rstrip()) <= width for line in text.splitlines())
