"""The published JSON Schema: it takes what the loader takes, refuses what an editor can see, and explains each key."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from harness.errors import ScenarioError
from harness.faults import CATALOGUE, Fault, parameters
from harness.scenario import dump, loads, shipped_scenarios
from harness.scenario.document import json_schema
from harness.scenario.model import Scenario
from harness.scenario.nodes import Reader, compose
from harness.units import SECOND

from .strategies import scenarios

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
GOOD = Path(__file__).with_name("good.yaml")
STEP = "{at: 1s, say: babble}"


def data(text: str) -> Any:
    """What the text holds, as an editor sees it."""
    return Reader().data(compose(text, "a test"))


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"]


@pytest.mark.parametrize("path", [*shipped_scenarios(), GOOD], ids=lambda path: path.stem)
def test_it_takes_the_files_that_load(path: Path):
    assert list(VALIDATOR.iter_errors(data(path.read_text()))) == []


@pytest.mark.slow
@settings(max_examples=25)
@given(scenarios())
def test_it_takes_whatever_a_scenario_is_written_as(scenario: Scenario):
    assert list(VALIDATOR.iter_errors(data(dump(scenario)))) == []


@pytest.mark.parametrize(
    "text",
    [
        "- a",
        "scenario: s",
        "scenario: s\ntimeline: []",
        "scenario: s\ntimeline: [{at: 1s}]",
        "scenario: s\ntimeline: [{say: babble}]",
        "scenario: s\ntimeline: [{at: 1s, after: x, say: babble}]",
        "scenario: s\ntimeline: [{at: 1s, say: babble, app: background}]",
        "scenario: s\ntimeline: [{at: 1, say: babble}]",
        "scenario: s\ntimeline: [{at: 1h, say: babble}]",
        "scenario: s\ntimeline: [{at: 1s.., say: babble}]",
        "scenario: s\ntimeline: [{at: 1s, sai: babble}]",
        "scenario: s\ntimeline: [{at: 1s, say: babble, level: -20}]",
        "scenario: s\ntimeline: [{at: 1s, say: babble, repeat: 0}]",
        "scenario: s\ntimeline: [{when: speech_startd 1, say: babble}]",
        f"scenario: s\ntimeline: [{STEP}]\nroom: loud",
        f"scenario: s\ntimeline: [{STEP}]\nexpect: [anser: {{}}]",
        f"scenario: s\ntimeline: [{STEP}]\nexpect: [{{answer: {{}}, tells_user: {{}}}}]",
        f"scenario: s\ntimeline: [{STEP}]\nexpect: [any: [{{answer: {{within: 3}}}}]]",
        f"scenario: s\ntimeline: [{STEP}]\nserver: {{policy: {{clear_during_speech: maybe}}}}",
        f"scenario: s\ntimeline: [{STEP}]\nclient: {{gate_treshold: 0.1}}",
        f"scenario: s\ntimeline: [{STEP}]\noutcomes: {{reported: broken}}",
        f"scenario: s\ntimeline: [{STEP}]\nanswer within: 15",
        f"scenario: s\ntimeline: [{STEP}]\nproperties: {{words_lots: fail}}",
        f"scenario: s\ntimeline: [{STEP}]\nproperties: {{words_lost: warning}}",
    ],
)
def test_it_refuses_what_an_editor_can_see(text: str):
    assert not VALIDATOR.is_valid(data(text))


def fits(step: str) -> bool:
    return VALIDATOR.is_valid(data(f"scenario: s\ntimeline: [{{at: 1s, lasts: 5s, {step}}}]"))


def parameters_shown(name: str) -> dict[str, Any]:
    """What an editor offers in ``with:`` for a fault."""
    conditions = [part for part in SCHEMA["$defs"]["StepDocument"]["allOf"] if "if" in part]
    (part,) = [part for part in conditions if {"const": name} in part["if"]["properties"].values()]
    return part["then"]["properties"]["with"]["properties"]


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=CATALOGUE)
def test_with_holds_the_parameters_of_the_fault_and_no_others(fault: type[Fault]):
    shown = parameters_shown(fault.name)
    assert {name: each["description"] for name, each in shown.items()} == parameters.documentation(fault)
    usual = {name: each["default"] for name, each in shown.items() if "default" in each}
    assert parameters.make(fault, usual) == fault()
    assert fits(f"{fault.actor}: {fault.name}, with: {json.dumps(usual)}")
    assert not fits(f"{fault.actor}: {fault.name}, with: {{loudness: 11}}")
    for name in usual:
        assert not fits(f"{fault.actor}: {fault.name}, with: {{{name}: {{}}}}")


@pytest.mark.parametrize(
    ("fault", "good", "bad"),
    [
        ("microphone: burst", "{keeps: 1s..3s, zeros: 2.6s}", "{keeps: 3}"),
        ("microphone: muted-softly", "{gain: -40..-20 dB}", "{gain: -40..-20}"),
        ("microphone: coarse", "{bits: 2..5}", "{bits: 17}"),
        ("microphone: offset", "{fraction: -0.2..0.2}", "{fraction: a..b}"),
        ("microphone: near-silent", "{peak: 20..60 LSB}", "{peak: 20..60}"),
        ("microphone: wrong-rate", "{rate: 8 kHz}", "{rate: 9 kHz}"),
        ("network: dropped-events", "{probability: 0.1..0.5, skip: 2..5, direction: up}", "{probability: 2}"),
        ("server: closed", "{code: 4000, reason: bye}", "{code: 2999}"),
        ("server: closed", "{code: 1001}", "{code: two}"),
        ("server: scripted-probabilities", "{probabilities: [0.1, 0.5..0.9]}", "{probabilities: []}"),
    ],
)
def test_parameters_have_their_types_and_the_schema_says_what_the_loader_says(fault: str, good: str, bad: str):
    assert fits(f"{fault}, with: {good}")
    assert not fits(f"{fault}, with: {bad}")
    step = f"scenario: s\ntimeline: [{{at: 1s, lasts: 5s, {fault}, with: %s}}]"
    loads(step % good)
    with pytest.raises(ScenarioError):
        loads(step % bad)


def test_an_editor_that_points_at_a_name_shows_what_it_means():
    step = SCHEMA["$defs"]["StepDocument"]["properties"]
    for key in ("microphone", "network", "server", "as"):
        assert len(step[key]["enum"]) == len(step[key]["enumDescriptions"])
        assert all(text.endswith(".") for text in step[key]["enumDescriptions"])
    assert fits("app: background, as: safari-ios") and not fits("app: background, as: safari-ois")


def test_a_file_to_be_included_needs_no_name_and_one_that_includes_no_timeline():
    assert VALIDATOR.is_valid(data("server: {detector: energy}"))
    assert VALIDATOR.is_valid(data("scenario: s\ninclude: part.yaml"))


def test_every_key_is_explained_and_none_has_a_title():
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        for key, field in part["properties"].items():
            assert field.get("description", "").endswith((".", ")")), key
            assert "title" not in field
    assert all("title" not in part for part in SCHEMA["$defs"].values())


def test_the_default_that_the_language_names_is_the_default():
    """The page of the language has it in words: ``recover within`` … default 60 s."""
    sentence = json_schema()["properties"]["recover within"]["description"]
    assert sentence.endswith(f"default {Scenario('x', ()).recover_within_us // SECOND} s.")
