"""The JSON Schema speaks the language of the file and agrees with the model."""

from typing import Any, get_args

import pytest

from harness.clients.settings import setting_names
from harness.faults.seams import Actor
from harness.properties import CHOICES, PROPERTY_NAMES
from harness.scenario import model
from harness.scenario.document import Document
from harness.scenario.expect_document import GROUPS, ExpectDocument
from harness.scenario.step_document import ACTIONS, TRIGGERS
from harness.server import policy


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return Document.model_json_schema()


def test_the_schema_has_the_keys_of_the_file(schema: dict[str, Any]) -> None:
    assert schema["required"] == ["scenario", "timeline"]
    assert "recover within" in schema["properties"]
    assert "before end of" in schema["$defs"]["StepDocument"]["properties"]
    assert not any(part.get("additionalProperties", True) for part in (schema, *schema["$defs"].values()))


def test_no_key_may_be_empty_or_has_a_default_of_null(schema: dict[str, Any]) -> None:
    for part in (schema, *schema["$defs"].values()):
        for key, field in part["properties"].items():
            assert "default" not in field or field["default"] is not None, key
            assert {"type": "null"} not in field.get("anyOf", ()), key


def test_a_step_of_the_schema_has_one_trigger_and_one_action(schema: dict[str, Any]) -> None:
    rules = [rule for rule in schema["$defs"]["StepDocument"]["allOf"] if "oneOf" in rule]
    groups = [[each["required"] for each in rule["oneOf"]] for rule in rules]
    assert groups == [[[key] for key in TRIGGERS], [[key] for key in ACTIONS]]


def test_names_of_the_schema_are_those_of_the_code(schema: dict[str, Any]) -> None:
    switches = schema["$defs"]["ServerDocument"]["properties"]["policy"]["properties"]
    assert {name: tuple(switch["enum"]) for name, switch in switches.items()} == {
        name: policy.variants(name) for name in policy.names()
    }
    assert tuple(schema["properties"]["client"]["properties"]) == setting_names()
    properties = schema["properties"]["properties"]["properties"]
    assert {name: tuple(each["enum"]) for name, each in properties.items()} == dict.fromkeys(PROPERTY_NAMES, CHOICES)
    assert schema["properties"]["client"]["properties"]["gate_mode"]["enum"] == ["zeros", "skip", "off"]
    assert schema["properties"]["client"]["properties"]["watchdog_ms"]["type"] == ["integer", "null", "string"]


def test_every_action_and_trigger_of_the_model_has_a_key() -> None:
    actors = get_args(Actor)
    assert len(ACTIONS) == len(set(get_args(model.Action)) - {model.Inject}) + len(actors)
    assert set(actors) < set(ACTIONS)
    assert len(TRIGGERS) == len(get_args(model.Trigger))
    assert ExpectDocument.keys() == (*model.EXPECTATIONS, *GROUPS)
