"""Some events arrive with a wrong character: they cannot be read, or mean something else."""

from dataclasses import dataclass

from .seams import Delivery
from .selected import EventsFault


@dataclass(frozen=True, slots=True)
class CorruptedEvents(EventsFault):
    """Selected events arrive with a wrong character in them."""

    name = "corrupted-events"
    reports = ("openai/openai-agents-js#189", "inferred: a client that cannot read an event stops")
    causes = ("events_lost", "server_mute", "half_open")

    @property
    def delivery(self) -> Delivery:
        return Delivery(damage="corrupt")
