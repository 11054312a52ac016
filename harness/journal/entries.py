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


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened at ``t``.

    Its fields are what JSON has, which refers to no entry: the garbage collector need not look at the many there are.
    """

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
    """The event that a step waited for never happened, or a page's step could not be done: the run is vacuous."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "step_missing"
    written_by: ClassVar[str] = "the world, at the heal; the stage of a page, when it is tried"
    step: str
    """The step in words, with its number."""
    line: int | None
    """The step's line in the scenario file; null if the scenario was made in Python."""
    why: str | UnsetType = UNSET
    """Why a page's step could not be done."""


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
    age_ms: int | UnsetType = UNSET
    """How long ago the last of it was captured, in milliseconds; absent below 100 ms, and if it is not recognised as
    audio of the microphone."""


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
    by: str | UnsetType = UNSET
    """Live only: who ended it: ``client``, ``server``, or ``stop`` if the whole server stopped."""


class CallStateChanged(ConnectionEntry, frozen=True, kw_only=True):
    """Over WebRTC: the state of a call has changed, as the client's browser or the server sees it."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "call"
    written_by: ClassVar[str] = "the call"
    state: str
    """``disconnected``, ``failed`` or ``connected`` in the browser; ``channel_closed``: the data channel was closed;
    ``given_up``: the server has had no sign of the client for 30 s and ended the call, which the client is not told."""


class MediaPackets(ConnectionEntry, frozen=True, kw_only=True):
    """Over WebRTC: one second of the packets of a call, of 20 ms each, by direction."""

    lane: ClassVar[str] = "media"
    kind: ClassVar[str] = "packets"
    written_by: ClassVar[str] = "the call, for each second in which a packet was sent, at its end"
    up_sent: int
    """Packets that the client sent."""
    up_lost: int
    """How many of them were lost on their way."""
    up_made_up: int
    """How often the server had nothing to hear in a packet's place, neither it nor the copy in the next one."""
    down_sent: int
    """Packets that the server sent."""
    down_lost: int
    """How many of them were lost on their way."""
    down_made_up: int
    """How often the client had nothing to play in a packet's place."""


class UplinkFull(ConnectionEntry, frozen=True, kw_only=True):
    """The connection takes nothing more of an app: what it has sent fills the buffers of its system."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "full"
    written_by: ClassVar[str] = "the stage, for an app or a program"


class UplinkDrained(ConnectionEntry, frozen=True, kw_only=True):
    """The connection takes what an app sends again."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "drained"
    written_by: ClassVar[str] = "the stage, for an app or a program"


class ConnectionFaultEnded(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: a fault on this connection has ended, by itself or on request."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "fault_ends"
    written_by: ClassVar[str] = "live, the session"
    fault: str
    """The fault's name."""


# --- what a live server wrote to the client's socket, and what it did not -------------------------------------------


class EventHeldBack(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: a fault keeps the event of the entry before from the client; :class:`EventDelivered` may follow.

    An event without this entry was written to the client's socket at once. Whether the client read it is not known.
    """

    lane: ClassVar[str] = "delivery"
    kind: ClassVar[str] = "held_back"
    written_by: ClassVar[str] = "live, the session"
    number: int
    """The number of the event: those of the server are counted from 1 on each connection."""
    event: str
    """The type of the event."""
    response_id: str | None
    """The response it belongs to."""


class EventDelivered(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: an event that was held back is written to the client's socket."""

    lane: ClassVar[str] = "delivery"
    kind: ClassVar[str] = "delivered"
    written_by: ClassVar[str] = "live, the session"
    number: int
    """The number of the event, as in :class:`EventHeldBack`."""
    event: str
    """The type of the event."""
    late_ms: int
    """How much later than it was sent, in milliseconds."""
    damaged: bool
    """Whether a fault changed its text: the client probably cannot read it."""


class AudioDelivered(ConnectionEntry, frozen=True, kw_only=True):
    """How much audio of an item was delivered to the client so far: live, written to its socket.

    Live, there are at most two entries a second, and the last one of an item has its totals; in virtual time there is
    one, with the event of the audio's end. That audio was played, a server cannot know.
    """

    lane: ClassVar[str] = "delivery"
    kind: ClassVar[str] = "audio"
    written_by: ClassVar[str] = "the network; live, the session"
    response_id: str
    """The response."""
    item_id: str
    """The conversation item."""
    sent_ms: int
    """Length of the audio that the session sent, in milliseconds."""
    delivered_ms: int
    """Length of the audio that was delivered, in milliseconds."""
    audible_ms: int
    """How much of what was delivered can be heard, in milliseconds: live, what is louder than -54 dBFS."""


class UplinkHeldBack(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: what a fault keeps from the session of the client's messages; at most two entries a second."""

    lane: ClassVar[str] = "delivery"
    kind: ClassVar[str] = "uplink"
    written_by: ClassVar[str] = "live, the session"
    size_bytes: int
    """Size of the messages that were lost or still wait, in bytes."""
    audio_ms: int
    """Length of the audio in them, in milliseconds; 0 on a dead connection, where nothing is read."""
    late_ms: int
    """How much later than it was received the last message arrived that did arrive, in milliseconds."""


class StillOpen(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: the connection was open when the journal was read; what the journal does not have has not happened."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "still_open"
    written_by: ClassVar[str] = "live, the control API, as the last line of a journal that goes on"


class HandsMoved(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: the user's hand presses or releases the button of push-to-talk, as the control API says."""

    lane: ClassVar[str] = "user"
    kind: ClassVar[str] = "hands"
    written_by: ClassVar[str] = "live, the session"
    pressed: bool
    """Whether the button is pressed now."""


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
        return self.kind in [each.__struct_config__.tag for each in types]

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
    def item_type(self) -> str:
        """The type of the item that the event adds: ``message``, ``function_call``, ``function_call_output`` …"""
        return str(self.fields.get("item_type", "message"))

    @property
    def role(self) -> str | None:
        """The role of the item that the event adds."""
        return self.fields.get("role")

    @property
    def call_id(self) -> str | None:
        """The tool call that the event is about, or that its item makes or answers."""
        return self.fields.get("call_id")

    @property
    def settings(self) -> dict[str, Any]:
        """The settings in a session's event, in short: see :mod:`harness.protocol.summary`."""
        return dict(self.fields.get("settings") or {})

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


class ClientDisconnects(Entry, frozen=True, kw_only=True):
    """The client closes the connection by itself, not to dial another one."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "disconnects"
    written_by: ClassVar[str] = "the world, for the client under test"
    code: int
    """The Close code."""


class ClientReopensCapture(Entry, frozen=True, kw_only=True):
    """The client reopens the microphone."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "reopens_capture"
    written_by: ClassVar[str] = "the world, for the client under test"


class AudioNodeCollected(Entry, frozen=True, kw_only=True):
    """The garbage collector takes a source of audio from a page's audio graph, which still needs it."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "node_collected"
    written_by: ClassVar[str] = (
        "the world, for the fault `graph-collected`; for a page in a browser, the stage, from "
        "`WebAudio.audioNodeWillBeDestroyed`"
    )
    node: str
    """The type of the node, as the browser names it: ``MediaStreamAudioSource``."""
    left: int = 0
    """How many nodes of this type the page has left. 0: it captures nothing any more."""


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
    ``first_chunk`` (``line``). Of an app, each line that it writes to its standard output is ``prints`` (``line``).
    """

    lane: ClassVar[str] = "client"
    written_by: ClassVar[str] = "the client under test"
    kind: str
    fields: dict[str, Any]
    """The other fields of the line, in their order."""


class AppEnded(Entry, frozen=True, kw_only=True):
    """The app under test ended before the run did."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "app_ended"
    written_by: ClassVar[str] = "the stage, for an app or a program"
    error: str | None
    """What it raised, or with which exit code it ended; null if it just returned."""
    place: str | None
    """The line of its own that led to it; null if that is not known."""


class AppFenced(Entry, frozen=True, kw_only=True):
    """The app under test did something that its stage cannot do as a real device would."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "fence"
    written_by: ClassVar[str] = "the stage, for an app or a program, once for each such thing"
    what: str
    """What it was, and what was done instead."""


class WorldLate(Entry, frozen=True, kw_only=True):
    """How late the world ran, at worst: on the wall clock, other programs may delay it."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "late"
    written_by: ClassVar[str] = "the stage, for a program in real time, at the end"
    worst_us: int
    """The longest delay of anything that was due, in microseconds, without up to 200 ms in which the world computed."""
    at_us: int
    """When that was due, in microseconds."""


# --- a page in a browser ---------------------------------------------------------------------------------------------


class StepsBegin(Entry, frozen=True, kw_only=True):
    """The steps of the scenario begin: their times count from here.

    A browser takes its time to start, so a page gets its steps when it sends audio without a gap.
    """

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "steps_begin"
    written_by: ClassVar[str] = "the stage, for a page"
    steady: bool
    """Whether the page sends audio at the pace of time; false: it did not within 5 s, and the steps begin anyway."""


class PageContext(Entry, frozen=True, kw_only=True):
    """An ``AudioContext`` of the page has another state."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "context"
    written_by: ClassVar[str] = "the stage, for a page, as the browser reports it"
    context: int
    """The number of the context: those of a page are counted from 1."""
    state: str
    """``suspended``, ``running``, ``interrupted`` or ``closed``."""


class PageNodeCreated(Entry, frozen=True, kw_only=True):
    """The page makes a node of its audio graph that carries a capture."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "node_created"
    written_by: ClassVar[str] = "the stage, for a page, as the browser reports it"
    context: int
    """The number of the node's context."""
    node: str
    """Its kind, as ``MediaStreamAudioSource``."""

    @property
    def is_source(self) -> bool:
        """Whether a captured stream enters the graph by it."""
        return self.node == "MediaStreamAudioSource"


class PageTrack(Entry, frozen=True, kw_only=True):
    """A captured track tells the page something: ``mute``, ``unmute`` or ``ended``."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "track"
    written_by: ClassVar[str] = "the stage, for a page"
    event: str
    """The name of the event."""
    label: str
    """The track's name of its device."""


class PageLifecycle(Entry, frozen=True, kw_only=True):
    """The page is told that it is in front, behind, frozen or thawed."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "lifecycle"
    written_by: ClassVar[str] = "the stage, for a page"
    event: str
    """``visible``, ``hidden``, ``freeze``, ``resume``, ``focus``, ``blur``, ``online``, ``offline`` or ``crash``."""


class PageConsole(Entry, frozen=True, kw_only=True):
    """A line of the page's console, or an error that nobody caught."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "console"
    written_by: ClassVar[str] = "the stage, for a page"
    level: str
    """``log``, ``warning``, ``error`` …; ``uncaught``: an exception or a promise that was rejected."""
    text: str
    """The line, up to 500 characters."""


class PageSocketBuffer(Entry, frozen=True, kw_only=True):
    """What the page's WebSockets hold back: ``bufferedAmount``, where it has changed by much."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "buffered"
    written_by: ClassVar[str] = "the stage, for a page"
    size_bytes: int
    """Of all that are open, in bytes."""


class PageNote(Entry, frozen=True, kw_only=True):
    """What the page says of itself: ``globalThis.stillthere?.note(name, values)``."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "note"
    written_by: ClassVar[str] = "the page"
    name: str
    """The name that the page chose."""
    values: dict[str, Any]
    """What it noted."""


class PageActed(Entry, frozen=True, kw_only=True):
    """Something was done to the page or to its browser: a step, an app switch, or the return from one."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "acted"
    written_by: ClassVar[str] = "the stage, for a page"
    what: str
    """What, in words."""


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


# --- the journal itself ---------------------------------------------------------------------------------------------


class EntriesMissing(Entry, frozen=True, kw_only=True):
    """Live only: entries that belong here are missing; what happened in this time is not known."""

    lane: ClassVar[str] = "journal"
    kind: ClassVar[str] = "missing"
    written_by: ClassVar[str] = (
        "live, in a file that could not be written for a time, as on a full disk; the control API, for what it forgot"
    )
    entries: int
    """The number of entries."""
    until_us: int
    """The time of the last of them or later, in microseconds."""


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
    ConnectionDialled, ConnectionOpened, ConnectionDialFailed, ConnectionClosed, UplinkFull, UplinkDrained,
    ConnectionFaultEnded, CallStateChanged, MediaPackets,
    EventHeldBack, EventDelivered, AudioDelivered, UplinkHeldBack, StillOpen, HandsMoved,
    AudioArrived, CommitIgnored, CreateIgnored, MadeToWait, SettingIgnored, SessionWedged,
    TurnClosed, TurnTaken, OnsetNotSent, TurnUnanswered,
    ResponseForItem, ResponseAudio,
    ShadowSpeechStarted, ShadowSpeechStopped,
    ClientPong, ClientUnreadable, ClientDisconnects, ClientReopensCapture, AudioNodeCollected, ClientTellsUser,
    AppEnded, AppFenced, WorldLate,
    StepsBegin, PageContext, PageNodeCreated, PageTrack, PageLifecycle, PageConsole, PageSocketBuffer, PageNote,
    PageActed,
    SpeakerPlaying, SpeakerHeard, SpeakerEnded, SpeakerStopped, SpeakerSuspended, SpeakerResumed,
    EntriesMissing,
)  # fmt: skip
"""The classes with a lane and a kind of their own."""
OPEN: tuple[type[Entry], ...] = (RoomNoise, FaultInjected, EventByServer, EventAtClient, ClientLog)
"""The classes whose ``kind`` is a field."""
