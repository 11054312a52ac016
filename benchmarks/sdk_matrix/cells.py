"""A cell of the matrix: what the journal of one run says of the app's recovery, and nothing else."""

from collections.abc import Iterator

import msgspec

from harness.journal import (
    AppEnded,
    AudioArrived,
    ClientLog,
    ConnectionDialled,
    Entry,
    Journal,
    MicrophoneAudio,
    StepPlayed,
)
from harness.scenario.model import Scenario
from harness.units import MS, SECOND
from harness.verdict.judge import Verdict, judge
from harness.verdict.record import RunRecord

from .faults import FAULT_AT_US, LABEL

SAMPLES_A_MS = 24
LEAST_LOST_MS = 2_000
"""The journal says each second how much audio has arrived; less than this may just be under way."""
LOSSES = ("settings_kept", "history_kept", "words_lost")
"""The properties that say what is lost."""


class Told(msgspec.Struct, frozen=True):
    """Something that the app's code was told after the fault, and printed; or by which the app ended."""

    after_ms: int
    """When first, after the fault."""
    text: str
    times: int = 1


class Cell(msgspec.Struct, frozen=True):
    """What happened to one app under one fault."""

    configuration: str
    fault: str
    verdict: str
    answered_ms: int | None
    """After the fault, the first answer was heard to something that the user said after it; None: never, or no longer
    when the persistent user spoke."""
    told: tuple[Told, ...]
    lost: dict[str, str]
    """What is lost, by its name, in the judge's words."""
    audio_lost_s: int
    """Of what the microphone delivered so much never arrived at the server, although the user was answered again."""
    dials: int
    virtual_s: float
    sha256: str


def cell_of(configuration: str, fault: str, journal: Journal, scenario: Scenario) -> Cell:
    """The cell of a run."""
    record, verdict = RunRecord(journal), judge(journal, scenario)
    began = fault_at(journal)
    answered = None
    if record.first_answer is not None:
        answered = next((each.at_us for each in record.answers.heard if _is_after(each, began)), None)
    return Cell(
        configuration=configuration,
        fault=fault,
        verdict=str(verdict),
        answered_ms=None if answered is None else (answered - began) // MS,
        told=tuple(_told(journal, began)),
        lost=_losses(verdict),
        audio_lost_s=0 if answered is None else _audio_lost_ms(journal) // 1000,
        dials=sum(1 for _ in journal.select(ConnectionDialled)),
        virtual_s=journal.end / SECOND,
        sha256=journal.sha256(),
    )


def fault_at(journal: Journal) -> int:
    """When the fault was injected, in microseconds."""
    return next((step.t for step in journal.select(StepPlayed) if step.label == LABEL), FAULT_AT_US)


def _is_after(answer, began: int) -> bool:
    return answer.turn is not None and any(said.t >= began for said in answer.turn.utterances)


def _told(journal: Journal, began: int) -> Iterator[Told]:
    found: dict[str, list[Entry]] = {}
    for entry in journal.select(ClientLog, AppEnded):
        if entry.t >= began and (text := _text(entry)):
            found.setdefault(text, []).append(entry)
    for text, entries in found.items():
        yield Told((entries[0].t - began) // MS, text, len(entries))


def _text(entry: Entry) -> str:
    """What the entry says; of a message with several lines the first one: the others are indented."""
    if isinstance(entry, AppEnded):
        return f"the app ended: {entry.error}" if entry.error else "the app ended"
    line = entry.fields["line"] if entry.kind == "prints" else ""
    return "" if line.startswith(" ") else line


def _losses(verdict: Verdict) -> dict[str, str]:
    found = (*verdict.findings, *verdict.warnings)
    return {finding.name: finding.reason for finding in found if finding.name in LOSSES}


def _audio_lost_ms(journal: Journal) -> int:
    """How much of what the microphone delivered arrived on no connection."""
    delivered_ms = sum(entry.samples for entry in journal.select(MicrophoneAudio)) // SAMPLES_A_MS
    arrived_ms: dict[int, int] = {}
    for entry in journal.select(AudioArrived):
        arrived_ms[entry.connection] = entry.arrived_ms
    lost_ms = delivered_ms - sum(arrived_ms.values())
    return lost_ms if lost_ms >= LEAST_LOST_MS else 0
