"""``response.created`` arrives later than some clients wait: the service under load."""

from dataclasses import dataclass

import numpy as np

from ..units import SECOND
from .delayed_events import DelayedEvents
from .parameters import DURATION, parameter
from .seams import WireFault, WireFilter


@dataclass(frozen=True, slots=True)
class LateCreated(WireFault):
    """Each ``response.created`` arrives later, and all later events of the server wait behind it."""

    name = "late-created"
    actor = "server"
    reports = ("livekit/agents#2552", "livekit/agents#2125", "livekit/agents#6222", "livekit/agents#6244")
    causes = ("events_lost", "server_mute")

    delay_us: int = parameter(12 * SECOND, DURATION, "How much later.")

    def begin(self, rng: np.random.Generator) -> WireFilter:
        return DelayedEvents(direction="down", events="response.created", delay_us=self.delay_us).begin(rng)
