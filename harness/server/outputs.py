"""What a session hands back besides events."""

from dataclasses import dataclass, field
from typing import Any

from harness.protocol.events import Event


@dataclass(frozen=True, slots=True)
class Close:
    """The server closes the connection with this code."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """For the journal only, never on the wire: what the server knows that its events do not say."""

    lane: str
    kind: str
    fields: dict[str, Any] = field(default_factory=dict)


Output = Event | Close | Note
