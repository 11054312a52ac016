"""Packets of audio are lost at random: a crowded radio network, a weak signal."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .parameters import number, one_of, parameter
from .seams import Direction, MediaFault, PacketFilter


@dataclass(frozen=True, slots=True)
class PacketLoss(MediaFault):
    """Some packets of audio are lost, each by itself; the data channel repeats what is lost, so no event is."""

    name = "packet-loss"
    reports = ("openai/openai-realtime-console#522", "measured: 0 to 40 % of packets lost under aiortc")
    causes = ("media_lost",)

    share: float = parameter(0.2, number(0, 1), "The probability that each packet is lost.")
    direction: Literal["up", "down", "both"] = parameter(
        "both", one_of(("up", "down", "both")), "The direction: up to the server, down to the client, or both."
    )

    def begin(self, rng: np.random.Generator) -> PacketFilter:
        def loses(direction: Direction, now: int) -> bool:
            return self.direction in (direction, "both") and bool(rng.random() < self.share)

        return loses
