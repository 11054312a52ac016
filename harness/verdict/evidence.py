"""What a journal says of one utterance: the levels of its audio on each lane, and what happened around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.journal import Entry, Journal
from harness.units import MS, SECOND

STARTED = "input_audio_buffer.speech_started"
STOPPED = "input_audio_buffer.speech_stopped"
COMMITTED = "input_audio_buffer.committed"
TURN_ENDS = (STOPPED, COMMITTED, "turn_closed")
AFTER_US = 2 * SECOND
"""Time that is given to what an utterance brings about."""
CLOCK_SHARE = 0.5
"""With less of the captured audio sent than this, the server's audio clock all but stands still."""


@dataclass(frozen=True, slots=True)
class Level:
    """Audio of a lane over a span."""

    chunks: int
    samples: int
    zeros: int
    rms: float
    peak: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Speech as a detector had it; ``ended`` is None while it goes on."""

    started: Entry
    ended: Entry | None = None


class Case:
    """One ``user speaks`` entry and what the journal says around it."""

    def __init__(self, journal: Journal, utterance: Entry) -> None:
        self.journal = journal
        self.begin = utterance.t
        self.end = utterance.t + utterance.fields["length_us"]
        self.until = self.end + AFTER_US
        self.spoken_rms = float(utterance.fields["rms"])
        self.audible = bool(utterance.fields.get("audible", True))
        """Whether an honest detector takes what was spoken for speech."""
        self.captured = self.level("microphone", self.begin, self.end)
        self.sent = self.level("uplink", self.begin, self.end)
        self.captured_after = self.level("microphone", self.end + SECOND // 2, self.end + AFTER_US)
        self.sent_after = self.level("uplink", self.end + SECOND // 2, self.end + AFTER_US)

    def during(self, lane: str, *kinds: str) -> Iterator[Entry]:
        """Entries of a lane from the utterance's begin to :data:`AFTER_US` after its end."""
        return (e for e in self.journal.select(lane, *kinds) if self.begin <= e.t <= self.until)

    def since(self, lane: str, *kinds: str, t: int) -> Iterator[Entry]:
        """Entries of a lane at ``t`` or later."""
        return (e for e in self.journal.select(lane, *kinds) if e.t >= t)

    def before(self, lane: str, *kinds: str) -> Entry | None:
        """The last entry of a lane before the utterance began."""
        return next((e for e in reversed(list(self.journal.select(lane, *kinds))) if e.t < self.begin), None)

    def open_since(self, lane: str, begins: str, ends: str) -> Entry | None:
        """The entry that began what no later one had ended :data:`AFTER_US` after the utterance."""
        last: Entry | None = None
        for entry in self.journal.select(lane, begins, ends):
            if entry.t <= self.until:
                last = entry if entry.kind == begins else None
        return last

    def open_response(self, lane: str) -> Entry | None:
        """The oldest response of the connection that had not ended :data:`AFTER_US` after the utterance."""
        opened: dict[str, Entry] = {}
        for entry in self._of_connection(lane, "response.created", "response.done"):
            if entry.t > self.until:
                break
            if entry.kind == "response.created":
                opened[entry.fields["response_id"]] = entry
            else:
                opened.pop(entry.fields["response_id"], None)
        return next(iter(opened.values()), None)

    def turn_on(self, lane: str) -> Turn | None:
        """Where the utterance went: the last turn that began with it or soon after, else one that was open all along.

        On the lane ``shadow`` it is the honest detector's.
        """
        begun = [turn for turn in self._turns(lane) if self.begin <= turn.started.t <= min(self.until, self.next_begin)]
        middle = (self.begin + self.end) // 2
        across = [
            turn
            for turn in self._turns(lane)
            if turn.started.t < self.begin and (turn.ended is None or turn.ended.t > middle)
        ]
        return next(reversed(begun or across), None)

    @cached_property
    def turn(self) -> Turn | None:
        """Where the utterance went on the server."""
        return self.turn_on("server")

    @cached_property
    def detection(self) -> dict[str, Any] | None:
        """As the server has it."""
        return self.detection_on("server")

    @cached_property
    def response(self) -> Entry | None:
        """The server's response to the utterance."""
        return self.response_on("server")

    @property
    def joined(self) -> bool:
        """Whether its turn had been open for long while the user was silent: other sound, or nothing, held it."""
        if self.turn is None:
            return False
        spoken = (e.t + int(e.fields["length_us"]) for e in self.journal.select("user", "speaks") if e.t < self.begin)
        return self.begin - max(self.turn.started.t, *spoken, 0) >= AFTER_US

    @property
    def goes_on(self) -> bool:
        """Whether its turn is that of what the user said just before, which no silence had ended."""
        if self.turn is None or self.turn.started.t >= self.begin:
            return False
        started = self.turn.started.t
        spoken = [(e.t, e.t + int(e.fields["length_us"])) for e in self.journal.select("user", "speaks")]
        return any(t <= started <= end + SECOND and 0 <= self.begin - end < AFTER_US for t, end in spoken)

    def detection_on(self, lane: str) -> dict[str, Any] | None:
        """The session's turn detection when the user had spoken; None if it is off, empty if nothing tells of it."""
        told = [e for e in self._of_connection(lane, "session.created", "session.updated") if e.t <= self.until]
        settings: list[dict[str, Any] | None] = [{}]
        settings += [entry.fields["turn_detection"] for entry in told if "turn_detection" in entry.fields]
        return settings[-1]

    def response_on(self, lane: str) -> Entry | None:
        """The last response that was begun in the utterance's time; else the first that was begun for it later."""
        turn = self.turn_on(lane)
        begin = turn.ended.t if turn is not None and turn.ended is not None else self.begin
        created = [e for e in self._of_connection(lane, "response.created") if begin <= e.t <= self.next_begin]
        in_time = [entry for entry in created if entry.t <= self.until]
        return next(iter(in_time[-1:] or created), None)

    def of_response(self, lane: str, kind: str, created: Entry) -> Entry | None:
        """The event of this kind of a response."""
        entries = self.since(lane, kind, t=created.t)
        return next((e for e in entries if e.fields.get("response_id") == created.fields["response_id"]), None)

    def closed(self, since: int, until: int) -> Entry | None:
        """The end of the utterance's connection, if it came then."""
        entries = self._of_connection("connection", "closed")
        return next((entry for entry in entries if since <= entry.t <= until), None)

    def _turns(self, lane: str) -> list[Turn]:
        begins, ends = ("speech_started", ("speech_stopped",)) if lane == "shadow" else (STARTED, TURN_ENDS)
        turns: list[Turn] = []
        for entry in self._of_connection(lane, begins, *ends):
            if entry.kind == begins:
                turns.append(Turn(entry))
            elif turns and turns[-1].ended is None:
                turns[-1] = Turn(turns[-1].started, entry)
        return turns

    def _of_connection(self, lane: str, *kinds: str) -> Iterator[Entry]:
        number = self.connection
        entries = self.journal.select(lane, *kinds)
        return (entry for entry in entries if number is None or entry.fields.get("connection") == number)

    @cached_property
    def next_begin(self) -> int:
        """When the user spoke again; the end of the journal if he did not."""
        later = (entry.t for entry in self.journal.select("user", "speaks") if entry.t > self.begin)
        return next(later, self.ends)

    @property
    def ends(self) -> int:
        """The time of the last entry."""
        return self.journal.entries[-1].t

    @property
    def opened(self) -> Entry | None:
        """The entry that opened the connection of the utterance."""
        return next(self._of_connection("connection", "open"), None)

    @cached_property
    def connection(self) -> int | None:
        """The connection that was open when the utterance ended."""
        last: Entry | None = None
        for entry in self.journal.select("connection", "open", "closed", "dial"):
            if entry.t <= self.end:
                last = entry
        return last.fields["connection"] if last is not None and last.kind == "open" else None

    @property
    def late_us(self) -> int:
        """How much of the audio that was sent on the connection had not arrived when the utterance ended."""
        arrivals = [
            entry
            for entry in self.journal.select("server", "audio_arrives")
            if entry.t <= self.end and entry.fields.get("connection") == self.connection
        ]
        if not arrivals or "arrived_ms" not in arrivals[-1].fields:
            return 0
        sent = sum(
            entry.fields["samples"]
            for entry in self.journal.select("uplink", "audio")
            if entry.t < arrivals[-1].t and entry.fields.get("connection") == self.connection
        )
        arrived_ms: int = arrivals[-1].fields["arrived_ms"]
        return int(sent * SECOND // SAMPLE_RATE_HZ) - arrived_ms * MS

    @property
    def samples_a_chunk(self) -> tuple[float, float]:
        """How long the chunks of the capture are in the utterance, and were in the first seconds."""
        first = self.level("microphone", 0, 2 * SECOND)
        return self.captured.samples / max(1, self.captured.chunks), first.samples / max(1, first.chunks)

    @property
    def clock_stands(self) -> bool:
        """Whether little of what was captured in the silence after the utterance was sent, not even as zeros."""
        silence = self.end, self.end + AFTER_US
        captured, sent = self.level("microphone", *silence), self.level("uplink", *silence)
        expected = max(captured.samples, _samples(AFTER_US) // 2)
        return sent.samples < CLOCK_SHARE * expected

    def level(self, lane: str, begin: int, end: int) -> Level:
        """The audio of a lane from ``begin`` to ``end``: of the entries of which at least half lies there."""
        chunks = samples = zeros = peak = 0
        rms = 0.0
        for entry in self.journal.select(lane, "audio"):
            length = entry.fields["samples"] * SECOND // SAMPLE_RATE_HZ
            within = min(end, entry.t + length) - max(begin, entry.t)
            if within >= 0 and 2 * within >= min(length, end - begin):
                chunks += entry.fields["chunks"]
                samples += entry.fields["samples"]
                zeros += entry.fields["zeros"]
                rms = max(rms, entry.fields["rms"])
                peak = max(peak, entry.fields["peak"])
        return Level(chunks, samples, zeros, rms, peak)


def _samples(us: int) -> int:
    return us * SAMPLE_RATE_HZ // SECOND
