"""Packets vanish both ways and no Close ever comes: a NAT or proxy dropped the connection, or the network changed."""

from typing import Literal

from harness.faults.seams import WireFault


class HalfOpen(WireFault):
    """The connection is dead for ever and nobody says so; dials go unanswered while the fault lasts."""

    name = "half-open"
    dials = "hang"

    def fate(self, direction: Literal["up", "down"], is_event: bool) -> Literal["lose"]:
        return "lose"
