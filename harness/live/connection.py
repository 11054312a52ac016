"""What every connection with a session has, wherever the session is: its journal, its deliveries, and its faults.

The session of ``serve`` is in this process (:mod:`harness.live.session`), that of ``proxy`` at a service
(:mod:`harness.live.proxy.session`). Faults, registry and control API know connections by this class only.
"""

import asyncio
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from websockets.frames import CloseCode

from ..faults import ActiveFault, MediaFault, Transport, WireFault
from ..journal import ConnectionFaultEnded, FaultInjected, HandsMoved
from ..scenario.transport import WORDS
from ..units import SECOND
from .control.views import SessionFaultView, SessionView
from .deliveries import Deliveries
from .journal_writer import JournalWriter
from .socket.handler import Sender

_log = logging.getLogger("harness.live")


@dataclass(frozen=True, slots=True)
class FaultOnSession:
    """A fault that acts on a session: the id of ``GET /faults``, and when it ends on the session's clock."""

    id: int
    name: str
    ends_us: int | None
    """None: when it is ended."""
    is_over: bool = False
    """Its time is over, and what it did to the connection stays."""


class LiveConnection:
    """A connection with a session. Faults of the network act on its :class:`Sender`, all others are its class's own."""

    transport: ClassVar[Transport] = "websocket"
    """How its client is connected."""

    def __init__(self, number: int, journal: JournalWriter) -> None:
        self.number = number
        self.journal = journal
        self.deliveries = Deliveries(number, lambda: self.now, journal.add)
        self.faults: dict[ActiveFault, FaultOnSession] = {}
        """Those that act on it, in the order in which they started."""
        self.events_in = self.events_out = 0
        self.ending: tuple[int, str] | None = None
        """Close code and reason; None while it is open."""
        self._sender: Sender | None = None
        self._loop = asyncio.get_running_loop()
        self._opened_s = self._loop.time()
        self._closed_at = 0

    @property
    def now(self) -> int:
        """Microseconds since the connection opened."""
        return round((self._loop.time() - self._opened_s) * SECOND)

    @property
    def open_us(self) -> int:
        """How long it has been open, or was, in microseconds."""
        return self.now if self.ending is None else self._closed_at

    @property
    def faults_now(self) -> tuple[SessionFaultView, ...]:
        """The faults on it, with the time that each has left."""
        now = self.open_us
        return tuple(
            SessionFaultView(
                each.id, each.name, None if each.ends_us is None else max(0, each.ends_us - now) / SECOND, each.is_over
            )
            for each in self.faults.values()
        )

    def view(self, opened_at: float, peer: str) -> SessionView:
        """What it looks like now; the registry itself knows how the sessions of this process look."""
        raise NotImplementedError

    def emit(self, document: Mapping[str, Any]) -> None:
        """Send a scripted server event. Raises :exc:`SettingError` for a wrong one, and if nothing can be sent now."""
        raise NotImplementedError

    def close(self, code: int, reason: str) -> None:
        """Begin to close. Raises :exc:`SettingError` for a code or a reason that RFC 6455 forbids."""
        if self._sender is not None:
            self._sender.close(code, reason)

    def inject(self, active: ActiveFault, lasts_s: float | None, fault_id: int) -> None:
        """Start a fault on this session or its wire; the caller ends it with :meth:`release` after ``lasts_s``."""
        fault = active.fault
        if self.transport not in fault.transports:
            what = f"the fault {fault.name!r} cannot happen on {WORDS[self.transport]}"
            _log.warning("%s: connection %d goes without it; choose another fault", what, self.number)
            return
        now, length_us = self.now, None if lasts_s is None else round(lasts_s * SECOND)
        self.faults[active] = FaultOnSession(fault_id, fault.name, None if length_us is None else now + length_us)
        self.journal.add(FaultInjected(t=now, kind=fault.name, length_us=length_us))
        if not isinstance(fault, WireFault | MediaFault):
            self._begin_fault(active)
        elif self._sender is not None:
            self._sender.inject(active, self.deliveries)

    def release(self, active: ActiveFault) -> None:
        """End a fault, if it is on this session; what is not cured by its end stays on its connection."""
        fault = active.fault
        if active not in self.faults:
            return
        if isinstance(fault, WireFault) and fault.permanent:
            self.faults[active] = replace(self.faults[active], is_over=True)
            return
        del self.faults[active]
        self.journal.add(ConnectionFaultEnded(t=self.now, connection=self.number, fault=fault.name))
        if not isinstance(fault, WireFault | MediaFault):
            self._end_fault(active)
        elif self._sender is not None:
            self._sender.release(active)

    def _begin_fault(self, active: ActiveFault) -> None:
        """A fault that is not one of the network begins."""
        raise NotImplementedError

    def _end_fault(self, active: ActiveFault) -> None:
        """It ends."""
        raise NotImplementedError

    def _our_bug(self) -> None:
        """An exception is being handled that should not have been raised: log it, and end the connection."""
        found = self.journal.lines.keys.hidden(traceback.format_exc())  # it may repeat the client
        _log.error("connection %d ended by a bug of stillthere\n%s", self.number, found)
        self.close(CloseCode.INTERNAL_ERROR, "internal error")

    def hands(self, *, pressed: bool) -> None:
        """The user presses or releases the button of push-to-talk."""
        self.journal.add(HandsMoved(t=self.now, connection=self.number, pressed=pressed))
