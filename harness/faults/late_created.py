"""``response.created`` comes late, later than some clients wait: the service under load."""

from dataclasses import dataclass

import numpy as np

from harness.faults.delayed_events import DelayedEvents
from harness.faults.parameters import DURATION, parameter
from harness.faults.seams import Carriage, WireFault
from harness.units import SECOND


@dataclass(frozen=True, slots=True)
class LateCreated(WireFault):
    """Each ``response.created`` arrives later, and all that the server says after it waits behind it."""

    name = "late-created"
    actor = "server"
    reports = ("livekit/agents#2552", "livekit/agents#2125", "livekit/agents#6222", "livekit/agents#6244")
    causes = ("events_lost", "server_mute")

    delay_us: int = parameter(12 * SECOND, DURATION, "How much later.")

    def begin(self, rng: np.random.Generator) -> Carriage:
        return DelayedEvents(direction="down", events="response.created", delay_us=self.delay_us).begin(rng)
