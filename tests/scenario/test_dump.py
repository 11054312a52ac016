"""What is written loads back, says only what differs from a default, and is always the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from harness.faults.near_silence import NearSilence
from harness.scenario import dump, load, loads
from harness.scenario.model import At, BeforeEnd, Expect, Inject, Noise, Say, Scenario, ServerSetup, Step
from harness.server.policy import ServerPolicy

from .strategies import scenarios

GOOD = Path(__file__).with_name("good.yaml")


def without_path(scenario: Scenario) -> Scenario:
    return replace(scenario, path=None)


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_round_trip_gives_an_equal_scenario(scenario: Scenario) -> None:
    assert without_path(loads(dump(scenario))) == scenario


def test_a_file_survives_the_round_trip() -> None:
    scenario = load(GOOD)
    assert without_path(loads(dump(scenario))) == without_path(scenario)


def test_defaults_are_not_written() -> None:
    assert dump(Scenario("bare", (Step(At(0), Say("babble")),))) == (
        "scenario: bare\ntimeline:\n  - at: 0s\n    say: babble\n"
    )


def test_what_is_written_reads_like_a_file_written_by_hand() -> None:
    scenario = Scenario(
        "Keys in the tail",
        (
            Step(At(2_000_000), Say("babble", -20.0), repeat=3, every_us=12_000_000, label="greeting"),
            Step(
                BeforeEnd(3, 800_000),
                Noise("thocks", 1_200_000, peak_lsb=12_000),
                assume=("assistant is speaking", "connected"),
                because="it is the tail\nof the answer",
            ),
            Step(At(48_000_000), Inject(NearSilence((30, 30)))),
        ),
        server=ServerSetup(turn_detection={"threshold": 0.5}, policy=ServerPolicy(prefix_in_start="no")),
        client={"watchdog_ms": None, "gate_threshold": 0.0008},
        expect=(Expect("answer", "greeting", 6_000_000),),
        outcomes={"resilient": "held", "reported": "failed: capture_dead"},
        tags=("keyboard", "app-switch"),
    )
    assert (
        dump(scenario)
        == """\
scenario: Keys in the tail
server:
  turn_detection: {threshold: 0.5}
  policy: {prefix_in_start: no}
client: {gate_threshold: 0.0008, watchdog_ms: null}
timeline:
  - at: 2s
    say: babble
    level: -20 dBFS
    repeat: 3
    every: 12s
    label: greeting
  - before end of: answer 3
    by: 0.8s
    noise: thocks
    lasts: 1.2s
    peak: 12000 LSB
    assume: [assistant is speaking, connected]
    because: |-
      it is the tail
      of the answer
  - at: 48s
    microphone: near-silent
    with: {peak: 30 LSB}
    until: reopened
expect:
  - answer: {after: greeting, within: 6s}
outcomes:
  reported: 'failed: capture_dead'
  resilient: held
tags: [keyboard, app-switch]
"""
    )


@pytest.mark.parametrize("label", [":0", "a\x85b", "\ufeff", "#", "- a", "a: b", "{", "off", "1e3", ".5e5", "x\n\n y"])
def test_awkward_labels_are_kept(label: str) -> None:
    steps = (Step(At(0), Say("babble"), label=label),)
    scenario = Scenario(label, steps, expect=(Expect("answer", label, 0),), outcomes={label: "held"})
    assert without_path(loads(dump(scenario))) == scenario


def test_a_label_that_gets_wide_when_it_is_escaped_breaks_no_key():
    label = '00000"' + "\x1f" * 8 + "."
    steps = (Step(At(0), Say("babble"), label=label),)
    scenario = Scenario("s", steps, expect=(Expect("response.created", label, 10_000_001, 2),))
    assert without_path(loads(dump(scenario))) == scenario


def test_the_order_of_maps_does_not_show() -> None:
    steps = (Step(At(0), Say("babble")),)
    one = Scenario("s", steps, client={"gate_hold_ms": 1, "chunk_ms": 10}, outcomes={"a": "held", "b": "held"})
    other = Scenario("s", steps, client={"chunk_ms": 10, "gate_hold_ms": 1}, outcomes={"b": "held", "a": "held"})
    assert dump(one) == dump(other)
