"""The user, with voice and hands, and the room."""

from typing import ClassVar

from msgspec import UNSET, UnsetType

from .base import ConnectionEntry, Entry


class UserSpeaks(Entry, frozen=True, kw_only=True):
    """The user begins an utterance."""

    lane: ClassVar[str] = "user"
    kind: ClassVar[str] = "speaks"
    written_by: ClassVar[str] = "the world, for a `say:` step and for the persistent user"
    length_us: int
    """Length of the utterance in microseconds."""
    rms: float
    """Level of the utterance as spoken: RMS in LSB of 16 bits."""
    probe: bool
    """Whether the persistent user speaks, after the heal."""
    audible: bool | UnsetType = UNSET
    """False if an honest detector does not hear speech in it; absent otherwise."""

    @property
    def is_audible(self) -> bool:
        """Whether an honest detector hears speech in it."""
        return self.audible is not False

    @property
    def end(self) -> int:
        """When the utterance ends, in microseconds."""
        return self.t + self.length_us


class RoomNoise(Entry, frozen=True, kw_only=True):
    """A noise begins in the room; ``kind`` is the noise, such as ``typing``."""

    lane: ClassVar[str] = "room"
    written_by: ClassVar[str] = "the world, for a `noise:` step"
    kind: str
    length_us: int
    """Length of the noise in microseconds."""


class HandsMoved(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: the user's hand presses or releases the button of push-to-talk, as the control API says."""

    lane: ClassVar[str] = "user"
    kind: ClassVar[str] = "hands"
    written_by: ClassVar[str] = "live, the session"
    pressed: bool
    """Whether the button is pressed now."""
