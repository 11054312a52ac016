"""The network stalls and then delivers everything it held, in order: a lift, a tunnel, a busy main thread."""

import numpy as np

from harness.faults.seams import HOLD, Carriage, WireFault


class Stall(WireFault):
    """No message passes while it lasts, then all do, in their order; new connections wait as well."""

    name = "stall"
    reports = ("openai/openai-realtime-api-beta#87", "measured: main thread busy under Chromium")
    causes = ()
    needs_end = True
    dials = "wait"

    def begin(self, rng: np.random.Generator) -> Carriage:
        return lambda passage, now: HOLD
