"""``turn_detection``: its two kinds, their defaults, and the settings of the automaton that follow from them."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..protocol.checks import Check, boolean, fields, nullable, number, one_of, wrong_type
from ..vad.turn import TurnSettings
from .policy import ServerPolicy

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
"""The longest wait for more speech, by eagerness (documented)."""
_COMPLETE_WAIT_SHARE = 8
"""After a complete sentence the wait is the longest one divided by this (assumed; ``semantic_end``)."""

_AZURE_ONSET_FRAMES = 4
"""For a clip in which OpenAI has a turn from 1460 to 4256 ms, Azure has it from 1556 to 4224 (captured, 2026-07): it
begins three frames later and ends one earlier. That each comes from such a count is inferred."""
_LONGEST_PREFIX_MS, _LONGEST_SILENCE_MS = 10_000, 60_000
"""More is refused (ours: the service's bounds are unknown)."""

_KIND: Check = one_of("server_vad", "semantic_vad")
_FIELDS: dict[str, Check] = {
    "server_vad": fields(
        {
            "type": _KIND,
            "threshold": number(0, 1),
            "prefix_padding_ms": number(0, _LONGEST_PREFIX_MS, whole=True),
            "silence_duration_ms": number(0, _LONGEST_SILENCE_MS, whole=True),
            "idle_timeout_ms": nullable(number(5_000, 30_000, whole=True)),
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


def defaults_of(silence_duration_ms: int, chosen: Mapping[str, Any] | None = None) -> tuple[Mapping[str, Any], ...]:
    """The defaults of both kinds, first that of a new session: ``server_vad``, or what is ``chosen``.

    Raises :exc:`ProtocolError` if that is wrong.
    """
    usual = ({**TURN_DETECTION, "silence_duration_ms": silence_duration_ms}, SEMANTIC)
    first = merged(dict(chosen or {}), "turn_detection", None, usual)
    assert first is not None, "only null switches off"
    return (first, *(each for each in usual if each["type"] != first["type"]))


def merged(
    changes: Any, path: str, current: Mapping[str, Any] | None, defaults: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The detection after an update: ``null`` switches off, a partial one keeps the rest, another type replaces.

    ``defaults`` (see :func:`defaults_of`) fill what is not in force. Raises :exc:`ProtocolError`.
    """
    if changes is None:
        return None
    if not isinstance(changes, dict):
        raise wrong_type(path, changes, "an object or null")
    base = current or defaults[0]
    kind = _KIND(changes.get("type", base["type"]), f"{path}.type")
    if kind != base["type"]:
        base = next(each for each in defaults if each["type"] == kind)
    return {**base, **_FIELDS[kind](changes, path)}


def turn_settings(detection: Mapping[str, Any], policy: ServerPolicy) -> TurnSettings:
    """What the turn automaton is set to. Semantic detection opens turns as ``server_vad`` does by default (assumed)."""
    azure = policy.turn_edges == "azure"
    edges: dict[str, Any] = {
        "prefix_in_start": policy.prefix_in_start == "yes",
        "onset_frames": _AZURE_ONSET_FRAMES if azure else 1,
        "silence_rounds_down": azure,
    }
    if detection["type"] == "semantic_vad":
        wait_ms = LONGEST_WAIT_MS[detection["eagerness"]]
        if policy.semantic_end == "complete":
            wait_ms //= _COMPLETE_WAIT_SHARE
        return TurnSettings(silence_duration_ms=wait_ms, **edges)
    return TurnSettings(
        threshold=detection["threshold"],
        prefix_padding_ms=detection["prefix_padding_ms"],
        silence_duration_ms=detection["silence_duration_ms"],
        **edges,
    )
