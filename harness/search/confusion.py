"""How often the diagnosis is right: faults whose cause is known, compared with the diagnosis of their journals.

Every fault of the catalogue is injected into a conversation with each reference client,
in a phase that the seed chooses, with its default parameters or, for every other seed, with random ones. The journal up
to the heal is diagnosed, so the fault is still active. The judge does not decide what is right: whether the user's last
words were answered is a fact of the run, and the possible causes of a silence are those that the fault itself declares.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..faults import CATALOGUE, faults_over
from ..journal import Journal, UserSpeaks, WorldHealed
from ..processes import spread
from ..scenario.model import At, Noise, Say, Scenario, ServerSetup, Step
from ..units import SECOND
from ..verdict import client_view
from ..verdict.diagnosis import diagnose
from ..verdict.phases import PHASES
from ..world.answers import answers_heard
from ..world.play import play
from .draw import drawn
from .schedules import EVERY_US, SPEAKS_US, conversation, single
from .surroundings import CLIPS, REPLY
from .tape import Seeded

CONFUSION_SEEDS = 20
"""Runs for each fault and client."""
CONFUSION_CLIENTS = ("reported", "development", "resilient", "push_to_talk")
QUIET = "quiet"
ANSWERED = "answered"
NO_CAUSE = "no silence expected"
"""The truth of a fault that declares no causes, if a client became silent all the same."""


@dataclass(frozen=True, slots=True)
class DiagnosisCase:
    """One run to be diagnosed; ``fault`` is a name of the catalogue, or one of :data:`CONTROLS`."""

    fault: str
    client: str
    seed: int


@dataclass(frozen=True, slots=True)
class DiagnosisResult:
    """The truth of a run, and its diagnosis."""

    case: DiagnosisCase
    truth: str
    causes: tuple[str, ...]
    """All diagnoses that would be right; the first is the truth."""
    diagnosis: str
    confidence: float
    suspects: tuple[str, ...]
    """The causes that a client alone cannot rule out."""


@dataclass(slots=True)
class ConfusionMatrix:
    """Counts of (truth, diagnosis), and the results that were wrong."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[DiagnosisResult] = field(default_factory=list)
    suspected: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """Of the silences: which causes a client alone cannot tell apart, and how often."""
    suspected_rightly: int = 0
    silences: Counter[str] = field(default_factory=Counter)
    """By client."""
    silences_right: Counter[str] = field(default_factory=Counter)
    """By client: those that were diagnosed correctly."""

    def add(self, result: DiagnosisResult) -> None:
        """Count one more run."""
        if result.truth not in (QUIET, ANSWERED):
            self.suspected[result.suspects] += 1
            self.suspected_rightly += any(cause in result.suspects for cause in result.causes)
            self.silences[result.case.client] += 1
            self.silences_right[result.case.client] += result.diagnosis in result.causes
        self.counts[result.truth, result.diagnosis] += 1
        if result.diagnosis in result.causes:
            self.right[result.truth] += 1
        else:
            self.wrong.append(result)

    def share(self, *, of_silent: bool = False) -> float:
        """The share of runs that were diagnosed correctly, of all runs or of those with a silence."""
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


CONTROLS = {"nobody speaks": _typing, "inaudible murmur": _murmur, "ordinary talk": _talk}
"""Conversations without a fault."""


def cases(seeds: int = CONFUSION_SEEDS, clients: Sequence[str] = CONFUSION_CLIENTS) -> list[DiagnosisCase]:
    """All runs of the matrix."""
    names = [*faults_over("websocket"), *CONTROLS]
    return [DiagnosisCase(name, client, seed) for name in names for client in clients for seed in range(seeds)]


def matrix(
    seeds: int = CONFUSION_SEEDS, clients: Sequence[str] = CONFUSION_CLIENTS, jobs: int | None = None
) -> ConfusionMatrix:
    """Play and diagnose all cases."""
    result = ConfusionMatrix()
    for one in spread(play_and_diagnose, cases(seeds, clients), jobs):
        result.add(one)
    return result


def play_and_diagnose(case: DiagnosisCase) -> DiagnosisResult:
    """Play one case and diagnose it."""
    run = play(scenario_of(case), case.client, seed=case.seed)
    journal = until_heal(run.journal)
    truth, causes = _truth(case, journal)
    found = diagnose(journal)
    diagnosis = found.cause or found.state
    seen = client_view.suspects(journal)
    return DiagnosisResult(case, truth, causes, diagnosis, found.confidence, seen.causes or (seen.state,))


def scenario_of(case: DiagnosisCase) -> Scenario:
    """What is played for a case."""
    if case.fault in CONTROLS:
        steps = CONTROLS[case.fault](case.seed)
        return conversation(case.fault, steps, ServerSetup(detector="energy", reply=REPLY), 2)
    kind, phase = CATALOGUE[case.fault], PHASES[case.seed % len(PHASES)]
    fault = kind() if case.seed % 2 else drawn(kind, Seeded(case.seed, f"confusion/{case.fault}"))
    return replace(single(fault, phase, case.seed), recover_within_us=SECOND)


def until_heal(journal: Journal) -> Journal:
    """The part of a journal up to the heal."""
    before = Journal(journal.header)
    for entry in journal.entries:
        before.add(entry)
        if isinstance(entry, WorldHealed):
            break
    return before


def _truth(case: DiagnosisCase, journal: Journal) -> tuple[str, tuple[str, ...]]:
    """The truth, and all diagnoses that are right."""
    spoken = list(journal.select(UserSpeaks))
    if spoken and next(answers_heard(journal, spoken[-1].t), None) is not None:
        return ANSWERED, (ANSWERED,)  # a client that commits turns itself is answered even if nobody can hear it
    if not any(entry.is_audible for entry in spoken):
        return QUIET, (QUIET,)
    if case.fault not in CATALOGUE or not CATALOGUE[case.fault].causes:
        return NO_CAUSE, ()
    causes = CATALOGUE[case.fault].causes
    return causes[0], causes
