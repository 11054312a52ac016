"""Packets of audio are lost in bursts: interference, a handover between cells, a queue that overflows."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .parameters import number, one_of, parameter, whole
from .seams import Direction, MediaFault, PacketFilter


@dataclass(frozen=True, slots=True)
class LossBursts(MediaFault):
    """Packets of audio are lost several in a row, so that no packet behind one can replace it."""

    name = "loss-bursts"
    reports = ("measured: 20 % of packets lost in bursts of 300 ms under aiortc",)
    causes = ("media_lost",)

    share: float = parameter(0.2, number(0, 0.95), "The share of packets that is lost.")
    packets: int = parameter(15, whole(1, 1_000), "The mean length of a burst, in packets of 20 ms.")
    direction: Literal["up", "down", "both"] = parameter(
        "both", one_of(("up", "down", "both")), "The direction: up to the server, down to the client, or both."
    )

    def begin(self, rng: np.random.Generator) -> PacketFilter:
        ends = 1 / self.packets
        begins = min(1.0, ends * self.share / (1 - self.share))
        in_burst = {"up": False, "down": False}

        def loses(direction: Direction, now: int) -> bool:
            if self.direction not in (direction, "both"):
                return False
            drawn = float(rng.random())
            in_burst[direction] = drawn >= ends if in_burst[direction] else drawn < begins
            return in_burst[direction]

        return loses
