"""What the JSON Schema of a step says of faults and profiles: an editor completes ``with:`` by the fault's name."""

from typing import Any

from harness.faults import MICROPHONE, NETWORK, SERVER, Fault, parameters
from harness.scenario.profiles import PROFILES

ACTORS = {"microphone": MICROPHONE, "network": NETWORK, "server": SERVER}
"""The faults of each key of a step that strikes one."""


def explain_names(properties: dict[str, Any]) -> None:
    """Say of each fault and profile what it is, where a key takes their names (``enumDescriptions`` of editors)."""
    for actor, faults in ACTORS.items():
        properties[actor]["enumDescriptions"] = [parameters.description(fault) for fault in faults.values()]
    properties["as"]["enumDescriptions"] = [f"{profile.device}." for profile in PROFILES.values()]


def parameters_by_fault() -> list[dict[str, Any]]:
    """For each fault, what may stand in ``with:``, as a condition on its name."""
    return [
        {
            "if": {"properties": {actor: {"const": name}}, "required": [actor]},
            "then": {"properties": {"with": _parameters(fault)}},
        }
        for actor, faults in ACTORS.items()
        for name, fault in faults.items()
    ]


def _parameters(fault: type[Fault]) -> dict[str, Any]:
    said, usual = parameters.documentation(fault), parameters.defaults(fault)
    properties: dict[str, Any] = {}
    for name, kind in parameters.kinds(fault).items():
        properties[name] = {"description": said[name], **kind.written}
        if usual[name] not in (None, ""):
            properties[name]["default"] = usual[name]
    return {"type": "object", "properties": properties, "additionalProperties": False}
