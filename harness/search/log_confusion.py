"""How often the diagnosis of a log is right, by kind of log: runs whose truth is known, seen from the client's end.

Each fault is injected as for :mod:`harness.search.confusion`. What the client's end of the wire saw up to the heal is
the log; each kind of log leaves out what it does in the field. The judge does not decide what is right: whether the
user's last words were answered is a fact of the run, and the possible causes are those that the fault itself declares.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..faults import CATALOGUE, faults_over
from ..journal import EventAtClient, Journal, UserSpeaks
from ..logs.answer import LogDiagnosis
from ..logs.diagnosis import diagnose_log
from ..logs.logged import SessionLog
from ..processes import spread
from ..protocol.events import ResponseCreated, ResponseDone, ResponseOutputAudioDone
from ..units import SECOND
from ..verdict.diagnosis import diagnose
from ..world.answers import answers_heard
from ..world.play import play
from .confusion import ANSWERED, CONFUSION_CLIENTS, CONTROLS, NO_CAUSE, QUIET, DiagnosisCase, scenario_of, until_heal
from .log_kinds import LOG_KINDS
from .log_tap import LogTap

LOG_SEEDS = 1
"""Runs for each fault and client."""
LogOutcome = Literal["one", "set", "listed", "unknown", "wrong", "false answered"]
LOG_OUTCOMES: dict[LogOutcome, str] = {
    "one": "silent, and the one cause that is named is right",
    "set": "the right cause is among the at most three that are named",
    "listed": "the right cause is among those that cannot be excluded either, or that `answered` says no log shows",
    "unknown": "unknown is said, and there is nothing to blame",
    "wrong": "the right cause is not named, or a silence is said where there is none",
    "false answered": "answered is said, and the user's last words in the log got no audible answer",
}
BEYOND = "after the log"
"""The truth of a run whose last words were said after the last message of the log."""
_PLAYBACK = ("playback_suspended", "output_muted", "reply_garbled")


@dataclass(frozen=True, slots=True)
class LogResult:
    """One run, seen through one kind of log."""

    case: DiagnosisCase
    kind: str
    truth: str
    state: str
    named: tuple[str, ...]
    also: tuple[str, ...]
    outcome: LogOutcome


@dataclass(slots=True)
class LogMatrix:
    """The outcomes by kind of log."""

    silences: dict[str, Counter[str]] = field(default_factory=dict)
    """By kind: outcomes of the runs with a silence."""
    others: dict[str, Counter[str]] = field(default_factory=dict)
    """By kind: outcomes of the runs in which the last words were answered, or nobody spoke."""
    sizes: dict[str, Counter[int]] = field(default_factory=dict)
    """By kind: how many causes are named."""
    by_truth: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    """By kind and truth."""
    results: list[LogResult] = field(default_factory=list)

    def add(self, one: LogResult) -> None:
        """Count one more."""
        table = self.others if one.truth in (ANSWERED, QUIET, BEYOND) else self.silences
        table.setdefault(one.kind, Counter())[one.outcome] += 1
        self.by_truth.setdefault((one.kind, one.truth), Counter())[one.outcome] += 1
        if one.truth not in (ANSWERED, QUIET, BEYOND):
            self.sizes.setdefault(one.kind, Counter())[len(one.named)] += 1
        self.results.append(one)

    def share(self, kind: str, *outcomes: LogOutcome) -> float:
        """The share of a kind's silences with these outcomes."""
        counts = self.silences.get(kind, Counter())
        return sum(counts[each] for each in outcomes) / max(1, counts.total())

    @property
    def false_answered(self) -> int:
        """How often an answer was claimed that was none, in all kinds."""
        return sum(each["false answered"] for table in (self.silences, self.others) for each in table.values())


def log_matrix(
    seeds: int = LOG_SEEDS, clients: Sequence[str] = CONFUSION_CLIENTS, jobs: int | None = None
) -> LogMatrix:
    """Play all cases, and diagnose each through all kinds of log."""
    matrix = LogMatrix()
    for results in spread(play_and_read, log_cases(seeds, clients), jobs):
        for one in results:
            matrix.add(one)
    return matrix


def log_cases(seeds: int = LOG_SEEDS, clients: Sequence[str] = CONFUSION_CLIENTS) -> list[DiagnosisCase]:
    """All runs. The seed chooses phase and parameters: each fault and client have others, so that all phases occur."""
    names = [*faults_over("websocket"), *CONTROLS]
    return [
        DiagnosisCase(name, client, number + 5 * which + 7 * seed)
        for number, name in enumerate(names)
        for which, client in enumerate(clients)
        for seed in range(seeds)
    ]


def play_and_read(case: DiagnosisCase) -> list[LogResult]:
    """Play one case, and diagnose it through each kind of log."""
    log, journal, whole = tapped(case)
    truth, right = truth_of(case, journal, whole, log)
    return [_result(case, kind, strip(log), truth, right) for kind, (_, strip) in LOG_KINDS.items()]


def tapped(case: DiagnosisCase) -> tuple[SessionLog, Journal, Journal]:
    """What the client's end saw of a case until the heal, the journal until then, and all of it."""
    tap = LogTap()
    run = play(scenario_of(case), tap.client(case.client), seed=case.seed)
    journal = until_heal(run.journal)
    return tap.log(journal.end), journal, run.journal


def _result(case: DiagnosisCase, kind: str, log: SessionLog, truth: str, right: frozenset[str]) -> LogResult:
    found = diagnose_log(log)
    also = tuple(each.cause for each in found.also)
    outcome = outcome_of(found, truth, right)
    return LogResult(case, kind, truth, found.state, found.causes, also, outcome)


def outcome_of(found: LogDiagnosis, truth: str, right: frozenset[str]) -> LogOutcome:
    """Whether a diagnosis is right."""
    unseen = {each.cause for each in found.unseen}
    if truth in (ANSWERED, QUIET) or (found.state == ANSWERED and ANSWERED in right):
        if found.state in (truth, ANSWERED):
            return "one"
        return "unknown" if found.state == "unknown" else "set" if right & set(found.causes) else "wrong"
    if found.state in ("answered", "quiet"):
        told = unseen if truth == BEYOND else unseen & set(_PLAYBACK)
        return "listed" if right & told else "false answered"
    if right & set(found.causes):
        return "one" if len(found.causes) == 1 else "set"
    if right & {each.cause for each in (*found.also, *found.unseen)}:
        return "listed"
    return "wrong"


def truth_of(case: DiagnosisCase, journal: Journal, whole: Journal, log: SessionLog) -> tuple[str, frozenset[str]]:
    """The truth of a run as far as its log goes, and all causes that are right."""
    spoken = list(journal.select(UserSpeaks))
    if not any(entry.is_audible for entry in spoken):
        return QUIET, frozenset()
    heard = next(answers_heard(journal, spoken[-1].t), None) is not None
    if heard:
        return ANSWERED, frozenset(_left_open(journal))
    soon = {ANSWERED} if _soon(journal, whole, spoken[-1]) else set()
    causes: tuple[str, ...] = CATALOGUE[case.fault].causes if case.fault in CATALOGUE else ()
    found = diagnose(journal).cause
    usual = causes[0] if causes else found or NO_CAUSE
    cause = found if found is not None and (found in causes or not causes) else usual
    end = max((each.t or 0 for one in log.sessions for each in one.events[-1:]), default=0)
    before = [each for each in spoken if each.t < end]
    if not before or next(answers_heard(journal, before[-1].t), None) is not None:
        return BEYOND, frozenset({cause})
    return cause, frozenset({cause, *causes, *soon})


def _soon(journal: Journal, whole: Journal, utterance: UserSpeaks) -> bool:
    """Whether the answer was on its way into the user's ear when everything healed."""
    heard = next(answers_heard(whole, utterance.t), None)
    return heard is not None and heard <= journal.end + SECOND


def _left_open(journal: Journal) -> Iterator[str]:
    """An answer that was heard in part, and then failed or goes on without sound, is a silence as well."""
    opened: dict[str | None, int] = {}
    failed = False
    for entry in journal.events(EventAtClient, ResponseCreated, ResponseDone, ResponseOutputAudioDone):
        if entry.is_a(ResponseCreated):
            opened[entry.response_id] = entry.t
        else:
            opened.pop(entry.response_id, None)
            failed = entry.status in ("failed", "incomplete")
    if failed:
        yield "response_failed"
    if any(journal.end - t >= 3 * SECOND for t in opened.values()):
        yield from ("response_stuck", "server_mute", "half_open", "events_lost")
