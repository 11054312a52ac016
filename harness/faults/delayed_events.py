"""Some events arrive late; the stream keeps its order, so all that follow arrive late too."""

from dataclasses import dataclass

from .parameters import DURATION, parameter
from .seams import Delivery
from .selected import EventsFault


@dataclass(frozen=True, slots=True)
class DelayedEvents(EventsFault):
    """Selected events arrive later, and all that follow wait behind them."""

    name = "delayed-events"
    reports = ("livekit/agents#2552", "livekit/agents#6222")
    causes = ("events_lost", "server_mute", "uplink_late", "half_open")

    delay_us: int = parameter(2_000_000, DURATION, "How much later.")

    @property
    def delivery(self) -> Delivery:
        return Delivery(delay_us=self.delay_us)
