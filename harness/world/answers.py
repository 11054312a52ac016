"""What "answered" means: which utterance each answer is for, from the journal. The world and the judges share it.

An utterance is what the user said in the room. Its turn is whatever carried it to the model: a turn that turn detection
took or that the client committed, if the audio in it was captured while the user spoke; or text that the client made of
it. It is answered when an answer is heard (:class:`harness.journal.SpeakerHeard`) whose response was begun for that
turn: by the server, by the client's ``response.create``, or after a chain of tool calls, in the conversation or out of
band. An answer to an idle prompt, to nobody or to an older utterance is none.

A transcription session answers nothing: there an utterance is answered when the transcript of its turn has reached the
client, whatever words are in it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from operator import attrgetter

from ..journal import (
    AudioArrived,
    ConnectionOpened,
    EventAtClient,
    EventByServer,
    Journal,
    ResponseForItem,
    SpeakerHeard,
    TurnTaken,
    UserSpeaks,
)
from ..protocol.events import (
    ConversationItemAdded,
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    InputAudioBufferTimeoutTriggered,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputItemAdded,
    SessionCreated,
    TranscriptionCompleted,
)
from ..units import MS, SECOND

_SHARE = 0.5
"""A turn carries an utterance if the two have this share of the shorter one in common."""
SPEECH_MS = 64
"""A turn with less speech than this carries nothing: silence and noise can be committed too."""
_HISTORY_US = 2 * SECOND
"""Items that a client creates so soon after a reconnect are its history; the user may have said them long ago."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What carried utterances to the model."""

    connection: int
    item_id: str
    at_us: int
    """When it was complete."""
    utterances: tuple[UserSpeaks, ...]
    """Those that it carried; none if it is noise, or an idle prompt."""


@dataclass(frozen=True, slots=True)
class HeardAnswer:
    """An answer that was heard."""

    at_us: int
    """When it had been heard."""
    response_id: str
    """Empty if it is a transcript."""
    turn: Turn | None
    """The turn that it is for; None if it is for none."""
    chain: tuple[str, ...]
    """The responses from the first one for that turn to this one: more than one if it made tool calls."""


class Answers:
    """The turns and the answers of a journal."""

    def __init__(self, journal: Journal) -> None:
        self.utterances = list(journal.select(UserSpeaks))
        self.turns: dict[str, Turn] = {}
        """By the id of their item."""
        self._for_item = {entry.response_id: entry.item_id for entry in journal.select(ResponseForItem)}
        self._before: dict[str, str | None] = {}
        self._made_by: dict[str, str] = {}
        self._calls: dict[str | None, str] = {}
        self._call_of: dict[str, str] = {}
        self._writes: set[int] = set()
        """The connections of transcription sessions."""
        self._noise: set[str] = set()
        """Turns that turn detection took, in which nobody spoke."""
        self._answered: set[str] = set()
        self._carried: dict[UserSpeaks, dict[str, Turn]] = {}
        self._first: dict[UserSpeaks, HeardAnswer] = {}
        self._read_items(journal)
        self.heard: list[HeardAnswer] = []
        for entry in journal.select(SpeakerHeard, EventAtClient):
            answer = self._answer(entry) if isinstance(entry, SpeakerHeard) else self._transcript(entry)
            if answer is None:
                continue
            self.heard.append(answer)
            if answer.turn is not None:
                self._answered.add(answer.turn.item_id)
                for utterance in answer.turn.utterances:
                    self._first.setdefault(utterance, answer)

    def to(self, utterance: UserSpeaks) -> HeardAnswer | None:
        """The first answer that was heard to an utterance."""
        return self._first.get(utterance)

    def writes(self, connection: int | None) -> bool:
        """Whether a connection is a transcription session."""
        return connection in self._writes

    def carried(self, utterance: UserSpeaks) -> list[Turn]:
        """The turns that carried an utterance."""
        return list(self._carried.get(utterance, {}).values())

    def turn_of(self, response_id: str | None) -> Turn | None:
        """The turn that a response was begun for."""
        return self._root(response_id)[0]

    # --- reading ---

    def _read_items(self, journal: Journal) -> None:
        taken = _taken(journal, self.utterances)
        idle: set[str | None] = set()
        opened: dict[int, int] = {}
        last: dict[int, str] = {}
        for entry in journal.select(EventByServer, ConnectionOpened):
            if isinstance(entry, ConnectionOpened):
                opened[entry.connection] = entry.t
            elif entry.is_a(SessionCreated):
                if entry.fields.get("session_type") == "transcription":
                    self._writes.add(entry.connection)
            elif entry.is_a(InputAudioBufferTimeoutTriggered):
                idle.add(entry.item_id)
            elif entry.is_a(ResponseOutputItemAdded):
                self._made_by[str(entry.item_id)] = str(entry.response_id)
            elif entry.is_a(ResponseFunctionCallArgumentsDone):
                self._calls[entry.call_id] = str(entry.response_id)
            elif entry.is_a(ConversationItemAdded):
                item_id = str(entry.item_id)
                self._before[item_id] = last.get(entry.connection)
                last[entry.connection] = item_id
                turn = taken.get(item_id)
                if turn is not None and not turn.utterances:
                    self._noise.add(item_id)
                if item_id in idle:
                    turn = Turn(entry.connection, item_id, entry.t, ())
                elif turn is None and entry.role == "user" and item_id not in self._made_by:
                    turn = self._text(entry, opened.get(entry.connection, 0))
                if turn is not None:
                    self._keep(turn)
                elif entry.item_type == "function_call_output" and entry.call_id in self._calls:
                    self._call_of[item_id] = self._calls[entry.call_id]
        for item_id, turn in taken.items():
            if item_id not in self.turns:
                self._keep(turn)

    def _keep(self, turn: Turn) -> None:
        for utterance in self.turns[turn.item_id].utterances if turn.item_id in self.turns else ():
            del self._carried[utterance][turn.item_id]
        self.turns[turn.item_id] = turn
        for utterance in turn.utterances:
            self._carried.setdefault(utterance, {})[turn.item_id] = turn

    def _text(self, entry: EventByServer, opened: int) -> Turn:
        """A turn that the client wrote: it stands for what the user said last.

        As history in a new session it only does if the client had been told of that utterance before.
        """
        said = _said_before(self.utterances, entry.t)
        if entry.connection > 1 and entry.t - opened < _HISTORY_US:
            said = [utterance for utterance in said if self.carried(utterance)]
        return Turn(entry.connection, str(entry.item_id), entry.t, tuple(said))

    def _answer(self, entry: SpeakerHeard) -> HeardAnswer:
        turn, chain = self._root(entry.response_id)
        return HeardAnswer(entry.t, entry.response_id, turn, chain)

    def _transcript(self, entry: EventAtClient) -> HeardAnswer | None:
        """The transcript of a turn reached the client, in a session where that is all that there is."""
        if not entry.is_a(TranscriptionCompleted) or entry.connection not in self._writes:
            return None
        return HeardAnswer(entry.t, "", self.turns.get(str(entry.item_id)), ())

    def _root(self, response_id: str | None) -> tuple[Turn | None, tuple[str, ...]]:
        """The turn that a response was begun for, and the responses in between."""
        chain: list[str] = []
        while response_id is not None and response_id not in chain:
            chain.insert(0, response_id)
            item_id = self._for_item.get(response_id)
            while item_id is not None and item_id not in self.turns:
                before = self._call_of.get(item_id) or self._made_by.get(item_id)
                if before is not None:
                    break
                item_id = self._before.get(item_id)
            else:
                return (None if item_id is None else self._with_what_waits(item_id)), tuple(chain)
            response_id = before
        return None, tuple(chain)

    def _with_what_waits(self, item_id: str) -> Turn:
        """The turn of an item. A noise that cut off the answer to a turn is answered together with that turn."""
        turn, at = self.turns[item_id], item_id
        while at in self._noise:
            before = self._before.get(at)
            while before is not None and before not in self.turns:
                before = self._before.get(before)
            if before is None:
                return turn
            at = before
        waits = self.turns[at]
        unanswered = any(utterance not in self._first for utterance in waits.utterances)
        return waits if unanswered and at not in self._answered else turn


def answers_to(journal: Journal, utterances: Iterable[UserSpeaks]) -> Iterator[int]:
    """The times (microseconds) at which answers to any of these utterances were heard."""
    wanted = set(map(id, utterances))
    for answer in Answers(journal).heard:
        if answer.turn is not None and any(id(each) in wanted for each in answer.turn.utterances):
            yield answer.at_us


def answers_heard(journal: Journal, since: int) -> Iterator[int]:
    """The times at which answers were heard to utterances that began at or after ``since`` (microseconds)."""
    return answers_to(journal, [each for each in journal.select(UserSpeaks) if each.t >= since])


# --- turns that are audio --------------------------------------------------------------------------------------------


def _taken(journal: Journal, utterances: list[UserSpeaks]) -> dict[str, Turn]:
    """The turns whose audio was appended."""
    chunk_ms = journal.header.get("chunk_ms")
    clocks: dict[int, _CaptureClock] = {}
    turns: dict[str, Turn] = {}
    said = _Said(utterances)
    for entry in journal.select(AudioArrived, TurnTaken):
        clock = clocks.get(entry.connection)
        if clock is None:
            clock = clocks[entry.connection] = _CaptureClock(chunk_ms if isinstance(chunk_ms, int) else 0)
        if isinstance(entry, AudioArrived):
            clock.add(entry)
            continue
        carried: list[UserSpeaks] = []
        if entry.speech_ms >= SPEECH_MS:
            spans = clock.captured(entry)
            carried = [each for each in said.within(spans) if _carries(spans, each)]
            if not carried and not clock.knows:  # changed audio that was sent late: what was said last
                carried = _said_before(utterances, entry.t)
        turns[entry.item_id] = Turn(entry.connection, entry.item_id, entry.t, tuple(carried))
    return turns or _taken_of_format_1(journal, utterances)


class _Said:
    """The utterances, in the order of their begin, for a search by time."""

    def __init__(self, utterances: list[UserSpeaks]) -> None:
        self._utterances = utterances
        self._begins = [each.t for each in utterances]
        self._reached = list(accumulate((each.end for each in utterances), max))
        """The latest end of each utterance and all before it."""

    def within(self, spans: Sequence[tuple[int, int]]) -> list[UserSpeaks]:
        """Those that may have something in common with the time from the first span to the last."""
        if not spans:
            return []
        first = bisect_right(self._reached, min(begin for begin, _ in spans))
        return self._utterances[first : bisect_left(self._begins, max(end for _, end in spans))]


def _said_before(utterances: Sequence[UserSpeaks], t: int) -> list[UserSpeaks]:
    """The last utterance that had ended by then."""
    last = next((each for each in reversed(utterances) if each.end <= t), None)
    return [] if last is None else [last]


def _carries(spans: Iterable[tuple[int, int]], utterance: UserSpeaks) -> bool:
    length = common = 0
    for begin, end in spans:
        length += end - begin
        common += max(0, min(end, utterance.end) - max(begin, utterance.t))
    return common > 0 and common >= _SHARE * min(length, utterance.length_us)


class _CaptureClock:
    """When the audio of a connection was captured, by its position in all that arrived.

    Known from audio that is recognised; else, if none is, a turn counts as captured just before it was taken. What is
    not asked for is not read: in a sweep, what nobody reads need not be computed (:mod:`harness.search.sweep.exact`).
    """

    def __init__(self, chunk_ms: int) -> None:
        self._chunk_ms = chunk_ms
        self._entries: list[AudioArrived] = []
        """In the order of their positions."""

    @property
    def knows(self) -> bool:
        """Whether any audio was recognised."""
        return any(isinstance(entry.captured_ms, int) for entry in self._entries)

    def add(self, entry: AudioArrived) -> None:
        """Audio arrived; the entry is about the end of a chunk."""
        entries = self._entries
        if entries and entry.arrived_ms <= entries[-1].arrived_ms and isinstance(entry.captured_ms, int):
            while entries and entries[-1].arrived_ms >= entry.arrived_ms:  # they were a guess; this one is right
                entries.pop()
        if not entries or entry.arrived_ms > entries[-1].arrived_ms:
            entries.append(entry)

    def captured(self, turn: TurnTaken) -> list[tuple[int, int]]:
        """When the audio of a turn was captured: one or several spans, in microseconds."""
        entries, chunk_ms = self._entries, self._chunk_ms
        after = bisect_right(entries, turn.from_ms + chunk_ms, key=attrgetter("arrived_ms"))
        within = (entry for entry in entries[after:] if entry.arrived_ms - chunk_ms < turn.to_ms)
        first = next(self._known(reversed(entries[:after])), None)
        known = [*([first] if first is not None else ()), *self._known(within)]
        known = known or list(islice(self._known(entries[after:]), 1))
        if not known:
            return [(turn.t - (turn.to_ms - turn.from_ms) * MS, turn.t)]
        spans: list[tuple[int, int]] = []
        for index, (position_ms, captured_us) in enumerate(known):
            begin_ms = position_ms if index else turn.from_ms
            last = index + 1 == len(known)
            end_ms = turn.to_ms if last else min(turn.to_ms, known[index + 1][0])
            if begin_ms < end_ms:
                spans.append((captured_us + (begin_ms - position_ms) * MS, captured_us + (end_ms - position_ms) * MS))
        return spans

    def _known(self, entries: Iterable[AudioArrived]) -> Iterator[tuple[int, int]]:
        """Where audio begins that is recognised, and when its begin was captured (microseconds)."""
        for entry in entries:
            if isinstance(entry.captured_ms, int):
                yield entry.arrived_ms - self._chunk_ms, (entry.captured_ms - self._chunk_ms) * MS


def _taken_of_format_1(journal: Journal, utterances: list[UserSpeaks]) -> dict[str, Turn]:
    """The turns of a journal that does not say which audio is in them: what was said while the server heard speech.

    Else what was said last before: speech may have been sent again.
    """
    bounds: dict[str, list[int]] = {}
    turns: dict[str, Turn] = {}
    for entry in journal.select(EventByServer, ResponseForItem):
        item_id = str(entry.item_id)
        if isinstance(entry, ResponseForItem):
            taken = item_id in bounds
        elif entry.is_a(InputAudioBufferSpeechStarted):
            bounds[item_id] = [entry.t]
            continue
        elif entry.is_a(InputAudioBufferSpeechStopped, InputAudioBufferCommitted):
            bounds.setdefault(item_id, [entry.t - SECOND]).append(entry.t)
            taken = entry.is_a(InputAudioBufferCommitted)
        else:
            continue
        if taken and item_id not in turns:
            begin, end = bounds[item_id][0], max(bounds[item_id][1:], default=entry.t)
            before = [each for each in utterances if each.t <= begin][-1:]
            carried = tuple(each for each in utterances if _carries([(begin, end)], each)) or tuple(before)
            turns[item_id] = Turn(entry.connection, item_id, entry.t, carried)
    return turns
