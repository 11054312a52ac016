"""Some events arrive without their second half: a buffer of fixed size on the way."""

from dataclasses import dataclass

from .seams import Delivery
from .selected import EventsFault


@dataclass(frozen=True, slots=True)
class TruncatedEvents(EventsFault):
    """Selected events arrive as the first half of their text."""

    name = "truncated-events"
    reports = ("openai/openai-agents-js#189", "inferred: a buffer of fixed size in a bridge")
    causes = ("events_lost", "server_mute", "half_open")

    @property
    def delivery(self) -> Delivery:
        return Delivery(damage="truncate")
