"""How often the diagnosis is right: faults whose cause is known, against what it says of their journals.

Every fault of the catalogue strikes every reference client in a conversation, in a phase of the seed, with its defaults
or, for every other seed, with parameters that are drawn; the journal up to the heal is diagnosed, while the fault is
still in force. What is right is not decided by the judge: whether the user's last words were answered is a fact of the
run, and what a silence may be put down to is what the fault says of itself.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from harness.clients.registry import REFERENCE, find_client
from harness.faults import CATALOGUE
from harness.journal import Journal
from harness.scenario.model import At, Noise, Say, Scenario, ServerSetup, Step
from harness.search.draw import drawn
from harness.search.processes import spread
from harness.search.schedules import CLIPS, EVERY_US, REPLY, SPEAKS_US, conversation, single
from harness.units import SECOND
from harness.verdict import client_view
from harness.verdict.diagnosis import diagnose
from harness.verdict.phases import PHASES
from harness.world.answers import answers_heard
from harness.world.play import play
from harness.world.seeds import generator

SEEDS = 20
CLIENTS = tuple(REFERENCE)
QUIET = "quiet"
ANSWERED = "answered"
NO_CAUSE = "no silence expected"
"""The truth of a fault that silences nothing by itself, if a client fell silent all the same."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run to be diagnosed; ``fault`` is a name of the catalogue, or one of :data:`CONTROLS`."""

    fault: str
    client: str
    seed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What was true and what was said."""

    case: Case
    truth: str
    causes: tuple[str, ...]
    """All answers that would be right; the first is the truth."""
    said: str
    confidence: float
    suspects: tuple[str, ...]
    """What a client alone could put it down to; nothing that it can tell apart is left in."""


@dataclass(slots=True)
class Matrix:
    """Counts of (truth, said), and the answers that were wrong."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[Answer] = field(default_factory=list)
    suspected: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """Of the silences: which causes a client alone cannot tell apart, and how often."""
    suspected_rightly: int = 0

    def add(self, answer: Answer) -> None:
        """One more run."""
        if answer.truth not in (QUIET, ANSWERED):
            self.suspected[answer.suspects] += 1
            self.suspected_rightly += any(cause in answer.suspects for cause in answer.causes)
        self.counts[answer.truth, answer.said] += 1
        if answer.said in answer.causes:
            self.right[answer.truth] += 1
        else:
            self.wrong.append(answer)

    def share(self, *, of_silent: bool = False) -> float:
        """The share of runs that were put down rightly, of all or of those with a silence."""
        left_out = {QUIET, ANSWERED} if of_silent else set()
        all_runs = sum(n for (truth, _), n in self.counts.items() if truth not in left_out)
        right = sum(n for truth, n in self.right.items() if truth not in left_out)
        return right / all_runs if all_runs else 1.0


def _typing(seed: int) -> Sequence[Step]:
    return [Step(At(3 * SECOND), Noise("keyboard", 4 * SECOND, level_dbfs=-40.0))]


def _murmur(seed: int) -> Sequence[Step]:
    return [Step(At(SPEAKS_US + turn * EVERY_US), Say(CLIPS[turn % 2], level_dbfs=-75.0)) for turn in range(2)]


def _talk(seed: int) -> Sequence[Step]:
    return [Step(At(SPEAKS_US + turn * EVERY_US), Say(CLIPS[(turn + seed) % 2])) for turn in range(2)]


CONTROLS = {"nobody speaks": _typing, "inaudible murmur": _murmur, "honest talk": _talk}
"""Conversations without a fault."""


def cases(seeds: int = SEEDS, clients: Sequence[str] = CLIENTS) -> list[Case]:
    """All runs of the matrix."""
    names = [*CATALOGUE, *CONTROLS]
    return [Case(name, client, seed) for name in names for client in clients for seed in range(seeds)]


def matrix(seeds: int = SEEDS, clients: Sequence[str] = CLIENTS, jobs: int | None = None) -> Matrix:
    """Play and diagnose all cases."""
    result = Matrix()
    for answer in spread(answered, cases(seeds, clients), jobs):
        result.add(answer)
    return result


def answered(case: Case) -> Answer:
    """Play one case and diagnose it."""
    run = play(scenario_of(case), case.client, find_client(case.client), seed=case.seed)
    journal = until_heal(run.journal)
    truth, causes = _truth(case, journal)
    found = diagnose(journal)
    said = found.cause or found.state
    seen = client_view.suspects(journal)
    return Answer(case, truth, causes, said, found.confidence, seen.causes or (seen.state,))


def scenario_of(case: Case) -> Scenario:
    """What is played for a case."""
    if case.fault in CONTROLS:
        steps = CONTROLS[case.fault](case.seed)
        return conversation(case.fault, steps, ServerSetup(detector="energy", reply=REPLY), 2)
    kind, phase = CATALOGUE[case.fault], PHASES[case.seed % len(PHASES)]
    fault = kind() if case.seed % 2 else drawn(kind, generator(case.seed, f"confusion/{case.fault}"))
    return replace(single(fault, phase, case.seed), recover_within_us=SECOND)


def until_heal(journal: Journal) -> Journal:
    """What was written up to the heal."""
    before = Journal(journal.header)
    for entry in journal.entries:
        before.entries.append(entry)
        if (entry.lane, entry.kind) == ("world", "heal"):
            break
    return before


def _truth(case: Case, journal: Journal) -> tuple[str, tuple[str, ...]]:
    """The truth, and all answers that are right."""
    spoken = [entry for entry in journal.select("user", "speaks") if entry.fields.get("audible", True)]
    if not spoken:
        return QUIET, (QUIET,)
    if next(answers_heard(journal, spoken[-1].t), None) is not None:
        return ANSWERED, (ANSWERED,)
    if case.fault not in CATALOGUE or not CATALOGUE[case.fault].causes:
        return NO_CAUSE, ()
    causes = CATALOGUE[case.fault].causes
    return causes[0], causes
