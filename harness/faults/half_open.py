"""Packets vanish both ways and no Close ever comes: a NAT or proxy dropped the connection, or the network changed."""

import numpy as np

from harness.faults.seams import LOSE, Carriage, WireFault


class HalfOpen(WireFault):
    """The connection is dead for ever and nobody says so; new ones go unanswered while the fault lasts."""

    name = "half-open"
    reports = ("multica-ai/multica#8524", "cloudflare/agents#2242", "daintreehq/daintree#9334")
    causes = ("half_open",)
    dials = "hang"
    permanent = True
    answers_close = False

    def begin(self, rng: np.random.Generator) -> Carriage:
        return lambda passage, now: LOSE
