"""The audio of a call stops in one direction while everything else works: a relay, a firewall, a dead media server."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .parameters import one_of, parameter
from .seams import MediaFault, PacketFilter


@dataclass(frozen=True, slots=True)
class RtpStopped(MediaFault):
    """No packet of audio arrives in one direction; events do, and the browser reports no change."""

    name = "rtp-stopped"
    reports = (
        "jitsi/lib-jitsi-meet#3051",
        "measured: neither track.muted nor the state of the connection changes in Chromium",
    )
    causes = ("media_lost",)

    direction: Literal["up", "down"] = parameter(
        "down", one_of(("up", "down")), "The direction: up to the server, or down to the client."
    )

    def begin(self, rng: np.random.Generator) -> PacketFilter:
        return lambda direction, now: direction == self.direction
