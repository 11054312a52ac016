"""Some events arrive with a wrong character: what is read into them is an error, or other than was meant."""

from dataclasses import dataclass

from harness.faults.seams import Fate
from harness.faults.selected import EventsFault


@dataclass(frozen=True, slots=True)
class CorruptedEvents(EventsFault):
    """Selected events arrive with a wrong character in them."""

    name = "corrupted-events"
    reports = ("openai/openai-agents-js#189", "inferred: a client that cannot read an event stops")
    causes = ("events_lost", "server_mute", "half_open")

    @property
    def fate(self) -> Fate:
        return Fate(damage="corrupt")
