"""What a sweep can vary: client settings, defaults of the server's turn detection, and values of the scenario.

A knob has one name everywhere; its text has the units that scenarios have.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from ...clients.reference import REFERENCE_CLIENTS
from ...clients.registry import takes_settings
from ...clients.settings import ClientSettings, check_settings
from ...clients.worklet.names import OF_GATE, OF_WORKLET, worklet_name
from ...errors import SettingError, did_you_mean
from ...quantities import digits, level
from ...scenario.model import Scenario
from ...units import MS, amplitude, format_duration, parse_duration

KnobKind = Literal["whole", "real", "word"]
"""What the values of a knob are: whole numbers, real numbers, or one of some words, true, false and none."""

OF_SERVER = "server."
"""Before the name of a default of the server's turn detection."""
_SCENARIO_UNITS = {"room": "dBFS", "latency": "us", "jitter": "us"}
_SERVER_KINDS: dict[str, KnobKind] = {
    "threshold": "real", "prefix_padding_ms": "whole", "silence_duration_ms": "whole", "idle_timeout_ms": "whole"
}  # fmt: skip
_NONE = ("none", "never", "null")
_WORDS: dict[str, Any] = {"true": True, "false": False, **dict.fromkeys(_NONE)}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_RATIOS = ("gate_threshold", "interruption_threshold")
"""Settings that are RMS relative to full scale: a level in dBFS may be given instead."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One thing that can be varied."""

    name: str
    kind: KnobKind
    unit: str
    """ms, us, dBFS, or empty for a number without a unit."""
    place: Literal["client", "server", "scenario"]

    @property
    def is_ratio(self) -> bool:
        """Whether it is relative to full scale, so that it can be told in dB."""
        return self.name in _RATIOS

    @property
    def is_of_client(self) -> bool:
        """Whether a client setting, so that the scenario stays the same."""
        return self.place == "client"

    def read(self, text: str) -> Any:
        """The value of a text. Raises :exc:`ValueError` with the value and the cure."""
        text = text.strip()
        if text.lower() in _NONE:
            return None
        if self.kind == "word":
            return _WORDS.get(text, text)
        if self.unit in ("ms", "us") and not _NUMBER.fullmatch(text):
            us = parse_duration(text)
            return us if self.unit == "us" else self._exact(us / MS, text)
        if self.unit == "us":
            raise ValueError(f"write a duration with its unit, such as 500ms (got {text!r})")
        if text.lower().endswith("dbfs"):
            if not (self.is_ratio or self.unit == "dBFS"):
                raise ValueError(f"{self.name} is no level; write a number (got {text!r})")
            return level(text) if self.unit == "dBFS" else round(amplitude(level(text)), 9)
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"write a {'whole ' if self.kind == 'whole' else ''}number (got {text!r})")
        return self._exact(float(text), text)

    def _exact(self, value: float, text: str) -> int | float:
        if self.kind == "real":
            return value
        if value != int(value):
            raise ValueError(f"write a whole number{f' of {self.unit}' if self.unit else ''} (got {text!r})")
        return int(value)

    def shown(self, value: Any) -> str:
        """A value with its unit, as people read it."""
        if value is None or isinstance(value, bool | str):
            return self.written(value)
        if self.unit == "us":
            return format_duration(int(value))
        number = digits(float(f"{value:.3g}")) if isinstance(value, float) else str(value)
        return f"{number} {self.unit}" if self.unit else number

    def written(self, value: Any) -> str:
        """The text that :meth:`read` reads back to this value."""
        if value is None or isinstance(value, bool):
            return {None: "none", True: "true", False: "false"}[value]
        if isinstance(value, str):
            return value
        if self.unit == "us":
            return format_duration(int(value))
        return digits(value) if isinstance(value, float) else str(value)

    def put(self, scenario: Scenario, value: Any) -> Scenario:
        """The scenario with the value in it; for what is no client setting."""
        if self.place == "server":
            changed = {**scenario.server.turn_detection, self.name.removeprefix(OF_SERVER): value}
            return replace(scenario, server=replace(scenario.server, turn_detection=changed))
        field = {"room": "room_dbfs", "latency": "latency_us", "jitter": "jitter_us"}[self.name]
        changes: dict[str, Any] = {field: value}
        return replace(scenario, **changes)


def find_knob(name: str, client: str, option: str) -> Knob:
    """The knob with this name; ``client`` is the one under test. Raises :exc:`SettingError`."""
    if name in _SCENARIO_UNITS:
        return Knob(name, "real" if name == "room" else "whole", _SCENARIO_UNITS[name], "scenario")
    if name.startswith(OF_SERVER):
        key = name.removeprefix(OF_SERVER)
        if key not in _server_names():
            known = [f"{OF_SERVER}{each}" for each in _server_names()]
            raise SettingError(f"{option} {name}: the server has no such setting; {did_you_mean(name, known)}")
        kind = _SERVER_KINDS.get(key, "word")
        return Knob(name, kind, "ms" if name.endswith("_ms") else "", "server")
    known_types = {field.name: str(field.type) for field in fields(ClientSettings)}
    is_worklet = worklet_name(client) is not None
    if is_worklet and name in OF_GATE:
        raise SettingError(
            f"{option} {name}: behind a worklet the client's own gate lets everything pass; give the worklet's "
            f"setting, such as {OF_WORKLET}threshold"
        )
    is_of_kit = client in REFERENCE_CLIENTS or (is_worklet and not name.startswith(OF_WORKLET))
    if name not in known_types:
        if is_of_kit:
            known = [*known_types, *_SCENARIO_UNITS, *(f"{OF_SERVER}{each}" for each in _server_names())]
            raise SettingError(f"{option} {name}: nothing that can be set has this name; {did_you_mean(name, known)}")
        return Knob(name, "real", _unit_of(name), "client")
    return Knob(name, _kind_of(known_types[name]), _unit_of(name), "client")


def check_takes(client: str, option: str) -> None:
    """Raise :exc:`SettingError` if a user's own class takes no settings: all cells would be the same."""
    if not takes_settings(client):
        raise SettingError(
            f"{option}: the client {client!r} takes no settings, so all cells would be the same; give its __init__ a "
            "parameter `settings`, a dictionary of those that differ from its own"
        )


def read_value(knob: Knob, text: str, option: str, client: str) -> Any:
    """A value of a knob, checked. Raises :exc:`SettingError` with the option, the value and the cure."""
    try:
        value = knob.read(text)
    except ValueError as error:
        if knob.is_of_client and not _is_checked(knob, client):
            return _WORDS.get(text, text)  # what a user's own setting means is not known here
        raise SettingError(f"{option} {knob.name}: {error}") from None
    check_value(knob, value, option, client)
    return value


def check_value(knob: Knob, value: Any, option: str, client: str) -> None:
    """Raise :exc:`SettingError` for a value that the setting cannot have."""
    if knob.is_of_client and _is_checked(knob, client):
        try:
            check_settings({knob.name: value})
        except SettingError as error:
            raise SettingError(f"{option}: {error}") from None
    if knob.place == "server":
        from pydantic import ValidationError

        from ...scenario.server_document import TurnDetectionDocument

        try:
            TurnDetectionDocument.model_validate({knob.name.removeprefix(OF_SERVER): value})
        except ValidationError as error:
            why = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
            raise SettingError(f"{option} {knob.name}: {why}") from None


def _is_checked(knob: Knob, client: str) -> bool:
    """Whether what a client's setting may be is known here: it is not of a user's own class or worklet."""
    is_of_kit = client in REFERENCE_CLIENTS or worklet_name(client) is not None
    return is_of_kit and not knob.name.startswith(OF_WORKLET)


def _server_names() -> tuple[str, ...]:
    """The defaults of turn detection; what reads scenario files is imported only for them."""
    from ...scenario.server_document import TurnDetectionDocument

    return tuple(TurnDetectionDocument.keys())


def _kind_of(annotation: str) -> KnobKind:
    if "Literal" in annotation or "Name" in annotation or annotation in ("str", "<class 'str'>"):
        return "word"
    return "real" if "float" in annotation else "whole"


def _unit_of(name: str) -> str:
    return "ms" if name.endswith("_ms") else "dBFS" if name.endswith("_dbfs") else ""


def read_settings(
    texts: Mapping[str, str], client: str, option: str = "--set", *, is_class: bool = True
) -> dict[str, Any]:
    """Client settings of an option ``NAME=VALUE``; ``is_class``: and no app. Raises :exc:`SettingError`."""
    found: dict[str, Any] = {}
    for name, text in texts.items():
        knob = find_knob(name, client, option)
        if not knob.is_of_client:
            raise SettingError(f"{option} {name}: this is no client setting; write it in the scenario, or --vary it")
        found[name] = read_value(knob, text, option, client)
    if found and is_class:
        check_takes(client, option)
    return found
