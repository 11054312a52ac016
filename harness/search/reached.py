"""What a run reached, from its journal: what it can have tested. Counts of several runs add up in any order.

Four kinds of things are counted: a fault in a phase of a conversation, edges of the two tables of
:mod:`harness.server.states`, what turn detection did, and a remedy of the client kit for a symptom. What was never
reached was never tested, so a campaign that claims it is vacuous.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeVar

from ..faults import faults_over
from ..journal import (
    LIVE,
    REAL_TIME,
    VIRTUAL_APP,
    ClientLog,
    Entry,
    EventAtClient,
    EventByServer,
    FaultInjected,
    Journal,
    OnsetNotSent,
    SessionWedged,
    TurnClosed,
)
from ..protocol.events import (
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    InputAudioBufferTimeoutTriggered,
    ResponseCancel,
    ResponseCreated,
    ResponseDone,
    ResponseOutputItemAdded,
    ResponseOutputItemDone,
    SessionUpdated,
)
from ..server.states import (
    CANCEL,
    CLOSE_ITEM,
    COMMIT,
    CREATE,
    DROP,
    FINISH,
    HIDDEN_START,
    NO_TURN,
    OFF,
    OPEN_ITEM,
    REQUESTED,
    RESPONSE_STAGES,
    START,
    STICKY_DROP,
    STOP,
    TURN_STAGES,
    ResponseCause,
    ResponseStage,
    TurnCause,
    TurnStage,
)
from ..vad.turn import RESET, RUN_COMPLETE, SPEECH, WEDGE, Input
from ..verdict import phases
from ..verdict.phases import PHASES, Phase

ReachedKind = Literal["fault", "turn", "response", "detection", "remedy"]
ReachedBy = Literal["class", "app", "program", "live"]
_TRANSPORTS: Mapping[str, ReachedBy] = {VIRTUAL_APP: "app", REAL_TIME: "program", LIVE: "live"}
SURE_AFTER = 500
"""A campaign of the default schedules with so many runs leaves out a fault with a probability below one in a million
(each is injected about 0.04 times a run)."""
_Stage = TypeVar("_Stage", bound=Enum)
_Cause = TypeVar("_Cause", bound=Enum)


@dataclass(frozen=True, slots=True, order=True)
class Reached:
    """One thing that a run reached."""

    kind: ReachedKind
    names: tuple[str, ...]
    """Of a fault: its name, the phase, the transport; of an edge: the state and the cause; of a remedy: the symptom and
    the remedy."""

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(self.names)}"


@dataclass(slots=True)
class Coverage:
    """In how many runs each thing was reached."""

    runs: int = 0
    counts: Counter[Reached] = field(default_factory=Counter)

    def add(self, points: Iterable[Reached]) -> None:
        """Count one more run."""
        self.runs += 1
        self.counts.update(set(points))

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(self.runs + other.runs, self.counts + other.counts)

    def names(self, kind: ReachedKind, at: int) -> set[str]:
        """The different names at this place of all that was reached of a kind."""
        return {point.names[at] for point in self.counts if point.kind == kind}

    def injected(self) -> set[tuple[str, Phase]]:
        """Each fault that was injected, with each phase in which it was."""
        phases: dict[str, Phase] = {phase: phase for phase in PHASES}
        return {(point.names[0], phases[point.names[1]]) for point in self.counts if point.kind == "fault"}

    def never_reached(self, faults: Iterable[str] | None = None) -> list[str]:
        """What was claimed and never reached, in words: the faults that were named.

        Without names the whole catalogue and all phases are claimed, once there are :data:`SURE_AFTER` runs.
        """
        injected = self.names("fault", 0)
        if faults is not None:
            return [f"the fault {name} was never injected" for name in faults if name not in injected]
        if self.runs < SURE_AFTER:
            return []
        missing = [f"the fault {name} was never injected" for name in faults_over("websocket") if name not in injected]
        reached = self.names("fault", 1)
        return missing + [f"no fault was injected in the phase {each!r}" for each in PHASES if each not in reached]


def reached(journal: Journal) -> frozenset[Reached]:
    """All that a run reached. A pure function of its journal."""
    transport = _TRANSPORTS.get(str(journal.header.get("stage")), "class")
    points = {Reached("fault", (fault, phase, transport)) for fault, phase in phases.injected(journal)}
    turns, responses = _Turns(journal), _Responses()
    for entry in journal.entries:
        turns.add(entry)
        responses.add(entry)
        if isinstance(entry, ClientLog) and entry.kind in ("remedy", "noticed"):
            symptom, remedy = entry.fields.get("symptom"), entry.fields.get("remedy", "none yet")
            points.add(Reached("remedy", (str(symptom), str(remedy))))
    points |= {Reached("turn", (stage.name, cause.name)) for stage, cause in turns.edges}
    points |= {Reached("detection", (cause.name,)) for cause in turns.inputs}
    return frozenset(points | {Reached("response", (stage.name, cause.name)) for stage, cause in responses.edges})


class _Turns:
    """Follows the turns of each connection through their table."""

    def __init__(self, journal: Journal) -> None:
        self.edges: set[tuple[TurnStage, TurnCause]] = set()
        self.inputs: set[Input] = set()
        self._stage: dict[int, TurnStage] = {}
        self._ended: set[str | None] = set()
        """The items of turns that did not end by a commit of the client."""
        sticky = any(entry.kind == "sticky-start" for entry in journal.select(FaultInjected))
        self._drop = STICKY_DROP if sticky else DROP

    def add(self, entry: Entry) -> None:
        match entry:
            case OnsetNotSent():
                self._take(entry.connection, HIDDEN_START, SPEECH)
            case TurnClosed():
                self._take(entry.connection, self._drop, RESET)
            case SessionWedged():
                self.inputs.add(WEDGE)
            case EventByServer():
                self._event(entry)

    def _event(self, entry: EventByServer) -> None:
        if entry.is_a(InputAudioBufferSpeechStarted):
            self._take(entry.connection, START, SPEECH)
        elif entry.is_a(InputAudioBufferSpeechStopped):
            self._ended.add(entry.item_id)
            self._take(entry.connection, STOP, RUN_COMPLETE)
        elif entry.is_a(InputAudioBufferTimeoutTriggered):
            self._ended.add(entry.item_id)
        elif entry.is_a(InputAudioBufferCommitted) and entry.item_id not in self._ended:
            self._take(entry.connection, COMMIT)
        elif entry.is_a(SessionUpdated) and entry.tells_turn_detection and entry.turn_detection is None:
            self._take(entry.connection, OFF)

    def _take(self, connection: int, cause: TurnCause, given: Input | None = None) -> None:
        stage = self._stage.get(connection, NO_TURN)
        self._stage[connection] = _follow(TURN_STAGES, stage, cause, self.edges) or NO_TURN
        if given is not None:
            self.inputs.add(given)


class _Responses:
    """Follows each response through its table."""

    def __init__(self) -> None:
        self.edges: set[tuple[ResponseStage, ResponseCause]] = set()
        self._open: dict[tuple[int, str | None], tuple[ResponseStage, set[tuple[ResponseStage, ResponseCause]]]] = {}

    def add(self, entry: Entry) -> None:
        if isinstance(entry, EventAtClient) and entry.is_a(ResponseCancel):
            for key in [key for key in self._open if key[0] == entry.connection]:
                self._take(key, CANCEL)
        if not isinstance(entry, EventByServer):
            return
        key = entry.connection, entry.response_id
        if entry.is_a(ResponseCreated):
            self._open[key] = REQUESTED, set()
            self._take(key, CREATE)
        elif key in self._open:
            if entry.is_a(ResponseOutputItemAdded):
                self._take(key, OPEN_ITEM)
            elif entry.is_a(ResponseOutputItemDone):
                self._take(key, CLOSE_ITEM)
            elif entry.is_a(ResponseDone):
                self._take(key, FINISH)
                _, edges = self._open.pop(key)
                if entry.reason != "client_cancelled":  # the cancel came too late, or was lost
                    edges = {(stage, cause) for stage, cause in edges if not stage.name.startswith("CANCELLED")}
                    edges = {(stage, cause) for stage, cause in edges if cause is not CANCEL}
                self.edges |= edges

    def _take(self, key: tuple[int, str | None], cause: ResponseCause) -> None:
        stage, edges = self._open[key]
        self._open[key] = _follow(RESPONSE_STAGES, stage, cause, edges) or stage, edges


def _follow(
    table: Mapping[_Stage, Mapping[_Cause, _Stage]], stage: _Stage, cause: _Cause, edges: set[tuple[_Stage, _Cause]]
) -> _Stage | None:
    """The stage after a cause, which is noted; None if the journal does not show how it came to this."""
    after = table[stage].get(cause)
    if after is not None:
        edges.add((stage, cause))
    return after
