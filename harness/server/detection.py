"""``turn_detection``: its two kinds, their defaults, and the settings of the automaton that follow from them."""

from collections.abc import Mapping
from typing import Any

from harness.errors import ProtocolError, SettingError
from harness.server.checks import Check, boolean, fields, number, one_of, wrong_type
from harness.server.policy import ServerPolicy
from harness.vad.turn import TurnSettings

TURN_DETECTION: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
"""Defaults of a new session. 200 ms of silence is captured; the prose says 500."""
SEMANTIC: dict[str, Any] = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
"""Defaults of semantic detection (documented)."""
LONGEST_WAIT_MS = {"low": 8000, "medium": 4000, "high": 2000, "auto": 4000}
"""The longest that an eagerness waits for more (documented)."""
COMPLETE_WAIT_SHARE = 8
"""A sentence that is complete is waited on for this part of the longest wait (assumed; ``semantic_end``)."""

_DEFAULTS = {"server_vad": TURN_DETECTION, "semantic_vad": SEMANTIC}
_KIND: Check = one_of(*_DEFAULTS)
_FIELDS: dict[str, Check] = {
    "server_vad": fields(
        {
            "type": _KIND,
            "threshold": number(0, 1),
            "prefix_padding_ms": number(0, 10_000, whole=True),
            "silence_duration_ms": number(0, 60_000, whole=True),
            "idle_timeout_ms": number(5_000, 30_000, whole=True, nullable=True),
            "create_response": boolean,
            "interrupt_response": boolean,
        }
    ),
    "semantic_vad": fields(
        {
            "type": _KIND,
            "eagerness": one_of(*LONGEST_WAIT_MS),
            "create_response": boolean,
            "interrupt_response": boolean,
        }
    ),
}


def merged(changes: Any, path: str, current: Mapping[str, Any] | None, defaults: Mapping[str, Any]) -> Any:
    """The detection after an update: ``null`` switches off, a partial one keeps the rest, another type replaces.

    ``defaults`` fill what is not in force. Raises :exc:`ProtocolError`.
    """
    if changes is None:
        return None
    if not isinstance(changes, dict):
        raise wrong_type(path, changes, "an object or null")
    base = current or defaults
    kind = _KIND(changes.get("type", base["type"]), f"{path}.type")
    if kind != base["type"]:
        base = defaults if kind == defaults["type"] else _DEFAULTS[kind]
    return {**base, **_FIELDS[kind](changes, path)}


def check_turn_detection(changes: Mapping[str, Any]) -> None:
    """Raise :exc:`SettingError` if these are no turn detection settings."""
    try:
        merged(dict(changes), "turn_detection", None, TURN_DETECTION)
    except ProtocolError as error:
        raise SettingError(error.message) from None


def turn_settings(detection: Mapping[str, Any], policy: ServerPolicy) -> TurnSettings:
    """What the turn automaton is set to. Semantic detection opens turns as ``server_vad`` does by default (assumed)."""
    prefix_in_start = policy.prefix_in_start == "yes"
    if detection["type"] == "semantic_vad":
        wait_ms = LONGEST_WAIT_MS[detection["eagerness"]]
        if policy.semantic_end == "complete":
            wait_ms //= COMPLETE_WAIT_SHARE
        return TurnSettings(silence_duration_ms=wait_ms, prefix_in_start=prefix_in_start)
    return TurnSettings(
        threshold=detection["threshold"],
        prefix_padding_ms=detection["prefix_padding_ms"],
        silence_duration_ms=detection["silence_duration_ms"],
        prefix_in_start=prefix_in_start,
    )
