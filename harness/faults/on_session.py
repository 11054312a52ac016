"""The faults that are on one session, at its detector and its policy, on every stage."""

from collections.abc import Callable
from typing import Any

from harness.faults.seams import DetectorFault, PolicyFault, SessionFault, Struck
from harness.server.policy import names
from harness.server.session import Session


class SessionFaults:
    """Strikes a session and lets go of it again: it is as it would be, with the faults on it, the latest last."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._honest = session.policy
        self._struck: dict[Struck, Callable[[float], float] | None] = {}

    def strike(self, struck: Struck, now: int) -> list[Any]:
        """A fault begins; gives what the session says to it."""
        fault = struck.fault
        if isinstance(fault, SessionFault):
            return fault.happen(self._session, now)
        self._struck[struck] = fault.begin(struck.rng) if isinstance(fault, DetectorFault) else None
        self._apply()
        return []

    def release(self, struck: Struck) -> None:
        """A fault ends, if it is on the session."""
        if struck in self._struck:
            del self._struck[struck]
            self._apply()

    def _apply(self) -> None:
        changes = {name: getattr(self._honest, name) for name in names()}
        distort, net = None, None
        for struck, distortion in self._struck.items():
            if isinstance(struck.fault, DetectorFault):
                distort, net = distortion, struck.fault.net
            elif isinstance(struck.fault, PolicyFault):
                changes.update(struck.fault.changes)
        self._session.hearing.replace(net)
        self._session.hearing.distort = distort
        self._session.change_policy(changes)
