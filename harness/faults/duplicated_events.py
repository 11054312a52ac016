"""Some events arrive twice: a client or a bridge sends again what had arrived."""

from dataclasses import dataclass

from harness.faults.seams import Fate
from harness.faults.selected import EventsFault


@dataclass(frozen=True, slots=True)
class DuplicatedEvents(EventsFault):
    """Selected events arrive twice, one right after the other."""

    name = "duplicated-events"
    reports = ("openai/openai-agents-python#1466", "livekit/agents#1056")
    causes = ("client_waiting", "audio_garbled")

    @property
    def fate(self) -> Fate:
        return Fate(copies=2)
