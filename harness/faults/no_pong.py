"""The client's pings are not answered, while all events pass: a client that asks by ping alone leaves for nothing."""

import numpy as np

from harness.faults.seams import LOSE, PASS, Carriage, Fate, Passage, WireFault


class NoPong(WireFault):
    """The server does not answer the client's pings, while all events pass."""

    name = "no-pong"
    actor = "server"
    reports = ("modelscope/FunASR#3533", "daintreehq/daintree#9334")
    causes = ()

    def begin(self, rng: np.random.Generator) -> Carriage:
        def carriage(passage: Passage, now: int) -> Fate:
            return LOSE if passage.direction == "down" and passage.control == "pong" else PASS

        return carriage
