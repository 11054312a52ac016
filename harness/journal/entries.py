"""The entries of a journal: one frozen class for each kind of entry, grouped by lane.

``lane`` says who did it, ``kind`` what happened, and ``t`` when, in microseconds since the start of the run. A lane
whose kinds are not a fixed list (faults, noises of the room, events, the client's log) has one class with ``kind`` as a
field. The fields of a class, in their order, are the fields of its line on disk; a field that is ``UNSET`` is left out.

A new kind of entry is a class here, with its lane, kind and writer, and an example in
``harness/report/journal_page.py``; ``make pages`` then adds it to ``docs/journal.md``. :data:`FORMAT` in
``journal.py`` says which changes need a new number.
"""

from typing import Any, ClassVar, Self

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from ..protocol.events import Event, event_type
from ..protocol.summary import summary


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that happened at ``t``."""

    lane: ClassVar[str]
    written_by: ClassVar[str]
    """Which part writes it, for docs/journal.md."""
    t: int
    """Microseconds since the start of the run."""

    @property
    def kind(self) -> str:
        """What happened, as on disk."""
        raise NotImplementedError

    def document(self) -> dict[str, Any]:
        """The dictionary on disk: ``t``, ``lane``, ``kind``, then the fields in their order."""
        document: dict[str, Any] = {"t": self.t, "lane": self.lane, "kind": self.kind}
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if name in _NOT_IN_LINE or value is UNSET:
                continue
            if name == "fields":
                document.update(value)
            else:
                document[name] = value
        return document


_NOT_IN_LINE = frozenset({"t", "lane", "kind"})


# --- the user and the room ------------------------------------------------------------------------------------------


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


# --- the scenario ---------------------------------------------------------------------------------------------------


class StepPlayed(Entry, frozen=True, kw_only=True):
    """A step of the timeline is played."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "step"
    written_by: ClassVar[str] = "the timeline"
    step: str
    """The step in words, with its number."""
    label: str | None
    """The step's label in the scenario."""
    length_us: int
    """Length of its action, in microseconds; 0 if the action has no length."""


class StepMissing(Entry, frozen=True, kw_only=True):
    """The event that a step waited for never happened: the run is vacuous."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "step_missing"
    written_by: ClassVar[str] = "the world, at the heal"
    step: str
    """The step in words, with its number."""
    line: int | None
    """The step's line in the scenario file; null if the scenario was made in Python."""


class PremiseMissing(Entry, frozen=True, kw_only=True):
    """An ``assume:`` of a step was false when the step was played: the run is vacuous."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "premise_missing"
    written_by: ClassVar[str] = "the timeline"
    step: str
    """The step in words, with its number."""
    assumed: str
    """The assumption, as written in the scenario."""
    line: int | None
    """The step's line in the scenario file; null if the scenario was made in Python."""


class FaultWithoutConnection(Entry, frozen=True, kw_only=True):
    """A fault of the network or the server found no open connection until the heal: the run is vacuous."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "no_connection"
    written_by: ClassVar[str] = "the world, at the heal"
    step: str
    """The step in words, with its number."""
    line: int | None
    """The step's line in the scenario file; null if the scenario was made in Python."""
    struck_us: int
    """When the fault was injected, in microseconds."""


class WorldHealed(Entry, frozen=True, kw_only=True):
    """The fault phase is over: faults with an end have ended, and the persistent user starts to speak."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "heal"
    written_by: ClassVar[str] = "the world"


class RunEnded(Entry, frozen=True, kw_only=True):
    """The run is over."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "end"
    written_by: ClassVar[str] = "the world"


class FaultInjected(Entry, frozen=True, kw_only=True):
    """A fault starts; ``kind`` is its name, or ``app`` for an app switch."""

    lane: ClassVar[str] = "fault"
    written_by: ClassVar[str] = (
        "the world, for a step with a fault or an app switch; live, the session that the fault is injected into"
    )
    kind: str
    connection: int | UnsetType = UNSET
    """Live only: the connection that it is injected into."""
    length_us: int | None
    """How long it lasts, in microseconds; null: to the end of the run, or until the client cures it."""
    capture: str | UnsetType = UNSET
    """For an app switch: what the capture path does."""
    playback: str | UnsetType = UNSET
    """For an app switch: what the output does."""
    profile: str | UnsetType = UNSET
    """For an app switch: the platform, if the step names one."""
    parameters: dict[str, Any] | UnsetType = UNSET
    """The fault's parameters that differ from their defaults, as written in a scenario."""


# --- audio on its way from the microphone to the server -------------------------------------------------------------


class AudioLevels(Entry, frozen=True, kw_only=True):
    """Half a second of audio on one lane, in a single entry."""

    chunks: int
    """Number of chunks."""
    samples: int
    """Number of samples, at 24 kHz."""
    rms: float
    """Level in LSB of 16 bits."""
    peak: int
    """Largest magnitude in LSB."""
    zeros: int
    """Number of chunks that are all zeros."""


class MicrophoneAudio(AudioLevels, frozen=True, kw_only=True):
    """Audio that the microphone delivered to the client."""

    lane: ClassVar[str] = "microphone"
    kind: ClassVar[str] = "audio"
    written_by: ClassVar[str] = "the world, for the client under test"


class UplinkAudio(AudioLevels, frozen=True, kw_only=True):
    """Audio that the client sent as ``input_audio_buffer.append``."""

    lane: ClassVar[str] = "uplink"
    kind: ClassVar[str] = "audio"
    written_by: ClassVar[str] = "the world, for the client under test; live, the session"
    connection: int
    """The connection it was sent on; connections count from 1."""


# --- connections ----------------------------------------------------------------------------------------------------


class ConnectionEntry(Entry, frozen=True, kw_only=True):
    """An entry about one connection."""

    connection: int
    """The number of the connection: dials are counted from 1."""


class ConnectionDialled(ConnectionEntry, frozen=True, kw_only=True):
    """The client dials."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "dial"
    written_by: ClassVar[str] = "the network"


class ConnectionOpened(ConnectionEntry, frozen=True, kw_only=True):
    """The connection is open."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "open"
    written_by: ClassVar[str] = "the network; live, the session"


class ConnectionDialFailed(ConnectionEntry, frozen=True, kw_only=True):
    """The dial was refused or timed out."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "dial_failed"
    written_by: ClassVar[str] = "the network"


class ConnectionClosed(ConnectionEntry, frozen=True, kw_only=True):
    """The connection is closed, as the client sees it."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "closed"
    written_by: ClassVar[str] = "the network; live, the session"
    code: int
    """The Close code; 1006: without a Close frame."""
    reason: str | UnsetType = UNSET
    """Live only: the text of the Close frame."""


class ConnectionFaultEnded(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: a fault on this connection has ended, by itself or on request."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "fault_ends"
    written_by: ClassVar[str] = "live, the session"
    fault: str
    """The fault's name."""


# --- decisions of the session that no event reports -----------------------------------------------------------------


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
    """Audio arrived at the server: one entry for each second with audio."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "audio_arrives"
    written_by: ClassVar[str] = "the connection, at the server's end"
    arrived_ms: int
    """Length of all audio that has arrived on this connection, in milliseconds."""


class CommitIgnored(SessionEntry, frozen=True, kw_only=True):
    """A commit of the client was ignored, as the policy ``manual_commit: ignored`` says."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "commit_ignored"
    written_by: ClassVar[str] = "the session's turns"
    buffered_ms: int
    """Audio in the input buffer, in milliseconds."""


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
    """A response starts; it answers this item."""

    lane: ClassVar[str] = "server"
    kind: ClassVar[str] = "answers"
    written_by: ClassVar[str] = "the session's replies"
    response_id: str
    """The response."""
    item_id: str | None
    """The last item of the conversation, usually the user's turn; null in an empty conversation."""


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


# --- events ---------------------------------------------------------------------------------------------------------


class EventEntry(Entry, frozen=True, kw_only=True):
    """An event of the protocol; ``kind`` is its ``type``, ``fields`` are its ids, positions, states and errors.

    Events that carry pieces of audio or text (``….delta``, appends) have no entries.
    """

    kind: str
    connection: int
    """The connection that it was sent on, or received on."""
    fields: dict[str, Any]
    """The other fields of the line, in their order."""

    @classmethod
    def of(cls, event: Event, *, t: int, connection: int) -> Self:
        """The entry for ``event``, without audio and other large values."""
        fields = {name: value for name, value in summary(event).items() if name not in _IN_EVERY_EVENT}
        return cls(t=t, kind=event_type(event), connection=connection, fields=fields)

    def is_a(self, *types: type[Event]) -> bool:
        """Whether the event is of one of these classes."""
        return any(self.kind == each.__struct_config__.tag for each in types)

    @property
    def response_id(self) -> str | None:
        """The response it belongs to."""
        return self.fields.get("response_id")

    @property
    def item_id(self) -> str | None:
        """The conversation item it is about."""
        return self.fields.get("item_id")

    @property
    def status(self) -> str | None:
        """The status of a response or an item."""
        return self.fields.get("status")

    @property
    def reason(self) -> str | None:
        """Why a response was cancelled or is incomplete."""
        return self.fields.get("reason")

    @property
    def audio_start_ms(self) -> int:
        """Where speech started, from ``speech_started``. Raises :exc:`KeyError` for an event without it."""
        return int(self.fields["audio_start_ms"])

    @property
    def audio_end_ms(self) -> int:
        """Where speech ended, from ``speech_stopped``. Raises :exc:`KeyError` for an event without it."""
        return int(self.fields["audio_end_ms"])

    @property
    def tells_turn_detection(self) -> bool:
        """Whether the event has :attr:`turn_detection`, as ``session.created`` and ``session.updated`` do."""
        return "turn_detection" in self.fields

    @property
    def turn_detection(self) -> dict[str, Any] | None:
        """The turn detection of the session; None: off, the client commits turns."""
        return self.fields.get("turn_detection")


_IN_EVERY_EVENT = _NOT_IN_LINE | {"connection"}


class EventByServer(EventEntry, frozen=True, kw_only=True):
    """An event that the server sent, whether or not it arrived."""

    lane: ClassVar[str] = "server"
    written_by: ClassVar[str] = "the connection, at the server's end"


class EventAtClient(EventEntry, frozen=True, kw_only=True):
    """An event that the client sent or received.

    Live: an event that arrived from the client; a live server does not know what the client receives.
    """

    lane: ClassVar[str] = "client"
    written_by: ClassVar[str] = "the connection, at the client's end; live, the session"


# --- the client -----------------------------------------------------------------------------------------------------


class ClientPong(ConnectionEntry, frozen=True, kw_only=True):
    """The client received a pong."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "pong"
    written_by: ClassVar[str] = "the network"


class ClientUnreadable(ConnectionEntry, frozen=True, kw_only=True):
    """The client received a message that is not an event."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "unreadable"
    written_by: ClassVar[str] = "the network"


class ClientReopensCapture(Entry, frozen=True, kw_only=True):
    """The client reopens the microphone."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "reopens_capture"
    written_by: ClassVar[str] = "the world, for the client under test"


class ClientTellsUser(Entry, frozen=True, kw_only=True):
    """The client tells the user that something is wrong."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "tells_user"
    written_by: ClassVar[str] = "the world, for the client under test"
    text: str
    """The message to the user."""


class ClientLog(Entry, frozen=True, kw_only=True):
    """A line that the client logs; the client chooses ``kind`` and ``fields``, but not those of another class.

    The client kit logs ``remedy`` and ``noticed`` (``symptom``, ``remedy``), ``watchdog`` (``sends``), and
    ``first_chunk`` (``line``).
    """

    lane: ClassVar[str] = "client"
    written_by: ClassVar[str] = "the client under test"
    kind: str
    fields: dict[str, Any]
    """The other fields of the line, in their order."""


# --- the speaker ----------------------------------------------------------------------------------------------------


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
    """The user has heard this response: 300 ms of it, or all if it is shorter."""

    lane: ClassVar[str] = "speaker"
    kind: ClassVar[str] = "heard"
    written_by: ClassVar[str] = "the speaker"
    response_id: str
    """The response."""


class SpeakerEnded(Entry, frozen=True, kw_only=True):
    """The item was played to its end."""

    lane: ClassVar[str] = "speaker"
    kind: ClassVar[str] = "ended"
    written_by: ClassVar[str] = "the speaker"
    response_id: str
    """The response."""
    played_ms: int
    """Length of the part that was played, in milliseconds."""


class SpeakerStopped(Entry, frozen=True, kw_only=True):
    """The client dropped the queued audio, as at an interruption."""

    lane: ClassVar[str] = "speaker"
    kind: ClassVar[str] = "stopped"
    written_by: ClassVar[str] = "the speaker"
    response_id: str
    """The response."""
    played_ms: int
    """Length of the part that was played, in milliseconds."""


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


# --- entries of later versions --------------------------------------------------------------------------------------


class UnknownEntry(Entry, frozen=True, kw_only=True):
    """An entry of a lane or kind that this version does not know, kept as it was read."""

    lane: str  # type: ignore[misc]
    kind: str
    fields: dict[str, Any]
    """The other fields of the line, in their order."""


CLOSED: tuple[type[Entry], ...] = (
    UserSpeaks, StepPlayed, StepMissing, PremiseMissing, FaultWithoutConnection, WorldHealed, RunEnded,
    MicrophoneAudio, UplinkAudio,
    ConnectionDialled, ConnectionOpened, ConnectionDialFailed, ConnectionClosed, ConnectionFaultEnded,
    AudioArrived, CommitIgnored, SessionWedged, TurnClosed, OnsetNotSent, TurnUnanswered, ResponseForItem,
    ShadowSpeechStarted, ShadowSpeechStopped,
    ClientPong, ClientUnreadable, ClientReopensCapture, ClientTellsUser,
    SpeakerPlaying, SpeakerHeard, SpeakerEnded, SpeakerStopped, SpeakerSuspended, SpeakerResumed,
)  # fmt: skip
"""The classes with a lane and a kind of their own."""
OPEN: tuple[type[Entry], ...] = (RoomNoise, FaultInjected, EventByServer, EventAtClient, ClientLog)
"""The classes whose ``kind`` is a field."""
