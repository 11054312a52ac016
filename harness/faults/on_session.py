"""The active faults of one session, at its detector and its policy, in virtual time and in live sessions."""

from collections.abc import Callable
from typing import Any

from ..server.policy import names
from ..server.session import Session
from .seams import ActiveFault, DetectorFault, PolicyFault, SessionFault


class SessionFaults:
    """Injects faults into a session and releases them: with all released, the session is as it was."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._honest = session.policy
        self._active: dict[ActiveFault, Callable[[float], float] | None] = {}

    def inject(self, active: ActiveFault, now: int) -> list[Any]:
        """Start a fault; gives the session's outputs."""
        fault = active.fault
        if isinstance(fault, SessionFault):
            return fault.apply(self._session, now)
        self._active[active] = fault.begin(active.rng) if isinstance(fault, DetectorFault) else None
        self._reconfigure(now)
        return []

    def release(self, active: ActiveFault, now: int) -> None:
        """End a fault, if it is active; the session's next wake-up may be earlier now."""
        if active in self._active:
            del self._active[active]
            self._reconfigure(now)

    def _reconfigure(self, now: int) -> None:
        """Set the session's detector and policy; where two faults set the same, the one injected last wins."""
        changes = {name: getattr(self._honest, name) for name in names()}
        distort, net = None, None
        for active, distortion in self._active.items():
            if isinstance(active.fault, DetectorFault):
                distort, net = distortion, active.fault.net
            elif isinstance(active.fault, PolicyFault):
                changes.update(active.fault.changes)
        self._session.hearing.replace(net)
        self._session.hearing.distort = distort
        self._session.change_policy(changes, now)
