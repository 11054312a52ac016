"""The one place where all datagrams of a call pass, both ways, told apart by their first byte (RFC 7983).

``up`` is from the client to the server. A :data:`Fate` decides what becomes of each: None loses it, a number delays it.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from ...faults.seams import Direction
from ...units import SECOND

DatagramKind = Literal["stun", "dtls", "rtp", "rtcp"]
Fate = Callable[[Direction, DatagramKind, bytes], int | None]
"""How long a datagram is held back, in microseconds; None: it is lost."""

_STUN_BELOW = 4
_DTLS = range(20, 64)
_RTCP = range(192, 224)
"""The second byte of RTCP; that of RTP is marker and payload type (RFC 5761)."""


def kind_of_datagram(data: bytes) -> DatagramKind:
    """What a datagram of a call is."""
    first = data[0] if data else 0
    if first < _STUN_BELOW:
        return "stun"
    if first in _DTLS:
        return "dtls"
    return "rtcp" if len(data) > 1 and data[1] in _RTCP else "rtp"


class DatagramSeam:
    """Put on an ICE connection of aioice once it has its sockets; ``fate`` is asked about each datagram."""

    def __init__(self, connection: Any, fate: Fate) -> None:
        self._fate = fate
        self._loop = asyncio.get_running_loop()
        for protocol in connection._protocols:
            self._tap(protocol)

    def _tap(self, protocol: Any) -> None:
        receive, transport = protocol.datagram_received, protocol.transport
        protocol.datagram_received = lambda data, addr: self._pass("up", data, receive, data, addr)
        protocol.transport = _TappedTransport(
            transport, lambda data, addr: self._pass("down", data, transport.sendto, data, addr)
        )

    def _pass(self, direction: Direction, data: bytes, deliver: Callable[..., object], *arguments: object) -> None:
        delay_us = self._fate(direction, kind_of_datagram(data), data)
        if delay_us is None:
            return
        if delay_us:
            self._loop.call_later(delay_us / SECOND, deliver, *arguments)
        else:
            deliver(*arguments)


class _TappedTransport:
    """A datagram transport whose ``sendto`` is ours."""

    def __init__(self, transport: asyncio.DatagramTransport, sendto: Callable[[bytes, Any], None]) -> None:
        self._transport, self._sendto = transport, sendto

    def sendto(self, data: bytes, addr: Any = None) -> None:
        """Send it, unless it is lost."""
        self._sendto(data, addr)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
