"""``as`` of an ``app:`` step, and the faults of the capture path with their parameters, in a scenario file."""

import itertools

import pytest

from harness.errors import ScenarioError
from harness.faults import MICROPHONE
from harness.scenario.document import Document
from harness.scenario.dump import dump
from harness.scenario.loader import loads
from harness.scenario.model import App, At, Scenario, Step
from harness.scenario.profiles import PROFILES
from harness.units import SECOND

MODES = (None, "keeps", "suspended")

WRITTEN = """
{gain: -40 dB}|muted-softly
{gain: 20 dB}|clipped
{fraction: -0.2}|offset
{bits: 8}|coarse
{keeps: 300ms, zeros: 2.6s}|burst
{loop: 10ms}|looped
{law: A-law}|wrong-format
{rate: 8 kHz}|wrong-rate
{probability: 0.5}|dropped-chunks
{loss: 6 dB, delay: 100ms}|echo
{peak: 1..2 LSB}|near-silent
{times: 3}|failed-reopen
{after: 1s, delivers: zeros}|graph-collected
{takes: 5s}|slow-reopen
{times: 3}|fast-capture
{below: -40 dB, hangover: 0s, every: 5s}|no-packets-in-silence
{loss: 0.1, jitter: 200ms}|telephone-line
""".strip().splitlines()


def step(text):
    return loads(f"scenario: s\ntimeline:\n  - {{at: 1s, {text}}}\n").timeline[0]


def mistakes(text):
    with pytest.raises(ScenarioError) as caught:
        step(text)
    return str(caught.value)


def test_a_profile_is_read():
    assert step("app: background, as: safari-ios, lasts: 4s").action == App(4 * SECOND, profile="safari-ios")
    assert step("app: background, lasts: 4s").action == App(4 * SECOND)


@pytest.mark.parametrize(("profile", "capture", "playback"), list(itertools.product((None, *PROFILES), MODES, MODES)))
def test_a_switch_is_written_as_it_is_read(profile, capture, playback):
    scenario = Scenario("s", (Step(At(SECOND), App(4 * SECOND, capture, playback, profile), line=3),))
    assert loads(dump(scenario)) == scenario


def test_an_unknown_profile_is_a_mistake_that_lists_the_known():
    found = mistakes("app: background, as: safari-ois, lasts: 4s")
    assert ":3:" in found and "unknown profile 'safari-ois'" in found and "safari-ios" in found


def test_a_profile_goes_with_an_app_only():
    assert "'as' goes with app, not with 'say'" in mistakes("say: speech_en_f_arctic_a0009, as: safari-ios")


def test_the_schema_names_the_profiles():
    schema = Document.model_json_schema()["$defs"]["StepDocument"]["properties"]["as"]
    assert schema["enum"] == list(PROFILES)


@pytest.mark.parametrize("line", WRITTEN)
def test_parameters_of_a_capture_fault_are_written_as_they_are_read(line):
    parameters, name = line.split("|")
    read = step(f"microphone: {name}, with: {parameters}, lasts: 4s")
    assert read.action.fault != MICROPHONE[name]()
    assert loads(dump(Scenario("s", (read,)))).timeline == (read,)


def test_every_capture_fault_with_parameters_is_tried_above():
    tried = {line.split("|")[1] for line in WRITTEN}
    assert tried == set(MICROPHONE) - {"zeroed", "suspended", "misaligned"}
