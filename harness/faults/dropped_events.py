"""Some events never arrive: a proxy, a bridge or a client's own queue loses them."""

from dataclasses import dataclass

from .seams import LOSE, Delivery
from .selected import EventsFault


@dataclass(frozen=True, slots=True)
class DroppedEvents(EventsFault):
    """Selected events are lost on their way, without any sign of it."""

    name = "dropped-events"
    reports = ("community 1094267", "livekit/agents#2552")
    causes = ("events_lost", "server_mute", "half_open")

    @property
    def delivery(self) -> Delivery:
        return LOSE
