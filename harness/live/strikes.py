"""The faults that are struck while a server runs, by name: on one session, or on all that are and will be.

Those that ``serve --fault`` names are among them from the start. Only faults of the server and of the network can be
struck; a client's microphone is its own.
"""

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import msgspec
import numpy as np

from harness.errors import SettingError, did_you_mean
from harness.faults import MICROPHONE, NETWORK, SERVER, Fault, Struck, WireFault, parameters
from harness.live.connection import Connection
from harness.live.controlled import FaultView
from harness.ranges import settled

DialFate = Literal["pass", "refuse", "hang", "wait"]

_WORSE: tuple[DialFate, ...] = ("pass", "wait", "refuse", "hang")
KINDS: Mapping[str, type[Fault]] = {**NETWORK, **SERVER}
"""What can be struck, by name."""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A fault that every session gets, as ``serve --fault`` names it; times count from the client's dial.

    ``lasts_s`` None: to the end of the session, or until it is released. One that would keep clients from dialling
    (half-open, reset, stall) begins when ``session.created`` has been sent, at the earliest: each client gets a
    connection, which then fails.
    """

    name: str
    after_s: float = 0.0
    lasts_s: float | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    """Of the fault, as they are written in a scenario."""


def make_fault(name: str, given: Mapping[str, object] = MappingProxyType({})) -> Fault:
    """A fault by its name, with parameters as they are written in a scenario; of a range the middle.

    Raises :exc:`SettingError` for one that is unknown or the client's own, and for a wrong parameter.
    """
    if name in MICROPHONE:
        raise SettingError(
            f"the fault {name!r} is the client's own microphone's, which a server cannot reach; use one of "
            f"{', '.join(KINDS)}, or play a scenario with `stillthere run`"
        )
    if name not in KINDS:
        raise SettingError(f"no fault is called {name!r}; {did_you_mean(name, KINDS)}")
    return settled(parameters.make(KINDS[name], given))


_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|min)")
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0}
LONGEST_S = 86_400.0
"""No time of a fault is longer: a day."""


def read_fault(text: str) -> FaultSpec:
    """``NAME``, or ``NAME:after=5s,lasts=10s,delay=2s`` with parameters of the fault. Raises :exc:`SettingError`."""
    name, _, rest = text.partition(":")
    make_fault(name)
    known = ("after", "lasts", *parameters.kinds(KINDS[name]))
    times: dict[str, float] = {}
    given: dict[str, object] = {}
    for part in _PARTS.split(rest) if rest else []:
        key, equals, value = part.partition("=")
        if not equals or key not in known:
            raise SettingError(
                f"--fault {text!r}: {part!r} is neither after=TIME nor lasts=TIME, such as lasts=10s, nor a parameter "
                f"of {name!r}; it has {', '.join(known[2:]) or 'none'}"
            )
        if key in times or key in given:
            raise SettingError(f"--fault {text!r}: {key!r} is given twice; leave one out")
        if key in ("after", "lasts"):
            times[key] = _seconds(text, key, value)
        else:
            given[key] = _value(value)
    make_fault(name, given)
    return FaultSpec(name, times.get("after", 0.0), times.get("lasts"), given)


def _seconds(text: str, key: str, value: str) -> float:
    duration, part = _DURATION.fullmatch(value), f"{key}={value}"
    if duration is None:
        raise SettingError(f"--fault {text!r}: {part!r} is neither after=TIME nor lasts=TIME, such as lasts=10s")
    seconds = float(duration[1]) * _SECONDS[duration[2]]
    if key == "lasts" and not seconds:
        raise SettingError(f"--fault {text!r} would strike nothing; leave 'lasts' out for a whole session")
    if seconds > LONGEST_S:
        raise SettingError(f"--fault {text!r}: {part!r} is over a day; leave it out or choose less")
    return seconds


def _value(text: str) -> object:
    """A number or a list as in JSON, or else a text."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


_PARTS = re.compile(r",(?![^\[]*\])")
"""Commas, but for those of a list."""


@dataclass(slots=True)
class _Strike:
    view: FaultView
    struck: Struck
    spec: FaultSpec | None = None
    """Each session begins and ends this by its own clock."""
    timer: asyncio.TimerHandle | None = None


class Strikes:
    """All faults in force. ``sessions`` gives the connections that are open; ``healed`` is called when dials pass."""

    def __init__(
        self, specs: Iterable[FaultSpec], sessions: Callable[[], Iterable[Connection]], healed: Callable[[], None]
    ) -> None:
        self._sessions = sessions
        self._healed = healed
        self._strikes: dict[int, _Strike] = {}
        self._ids = itertools.count(1)
        for spec in specs:
            self._add(make_fault(spec.name, spec.parameters), None, time.time(), None, spec)

    def views(self) -> list[FaultView]:
        """The faults in force, in the order in which they began."""
        return [strike.view for strike in self._strikes.values()]

    def strike(self, name: str, on: Connection | None, lasts_s: float | None, given: Mapping[str, object]) -> FaultView:
        """Begin a fault on one connection, or on all. Raises :exc:`SettingError`."""
        fault = make_fault(name, given)
        if lasts_s is not None and not lasts_s > 0:
            raise SettingError(f"a fault lasts longer than {lasts_s:g} s, or until it is released: leave its time out")
        now = time.time()
        number = None if on is None else on.number
        strike = self._add(fault, number, now, None if lasts_s is None else now + lasts_s)
        for connection in [on] if on is not None else list(self._sessions()):
            connection.strike(strike.struck, lasts_s)
        if lasts_s is not None:
            strike.timer = asyncio.get_running_loop().call_later(lasts_s, self.release, strike.view.id)
        return strike.view

    def release(self, fault_id: int) -> bool:
        """End a fault; False if it is not in force."""
        strike = self._strikes.pop(fault_id, None)
        if strike is None:
            return False
        if strike.timer is not None:
            strike.timer.cancel()
        for connection in list(self._sessions()):
            connection.release(strike.struck)
        self._healed()
        return True

    def dial(self) -> DialFate:
        """What becomes of a client that dials now: the worst that the faults in force do to it."""
        on_all = (each for each in self._strikes.values() if each.spec is None and each.view.session is None)
        return max((_dial_fate(each.struck.fault) for each in on_all), key=_WORSE.index, default="pass")

    def opened(self, connection: Connection) -> None:
        """A session has begun: it gets the faults that are on all, and those that every session gets."""
        for strike in self._strikes.values():
            if strike.spec is not None:
                self._begin(connection, strike, strike.spec)
            elif strike.view.session is None:
                connection.strike(strike.struck, None)

    def closed(self, connection: Connection) -> None:
        """A session has ended, and with it what was on it alone."""
        for fault_id, strike in list(self._strikes.items()):
            if strike.view.session == connection.number:
                del self._strikes[fault_id]
                if strike.timer is not None:
                    strike.timer.cancel()

    def stop(self) -> None:
        """Nothing begins or ends any more."""
        for strike in self._strikes.values():
            if strike.timer is not None:
                strike.timer.cancel()

    def _add(
        self, fault: Fault, session: int | None, now: float, ends_at: float | None, spec: FaultSpec | None = None
    ) -> _Strike:
        view = FaultView(next(self._ids), fault.name, fault.seam, session, now, ends_at, parameters.given(fault))
        self._strikes[view.id] = strike = _Strike(view, Struck(fault, np.random.default_rng(view.id)), spec)
        return strike

    def _begin(self, connection: Connection, strike: _Strike, spec: FaultSpec) -> None:
        loop = asyncio.get_running_loop()
        struck = strike.struck

        def begin() -> None:
            if connection.ending is None and strike.view.id in self._strikes:
                connection.strike(struck, spec.lasts_s)
                if spec.lasts_s is not None:
                    loop.call_later(spec.lasts_s, end)

        def end() -> None:
            if connection.ending is None:
                connection.release(struck)

        if spec.after_s:
            loop.call_later(spec.after_s, begin)
        elif _dial_fate(struck.fault) != "pass":
            loop.call_soon(begin)  # the session speaks first
        else:
            begin()


def _dial_fate(fault: Fault) -> DialFate:
    return fault.dials if isinstance(fault, WireFault) else "pass"
