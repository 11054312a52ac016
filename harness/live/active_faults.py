"""The faults of a running server: each in one session, in all present and future ones, or in the next one.

Those of ``serve --fault`` are given to each session that opens, which starts and ends them by its own clock. All others
have one clock, the server's. A fault whose time is over is no longer here.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import numpy as np

from ..errors import SettingError
from ..faults import ActiveFault, Fault, WireFault, parameters
from ..scenario.transport import WORDS
from .connection import LiveConnection
from .control.views import FaultState, FaultView, WhichSessions
from .faults import BY_SERVER, FaultSpec, Injectable, make_fault

ConnectEffect = Literal["pass", "refuse", "hang", "wait"]
"""What a fault does to a client that connects: nothing, a reset, no answer until TCP asks again after the fault's end,
or an answer when the fault ends."""

_WORSE: tuple[ConnectEffect, ...] = ("pass", "wait", "refuse", "hang")


@dataclass(slots=True)
class _Started:
    view: FaultView
    active: ActiveFault
    on: set[int] = field(default_factory=set)
    """Of a fault that each session times: the sessions that have it now."""
    timer: asyncio.TimerHandle | None = None

    @property
    def waits_for_next(self) -> bool:
        return self.view.sessions == "next" and self.view.session is None

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


class ActiveFaults:
    """All faults that act or will. ``sessions`` returns the open sessions; ``on_end`` is called when one has ended."""

    def __init__(
        self,
        specs: Iterable[FaultSpec],
        sessions: Callable[[], Iterable[LiveConnection]],
        on_end: Callable[[], None],
        injectable: Injectable = BY_SERVER,
    ) -> None:
        self._injectable = injectable
        self._sessions = sessions
        self._on_end = on_end
        self._started: dict[int, _Started] = {}
        self._ids = itertools.count(1)
        for spec in specs:
            self.add(spec)

    def add(self, spec: FaultSpec) -> FaultView:
        """Give a fault to each session that opens from now on, or to the next alone. Raises :exc:`SettingError`."""
        fault = make_fault(spec.name, spec.parameters, self._injectable)
        each = spec.sessions != "next"
        return self._add(fault, None, spec.sessions, spec.after_s, spec.lasts_s, each_session=each).view

    def views(self) -> list[FaultView]:
        """The faults that act or will, in the order in which they were asked for."""
        return [_view(started) for started in self._started.values()]

    def start(
        self,
        name: str,
        session: LiveConnection | None,
        lasts_s: float | None,
        values: Mapping[str, object],
        sessions: WhichSessions = "all",
        after_s: float = 0.0,
    ) -> FaultView:
        """Start a fault in one session, or in those that ``sessions`` says. Raises :exc:`SettingError`."""
        fault = make_fault(name, values, self._injectable)
        if lasts_s is not None and not lasts_s > 0:
            raise SettingError(f"a fault cannot last {lasts_s:g} s; choose more than 0, or leave the time out")
        if not after_s >= 0:
            raise SettingError(f"a fault cannot start {after_s:g} s from now; choose 0 or more")
        if session is not None and session.transport not in fault.transports:
            raise SettingError(
                f"the fault {name!r} cannot happen on {WORDS[session.transport]}, which session {session.number} is; "
                "choose another fault or another session"
            )
        number = None if session is None else session.number
        started = self._add(fault, number, "all" if session is not None else sessions, after_s, lasts_s)
        if not started.waits_for_next:
            self._begin_in(started, after_s)
        return started.view

    def end(self, fault_id: int) -> bool:
        """End a fault; False if there is none with this id."""
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
        on_all = (each for each in self._started.values() if _is_on_new(each.view, first=first))
        return max((_connect_effect(each.active.fault) for each in on_all), key=_WORSE.index, default="pass")

    def session_opened(self, session: LiveConnection) -> None:
        """Give a new session the faults of all sessions, those that it times itself, and those that wait for it."""
        for started in list(self._started.values()):
            view = started.view
            if started.waits_for_next and session.transport in started.active.fault.transports:
                self._take(started, session)
            elif view.each_session and (view.sessions == "all" or session.journal.is_first):
                self._schedule(session, started)
            elif _is_on_new(view, first=session.journal.is_first):
                left_s = None if view.ends_at is None else max(0.0, view.ends_at - time.time())
                session.inject(started.active, left_s, view.id)

    def session_closed(self, session: LiveConnection) -> None:
        """The faults of this session alone end with it."""
        for fault_id, started in list(self._started.items()):
            started.on.discard(session.number)
            if started.view.session == session.number:
                del self._started[fault_id]
                started.stop_timer()

    def stop(self) -> None:
        """No fault starts or ends by itself any more."""
        for started in self._started.values():
            started.stop_timer()

    def _add(
        self,
        fault: Fault,
        session: int | None,
        sessions: WhichSessions,
        after_s: float,
        lasts_s: float | None,
        *,
        each_session: bool = False,
    ) -> _Started:
        waits = each_session or sessions == "next" or after_s > 0
        view = FaultView(
            id=next(self._ids),
            name=fault.name,
            seam=fault.seam,
            session=session,
            struck_at=time.time(),
            ends_at=None,
            parameters=parameters.given(fault),
            sessions=sessions,
            state="waiting" if waits else "active",
            after_s=after_s,
            lasts_s=lasts_s,
            each_session=each_session,
        )
        self._started[view.id] = started = _Started(view, ActiveFault(fault, np.random.default_rng(view.id)))
        return started

    # --- by the server's clock ---

    def _begin_in(self, started: _Started, after_s: float) -> None:
        if not after_s:
            self._begin(started)
            return
        started.view = replace(started.view, state="waiting", struck_at=time.time() + after_s)
        started.timer = asyncio.get_running_loop().call_later(after_s, self._begin, started)

    def _begin(self, started: _Started) -> None:
        if started.view.id not in self._started:
            return
        now, lasts_s = time.time(), started.view.lasts_s
        ends_at = None if lasts_s is None else now + lasts_s
        started.view = view = replace(started.view, state="active", struck_at=now, ends_at=ends_at)
        for session in list(self._sessions()):
            if _is_on(view, session):
                session.inject(started.active, lasts_s, view.id)
        if lasts_s is not None:
            started.timer = asyncio.get_running_loop().call_later(lasts_s, self.end, view.id)

    def _take(self, started: _Started, session: LiveConnection) -> None:
        """This session is the next one, for which the fault has waited."""
        started.view = replace(started.view, session=session.number)
        if not started.view.after_s and _connect_effect(started.active.fault) != "pass":
            asyncio.get_running_loop().call_soon(self._begin, started)  # after the session's first event
        else:
            self._begin_in(started, started.view.after_s)

    # --- by the clock of each session ---

    def _schedule(self, session: LiveConnection, started: _Started) -> None:
        loop, after_s = asyncio.get_running_loop(), started.view.after_s
        begin = partial(self._begin_by_session, session, started)
        if after_s:
            loop.call_later(after_s, begin)
        elif _connect_effect(started.active.fault) != "pass":
            loop.call_soon(begin)  # after the session's first event
        else:
            begin()

    def _begin_by_session(self, session: LiveConnection, started: _Started) -> None:
        if session.ending is not None or started.view.id not in self._started:
            return
        lasts_s = started.view.lasts_s
        started.on.add(session.number)
        session.inject(started.active, lasts_s, started.view.id)
        if lasts_s is not None:
            asyncio.get_running_loop().call_later(lasts_s, self._end_by_session, session, started)

    def _end_by_session(self, session: LiveConnection, started: _Started) -> None:
        started.on.discard(session.number)
        if session.ending is None:
            session.release(started.active)


def _view(started: _Started) -> FaultView:
    if not started.view.each_session:
        return started.view
    state: FaultState = "active" if started.on else "waiting"
    return replace(started.view, state=state)


def _is_on(view: FaultView, session: LiveConnection) -> bool:
    """Whether a fault that starts now is on this session."""
    if view.session is not None:
        return view.session == session.number
    return view.sessions == "all" or session.journal.is_first


def _is_on_new(view: FaultView, *, first: bool) -> bool:
    """Whether a fault acts on all sessions, and so on one that is opened now."""
    if view.each_session or view.session is not None or view.state == "waiting":
        return False
    return first or view.sessions == "all"


def _connect_effect(fault: Fault) -> ConnectEffect:
    return fault.dials if isinstance(fault, WireFault) else "pass"
