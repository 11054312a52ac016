"""What the journal of a live server says: what was spoken, which turns and responses followed, and what was delivered.

A live journal has neither the user nor the client's side. Speech is what the shadow, an honest detector, heard in the
audio that arrived, or what the client committed. Delivered means written to the client's socket.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..journal import (
    AudioDelivered,
    ConnectionClosed,
    ConnectionOpened,
    Entry,
    EventAtClient,
    EventByServer,
    EventDelivered,
    EventHeldBack,
    Journal,
    ResponseForItem,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    TurnClosed,
    TurnTaken,
    UplinkAudio,
)
from ..protocol.events import (
    ConversationItemAdded,
    Event,
    InputAudioBufferTimeoutTriggered,
    ResponseCreated,
    SessionCreated,
    SessionUpdated,
)
from ..protocol.translation_events import SessionClose
from ..units import SECOND
from ..world.answers import SPEECH_MS
from .evidence import AFTER_US, COMMITTED, STARTED, STOPPED

OPEN_US = 10 * SECOND
"""Speech without an end counts as so long."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Something the user said on one connection, as far as a server can know; microseconds."""

    connection: int
    begin: int
    end: int
    ended: bool = True
    """False: the honest detector is still in speech at the end of the journal."""


@dataclass(frozen=True, slots=True)
class ServerTurn:
    """What the server made of a speech: when it began and ended for the client, and its item."""

    started: Entry
    ended: Entry | None
    item_id: str | None


@dataclass(frozen=True, slots=True)
class DeliveredResponse:
    """The audio of one response, in milliseconds; ``at`` is the time of the last entry about it, in microseconds."""

    sent_ms: int
    delivered_ms: int
    audible_ms: int
    at: int


class LiveEvidence:
    """The journal of one client's connections, as questions that can be asked of it."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.end = journal.end
        self.closed = {entry.connection: entry for entry in journal.select(ConnectionClosed)}
        began = journal.select(ConnectionOpened, EventByServer, UplinkAudio)  # the first entries can be missing
        self.last_connection = max((entry.connection for entry in began), default=0)
        self._withheld: dict[int, EventByServer] = {}
        """By the position of the event's entry."""
        self._find_withheld()

    def events(self, connection: int, *types: type[Event], since: int = 0) -> Iterator[EventByServer]:
        """The server's events of these classes on one connection."""
        found = self.journal.events(EventByServer, *types)
        return (entry for entry in found if entry.connection == connection and entry.t >= since)

    def detection(self, connection: int) -> dict[str, object] | None:
        """The session's turn detection; None if it is off, empty if no event says it."""
        told = [e.turn_detection for e in self.events(connection, SessionCreated, SessionUpdated) if _tells(e)]
        return told[-1] if told else {}

    def kind(self, connection: int) -> str:
        """The kind of its session: ``realtime`` (a conversation), ``transcription`` or ``translation``."""
        created = next(self.events(connection, SessionCreated), None)
        return "realtime" if created is None else str(created.fields.get("session_type", "realtime"))

    def transcribes(self, connection: int) -> str | None:
        """The model that transcribes in a session that is no conversation; None if the client has named none."""
        told = [e.fields for e in self.events(connection, SessionCreated, SessionUpdated)]
        return next((fields["transcribes"] for fields in reversed(told) if "transcribes" in fields), None)

    # --- what was said ---

    @cached_property
    def speeches(self) -> list[Speech]:
        """All that was said, in its order."""
        shadow = list(self._spans(ShadowSpeechStarted, ShadowSpeechStopped))
        idle = {entry.item_id for entry in self.journal.events(EventByServer, InputAudioBufferTimeoutTriggered)}
        silent = {entry.item_id for entry in self.journal.select(TurnTaken) if entry.speech_ms < SPEECH_MS}
        commits = [e for e in self.journal.events(EventByServer, COMMITTED) if e.item_id not in idle | silent]
        spoken = {each.connection for each in shadow}
        alone = [
            Speech(entry.connection, max(0, entry.t - 1), entry.t)
            for entry in commits
            if entry.connection not in spoken or self._is_alone(entry, shadow)
        ]
        return sorted([*shadow, *alone], key=lambda each: (each.begin, each.end))

    @property
    def last_speech(self) -> Speech | None:
        """The last speech that the server had time to answer; else the last."""
        had_time = [each for each in self.speeches if each.end + AFTER_US <= self.end]
        return next(reversed(had_time or self.speeches), None)

    def _spans(self, begins: type[ShadowSpeechStarted], ends: type[ShadowSpeechStopped]) -> Iterator[Speech]:
        """A client that closes a translation session ends its phrase, without a silence."""
        started: dict[int, int] = {}
        for entry in self.journal.select(begins, ends, EventAtClient):
            if isinstance(entry, begins):
                started[entry.connection] = entry.t
            elif entry.connection in started and (not isinstance(entry, EventAtClient) or entry.is_a(SessionClose)):
                yield Speech(entry.connection, started.pop(entry.connection), entry.t)
        for connection, t in started.items():
            yield Speech(connection, t, t + OPEN_US, ended=False)

    def _is_alone(self, commit: EventByServer, shadow: list[Speech]) -> bool:
        """Whether no speech was heard before this commit that it could be of: after the turn before it."""
        turns = [e.t for e in self.events(commit.connection, COMMITTED) if e.t < commit.t]
        since = turns[-1] if turns else 0
        same = (each for each in shadow if each.connection == commit.connection)
        return not any(each.begin <= commit.t and each.end >= since for each in same)

    def turn(self, speech: Speech) -> ServerTurn | None:
        """The turn of a speech on the server's side."""
        until = speech.end + AFTER_US
        begun = [each for each in self._turns(speech.connection) if each.started.t <= until]
        across = [each for each in begun if each.ended is None or each.ended.t > speech.begin]
        return next(reversed(across), None)

    def _turns(self, connection: int) -> Iterator[ServerTurn]:
        started: EventByServer | None = None
        ended: Entry | None = None
        for entry in self.journal.select(EventByServer, TurnClosed):
            if entry.connection != connection:
                continue
            if isinstance(entry, TurnClosed):
                ended = ended or entry
            elif entry.is_a(STARTED):
                if started is not None:
                    yield ServerTurn(started, ended, started.item_id)
                started, ended = entry, None
            elif entry.is_a(STOPPED):
                ended = ended or entry
            elif entry.is_a(COMMITTED):
                yield ServerTurn(started or entry, entry if ended is None else ended, entry.item_id)
                started = ended = None
        if started is not None:
            yield ServerTurn(started, ended, started.item_id)

    # --- what was answered ---

    def responses(self, speech: Speech, turn: ServerTurn) -> list[EventByServer]:
        """Each ``response.created`` for this turn: by the server, by the client, or after the tool calls of another.

        A response answers the last item of the conversation; from there the way back leads to what the user said.
        """
        connection = speech.connection
        committed = {entry.item_id for entry in self.events(connection, COMMITTED)}
        before = {
            entry.item_id: entry.fields.get("previous_item_id")
            for entry in self.events(connection, ConversationItemAdded)
        }
        answers = {
            entry.response_id: entry.item_id
            for entry in self.journal.select(ResponseForItem)
            if entry.connection == connection
        }
        since = turn.started.t
        found = []
        for created in self.events(connection, ResponseCreated, since=since):
            item: str | None = answers.get(created.response_id or "", turn.item_id)
            for _ in before:
                if item is None or item in committed or item not in before:
                    break
                item = before[item]
            if item == turn.item_id or turn.item_id is None:
                found.append(created)
        return found

    def of_response(self, created: EventByServer, kind: type[Event]) -> EventByServer | None:
        """The first event of this class about the response that ``created`` created."""
        found = self.events(created.connection, kind, since=created.t)
        return next((entry for entry in found if entry.response_id == created.response_id), None)

    def audio_of(self, created: EventByServer) -> DeliveredResponse | None:
        """The response's audio; None if the journal says nothing of it."""
        last: dict[str, AudioDelivered] = {}
        audible_at = created.t
        for entry in self.journal.select(AudioDelivered):
            if entry.connection == created.connection and entry.response_id == created.response_id:
                before = last.get(entry.item_id)
                if entry.audible_ms > (before.audible_ms if before is not None else 0):
                    audible_at = entry.t
                last[entry.item_id] = entry
        if not last:
            return None
        return DeliveredResponse(
            sum(entry.sent_ms for entry in last.values()),
            sum(entry.delivered_ms for entry in last.values()),
            sum(entry.audible_ms for entry in last.values()),
            audible_at,
        )

    # --- what was delivered ---

    def withheld(self, connection: int, since: int) -> list[EventByServer]:
        """The server's events of a connection that were not delivered, or only damaged."""
        return [e for e in self._withheld.values() if e.connection == connection and e.t >= since]

    def is_withheld(self, event: EventByServer) -> bool:
        """Whether this event was not delivered."""
        return id(event) in self._withheld_ids

    @cached_property
    def _withheld_ids(self) -> set[int]:
        return {id(event) for event in self._withheld.values()}

    def delivered_since(self, connection: int, since: int) -> EventByServer | None:
        """The first event of a connection since then that was delivered."""
        found = (e for e in self.journal.select(EventByServer) if e.connection == connection and e.t >= since)
        return next((entry for entry in found if not self.is_withheld(entry)), None)

    def _find_withheld(self) -> None:
        last: dict[int, tuple[int, EventByServer]] = {}
        held: dict[tuple[int, int], int] = {}
        for position, entry in enumerate(self.journal.entries):
            if isinstance(entry, EventByServer):
                last[entry.connection] = position, entry
            elif isinstance(entry, EventHeldBack) or (isinstance(entry, EventDelivered) and entry.damaged):
                key = entry.connection, entry.number
                place, event = last.get(entry.connection, (0, None))
                if key not in held and event is not None and event.kind == entry.event:
                    held[key], self._withheld[place] = place, event
            elif isinstance(entry, EventDelivered):
                self._withheld.pop(held.get((entry.connection, entry.number), -1), None)

    # --- levels ---

    def sent_between(self, connection: int, begin: int, end: int) -> tuple[int, float]:
        """Samples and the highest RMS of the audio that arrived in this time."""
        found = [
            entry
            for entry in self.journal.select(UplinkAudio)
            if entry.connection == connection and begin <= entry.t < end
        ]
        return sum(entry.samples for entry in found), max((entry.rms for entry in found), default=0.0)


def _tells(entry: EventByServer) -> bool:
    return entry.tells_turn_detection
