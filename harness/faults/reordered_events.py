"""Some events are overtaken: several tasks of a bridge write to one socket without a queue.

Reported of a client's queue: the refusal of a request arrived after the ``response.done`` of the response in its way,
so that nobody took the refused request up again.
"""

from dataclasses import dataclass

from ..units import SECOND
from .parameters import DURATION, EVENT_TYPE, parameter, whole
from .seams import Delivery, Overtaking
from .selected import EventsFault


@dataclass(frozen=True, slots=True)
class ReorderedEvents(EventsFault):
    """Selected events are overtaken: they arrive after the event that follows them, or after some later one."""

    name = "reordered-events"
    reports = (
        "livekit/agents#6244",
        "hashintel/hash#9619",
        "inferred: tasks of a bridge that write at once",
    )
    causes = ("client_waiting", "audio_garbled")

    by: int = parameter(1, whole(1, 1000), "So many later events arrive first.")
    behind: str = parameter("*", EVENT_TYPE, "The type of these later events, or a pattern of types.")
    within_us: int = parameter(SECOND, DURATION, "If fewer have come after this time, the event arrives then.")

    @property
    def delivery(self) -> Delivery:
        return Delivery(overtaken=True, overtaking=Overtaking(self.by, self.behind, self.within_us))
