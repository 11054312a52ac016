"""Some events are overtaken: several tasks of a bridge write to one socket without a queue."""

from dataclasses import dataclass

from .seams import Delivery
from .selected import EventsFault


@dataclass(frozen=True, slots=True)
class ReorderedEvents(EventsFault):
    """Selected events are overtaken: they arrive after the event that follows them."""

    name = "reordered-events"
    reports = ("livekit/agents#6244", "inferred: tasks of a bridge that write at once")
    causes = ("client_waiting", "audio_garbled")

    @property
    def delivery(self) -> Delivery:
        return Delivery(overtaken=True)
