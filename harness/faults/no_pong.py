"""The client's pings are not answered, while all events pass: a client that trusts pings alone leaves in error."""

import numpy as np

from .seams import LOSE, PASS, Delivery, MessageInfo, WireFault, WireFilter


class NoPong(WireFault):
    """The server does not answer the client's pings, while all events pass."""

    name = "no-pong"
    actor = "server"
    reports = ("modelscope/FunASR#3533", "daintreehq/daintree#9334")
    causes = ()
    transports = ("websocket",)

    def begin(self, rng: np.random.Generator) -> WireFilter:
        def deliver(message: MessageInfo, now: int) -> Delivery:
            return LOSE if message.direction == "down" and message.control == "pong" else PASS

        return deliver
