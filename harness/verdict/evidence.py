"""What a journal says about one utterance: the levels of its audio on each lane, and the events around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from ..audio.formats import SAMPLE_RATE_HZ
from ..journal import (
    AudioArrived,
    AudioLevels,
    CallStateChanged,
    ConnectionClosed,
    ConnectionEntry,
    ConnectionOpened,
    Entry,
    EventAtClient,
    EventByServer,
    EventEntry,
    Journal,
    MediaPackets,
    MicrophoneAudio,
    SessionEntry,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    TurnClosed,
    TurnTaken,
    UplinkAudio,
    UserSpeaks,
)
from ..protocol.events import (
    Event,
    InputAudioBufferCleared,
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    ResponseCreated,
    ResponseDone,
    SessionCreated,
    SessionUpdated,
)
from ..units import MS, SECOND
from ..world.answers import SPEECH_MS, Answers

Side = type[EventByServer] | type[EventAtClient]
"""The side of an event: as the server sent it, or as the client received it."""
STARTED = InputAudioBufferSpeechStarted
STOPPED = InputAudioBufferSpeechStopped
COMMITTED = InputAudioBufferCommitted
AFTER_US = 2 * SECOND
"""How long after an utterance its effects are looked for."""
LOUD_LSB = 64.0
"""Audio above this, -54 dBFS, is sound that holds a detector in speech; audio below it is not (silero-vad #396)."""
BEGUN_US = 10 * SECOND
"""A response may be under way for so long."""
CLOCK_SHARE = 0.5
"""If a smaller share of the captured audio is sent, the server's audio clock hardly moves."""


_PACKETS = ("up_sent", "up_lost", "up_made_up", "down_sent", "down_lost", "down_made_up")


E = TypeVar("E", bound=Entry)
OfConnection = TypeVar("OfConnection", bound=EventEntry | ConnectionEntry | SessionEntry)


@dataclass(frozen=True, slots=True)
class LaneAudio:
    """The audio of a lane between two times: RMS and peak in LSB of 16 bits, ``zeros`` in chunks."""

    chunks: int
    samples: int
    zeros: int
    rms: float
    peak: int


@dataclass(frozen=True, slots=True)
class DetectedTurn:
    """Speech as a detector reported it; ``ended`` is None while it continues."""

    started: Entry
    ended: Entry | None = None


class Case:
    """One utterance of the user, and what the journal says about the time around it."""

    def __init__(self, journal: Journal, utterance: UserSpeaks) -> None:
        self.journal = journal
        self.utterance = utterance
        self.begin = utterance.t
        self.end = utterance.end
        self.until = self.end + AFTER_US
        self.spoken_rms = utterance.rms
        self.audible = utterance.is_audible
        """Whether an honest detector hears speech in it."""
        self.captured = self.audio_on(MicrophoneAudio, self.begin, self.end)
        self.sent = self.audio_on(UplinkAudio, self.begin, self.end)
        self.sent_after = self.audio_on(UplinkAudio, self.end + SECOND // 2, self.end + AFTER_US)

    def during(self, *types: type[E]) -> Iterator[E]:
        """Entries of these classes from the utterance's begin to :data:`AFTER_US` after its end."""
        return (e for e in self.journal.select(*types) if self.begin <= e.t <= self.until)

    def events_during(self, side: Side, *types: type[Event]) -> Iterator[EventEntry]:
        """Events of these classes from the utterance's begin to :data:`AFTER_US` after its end."""
        return (e for e in self.journal.events(side, *types) if self.begin <= e.t <= self.until)

    def open_since(self, begins: type[E], ends: type[Entry]) -> E | None:
        """The last ``begins`` entry, if no ``ends`` entry follows it until :data:`AFTER_US` after the utterance."""
        last: E | None = None
        for entry in self.journal.select(begins, ends):
            if entry.t <= self.until:
                last = entry if isinstance(entry, begins) else None
        return last

    def open_response(self, side: Side) -> EventEntry | None:
        """The oldest response of the connection that had not ended :data:`AFTER_US` after the utterance."""
        opened: dict[str | None, EventEntry] = {}
        for entry in self.of_connection(self.journal.events(side, ResponseCreated, ResponseDone)):
            if entry.t > self.until:
                break
            if entry.is_a(ResponseCreated):
                opened[entry.response_id] = entry
            else:
                opened.pop(entry.response_id, None)
        return next(iter(opened.values()), None)

    def turn_at(self, side: Side) -> DetectedTurn | None:
        """The turn of the utterance, from the server's events at one side."""
        return self._turn_among(self._turns(side))

    @cached_property
    def honest_turn(self) -> DetectedTurn | None:
        """The turn of the utterance, from the honest detector (the shadow)."""
        return self._turn_among(self._honest_turns())

    def honest_speech_at(self, t: int) -> bool:
        """Whether the honest detector was in speech just before ``t`` (microseconds); a clear or commit ends it."""
        speaks = False
        for entry in self.of_connection(self.journal.select(ShadowSpeechStarted, ShadowSpeechStopped, EventByServer)):
            if entry.t >= t:
                break
            if isinstance(entry, EventByServer):
                speaks = speaks and not entry.is_a(InputAudioBufferCleared, COMMITTED)
            else:
                speaks = isinstance(entry, ShadowSpeechStarted)
        return speaks

    def _turn_among(self, turns: list[DetectedTurn]) -> DetectedTurn | None:
        """The last turn that began during the utterance or soon after, else one that was open during it."""
        begun = [turn for turn in turns if self.begin <= turn.started.t <= min(self.until, self.next_begin)]
        middle = (self.begin + self.end) // 2
        across = [
            turn for turn in turns if turn.started.t < self.begin and (turn.ended is None or turn.ended.t > middle)
        ]
        return next(reversed(begun or across), None)

    @cached_property
    def turn(self) -> DetectedTurn | None:
        """The turn of the utterance, as the server sent it."""
        return self.turn_at(EventByServer)

    @cached_property
    def detection(self) -> dict[str, Any] | None:
        """The turn detection that the server uses."""
        return self.detection_at(EventByServer)

    @property
    def without_speech(self) -> set[str | None]:
        """The items of turns in which nobody spoke: what a client commits may be silence."""
        return {entry.item_id for entry in self.journal.select(TurnTaken) if entry.speech_ms < SPEECH_MS}

    @cached_property
    def answers(self) -> Answers:
        """The turns and the answers of the whole journal."""
        return Answers(self.journal)

    @cached_property
    def response(self) -> EventEntry | None:
        """The server's response to the utterance: the last one that was begun for its turn, if that is known.

        One that was begun just before the end of the journal shows nothing, if there is another one; nor does one that
        was cut off, such as by more words that were sent again.
        """
        created = [
            entry
            for entry in self.journal.events(EventByServer, ResponseCreated)
            if (turn := self.answers.turn_of(entry.response_id)) is not None and self.utterance in turn.utterances
        ]
        ended = {entry.response_id: entry.status for entry in self.journal.events(EventByServer, ResponseDone)}
        settled = [entry for entry in created if entry.response_id in ended or self.ends - entry.t >= BEGUN_US]
        whole = [entry for entry in settled if ended.get(entry.response_id) != "cancelled"]
        return (whole or settled or created)[-1] if created else self._response_in_time()

    def _response_in_time(self) -> EventEntry | None:
        """A response that was begun soon enough to be for the utterance, and is known to be for nothing else."""
        found = self.response_at(EventByServer)
        if found is None or (turn := self.answers.turn_of(found.response_id)) is None:
            return found
        return None if turn.utterances else found

    @property
    def joined(self) -> bool:
        """Whether its turn was already open for :data:`AFTER_US` or longer while the user was silent."""
        if self.turn is None:
            return False
        spoken = (entry.end for entry in self.journal.select(UserSpeaks) if entry.t < self.begin)
        return self.begin - max(self.turn.started.t, *spoken, 0) >= AFTER_US

    def detection_at(self, side: Side) -> dict[str, Any] | None:
        """The session's turn detection after the utterance; None if it is off, empty if no event says it."""
        found = self.of_connection(self.journal.events(side, SessionCreated, SessionUpdated))
        settings: list[dict[str, Any] | None] = [{}]
        settings += [entry.turn_detection for entry in found if entry.t <= self.until and entry.tells_turn_detection]
        return settings[-1]

    def response_at(self, side: Side) -> EventEntry | None:
        """The last response created until :data:`AFTER_US` after the utterance; else the first one created later."""
        turn = self.turn_at(side)
        begin = turn.ended.t if turn is not None and turn.ended is not None else self.begin
        all_created = self.of_connection(self.journal.events(side, ResponseCreated))
        created = [entry for entry in all_created if begin <= entry.t <= self.next_begin]
        in_time = [entry for entry in created if entry.t <= self.until]
        return next(iter(in_time[-1:] or created), None)

    def of_response(self, side: Side, kind: type[Event], created: EventEntry) -> EventEntry | None:
        """The first event of this class about the response that ``created`` created."""
        entries = (e for e in self.journal.events(side, kind) if e.t >= created.t)
        return next((entry for entry in entries if entry.response_id == created.response_id), None)

    def closed(self, since: int, until: int) -> ConnectionClosed | None:
        """The end of the utterance's connection, if it was between these times (microseconds)."""
        entries = self.of_connection(self.journal.select(ConnectionClosed))
        return next((entry for entry in entries if since <= entry.t <= until), None)

    def _turns(self, side: Side) -> list[DetectedTurn]:
        turns: list[DetectedTurn] = []
        unseen = (TurnClosed,) if side is EventByServer else ()  # no event reports it
        for entry in self.of_connection(self.journal.select(side, *unseen)):
            if isinstance(entry, EventEntry) and entry.is_a(STARTED):
                turns.append(DetectedTurn(entry))
            elif isinstance(entry, TurnClosed) or entry.is_a(STOPPED, COMMITTED):
                _end_last(turns, entry)
        return turns

    def _honest_turns(self) -> list[DetectedTurn]:
        turns: list[DetectedTurn] = []
        for entry in self.of_connection(self.journal.select(ShadowSpeechStarted, ShadowSpeechStopped)):
            if isinstance(entry, ShadowSpeechStarted):
                turns.append(DetectedTurn(entry))
            else:
                _end_last(turns, entry)
        return turns

    def of_connection(self, entries: Iterator[OfConnection]) -> Iterator[OfConnection]:
        """Those of the connection that was open when the utterance ended; all if none was."""
        number = self.connection
        return (entry for entry in entries if number is None or entry.connection == number)

    @cached_property
    def next_begin(self) -> int:
        """When the user spoke again, in microseconds; else the end of the journal."""
        later = (entry.t for entry in self.journal.select(UserSpeaks) if entry.t > self.begin)
        return next(later, self.ends)

    @property
    def ends(self) -> int:
        """The time of the last entry, in microseconds."""
        return self.journal.end

    @property
    def opened(self) -> ConnectionOpened | None:
        """The entry that opened the connection of the utterance."""
        return next(self.of_connection(self.journal.select(ConnectionOpened)), None)

    @cached_property
    def connection(self) -> int | None:
        """The connection that was open when the utterance ended; of several, the one on which audio was sent last."""
        still_open: set[int] = set()
        for entry in self.journal.select(ConnectionOpened, ConnectionClosed):
            if entry.t <= self.end:
                change = still_open.add if isinstance(entry, ConnectionOpened) else still_open.discard
                change(entry.connection)
        if len(still_open) < 2:
            return next(iter(still_open), None)
        sent = (e for e in self.journal.select(UplinkAudio) if e.t <= self.end and e.connection in still_open)
        last = max(sent, key=lambda entry: entry.t, default=None)
        return max(still_open) if last is None else last.connection

    @property
    def passed_before(self) -> bool:
        """Whether the client sent audio during an earlier utterance that was no louder."""
        for said in self.journal.select(UserSpeaks):
            if said.end <= self.begin and said.rms <= 1.1 * self.spoken_rms:
                sent = self.audio_on(UplinkAudio, said.t, said.end)
                if sent.chunks > sent.zeros:
                    return True
        return False

    @property
    def late_us(self) -> int:
        """Length of the audio that was sent on the connection but had not arrived at the end of the utterance."""
        arrivals = [
            entry
            for entry in self.journal.select(AudioArrived)
            if entry.t <= self.end and entry.connection == self.connection
        ]
        if not arrivals:
            return 0
        sent = sum(
            entry.samples
            for entry in self.journal.select(UplinkAudio)
            if entry.t < arrivals[-1].t and entry.connection == self.connection
        )
        return sent * SECOND // SAMPLE_RATE_HZ - arrivals[-1].arrived_ms * MS

    @property
    def samples_a_chunk(self) -> tuple[float, float]:
        """Mean number of samples in a captured chunk during the utterance, and the number that the client asked for.

        Where the journal does not say what it asked for, that of the first two seconds of the run.
        """
        chunk_ms = self.journal.header.get("chunk_ms")
        if isinstance(chunk_ms, int):
            asked = float(_samples(chunk_ms * MS))
        else:
            first = self.audio_on(MicrophoneAudio, 0, 2 * SECOND)
            asked = first.samples / max(1, first.chunks)
        return self.captured.samples / max(1, self.captured.chunks), asked

    @property
    def clock_stands(self) -> bool:
        """Whether the client sent hardly any audio after the utterance, not even zeros."""
        silence = self.end, self.end + AFTER_US
        captured, sent = self.audio_on(MicrophoneAudio, *silence), self.audio_on(UplinkAudio, *silence)
        expected = max(captured.samples, _samples(AFTER_US) // 2)
        chunks = max(captured.chunks, _samples(AFTER_US) // 2 / max(1.0, self.samples_a_chunk[1]))
        return sent.samples < CLOCK_SHARE * expected and sent.chunks < CLOCK_SHARE * max(1, chunks)

    @cached_property
    def loud_after_share(self) -> float:
        """Which share of the time after the utterance is filled with sound that is sent as it is captured.

        From half a second to :data:`AFTER_US` after its end, unless the user speaks again before. What is sent again
        counts as nothing: it comes in one burst and then ends.
        """
        begin, end = self.end + SECOND // 2, min(self.next_begin, self.until)
        loud_us = 0
        for entry in self.journal.select(UplinkAudio):
            if entry.rms >= LOUD_LSB and not isinstance(entry.age_ms, int):
                length_us = min(SECOND // 2, entry.samples * SECOND // SAMPLE_RATE_HZ)
                loud_us += max(0, min(end, entry.t + length_us) - max(begin, entry.t))
        return loud_us / max(1, end - begin)

    @property
    def by_call(self) -> bool:
        """Whether the run was played over WebRTC."""
        return self.journal.header.get("transport") == "webrtc"

    def packets(self, begin: int, end: int) -> dict[str, int]:
        """Of a call, the packets of the seconds that end between two times (microseconds), by their fields."""
        found = [e for e in self.of_connection(self.journal.select(MediaPackets)) if begin <= e.t <= end + SECOND]
        return {name: sum(getattr(entry, name) for entry in found) for name in _PACKETS}

    def call_states(self) -> dict[str, int]:
        """When the call came into the states that it has been in since it was last connected, in microseconds."""
        states: dict[str, int] = {}
        for entry in self.of_connection(self.journal.select(CallStateChanged)):
            if entry.t <= self.until:
                if entry.state == "connected":
                    states.clear()
                states[entry.state] = entry.t
        return states

    def audio_on(self, lane: type[AudioLevels], begin: int, end: int) -> LaneAudio:
        """The audio of a lane from ``begin`` to ``end``: the entries that overlap it by at least half."""
        chunks = samples = zeros = peak = 0
        rms = 0.0
        for entry in self.journal.select(lane):
            length = entry.samples * SECOND // SAMPLE_RATE_HZ
            within = min(end, entry.t + length) - max(begin, entry.t)
            if within >= 0 and 2 * within >= min(length, end - begin):
                chunks += entry.chunks
                samples += entry.samples
                zeros += entry.zeros
                rms = max(rms, entry.rms)
                peak = max(peak, entry.peak)
        return LaneAudio(chunks, samples, zeros, rms, peak)


def _end_last(turns: list[DetectedTurn], entry: Entry) -> None:
    if turns and turns[-1].ended is None:
        turns[-1] = DetectedTurn(turns[-1].started, entry)


def _samples(us: int) -> int:
    return us * SAMPLE_RATE_HZ // SECOND
