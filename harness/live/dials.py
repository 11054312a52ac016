"""Clients that ask for a WebSocket while an active fault keeps them from one.

The client's TCP has connected by then, and the operating system below this server has answered its SYN. So a dial that
is lost stands here for a lost SYN: it is looked at again when TCP would have sent the SYN again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ..faults.dialling import syn_from
from ..units import SECOND
from .active_faults import ConnectEffect
from .socket.http import HttpConnection, UpgradeRequest


@dataclass(slots=True, eq=False)
class _Dial:
    connection: HttpConnection
    request: UpgradeRequest
    began_us: int
    again: asyncio.TimerHandle | None = None
    """When it is tried again; None: at the end of a fault."""


class Dials:
    """The clients that wait. ``effect``: what active faults do to a dial now; ``serve`` gives it its WebSocket."""

    def __init__(
        self,
        effect: Callable[[HttpConnection, UpgradeRequest], ConnectEffect],
        serve: Callable[[HttpConnection, UpgradeRequest], None],
    ) -> None:
        self._effect, self._serve = effect, serve
        self._waiting: dict[asyncio.Transport, _Dial] = {}

    def begin(self, connection: HttpConnection, request: UpgradeRequest) -> None:
        """A client asks for a WebSocket."""
        self._try(_Dial(connection, request, _now_us()))

    def fault_ended(self) -> None:
        """Those that waited for the end of a fault may get their WebSockets now; those that were lost ask later."""
        for dial in [each for each in self._waiting.values() if each.again is None]:
            self._try(dial)

    def lost(self, transport: asyncio.Transport) -> None:
        """A connection is gone."""
        dial = self._waiting.pop(transport, None)
        if dial is not None and dial.again is not None:
            dial.again.cancel()

    def _try(self, dial: _Dial) -> None:
        effect, transport = self._effect(dial.connection, dial.request), dial.connection.transport
        dial.again = None
        if effect == "hang":
            waited_us = _now_us() - dial.began_us
            wait_us = syn_from(waited_us + 1) - waited_us
            dial.again = asyncio.get_running_loop().call_later(wait_us / SECOND, self._try, dial)
        if effect in ("hang", "wait"):
            dial.connection.wait()
            self._waiting[transport] = dial
            return
        self._waiting.pop(transport, None)
        if effect == "refuse":
            dial.connection.refuse()
        else:
            self._serve(dial.connection, dial.request)


def _now_us() -> int:
    return round(asyncio.get_running_loop().time() * SECOND)
