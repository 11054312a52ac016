"""Some events never arrive: a proxy, a bridge or a client's own queue loses them."""

from dataclasses import dataclass

from harness.faults.seams import LOSE, Fate
from harness.faults.selected import EventsFault


@dataclass(frozen=True, slots=True)
class DroppedEvents(EventsFault):
    """Selected events are lost on their way, and nobody is told."""

    name = "dropped-events"
    reports = ("community 1094267", "livekit/agents#2552")
    causes = ("events_lost", "server_mute", "half_open")

    @property
    def fate(self) -> Fate:
        return LOSE
