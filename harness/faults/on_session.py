"""The faults that are on one session, at its detector and its policy, on every stage."""

from harness.faults.seams import DetectorFault, PolicyFault
from harness.server.policy import names
from harness.server.session import Session


class SessionFaults:
    """Strikes a session and lets go of it again: it is as it would be, with the faults on it, the latest last."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._honest = session.policy
        self._faults: list[DetectorFault | PolicyFault] = []

    def strike(self, fault: DetectorFault | PolicyFault) -> None:
        """A fault begins."""
        self._faults.append(fault)
        self._apply()

    def release(self, fault: DetectorFault | PolicyFault) -> None:
        """A fault ends, if it is on the session."""
        if fault in self._faults:
            self._faults.remove(fault)
            self._apply()

    def _apply(self) -> None:
        changes = {name: getattr(self._honest, name) for name in names()}
        distort = None
        for fault in self._faults:
            if isinstance(fault, DetectorFault):
                distort = fault.distort
            else:
                changes.update(fault.changes)
        self._session.hearing.distort = distort
        self._session.change_policy(changes)
