"""The speaker."""

from typing import ClassVar

from msgspec import UNSET, UnsetType

from .base import Entry


class SpeakerPlaying(Entry, frozen=True, kw_only=True):
    """The speaker starts to play an item of the assistant, or continues it."""

    lane: ClassVar[str] = "speaker"
    kind: ClassVar[str] = "playing"
    written_by: ClassVar[str] = "the speaker"
    response_id: str
    """The response."""
    item_id: str
    """The conversation item."""


class SpeakerHeard(Entry, frozen=True, kw_only=True):
    """The user has heard this response: 200 ms of it above -50 dBFS, or all that is above it if that is shorter.

    What was played is compared with what the server sent: other sound does not count.
    """

    lane: ClassVar[str] = "speaker"
    kind: ClassVar[str] = "heard"
    written_by: ClassVar[str] = "the speaker"
    response_id: str
    """The response."""


class SpeakerPlayed(Entry, frozen=True, kw_only=True):
    """What was played of an item, once no more of it is played."""

    lane: ClassVar[str] = "speaker"
    response_id: str
    """The response."""
    item_id: str | UnsetType = UNSET
    """The conversation item; absent in journals of format 1."""
    played_ms: int
    """Length of the part that was played, in milliseconds."""
    audible_ms: int | UnsetType = UNSET
    """How much of it was above -50 dBFS and recognised as what the server sent; absent in journals of format 1."""
    garbled_ms: int | UnsetType = UNSET
    """How much of it was above -50 dBFS and not what the server sent; absent if none."""
    gain_db: float | UnsetType = UNSET
    """How much louder it was played than the server sent it, in dB; absent within 0.5 dB of 0."""


class SpeakerEnded(SpeakerPlayed, frozen=True, kw_only=True):
    """The item was played to its end."""

    kind: ClassVar[str] = "ended"
    written_by: ClassVar[str] = "the speaker"


class SpeakerStopped(SpeakerPlayed, frozen=True, kw_only=True):
    """The client dropped the queued audio, as at an interruption."""

    kind: ClassVar[str] = "stopped"
    written_by: ClassVar[str] = "the speaker"


class SpeakerSuspended(Entry, frozen=True, kw_only=True):
    """The output is suspended: nothing plays and no end is reported."""

    lane: ClassVar[str] = "speaker"
    kind: ClassVar[str] = "suspended"
    written_by: ClassVar[str] = "the speaker"


class SpeakerResumed(Entry, frozen=True, kw_only=True):
    """The output plays again."""

    lane: ClassVar[str] = "speaker"
    kind: ClassVar[str] = "resumed"
    written_by: ClassVar[str] = "the speaker"
