"""What recovers a silent client: every fault against every strategy of the client kit, measured.

The client is ``resilient`` with another recovery strategy, so that the gate, the thresholds and the detectors are the
same for all. A fault is injected in the second turn of a conversation, in a phase that the seed chooses, for 3 s or,
if its kind allows, until the client cures it. Afterwards the user goes on speaking until answered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from statistics import mean, median

from ..audio.clips import load_clip
from ..clients.recovery.strategies import STRATEGIES
from ..faults import CATALOGUE, faults_over
from ..journal import FaultInjected, Journal
from ..processes import spread
from ..units import SECOND
from ..verdict.phases import PHASES
from ..verdict.properties.words_lost import lost_utterances
from ..verdict.record import RunRecord
from ..world.answers import answers_heard
from ..world.play import play
from .false_alarms import CONVERSATIONS_AN_HOUR, FalseAlarms, false_alarms
from .schedules import single
from .surroundings import CLIPS

RECOVERY_SEEDS = len(PHASES)
"""Runs for each fault and strategy."""
FAULT_FREE_HOURS = 0.4
_CLIENT = "resilient"
_CHUNK_MS = 100
"""As many SDKs send; a run takes a fifth of the time that it takes with 20 ms."""
_RECOVER_WITHIN_US = 34 * SECOND
"""After the heal; then the user gives up."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of a fault against a strategy."""

    fault: str
    strategy: str
    seed: int


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The result of a trial."""

    trial: Trial
    answered_after_us: int | None
    """From the fault to an audible answer to speech that started after it; None if there was none."""
    words_lost: int


@dataclass(slots=True)
class RecoveryCell:
    """All trials of a fault and a strategy."""

    answered_after_us: list[int] = field(default_factory=list)
    runs: int = 0
    words_lost: int = 0

    @property
    def recovered(self) -> bool:
        """Whether the user was answered in every run."""
        return len(self.answered_after_us) == self.runs

    @property
    def median_us(self) -> float | None:
        """The median time to the answer, of the runs that recovered."""
        return median(self.answered_after_us) if self.answered_after_us else None


@dataclass(slots=True)
class RecoveryMatrix:
    """Cells by fault and strategy, and the false alarms of each strategy."""

    cells: dict[tuple[str, str], RecoveryCell] = field(default_factory=dict)
    alarms: dict[str, FalseAlarms] = field(default_factory=dict)

    def strategy(self, name: str) -> RecoveryCell:
        """All trials of a strategy."""
        total = RecoveryCell()
        for (_, strategy), cell in self.cells.items():
            if strategy == name:
                total.answered_after_us += cell.answered_after_us
                total.runs += cell.runs
                total.words_lost += cell.words_lost
        return total


def measure(
    faults: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    seeds: int = RECOVERY_SEEDS,
    fault_free_hours: float = FAULT_FREE_HOURS,
    jobs: int | None = None,
) -> RecoveryMatrix:
    """The matrix of some faults and strategies, by default of all."""
    chosen = dict.fromkeys(strategies or STRATEGIES)
    trials = [
        Trial(f, s, seed)
        for f in dict.fromkeys(faults or faults_over("websocket"))
        for s in chosen
        for seed in range(seeds)
    ]
    result = RecoveryMatrix()
    for one in spread(play_trial, trials, jobs):
        cell = result.cells.setdefault((one.trial.fault, one.trial.strategy), RecoveryCell())
        cell.runs += 1
        cell.words_lost += one.words_lost
        if one.answered_after_us is not None:
            cell.answered_after_us.append(one.answered_after_us)
    result.alarms = false_alarms_by_strategy(chosen, fault_free_hours, jobs)
    return result


def false_alarms_by_strategy(
    strategies: Iterable[str], hours: float, jobs: int | None = None
) -> dict[str, FalseAlarms]:
    """The false alarms of each strategy in so many hours of conversation without a fault."""
    seeds = round(hours * CONVERSATIONS_AN_HOUR)
    tasks = [(strategy, seed) for strategy in strategies for seed in range(seeds)]
    found: dict[str, FalseAlarms] = {}
    for (strategy, _), alarms in zip(tasks, spread(_alarms, tasks, jobs), strict=True):
        found[strategy] = found.get(strategy, FalseAlarms(0, 0, 0)) + alarms
    return found


def _alarms(task: tuple[str, int]) -> FalseAlarms:
    strategy, seed = task
    return false_alarms(_CLIENT, {"recovery": strategy, "chunk_ms": _CHUNK_MS}, seed)


def play_trial(trial: Trial) -> TrialResult:
    """Play one trial."""
    scenario = single(CATALOGUE[trial.fault](), PHASES[trial.seed % len(PHASES)], trial.seed, turns=2)
    scenario = replace(scenario, recover_within_us=_RECOVER_WITHIN_US)
    settings = {"recovery": trial.strategy, "chunk_ms": _CHUNK_MS}
    journal = play(scenario, _CLIENT, seed=trial.seed, settings=settings).journal
    injected = next((entry.t for entry in journal.select(FaultInjected) if entry.kind == trial.fault), None)
    if injected is None:
        return TrialResult(trial, None, 0)
    answered = next(answers_heard(journal, injected), None)
    return TrialResult(trial, None if answered is None else answered - injected, words_lost(journal, injected))


def words_lost(journal: Journal, since: int) -> int:
    """How many of the words spoken after ``since`` (microseconds) were lost: see the property ``words_lost``."""
    lost = [utterance for utterance in lost_utterances(RunRecord(journal)) if utterance.end > since]
    return _words_of_an_utterance() * len(lost)


@cache
def _words_of_an_utterance() -> int:
    """The mean over the clips."""
    return round(mean(len((load_clip(clip).transcript or "").split()) for clip in CLIPS))
