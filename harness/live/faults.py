"""The active faults of a running server, by name: each in one session, or in all present and future ones.

Those of ``serve --fault`` are active from the start. Only faults of the server and of the network can be injected; the
microphone belongs to the client.
"""

import asyncio
import itertools
import re
import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

import msgspec
import numpy as np

from ..errors import SettingError, did_you_mean
from ..faults import MEDIA, MICROPHONE, NETWORK, SERVER, ActiveFault, Fault, WireFault, parameters
from ..ranges import settled
from ..scenario.transport import WORDS
from .control.views import FaultView, WhichSessions
from .session import LiveSession

ConnectEffect = Literal["pass", "refuse", "hang", "wait"]
"""What a fault does to a client that connects: nothing, a reset, no answer until TCP asks again after the fault's end,
or an answer when the fault ends."""

_WORSE: tuple[ConnectEffect, ...] = ("pass", "wait", "refuse", "hang")
INJECTABLE: Mapping[str, type[Fault]] = ChainMap(SERVER, MEDIA, NETWORK)
"""The faults that a live server can inject, by name."""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A fault that sessions get, as ``serve --fault`` names it; times count from the start of each session.

    ``sessions`` "all": every session; "first": the first of each client, so that one that connects again finds a
    healthy one. A client is known by its journal, see :mod:`harness.live.joining`.

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


def make_fault(name: str, values: Mapping[str, object] = MappingProxyType({})) -> Fault:
    """A fault by its name, with parameters as they are written in a scenario; a range becomes its middle.

    Raises :exc:`SettingError` for an unknown fault, a fault of the microphone, and a wrong parameter.
    """
    if name in MICROPHONE:
        raise SettingError(
            f"the fault {name!r} is one of the client's microphone, which a server cannot reach; use one of "
            f"{', '.join(INJECTABLE)}, or play a scenario with `stillthere run`"
        )
    if name not in INJECTABLE:
        raise SettingError(f"no fault is called {name!r}; {did_you_mean(name, INJECTABLE)}")
    return settled(parameters.make(INJECTABLE[name], values))


_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|min)")
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0}
_LONGEST_S = 86_400.0
"""The longest time of a fault: a day."""


def read_fault(text: str) -> FaultSpec:
    """``NAME``, or ``NAME:after=5s,lasts=10s,delay=2s`` with parameters of the fault. Raises :exc:`SettingError`."""
    name, _, rest = text.partition(":")
    make_fault(name)
    known = ("after", "lasts", "sessions", *parameters.kinds(INJECTABLE[name]))
    times: dict[str, float] = {}
    values: dict[str, object] = {}
    sessions: WhichSessions | None = None
    for part in _PARTS.split(rest) if rest else []:
        key, equals, value = part.partition("=")
        if not equals or key not in known:
            raise SettingError(
                f"--fault {text!r}: {part!r} is neither after=TIME nor lasts=TIME, such as lasts=10s, nor "
                f"sessions=first or sessions=all, nor a parameter of {name!r}; it has {', '.join(known[3:]) or 'none'}"
            )
        if key in times or key in values or (key == "sessions" and sessions is not None):
            raise SettingError(f"--fault {text!r}: {key!r} appears twice; leave one out")
        if key in ("after", "lasts"):
            times[key] = _seconds(text, key, value)
        elif key == "sessions":
            sessions = _which(text, value)
        else:
            values[key] = _value(value)
    make_fault(name, values)
    return FaultSpec(name, times.get("after", 0.0), times.get("lasts"), values, sessions or "all")


def _which(text: str, value: str) -> WhichSessions:
    for known in get_args(WhichSessions):
        if value == known:
            return known  # type: ignore[no-any-return]
    raise SettingError(f"--fault {text!r}: 'sessions={value}' is neither sessions=first nor sessions=all")


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


@dataclass(slots=True)
class _Started:
    view: FaultView
    active: ActiveFault
    spec: FaultSpec | None = None
    """For a fault of ``serve --fault``: each session starts and ends it by its own clock."""
    timer: asyncio.TimerHandle | None = None

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


class ActiveFaults:
    """All active faults. ``sessions`` returns the open sessions; ``on_end`` is called when a fault has ended."""

    def __init__(
        self, specs: Iterable[FaultSpec], sessions: Callable[[], Iterable[LiveSession]], on_end: Callable[[], None]
    ) -> None:
        self._sessions = sessions
        self._on_end = on_end
        self._started: dict[int, _Started] = {}
        self._ids = itertools.count(1)
        for spec in specs:
            self.add(spec)

    def add(self, spec: FaultSpec) -> FaultView:
        """Give a fault to each session that opens from now on. Raises :exc:`SettingError`."""
        return self._add(make_fault(spec.name, spec.parameters), None, time.time(), None, spec).view

    def views(self) -> list[FaultView]:
        """The active faults, in the order in which they started."""
        return [started.view for started in self._started.values()]

    def start(
        self,
        name: str,
        session: LiveSession | None,
        lasts_s: float | None,
        values: Mapping[str, object],
        sessions: WhichSessions = "all",
    ) -> FaultView:
        """Start a fault in one session, or in those that ``sessions`` says. Raises :exc:`SettingError`."""
        fault = make_fault(name, values)
        if lasts_s is not None and not lasts_s > 0:
            raise SettingError(f"a fault cannot last {lasts_s:g} s; choose more than 0, or leave the time out")
        if session is not None and session.transport not in fault.transports:
            raise SettingError(
                f"the fault {name!r} cannot happen on {WORDS[session.transport]}, which session {session.number} is; "
                "choose another fault or another session"
            )
        now = time.time()
        number = None if session is None else session.number
        ends_at = None if lasts_s is None else now + lasts_s
        started = self._add(fault, number, now, ends_at, sessions=sessions)
        for each in [session] if session is not None else list(self._sessions()):
            if session is not None or sessions == "all" or each.journal.is_first:
                each.inject(started.active, lasts_s)
        if lasts_s is not None:
            started.timer = asyncio.get_running_loop().call_later(lasts_s, self.end, started.view.id)
        return started.view

    def end(self, fault_id: int) -> bool:
        """End a fault; False if it is not active."""
        started = self._started.pop(fault_id, None)
        if started is None:
            return False
        started.stop_timer()
        for session in list(self._sessions()):
            session.release(started.active)
        self._on_end()
        return True

    def connect_effect(self, *, first: bool) -> ConnectEffect:
        """What the active faults do to a client that connects now, for the first time or again: the worst effect."""
        on_all = (
            each
            for each in self._started.values()
            if each.spec is None and each.view.session is None and (first or each.view.sessions == "all")
        )
        return max((_connect_effect(each.active.fault) for each in on_all), key=_WORSE.index, default="pass")

    def session_opened(self, session: LiveSession) -> None:
        """Inject the faults of all sessions and those of ``serve --fault`` into a new session."""
        for started in self._started.values():
            if started.view.sessions == "first" and not session.journal.is_first:
                continue
            if started.spec is not None:
                self._schedule(session, started, started.spec)
            elif started.view.session is None:
                session.inject(started.active, None)

    def session_closed(self, session: LiveSession) -> None:
        """The faults of this session alone end with it."""
        for fault_id, started in list(self._started.items()):
            if started.view.session == session.number:
                del self._started[fault_id]
                started.stop_timer()

    def stop(self) -> None:
        """No fault ends by itself any more."""
        for started in self._started.values():
            started.stop_timer()

    def _add(
        self,
        fault: Fault,
        session: int | None,
        now: float,
        ends_at: float | None,
        spec: FaultSpec | None = None,
        sessions: WhichSessions = "all",
    ) -> _Started:
        which = sessions if spec is None else spec.sessions
        given = parameters.given(fault)
        view = FaultView(next(self._ids), fault.name, fault.seam, session, now, ends_at, given, which)
        self._started[view.id] = started = _Started(view, ActiveFault(fault, np.random.default_rng(view.id)), spec)
        return started

    def _schedule(self, session: LiveSession, started: _Started, spec: FaultSpec) -> None:
        loop = asyncio.get_running_loop()
        active = started.active

        def begin() -> None:
            if session.ending is None and started.view.id in self._started:
                session.inject(active, spec.lasts_s)
                if spec.lasts_s is not None:
                    loop.call_later(spec.lasts_s, end)

        def end() -> None:
            if session.ending is None:
                session.release(active)

        if spec.after_s:
            loop.call_later(spec.after_s, begin)
        elif _connect_effect(active.fault) != "pass":
            loop.call_soon(begin)  # after the session's first event
        else:
            begin()


def _connect_effect(fault: Fault) -> ConnectEffect:
    return fault.dials if isinstance(fault, WireFault) else "pass"
