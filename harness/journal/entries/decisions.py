"""Decisions of the session that no event reports."""

from typing import ClassVar, Self

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from .base import Entry


class SessionEntry(Entry, frozen=True, kw_only=True):
    """An entry that a session makes for the journal; it is never sent.

    The session constructs it without time and connection; the caller of the session adds both with :meth:`at`.
    """

    t: int = 0
    connection: int = 0
    """The connection of the session."""

    def at(self, t: int, connection: int) -> Self:
        """A copy with a time (microseconds) and a connection."""
        return replace(self, t=t, connection=connection)


class AudioArrived(SessionEntry, frozen=True, kw_only=True):
    """Audio arrived at the server."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "audio_arrives"
    written_by: ClassVar[str] = (
        "the connection, at the server's end: in each second with audio, and where what arrives is older or newer audio"
    )
    arrived_ms: int
    """Length of all audio that has arrived on this connection, in milliseconds."""
    captured_ms: int | UnsetType = UNSET
    """When the end of it was captured by the microphone, in milliseconds since the start of the run; absent if it is
    not recognised as audio of the microphone. A further entry follows where this jumps against :attr:`arrived_ms`."""
    repeated_ms: int | UnsetType = UNSET
    """How much of all that has arrived on this connection had arrived on it before, in milliseconds; absent if none."""


class CommitIgnored(SessionEntry, frozen=True, kw_only=True):
    """A commit of the client was ignored, as the policy ``manual_commit: ignored`` says."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "commit_ignored"
    written_by: ClassVar[str] = "the session's turns"
    buffered_ms: int
    """Audio in the input buffer, in milliseconds."""


class CreateIgnored(SessionEntry, frozen=True, kw_only=True):
    """A ``response.create`` of the client was ignored, as the policy ``manual_create`` says."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "create_ignored"
    written_by: ClassVar[str] = "the session's replies"


class MadeToWait(SessionEntry, frozen=True, kw_only=True):
    """A turn or a ``response.create`` got no answer because tool calls have no result: ``open_calls: mute``."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "made_to_wait"
    written_by: ClassVar[str] = "the session's replies"
    calls: list[str]
    """The ids of the calls without a result."""


class SettingIgnored(SessionEntry, frozen=True, kw_only=True):
    """``session.updated`` shows a setting that is not in force, as the policy ``ignored_setting`` says."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "setting_ignored"
    written_by: ClassVar[str] = "the session"
    setting: str
    """Which one, as the policy names it."""


class SessionWedged(SessionEntry, frozen=True, kw_only=True):
    """A clear during speech left turn detection stuck in speech, as the policy ``clear_during_speech: wedge`` says."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "wedged"
    written_by: ClassVar[str] = "the session's turns"
    item_id: str | None
    """The conversation item."""


class TurnClosed(SessionEntry, frozen=True, kw_only=True):
    """An open turn was ended and no event reports it: a client that waits for its end waits forever."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "turn_closed"
    written_by: ClassVar[str] = "the session's turns"
    item_id: str | None
    """The conversation item."""
    by: str
    """What ended it: ``clear``, ``commit``, ``session.update``, ``discard``."""


class TurnTaken(SessionEntry, frozen=True, kw_only=True):
    """A turn was committed, by turn detection or by the client: which of the audio that arrived is in it."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "turn_taken"
    written_by: ClassVar[str] = "the session's turns"
    item_id: str
    """The conversation item."""
    from_ms: int
    """Where it begins in all audio that arrived on this connection, in milliseconds."""
    to_ms: int
    """Where it ends."""
    speech_ms: int
    """How much of it an honest detector takes for speech, in milliseconds, whatever the settings of the session."""


class OnsetNotSent(SessionEntry, frozen=True, kw_only=True):
    """Speech began and no ``speech_started`` was sent, as the policy ``onset: sticky`` says."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "onset_untold"
    written_by: ClassVar[str] = "the session's turns"
    audio_start_ms: int
    """Where speech started on the session's audio clock, in milliseconds."""


class TurnUnanswered(SessionEntry, frozen=True, kw_only=True):
    """A turn ended while a response was active, so it gets no response."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "unanswered"
    written_by: ClassVar[str] = "the session's replies"
    item_id: str
    """The conversation item."""
    active: str
    """The response that was active."""


class ResponseForItem(SessionEntry, frozen=True, kw_only=True):
    """A response starts, in the conversation or out of band; it answers this item."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "answers"
    written_by: ClassVar[str] = "the session's replies"
    response_id: str
    """The response."""
    item_id: str | None
    """The last item that it was given, usually the user's turn; null if there is none."""


class ResponseAudio(SessionEntry, frozen=True, kw_only=True):
    """The server has sent the audio of an item, whole or up to where it was cut short."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "audio_sent"
    written_by: ClassVar[str] = "the connection, at the server's end"
    response_id: str
    """The response."""
    item_id: str
    """The conversation item."""
    audio_ms: int
    """Length of the audio that was sent, in milliseconds."""
    audible_ms: int
    """How much of it is above -50 dBFS, in milliseconds."""


class ShadowSpeechStarted(SessionEntry, frozen=True, kw_only=True):
    """The shadow, an honest detector on the audio that arrived, hears the start of speech."""

    lane: ClassVar[str] = "shadow"
    kind: ClassVar[str] = "speech_started"
    written_by: ClassVar[str] = "the session's turns"
    audio_start_ms: int
    """Where speech started on the session's audio clock, in milliseconds."""


class ShadowSpeechStopped(SessionEntry, frozen=True, kw_only=True):
    """The shadow, an honest detector on the audio that arrived, hears the end of speech."""

    lane: ClassVar[str] = "shadow"
    kind: ClassVar[str] = "speech_stopped"
    written_by: ClassVar[str] = "the session's turns"
    audio_end_ms: int
    """Where speech ended on the session's audio clock, in milliseconds."""
