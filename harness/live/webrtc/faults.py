"""The active faults of a live call's media and path, at the one place where its datagrams pass."""

from collections.abc import Callable

from ...faults.seams import ActiveFault, Direction, MediaFault, PacketFilter
from .datagrams import DatagramKind

_USE_CANDIDATE = b"\x00\x25\x00\x00"
"""The attribute of a check that also nominates; other checks are for consent alone."""
_REQUEST = b"\x00\x01"


class MediaFaults:
    """:meth:`fate` is the :data:`harness.live.webrtc.datagrams.Fate` of a call; ``now`` gives microseconds.

    Packets of audio are asked of each fault's own filter. A stalled data channel loses its datagrams, which SCTP sends
    again; a lost path loses all.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._active: dict[ActiveFault, tuple[MediaFault, PacketFilter]] = {}
        self.lost = {"up": 0, "down": 0}
        """Packets of audio, by direction."""

    def inject(self, active: ActiveFault, fault: MediaFault) -> None:
        """A fault starts."""
        self._active[active] = fault, fault.begin(active.rng)

    def release(self, active: ActiveFault) -> None:
        """A fault ends."""
        self._active.pop(active, None)

    def fate(self, direction: Direction, kind: DatagramKind, data: bytes) -> int | None:
        """0: it passes; None: it is lost."""
        now, loses = self._now(), False
        for fault, filtered in list(self._active.values()):
            if kind == "rtp":
                loses |= filtered(direction, now)
            elif fault.stops_checks or (fault.stops_events and kind == "dtls"):
                loses = True
            elif fault.stops_consent and direction == "up" and kind == "stun":
                loses |= data[:2] == _REQUEST and _USE_CANDIDATE not in data
        self.lost[direction] += loses and kind == "rtp"
        return None if loses else 0
