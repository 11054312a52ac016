"""The server reads slowly: what the client sends waits in buffers on the way, longer and longer."""

from dataclasses import dataclass

import numpy as np

from harness.faults.parameters import parameter, whole
from harness.faults.seams import PASS, Carriage, Fate, Passage, WireFault
from harness.units import SECOND


@dataclass(frozen=True, slots=True)
class SlowReader(WireFault):
    """The server reads only so many bytes a second (audio makes 64 000), and the rest when the fault ends."""

    name = "slow-reader"
    actor = "server"
    reports = ("inferred: the back-pressure of a server that is behind",)
    causes = ("uplink_late",)

    bytes_per_second: int = parameter(16_000, whole(1, 1_000_000_000), "How fast the server reads.")

    def begin(self, rng: np.random.Generator) -> Carriage:
        read_at = 0

        def carriage(passage: Passage, now: int) -> Fate:
            nonlocal read_at
            if passage.direction == "down":
                return PASS
            read_at = max(now, read_at) + passage.size_bytes * SECOND // self.bytes_per_second
            return Fate(delay_us=read_at - now, held=True) if read_at > now else PASS

        return carriage
