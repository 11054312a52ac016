"""What all parts of one session share."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.server.config import SessionConfig
from harness.server.conversation import Conversation
from harness.server.ids import IdSource
from harness.server.policy import ServerPolicy
from harness.server.voice import Voice


@dataclass(slots=True)
class Shared:
    """One session's ids, switches, configuration, conversation and script."""

    ids: IdSource
    policy: ServerPolicy
    config: SessionConfig
    conversation: Conversation
    voice: Voice
    words: str = ""
    """What the user said or wrote last."""

    def event_id(self) -> str:
        """The id of the next event."""
        return self.ids.mint("event")


def earliest(times: Iterable[int | None]) -> int | None:
    """The first of the times that are due at all."""
    return min((time for time in times if time is not None), default=None)
