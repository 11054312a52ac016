"""Scenarios in Python are the same as those in files."""

import pytest

from harness.errors import ScenarioError
from harness.faults.burst import Burst
from harness.journal import SpeakerHeard
from harness.scenario import build, dump, loads
from harness.scenario.build import (
    ScenarioBuilder,
    all_of,
    answer,
    any_of,
    app_switch,
    between,
    dbfs,
    emit,
    inject,
    lsb,
    minute,
    ms,
    never,
    noise,
    reconnect,
    recovery,
    response_done,
    s,
    say,
    speech_started,
    tells_user,
)
from harness.world.play import play

FILE = """\
scenario: Keyboard noise in the assistant's tail
story: The user types.
room: -60..-50 dBFS
network: {latency: 50ms}
client: {watchdog_ms: null}
recover within: 1min
answer within: 15s
properties: {words_lost: fail, fresh_audio: off}
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
    repeat: 3
    every: 14s
  - before end of: answer 3
    by: 800ms
    noise: thocks
    lasts: 1.2s
    peak: 12000 LSB
    assume: assistant is speaking
    label: typing
  - after: typing
    by: 100ms..900ms
    app: background
    lasts: 5s
    capture: suspended
    because: it happens
  - when: speech_started 4
    by: 200ms
    microphone: near-silent
    until: reopened
  - when: response.done
    network: half-open
    lasts: 10s
  - at: 57s
    server: mute
  - at: 58s
    event: {type: mcp_list_tools.failed, item_id: mcp_1}
  - at: 58s..62s
    say: speech_en_m_arctic_a0007
    level: -12 dBFS
    label: loud
    assume: [connected, server hears silence]
premises:
  - never: {tells_user: {}}
expect:
  - speech_started: {after: loud, within: 500ms}
  - any:
    - answer: {after: loud, within: 3s}
    - all:
      - recovery: {after: loud, within: 5s}
      - reconnect: {}
  - response.done: {at least: 3}
"""


def built() -> ScenarioBuilder:
    return (
        ScenarioBuilder(
            "Keyboard noise in the assistant's tail",
            story="The user types.",
            room=between(-60 * dbfs, -50 * dbfs),
            latency=50 * ms,
            client={"watchdog_ms": None},
            recover_within=1 * minute,
            answer_within=15 * s,
            properties={"words_lost": "fail", "fresh_audio": "off"},
        )
        .at(2 * s, say("speech_en_f_arctic_a0009"), repeat=3, every=14 * s)
        .before_end_of(
            answer=3,
            by=800 * ms,
            do=noise("thocks", lasts=1.2 * s, peak=12_000 * lsb),
            assume="assistant is speaking",
            label="typing",
        )
        .after(
            "typing", app_switch(lasts=5 * s, capture="suspended"), by=between(0.1 * s, 0.9 * s), because="it happens"
        )
        .when("speech_started", 4, by=200 * ms, do=inject("near-silent"))
        .when("response.done", do=inject("half-open", lasts=10 * s))
        .at(57 * s, inject("mute"))
        .at(58 * s, emit({"type": "mcp_list_tools.failed", "item_id": "mcp_1"}))
        .at(
            between(58 * s, 62 * s),
            say("speech_en_m_arctic_a0007", level=-12 * dbfs),
            label="loud",
            assume=["connected", "server hears silence"],
        )
        .premise(never(tells_user))
        .expect(speech_started.after("loud").within(500 * ms))
        .expect(any_of(answer.after("loud").within(3 * s), all_of(recovery.after("loud").within(5 * s), reconnect)))
        .expect(response_done.at_least(3))
    )


def test_it_builds_what_the_file_says():
    assert built().build() == loads(FILE)


def test_it_writes_a_file_that_loads_to_the_same():
    assert loads(built().to_yaml()) == built().build()
    assert dump(built().build()) == built().to_yaml()


def test_what_is_built_can_be_played():
    scenario = (
        ScenarioBuilder("short").at(1 * s, say("babble"), label="said").expect(answer.after("said").within(5 * s))
    )
    run = play(scenario.build(), "development", detector="energy")
    assert list(run.journal.select(SpeakerHeard))


def test_a_common_start_is_continued_in_two_ways():
    start = ScenarioBuilder("both").at(1 * s, say("babble"))
    one, other = start.at(2 * s, inject("mute")), start.at(2 * s, inject("reset"))
    assert len(start.build().timeline) == 1
    assert one.build().timeline[0] == other.build().timeline[0] and one.build() != other.build()


def test_mistakes_are_reported_at_their_positions_in_the_file():
    with pytest.raises(ScenarioError, match=r"s:5:12: no step is labelled 'loud'; give a step 'label: loud'"):
        ScenarioBuilder("s").at(1 * s, say("babble")).after("loud", say("babble")).build()
    with pytest.raises(ValueError, match="no fault is called 'mte'; did you mean 'mute'"):
        inject("mte")
    with pytest.raises(ValueError, match="'bits' of the fault 'coarse': give a whole number from 1 to 16"):
        inject("coarse", bits=17)
    with pytest.raises(TypeError, match="bit"):
        inject("coarse", bit=3)


def test_a_property_that_does_not_exist_is_a_mistake():
    with pytest.raises(ScenarioError, match=r"no property is called 'words_lots'; did you mean 'words_lost'\?"):
        ScenarioBuilder("s", properties={"words_lots": "fail"}).at(1 * s, say("babble")).build()


def test_a_fault_is_injected_by_its_name_or_as_an_object():
    named = inject("burst", lasts=3 * s, keeps_us=0.3 * s, zeros_us=between(2.4 * s, 2.6 * s))
    assert named == inject(Burst(300_000, between(2_400_000, 2_600_000)), lasts=3 * s)
    assert type(named.fault.keeps_us) is int
    step = loads(ScenarioBuilder("s").at(1 * s, named).to_yaml()).timeline[0]
    assert step.action == named


@pytest.mark.parametrize(
    ("old", "new"), [("Scenario", "ScenarioBuilder"), ("strike", "inject"), ("told", "tells_user")]
)
def test_an_old_name_works_with_a_warning(old, new):
    with pytest.warns(DeprecationWarning, match=rf"^harness\.scenario\.build\.{old} is now called {new}; both work$"):
        found = getattr(build, old)
    assert found is getattr(build, new)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="strik"):
        build.strik  # noqa: B018


def test_a_builder_continues_a_scenario_that_was_loaded() -> None:
    loaded = loads("scenario: s\ntimeline:\n  - {at: 2s, say: babble}\ntags: [echo]\n")
    steps = ScenarioBuilder("x").at(9 * s, inject("mute")).build().timeline
    built = ScenarioBuilder.from_scenario(loaded).add(steps).build()
    assert built.timeline == (*loaded.timeline, *steps)
    assert (built.name, built.tags) == ("s", ("echo",))
    assert ScenarioBuilder("t", tags=["gate"]).at(1 * s, say("babble")).build().tags == ("gate",)
