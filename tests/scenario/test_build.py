"""Scenarios in Python are the same as those in files."""

import pytest

from harness.clients.registry import find_client
from harness.errors import ScenarioError
from harness.faults.burst import Burst
from harness.scenario import loads
from harness.scenario.build import (
    Scenario,
    all_of,
    answer,
    any_of,
    app_switch,
    between,
    dbfs,
    emit,
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
    strike,
    told,
)
from harness.world.play import play

FILE = """\
scenario: Keyboard noise in the assistant's tail
story: The user types.
room: -60..-50 dBFS
network: {latency: 50ms}
client: {watchdog_ms: null}
recover within: 1min
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
  - never: {told: {}}
expect:
  - speech_started: {after: loud, within: 500ms}
  - any:
    - answer: {after: loud, within: 3s}
    - all:
      - recovery: {after: loud, within: 5s}
      - reconnect: {}
  - response.done: {at least: 3}
"""


def built() -> Scenario:
    return (
        Scenario(
            "Keyboard noise in the assistant's tail",
            story="The user types.",
            room=between(-60 * dbfs, -50 * dbfs),
            latency=50 * ms,
            client={"watchdog_ms": None},
            recover_within=1 * minute,
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
        .when("speech_started", 4, by=200 * ms, do=strike("near-silent"))
        .when("response.done", do=strike("half-open", lasts=10 * s))
        .at(57 * s, strike("mute"))
        .at(58 * s, emit({"type": "mcp_list_tools.failed", "item_id": "mcp_1"}))
        .at(
            between(58 * s, 62 * s),
            say("speech_en_m_arctic_a0007", level=-12 * dbfs),
            label="loud",
            assume=["connected", "server hears silence"],
        )
        .premise(never(told))
        .expect(speech_started.after("loud").within(500 * ms))
        .expect(any_of(answer.after("loud").within(3 * s), all_of(recovery.after("loud").within(5 * s), reconnect)))
        .expect(response_done.at_least(3))
    )


def test_it_builds_what_the_file_says():
    assert built().build() == loads(FILE)


def test_it_writes_a_file_that_loads_to_the_same():
    assert loads(built().to_yaml()) == built().build()
    assert built().build().to_yaml() == built().to_yaml()


def test_what_is_built_can_be_played():
    scenario = Scenario("short").at(1 * s, say("babble"), label="said").expect(answer.after("said").within(5 * s))
    run = play(scenario.build(), "development", find_client("development"), detector="energy")
    assert any(entry.kind == "heard" for entry in run.journal.select("speaker"))


def test_a_common_begin_is_continued_in_two_ways():
    begin = Scenario("both").at(1 * s, say("babble"))
    one, other = begin.at(2 * s, strike("mute")), begin.at(2 * s, strike("reset"))
    assert len(begin.build().timeline) == 1
    assert one.build().timeline[0] == other.build().timeline[0] and one.build() != other.build()


def test_mistakes_are_told_as_of_the_file_it_would_be():
    with pytest.raises(ScenarioError, match=r"s:5:12: no step is labelled 'loud'; give one 'label: loud'"):
        Scenario("s").at(1 * s, say("babble")).after("loud", say("babble")).build()
    with pytest.raises(ValueError, match="no fault is called 'mte'; did you mean 'mute'"):
        strike("mte")
    with pytest.raises(ValueError, match="'bits' of the fault 'coarse': give a whole number from 1 to 16"):
        strike("coarse", bits=17)
    with pytest.raises(TypeError, match="bit"):
        strike("coarse", bit=3)


def test_a_fault_is_struck_by_its_name_or_as_one_with_its_fields():
    named = strike("burst", lasts=3 * s, keeps_us=0.3 * s, zeros_us=between(2.4 * s, 2.6 * s))
    assert named == strike(Burst(300_000, between(2_400_000, 2_600_000)), lasts=3 * s)
    assert type(named.fault.keeps_us) is int
    step = loads(Scenario("s").at(1 * s, named).to_yaml()).timeline[0]
    assert step.action == named
