"""WebSocket or WebRTC: the same faults, scenarios and client logic over both transports, in virtual time.

Each fault of the catalogue is injected into a conversation in several phases, and each shipped scenario is played, with
the clients ``reported`` and ``resilient`` over each transport. What differs is the transport alone. From each journal
come three times after the fault: when the client was told of anything, when it did something about it, and when the
user was answered again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Literal, NamedTuple

from ..faults import CATALOGUE, Fault
from ..faults.closed import ClosedByServer
from ..faults.dtls_closed import DtlsClosed
from ..faults.ice_lost import IceLost
from ..faults.seams import TRANSPORTS, Transport
from ..faults.stall import Stall
from ..journal import ClientLog, FaultInjected
from ..processes import spread
from ..scenario import load, shipped_scenarios
from ..scenario.model import Inject, Scenario
from ..scenario.transport import over
from ..units import SECOND
from ..verdict.judge import judge
from ..verdict.phases import Phase
from ..verdict.told import FirstTold, first_told
from ..world.answers import answers_heard
from ..world.play import play
from .recovery import words_lost
from .schedules import lasting, single

CaseKind = Literal["hardship", "fault", "scenario"]
CLIENTS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "reported": ("reported", {}),
    "no gate": ("reported", {"gate_mode": "off"}),
    "resilient": ("resilient", {}),
}
"""Each with the class and the settings that it is made of. The first has the report's three mechanisms. The second has
no gate, as a page over WebRTC whose microphone track is sent as it is. The third recovers."""
FAULT_CLIENTS = ("reported", "resilient")
"""Those that faults are played with: the voice that speaks there passes the gate."""
PHASES_PLAYED: tuple[Phase, ...] = ("user speaking", "responding", "idle")
"""Each fault is injected once in each of the first of them."""
PHASES_USUALLY = 2
_CHUNK_MS = 100
"""As many SDKs send; a scenario has its own."""
_RECOVER_WITHIN_US = 34 * SECOND
"""After the heal; then the user gives up."""


class Hardship(NamedTuple):
    """What happens to a network, and the fault that it is on each transport."""

    words: str
    faults: Mapping[Transport, Fault]
    lasts_us: int | None = None
    """None: until the client has a new connection."""


def _gone(seconds: int) -> Hardship:
    words = f"nothing passes for {seconds} s"
    return Hardship(words, {"websocket": Stall(), "webrtc": IceLost()}, seconds * SECOND)


HARDSHIPS: dict[str, Hardship] = {
    **{f"gone for {seconds} s": _gone(seconds) for seconds in (3, 8, 20, 40)},
    "hung up": Hardship("the server ends the connection", {"websocket": ClosedByServer(), "webrtc": DtlsClosed()}),
}
"""By name."""


@dataclass(frozen=True, slots=True)
class TransportTrial:
    """One run: ``case`` names a fault, a hardship or a scenario."""

    kind: CaseKind
    case: str
    transport: Transport
    client: str
    number: int = 0
    """Which phase of :data:`PHASES_PLAYED`."""


@dataclass(frozen=True, slots=True)
class TransportResult:
    """What came of a run. Times are microseconds after the first fault; None: it never happened."""

    trial: TransportTrial
    verdict: str
    """Such as ``held``, or ``failed: half_open``."""
    is_silent: bool
    """Whether the user was never answered again, or not for good."""
    answered_us: int | None
    """The user hears an answer to something that was said after the fault."""
    told: FirstTold | None
    """The first thing that the client was told."""
    acted_us: int | None
    """The client's first remedy."""
    words_lost: int


@dataclass(slots=True)
class TransportCell:
    """All runs of a case with a client over a transport."""

    results: list[TransportResult] = field(default_factory=list)

    @property
    def frozen(self) -> int:
        """How many runs ended in silence."""
        return sum(each.is_silent for each in self.results)

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes of the silences, each once."""
        silent = (each.verdict.removeprefix("failed: ") for each in self.results if each.is_silent)
        return tuple(dict.fromkeys(silent))

    @property
    def answered_us(self) -> float | None:
        """The median time to the answer; None if there was none."""
        return _median(each.answered_us for each in self.results)

    @property
    def acted_us(self) -> float | None:
        """The median time to the first remedy."""
        return _median(each.acted_us for each in self.results)

    @property
    def words_lost(self) -> int:
        """In all runs."""
        return sum(each.words_lost for each in self.results)

    @property
    def told(self) -> FirstTold | None:
        """What the client was told in the run in which it was told soonest."""
        return min((each.told for each in self.results if each.told is not None), default=None)


def _median(times: Iterable[int | None]) -> float | None:
    known = [time for time in times if time is not None]
    return median(known) if known else None


@dataclass(slots=True)
class TransportMatrix:
    """Cells by kind of case, case, transport and client."""

    cells: dict[tuple[CaseKind, str, Transport, str], TransportCell] = field(default_factory=dict)

    def cases(self, kind: CaseKind) -> tuple[str, ...]:
        """The cases of a kind, in the order in which they were played."""
        return tuple(dict.fromkeys(case for of, case, _, _ in self.cells if of == kind))

    def cell(self, kind: CaseKind, case: str, transport: Transport, client: str) -> TransportCell | None:
        """The runs; None if the case does not exist on the transport."""
        return self.cells.get((kind, case, transport, client))

    def frozen(self, kind: CaseKind, case: str, transport: Transport, client: str) -> bool | None:
        """Whether any run ended in silence; None if the case does not exist on the transport."""
        cell = self.cell(kind, case, transport, client)
        return None if cell is None else cell.frozen > 0


def measure(
    faults: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    hardships: Sequence[str] | None = None,
    phases: int = PHASES_USUALLY,
    jobs: int | None = None,
) -> TransportMatrix:
    """The matrix of some faults, scenarios and hardships; by default of all. ``phases``: in so many of the phases."""
    result = TransportMatrix()
    for one in spread(play_trial, list(trials(faults, scenarios, hardships, phases)), jobs):
        trial = one.trial
        key = (trial.kind, trial.case, trial.transport, trial.client)
        result.cells.setdefault(key, TransportCell()).results.append(one)
    return result


def trials(
    faults: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    hardships: Sequence[str] | None = None,
    phases: int = PHASES_USUALLY,
) -> Iterator[TransportTrial]:
    """All runs: what does not exist on a transport is left out."""
    chosen: list[tuple[CaseKind, str, int]] = []
    chosen += [("hardship", name, phases) for name in (HARDSHIPS if hardships is None else hardships)]
    chosen += [("fault", name, phases) for name in (CATALOGUE if faults is None else faults)]
    shipped = sorted(path.stem for path in shipped_scenarios())
    chosen += [("scenario", name, 1) for name in (shipped if scenarios is None else scenarios)]
    for kind, case, numbers in chosen:
        for transport in TRANSPORTS:
            if exists(kind, case, transport):
                for client in clients_of(kind, case):
                    for number in range(numbers):
                        yield TransportTrial(kind, case, transport, client, number)


def clients_of(kind: CaseKind, case: str) -> tuple[str, ...]:
    """The clients that a case is played with: the one without a gate only where the gate matters."""
    if kind != "scenario":
        return FAULT_CLIENTS
    scenario = load(case)
    gated = "gate" in scenario.tags or scenario.outcomes.get("reported") == "failed: gate_closed"
    return tuple(CLIENTS) if gated else FAULT_CLIENTS


def exists(kind: CaseKind, case: str, transport: Transport) -> bool:
    """Whether the case can happen on the transport."""
    if kind == "fault":
        return transport in CATALOGUE[case].transports
    if kind == "hardship":
        return transport in HARDSHIPS[case].faults
    actions = (step.action for step in load(case).timeline)
    return all(transport in action.fault.transports for action in actions if isinstance(action, Inject))


def scenario_of(trial: TransportTrial) -> Scenario:
    """What is played."""
    if trial.kind == "scenario":
        return over(load(trial.case), trial.transport)
    phase = PHASES_PLAYED[trial.number]
    if trial.kind == "fault":
        found = single(CATALOGUE[trial.case](), phase, trial.number, turns=2)
    else:
        hardship = HARDSHIPS[trial.case]
        found = lasting(hardship.faults[trial.transport], phase, hardship.lasts_us, trial.number, turns=2)
    return over(replace(found, recover_within_us=_RECOVER_WITHIN_US), trial.transport)


def play_trial(trial: TransportTrial) -> TransportResult:
    """Play one trial."""
    scenario = scenario_of(trial)
    client, settings = CLIENTS[trial.client]
    if trial.kind != "scenario":
        settings = {**settings, "chunk_ms": _CHUNK_MS}
    journal = play(scenario, client, seed=trial.number, settings=settings).journal
    verdict = judge(journal, scenario)
    is_silent = verdict.broken == "never_silent_forever"
    since = next((entry.t for entry in journal.select(FaultInjected)), None)
    if since is None:
        return TransportResult(trial, str(verdict), is_silent, None, None, None, 0)
    answered = next(answers_heard(journal, since), None)
    acted = next((e.t for e in journal.select(ClientLog) if e.kind == "remedy" and e.t >= since), None)
    return TransportResult(
        trial,
        str(verdict),
        is_silent,
        None if answered is None else answered - since,
        first_told(journal, since),
        None if acted is None else acted - since,
        words_lost(journal, since),
    )
