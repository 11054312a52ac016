"""The server reads slowly: the client's messages wait in buffers on the way, longer and longer."""

from dataclasses import dataclass

import numpy as np

from ..units import SECOND
from .parameters import parameter, whole
from .seams import PASS, Delivery, MessageInfo, WireFault, WireFilter


@dataclass(frozen=True, slots=True)
class SlowReader(WireFault):
    """The server reads only so many bytes a second (audio makes 64 000), and the rest when the fault ends."""

    name = "slow-reader"
    actor = "server"
    reports = ("inferred: the back-pressure of a server that is behind",)
    causes = ("uplink_late",)
    transports = ("websocket",)

    bytes_per_second: int = parameter(16_000, whole(1, 1_000_000_000), "How fast the server reads.")

    def begin(self, rng: np.random.Generator) -> WireFilter:
        read_at = 0

        def deliver(message: MessageInfo, now: int) -> Delivery:
            nonlocal read_at
            if message.direction == "down":
                return PASS
            read_at = max(now, read_at) + message.size_bytes * SECOND // self.bytes_per_second
            return Delivery(delay_us=read_at - now, held=True) if read_at > now else PASS

        return deliver
