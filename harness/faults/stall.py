"""The network stalls and then delivers all held messages in order: a lift, a tunnel, a busy main thread."""

import numpy as np

from .seams import HOLD, WireFault, WireFilter


class Stall(WireFault):
    """No message passes while the fault lasts, then all do, in their order; new connections wait as well."""

    name = "stall"
    reports = ("openai/openai-realtime-api-beta#87", "measured: main thread busy under Chromium")
    causes = ()
    transports = ("websocket",)
    needs_end = True
    dials = "wait"

    def begin(self, rng: np.random.Generator) -> WireFilter:
        return lambda message, now: HOLD
