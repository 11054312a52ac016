"""The faults that a live server can inject, and how ``serve --fault`` writes them.

Only faults of the server and of the network can be injected; the microphone belongs to the client. How they are
started and ended is in :mod:`harness.live.active_faults`.
"""

import re
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import get_args

import msgspec

from ..errors import SettingError, did_you_mean
from ..faults import CATALOGUE, MEDIA, NETWORK, SERVER, Fault, parameters
from ..ranges import settled
from .control.views import WhichSessions

INJECTABLE: Mapping[str, type[Fault]] = ChainMap(SERVER, MEDIA, NETWORK)
"""The faults that a live server can inject, by name."""


@dataclass(frozen=True, slots=True)
class Injectable:
    """The faults that a server can inject, by name, and in one sentence why it cannot inject another one."""

    faults: Mapping[str, type[Fault]]
    refusal: Callable[[type[Fault]], str]


def _refusal(fault: type[Fault]) -> str:
    return (
        f"the fault {fault.name!r} is one of the client's microphone, which a server cannot reach; use one of "
        f"{', '.join(INJECTABLE)}, or play a scenario with `stillthere run`"
    )


BY_SERVER = Injectable(INJECTABLE, _refusal)
"""What the fake service can inject."""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A fault that sessions get, as ``serve --fault`` names it; times count from the start of each session.

    ``sessions`` "all": every session; "first": the first of each client, so that one that connects again finds a
    healthy one; "next": only the next session. A client is known by its journal, see :mod:`harness.live.joining`.

    ``lasts_s`` None: to the end of the session, or until the fault is ended. One that would keep clients from
    connecting (half-open, reset, stall) starts after ``session.created`` at the earliest: each client gets a
    connection, which then fails.
    """

    name: str
    after_s: float = 0.0
    lasts_s: float | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    """Parameters of the fault, as they are written in a scenario."""
    sessions: WhichSessions = "all"


def make_fault(
    name: str, values: Mapping[str, object] = MappingProxyType({}), injectable: Injectable = BY_SERVER
) -> Fault:
    """A fault by its name, with parameters as they are written in a scenario; a range becomes its middle.

    Raises :exc:`SettingError` for an unknown fault, one that cannot be injected here, and a wrong parameter.
    """
    if name not in injectable.faults:
        if name in CATALOGUE:
            raise SettingError(injectable.refusal(CATALOGUE[name]))
        raise SettingError(f"no fault is called {name!r}; {did_you_mean(name, injectable.faults)}")
    return settled(parameters.make(injectable.faults[name], values))


_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|min)")
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0}
_LONGEST_S = 86_400.0
"""The longest time of a fault: a day."""


def read_fault(text: str, injectable: Injectable = BY_SERVER) -> FaultSpec:
    """``NAME``, or ``NAME:after=5s,lasts=10s,delay=2s`` with parameters of the fault. Raises :exc:`SettingError`."""
    name, _, rest = text.partition(":")
    make_fault(name, injectable=injectable)
    known = ("after", "lasts", "sessions", *parameters.kinds(injectable.faults[name]))
    times: dict[str, float] = {}
    values: dict[str, object] = {}
    sessions: WhichSessions | None = None
    for part in _PARTS.split(rest) if rest else []:
        key, equals, value = part.partition("=")
        if not equals or key not in known:
            raise SettingError(
                f"--fault {text!r}: {part!r} is neither after=TIME nor lasts=TIME, such as lasts=10s, nor "
                f"sessions=all, first or next, nor a parameter of {name!r}; it has {', '.join(known[3:]) or 'none'}"
            )
        if key in times or key in values or (key == "sessions" and sessions is not None):
            raise SettingError(f"--fault {text!r}: {key!r} appears twice; leave one out")
        if key in ("after", "lasts"):
            times[key] = _seconds(text, key, value)
        elif key == "sessions":
            sessions = _which(text, value)
        else:
            values[key] = _value(value)
    make_fault(name, values, injectable)
    return FaultSpec(name, times.get("after", 0.0), times.get("lasts"), values, sessions or "all")


def _which(text: str, value: str) -> WhichSessions:
    for known in get_args(WhichSessions):
        if value == known:
            return known  # type: ignore[no-any-return]
    raise SettingError(
        f"--fault {text!r}: 'sessions={value}' is none of sessions=all, sessions=first and sessions=next"
    )


def _seconds(text: str, key: str, value: str) -> float:
    duration, part = _DURATION.fullmatch(value), f"{key}={value}"
    if duration is None:
        raise SettingError(f"--fault {text!r}: {part!r} is neither after=TIME nor lasts=TIME, such as lasts=10s")
    seconds = float(duration[1]) * _SECONDS[duration[2]]
    if key == "lasts" and not seconds:
        raise SettingError(f"--fault {text!r} would have no effect; leave 'lasts' out for a whole session")
    if seconds > _LONGEST_S:
        raise SettingError(f"--fault {text!r}: {part!r} is over a day; leave it out or choose less")
    return seconds


def _value(text: str) -> object:
    """A number or a list in JSON, or else a text."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


_PARTS = re.compile(r",(?![^\[]*\])")
"""Commas, except those within a list."""
