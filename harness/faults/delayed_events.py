"""Some events come late, and as the stream keeps its order, all that follows comes late too."""

from dataclasses import dataclass

from harness.faults.parameters import DURATION, parameter
from harness.faults.seams import Fate
from harness.faults.selected import EventsFault


@dataclass(frozen=True, slots=True)
class DelayedEvents(EventsFault):
    """Selected events arrive later, and all that follow wait behind them."""

    name = "delayed-events"
    reports = ("livekit/agents#2552", "livekit/agents#6222")
    causes = ("events_lost", "server_mute", "uplink_late", "half_open")

    delay_us: int = parameter(2_000_000, DURATION, "How much later.")

    @property
    def fate(self) -> Fate:
        return Fate(delay_us=self.delay_us)
