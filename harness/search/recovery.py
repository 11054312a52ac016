"""What recovers a silent client: every fault against every strategy of the client kit, measured.

The client is ``resilient`` with its recovery strategy exchanged, so that the gate, the thresholds and the detectors are
the same for all. A fault strikes in the second turn of a conversation, in a phase of the seed, and stays for as long as
it may; then the user goes on speaking until answered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from statistics import mean, median

from harness.audio.clips import load_clip
from harness.clients.registry import find_client
from harness.clients.strategies import STRATEGIES
from harness.faults import CATALOGUE
from harness.journal import Journal
from harness.search import honest
from harness.search.honest import Alarms
from harness.search.processes import spread
from harness.search.schedules import CLIPS, single
from harness.units import MS, SECOND
from harness.verdict.evidence import COMMITTED, STARTED, STOPPED
from harness.verdict.phases import PHASES
from harness.world.answers import answers_heard
from harness.world.play import play

CLIENT = "resilient"
SEEDS = len(PHASES)
HONEST_HOURS = 0.4
CHUNK_MS = 100
"""As many SDKs send; it costs a fifth of what 20 ms cost."""
PATIENCE_US = 34 * SECOND
"""After the heal the user gives up."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One run."""

    fault: str
    strategy: str
    seed: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a trial. ``heard_us``: from the strike to an answer to speech begun after it; None if never."""

    trial: Trial
    heard_us: int | None
    words_lost: int


@dataclass(slots=True)
class Cell:
    """All trials of a fault and a strategy."""

    heard_us: list[int] = field(default_factory=list)
    runs: int = 0
    words_lost: int = 0

    @property
    def recovered(self) -> bool:
        """In every run."""
        return len(self.heard_us) == self.runs

    @property
    def median_us(self) -> float | None:
        """Of those that recovered."""
        return median(self.heard_us) if self.heard_us else None


@dataclass(slots=True)
class Recovery:
    """The matrix."""

    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    alarms: dict[str, Alarms] = field(default_factory=dict)

    def strategy(self, name: str) -> Cell:
        """All trials of a strategy."""
        total = Cell()
        for (_, strategy), cell in self.cells.items():
            if strategy == name:
                total.heard_us += cell.heard_us
                total.runs += cell.runs
                total.words_lost += cell.words_lost
        return total


def measure(
    faults: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    seeds: int = SEEDS,
    honest_hours: float = HONEST_HOURS,
    jobs: int | None = None,
) -> Recovery:
    """The matrix of some faults and strategies, all unless told."""
    chosen = dict.fromkeys(strategies or STRATEGIES)
    trials = [Trial(f, s, seed) for f in dict.fromkeys(faults or CATALOGUE) for s in chosen for seed in range(seeds)]
    result = Recovery()
    for one in spread(attempt, trials, jobs):
        cell = result.cells.setdefault((one.trial.fault, one.trial.strategy), Cell())
        cell.runs += 1
        cell.words_lost += one.words_lost
        if one.heard_us is not None:
            cell.heard_us.append(one.heard_us)
    for strategy, alarms in false_alarms(chosen, honest_hours, jobs).items():
        result.alarms[strategy] = alarms
    return result


def false_alarms(strategies: Iterable[str], hours: float, jobs: int | None = None) -> dict[str, Alarms]:
    """What each strategy does in so many hours of honest conversation."""
    seeds = round(hours * honest.CONVERSATIONS_AN_HOUR)
    tasks = [(strategy, seed) for strategy in strategies for seed in range(seeds)]
    found: dict[str, Alarms] = {}
    for (strategy, _), alarms in zip(tasks, spread(_alarms, tasks, jobs), strict=True):
        found[strategy] = found.get(strategy, Alarms(0, 0, 0)) + alarms
    return found


def _alarms(task: tuple[str, int]) -> Alarms:
    strategy, seed = task
    return honest.alarms(CLIENT, {"recovery": strategy, "chunk_ms": CHUNK_MS}, seed)


def attempt(trial: Trial) -> Result:
    """Play one trial."""
    scenario = single(CATALOGUE[trial.fault](), PHASES[trial.seed % len(PHASES)], trial.seed, turns=2)
    scenario = replace(scenario, recover_within_us=PATIENCE_US)
    settings = {"recovery": trial.strategy, "chunk_ms": CHUNK_MS}
    journal = play(scenario, CLIENT, find_client(CLIENT), seed=trial.seed, settings=settings).journal
    strikes = [entry.t for entry in journal.select("fault") if entry.kind == trial.fault]
    if not strikes:
        return Result(trial, None, 0)
    heard = next(answers_heard(journal, strikes[0]), None)
    return Result(trial, None if heard is None else heard - strikes[0], words_lost(journal, strikes[0]))


def words_lost(journal: Journal, since: int) -> int:
    """Words said over ``since`` or later that no turn holds of a session in which the assistant was heard afterwards.

    Counted by utterances: a turn takes as much sound as it is long, from the latest that had begun before it; an
    utterance of which more than half is in no turn is lost. So one that is sent again is not lost, and one is that a
    session heard which was then left for another.
    """
    answered = _last_heard(journal)
    begun: dict[str, int] = {}
    lengths: dict[str, int] = {}
    turn_from: dict[int, int] = {}
    spoken: list[list[int]] = []  # of each utterance: begin, length, and what of it is in no turn yet
    for entry in journal.entries:
        if entry.lane == "user" and entry.kind == "speaks":
            if entry.t + entry.fields["length_us"] > since:
                spoken.append([entry.t, entry.fields["length_us"], entry.fields["length_us"]])
        elif (entry.lane, entry.kind) == ("connection", "open"):
            turn_from[entry.fields["connection"]] = entry.t
        elif entry.lane != "server":
            continue
        elif entry.kind == STARTED:
            begun[entry.fields["item_id"]] = entry.fields["audio_start_ms"] * MS
        elif entry.kind == STOPPED and entry.fields["item_id"] in begun:
            lengths[entry.fields["item_id"]] = entry.fields["audio_end_ms"] * MS - begun[entry.fields["item_id"]]
        elif entry.kind == COMMITTED:
            connection = entry.fields["connection"]
            since_last = entry.t - turn_from[connection]  # a commit by hand may close a turn that had no start
            turn_from[connection] = entry.t
            if answered.get(connection, -1) >= entry.t:
                _take(spoken, lengths.get(entry.fields["item_id"], since_last))
    end = journal.entries[-1].t
    lost = [one for one in spoken if one[0] + one[1] + SECOND <= end and 2 * one[2] > one[1]]
    return _words_of_an_utterance() * len(lost)


def _last_heard(journal: Journal) -> dict[int, int]:
    """When the assistant was last heard on each connection."""
    connection_of = {
        entry.fields["response_id"]: entry.fields["connection"]
        for entry in journal.select("server", "response.created")
    }
    heard = journal.select("speaker", "heard")
    return {connection_of[e.fields["response_id"]]: e.t for e in heard if e.fields["response_id"] in connection_of}


def _take(spoken: list[list[int]], length: int) -> None:
    """A turn of this length takes from the latest utterances what no other turn took."""
    for utterance in reversed(spoken):
        taken = min(length, utterance[2])
        utterance[2] -= taken
        length -= taken


@cache
def _words_of_an_utterance() -> int:
    """In these conversations, on average."""
    return round(mean(len((load_clip(clip).transcript or "").split()) for clip in CLIPS))
