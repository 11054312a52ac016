"""What a session hands back besides events."""

from dataclasses import dataclass

from ..journal import SessionEntry
from ..protocol.events import Event


@dataclass(frozen=True, slots=True)
class Close:
    """The server closes the connection with this code."""

    code: int
    reason: str


Output = Event | Close | SessionEntry
"""A :class:`SessionEntry` is for the journal only, never on the wire: what the server knows and does not say."""
