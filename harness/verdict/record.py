"""What a journal says about a whole run, for the properties: utterances and their answers, sessions, faults."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..faults import CATALOGUE, SourceFault
from ..journal import (
    ConnectionClosed,
    ConnectionDialled,
    ConnectionOpened,
    FaultInjected,
    Journal,
    RoomNoise,
    SpeakerEnded,
    SpeakerPlaying,
    SpeakerStopped,
    StepsBegin,
    UserSpeaks,
    WorldHealed,
)
from ..units import SECOND
from ..world.answers import Answers, HeardAnswer

ANSWER_WITHIN_US = 12 * SECOND
"""The bound of a journal whose header has none."""


@dataclass(frozen=True, slots=True)
class Wait:
    """An utterance of the conversation after the heal, and its answer."""

    utterance: UserSpeaks
    """The first one said: the user repeats it until an answer is heard."""
    answer: HeardAnswer | None
    """None if no answer was heard."""
    within_us: int
    """The bound: of the first utterance from the heal, of each later one from its end."""
    since_us: int
    """What the bound counts from: the heal, or the end of the utterance."""

    @property
    def waited_us(self) -> int | None:
        """How long the user waited, in microseconds; None if for ever."""
        return None if self.answer is None else max(0, self.answer.at_us - self.since_us)

    @property
    def kept(self) -> bool:
        """Whether the answer was heard in time."""
        waited_us = self.waited_us
        return waited_us is not None and waited_us <= self.within_us


@dataclass(frozen=True, slots=True)
class SessionSpan:
    """One session, as long as its connection was open, in microseconds."""

    connection: int
    begin_us: int
    end_us: int


class RunRecord:
    """The journal of a run and what is read from it; each part is read once."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    @cached_property
    def answers(self) -> Answers:
        """The turns, and the answers that were heard."""
        return Answers(self.journal)

    @cached_property
    def healed_us(self) -> int | None:
        """When the fault phase was over; None if the journal ends before."""
        return next((entry.t for entry in self.journal.select(WorldHealed)), None)

    @cached_property
    def steps_begun_us(self) -> int:
        """When the steps of the scenario began, from where its times count: 0, unless a page took its time to start."""
        return next((entry.t for entry in self.journal.select(StepsBegin)), 0)

    @property
    def end_us(self) -> int:
        """The end of the run."""
        return self.journal.end

    @cached_property
    def within_us(self) -> int:
        """The time in which an utterance must be answered while nothing is faulty."""
        found = self.journal.header.get("answer_within_us")
        return found if isinstance(found, int) else ANSWER_WITHIN_US

    # --- the conversation after the heal ---

    @cached_property
    def probes(self) -> list[UserSpeaks]:
        """What the persistent user said."""
        return [entry for entry in self.journal.select(UserSpeaks) if entry.probe]

    @cached_property
    def first_answer(self) -> HeardAnswer | None:
        """The first answer to something said after the heal."""
        said = self.probes
        found = self.answers.heard
        return next((each for each in found if each.turn and any(u in said for u in each.turn.utterances)), None)

    @cached_property
    def waits(self) -> tuple[Wait, ...]:
        """The utterances of the conversation after the heal, with their answers; none if the user never spoke."""
        if not self.probes or self.healed_us is None:
            return ()
        allowed = self.journal.header.get("recover_within_us")
        within_us = allowed if isinstance(allowed, int) else 60 * SECOND
        first = self.first_answer
        waits = [Wait(self.probes[0], first, within_us, self.healed_us)]
        if first is not None:
            for said in self.probes:
                answer = self.answers.to(said)
                if said.t > first.at_us and (answer is not None or said.end < self.end_us):
                    waits.append(Wait(said, answer, self.within_us, said.end))
        return tuple(waits)

    # --- sessions ---

    @cached_property
    def sessions(self) -> list[SessionSpan]:
        """All sessions, in order."""
        found: list[SessionSpan] = []
        open_since: dict[int, int] = {}
        for entry in self.journal.select(ConnectionOpened, ConnectionClosed, ConnectionDialled):
            if isinstance(entry, ConnectionOpened):
                open_since[entry.connection] = entry.t
            elif isinstance(entry, ConnectionClosed) and entry.connection in open_since:
                found.append(SessionSpan(entry.connection, open_since.pop(entry.connection), entry.t))
        found += [SessionSpan(number, begin, self.end_us) for number, begin in open_since.items()]
        return sorted(found, key=lambda session: session.begin_us)

    # --- faults ---

    @cached_property
    def faulty(self) -> list[tuple[int, int, str]]:
        """When something was faulty: begin and end in microseconds, and the fault or ``app``.

        A fault without an end lasts until the first answer after the heal: what the client must cure by itself is cured
        when it is answered again.
        """
        recovered = self.first_answer.at_us if self.first_answer is not None else self.end_us
        healed = self.healed_us if self.healed_us is not None else self.end_us
        found = []
        for entry in self.journal.select(FaultInjected):
            kind = CATALOGUE.get(entry.kind)
            outlives = kind is not None and kind().cure != "its end"
            end = recovered if outlives or entry.length_us is None else min(healed, entry.t + entry.length_us)
            found.append((entry.t, max(end, entry.t), entry.kind))
        return found

    @cached_property
    def noises(self) -> list[RoomNoise]:
        """All noise in the room, in order."""
        return list(self.journal.select(RoomNoise))

    def is_faulty(self, begin: int, end: int) -> bool:
        """Whether anything was faulty between two times (microseconds)."""
        return any(first <= end and last >= begin for first, last, _ in self.faulty)

    def session_faults(self, session: SessionSpan) -> list[tuple[int, int]]:
        """When a session was faulty: begin and end in microseconds. Capture faults are none of a session.

        A fault applies to the connection that is open when it is injected, or to the next one.
        """
        earlier = [each.end_us for each in self.sessions if each.begin_us < session.begin_us]
        before = min(max(earlier, default=-1), session.begin_us)
        healed = self.healed_us if self.healed_us is not None else self.end_us
        found = []
        for entry in self.journal.select(FaultInjected):
            kind = CATALOGUE.get(entry.kind)
            if kind is not None and issubclass(kind, SourceFault):
                continue
            number = entry.connection if isinstance(entry.connection, int) else session.connection
            if number == session.connection and before < entry.t <= session.end_us:
                end = session.end_us if entry.length_us is None else min(healed, entry.t + entry.length_us)
                found.append((entry.t, max(end, entry.t)))
        return found

    # --- what the user heard ---

    def playing(self) -> Iterator[tuple[str, str, int, int]]:
        """Each time the assistant was heard: response, item, begin and end (microseconds)."""
        started: SpeakerPlaying | None = None
        for entry in self.journal.select(SpeakerPlaying, SpeakerEnded, SpeakerStopped):
            if isinstance(entry, SpeakerPlaying):
                started = entry
            elif started is not None:
                yield started.response_id, started.item_id, started.t, entry.t
                started = None
        if started is not None:
            yield started.response_id, started.item_id, started.t, self.end_us
