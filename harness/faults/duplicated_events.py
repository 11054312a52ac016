"""Some events arrive twice: a client or a bridge sends them again."""

from dataclasses import dataclass

from .seams import Delivery
from .selected import EventsFault


@dataclass(frozen=True, slots=True)
class DuplicatedEvents(EventsFault):
    """Selected events arrive twice, one right after the other."""

    name = "duplicated-events"
    reports = ("openai/openai-agents-python#1466", "livekit/agents#1056")
    causes = ("client_waiting", "audio_garbled")

    @property
    def delivery(self) -> Delivery:
        return Delivery(copies=2)
