"""Packets are lost both ways and no Close arrives: a NAT or proxy dropped the connection, or the network changed."""

import numpy as np

from .seams import LOSE, WireFault, WireFilter


class HalfOpen(WireFault):
    """The connection is dead for ever without a Close; new ones get no answer while the fault lasts."""

    name = "half-open"
    reports = ("multica-ai/multica#8524", "cloudflare/agents#2242", "daintreehq/daintree#9334")
    causes = ("half_open", "unreachable")
    transports = ("websocket",)
    dials = "hang"
    permanent = True
    answers_close = False

    def begin(self, rng: np.random.Generator) -> WireFilter:
        return lambda message, now: LOSE
