"""What a log of a session holds, whatever form it was written in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

LogClock = Literal["recorded", "ids", "none"]
"""Where the times come from: the log; the vendor's ids, by the second; nowhere, and then the order is all there is."""


@dataclass(frozen=True, slots=True)
class LoggedLevel:
    """How loud a piece of audio was, in LSB of 16 bits."""

    rms: float
    peak: int
    all_zeros: bool


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event of the protocol, as a log shows it."""

    place: str
    """Where it stands: ``line 12``, ``message 12``."""
    t: int | None
    """When, in microseconds since the first thing in the log that has a time; None: the log does not say."""
    by_client: bool
    """Whether the client sent it: told by its type, not by the log's label."""
    event: Mapping[str, Any]
    """The event. Audio is not in it, and what the log left out is not either."""
    audio_bytes: int | None = None
    """Length of the audio that it carried, in bytes of the session's format; None: none, or not known."""
    audio: bytes | memoryview | None = None
    """The audio that it carried, decoded from base64; None: the log has none of it. Long logs hold it in a file."""
    level: LoggedLevel | None = None
    """How loud the audio was, where a log (our own journal) has that in place of the audio."""

    @property
    def type(self) -> str:
        """Its type, such as ``response.done``."""
        return str(self.event.get("type", ""))


@dataclass(frozen=True, slots=True)
class LoggedClose:
    """The end of the connection, as a log shows it."""

    t: int | None
    code: int | None
    reason: str = ""
    by_client: bool | None = None
    """None: the log does not say who closed."""


@dataclass(frozen=True, slots=True)
class LoggedTelephone:
    """A message of a media stream of Twilio: the telephone's side of an app."""

    place: str
    t: int | None
    kind: str
    """``connected``, ``start``, ``media``, ``mark``, ``clear``, ``dtmf`` or ``stop``."""
    by_twilio: bool
    """Whether Twilio sent it; else the app did. A ``mark`` of Twilio says that the audio before it was played."""
    mark: str = ""
    audio_bytes: int | None = None
    """Length of its audio, in bytes of µ-law at 8 kHz."""
    audio: bytes | memoryview | None = None


@dataclass(frozen=True, slots=True)
class LoggedSession:
    """One connection of a log: its events in the order in which they happened."""

    name: str
    """What tells it from others in the same log: the vendor's id of the session, or its number."""
    events: tuple[LoggedEvent, ...]
    opened_us: int | None = None
    ended_us: int | None = None
    """Until when the log was written, if it goes on after the last event."""
    close: LoggedClose | None = None
    telephone: tuple[LoggedTelephone, ...] = ()
    """What was said to and by a telephone network beside it."""


@dataclass(frozen=True, slots=True)
class SessionLog:
    """A log, as far as it could be read."""

    form: str
    """The form it is written in, in words: ``HAR of Chromium's DevTools``, ``JSON lines``."""
    clock: LogClock
    began_s: float | None
    """Seconds since 1970 of time 0, if the log has absolute times."""
    sessions: tuple[LoggedSession, ...]
    notes: tuple[str, ...] = ()
    """What could not be read or was left out, one sentence each."""
    is_cut: bool = False
    """Whether the file ends before the log did: what came last is missing."""
    tick_us: int = 1
    """The step of its clock: two things that are nearer than that may have the same time."""

    @property
    def has_appends(self) -> bool:
        """Whether the log holds ``input_audio_buffer.append`` events, with or without their audio."""
        return any(each.type == "input_audio_buffer.append" for one in self.sessions for each in one.events)

    @property
    def has_client_events(self) -> bool:
        """Whether the log holds anything that the client sent."""
        return any(each.by_client for one in self.sessions for each in one.events)

    @property
    def has_audio(self) -> bool:
        """Whether the log holds the audio of what the client sent."""
        return any(each.by_client and each.audio for one in self.sessions for each in one.events)
