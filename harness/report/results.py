"""``results.json``: the runs of a command for machines, with a versioned JSON Schema.

The document is the one of ``run --json``. Its schema is made from the classes below: ``stillthere schema --results``
prints it, and it is kept in ``docs/results.schema.json``.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from .. import __version__
from ..causes import Cause
from ..units import SECOND
from ..verdict.findings import Finding
from ..verdict.record import Wait
from .cases import RunCase, RunOutcome, identities, totals, worst

SCHEMA_VERSION = 1
"""Of the document. Fields may be added; the number increases if one is removed, renamed or changes its meaning."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_IDENTITY = f"urn:stillthere:results:{SCHEMA_VERSION}"

_Seconds = Annotated[float, Meta(ge=0)]
_Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class FindingResult(Struct, frozen=True, kw_only=True):
    """Something that is wrong with a run, or that it warns of."""

    property: Annotated[
        str,
        Meta(description="The property that is broken; `premise`; `expect …`; or `client`, which could not be judged."),
    ]
    at_s: Annotated[_Seconds | None, Meta(description="When this was certain, in virtual seconds.")]
    reason: Annotated[str, Meta(description="What did not hold, in a sentence.")]
    cause: Annotated[Cause | None, Meta(description="For a silence: its cause.")]
    evidence: Annotated[list[str], Meta(description="What in the journal shows the cause.")]
    line: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="The line of the scenario's file that it is about.")
    ]


class WaitResult(Struct, frozen=True, kw_only=True):
    """An utterance after the heal: what its bound counts from, the bound, and how long the user waited."""

    since_s: Annotated[_Seconds, Meta(description="What the bound counts from.")]
    within_s: Annotated[_Seconds, Meta(description="The time in which it must be answered.")]
    waited_s: Annotated[_Seconds | None, Meta(description="How long the user waited; null: there was no answer.")]
    kept: Annotated[bool, Meta(description="Whether the answer came in time.")]


class RunResult(Struct, frozen=True, kw_only=True):
    """One run."""

    scenario: Annotated[str, Meta(description="The scenario as it was named on the command line.")]
    title: Annotated[str, Meta(description="The name that the scenario has itself.")]
    id: Annotated[
        tuple[str, str],
        Meta(
            description="Stable from one command to the next: the scenario's file or shipped name, and the client with "
            "the detector, the seed and the transport if they are not the usual ones. JUnit has the same."
        ),
    ]
    client: Annotated[str, Meta(description="The client, app, program or page under test.")]
    detector: Annotated[str, Meta(description="The server's speech detector.")]
    seed: Annotated[int, Meta(description="The seed of all that is random.", ge=0)]
    transport: Annotated[Literal["websocket", "webrtc"], Meta(description="How client and server are connected.")]
    verdict: Annotated[
        RunOutcome, Meta(description="held, failed, vacuous (it proves nothing), or error (the client broke).")
    ]
    findings: Annotated[list[FindingResult], Meta(description="What is wrong; empty if the run held.")]
    warnings: Annotated[list[FindingResult], Meta(description="Harm short of failure.")]
    waits: Annotated[list[WaitResult], Meta(description="How long each utterance after the heal waited.")]
    journal_sha256: Annotated[_Sha256 | None, Meta(description="What identifies the run; null for an error.")]
    virtual_s: Annotated[_Seconds | None, Meta(description="The length of the run; null for an error.")]
    wall_s: Annotated[_Seconds, Meta(description="How long it took.")]
    journal: Annotated[str | None, Meta(description="The file of its journal, if --out was given.")]
    again: Annotated[str | None, Meta(description="The command that plays it again.")]


class Totals(Struct, frozen=True, kw_only=True):
    """How many runs there were, and how they ended."""

    runs: Annotated[int, Meta(ge=0)]
    held: Annotated[int, Meta(ge=0)]
    failed: Annotated[int, Meta(ge=0)]
    vacuous: Annotated[int, Meta(ge=0)]
    error: Annotated[int, Meta(ge=0)]
    warned: Annotated[int, Meta(ge=0, description="Runs that have warnings, however they ended.")]


class Results(Struct, frozen=True, kw_only=True):
    """The runs of one command."""

    schema_version: Annotated[
        Literal[1], Meta(description="Increases if a field is removed, renamed or changes its meaning.")
    ]
    version: Annotated[str, Meta(description="The version of stillthere.")]
    verdict: Annotated[RunOutcome, Meta(description="The worst of all runs: error, failed, vacuous, held.")]
    totals: Totals
    runs: Annotated[list[RunResult], Meta(description="In the order in which they were played.")]


def document(cases: Sequence[RunCase]) -> dict[str, Any]:
    """The document of these runs, as JSON values."""
    runs = [_run(case, identity) for case, identity in zip(cases, identities(cases), strict=True)]
    found = totals(cases)
    counts = Totals(
        runs=len(cases),
        held=found.get("held", 0),
        failed=found.get("failed", 0),
        vacuous=found.get("vacuous", 0),
        error=found.get("error", 0),
        warned=sum(1 for case in cases if case.warnings),
    )
    verdict = worst(case.outcome for case in cases)
    results = Results(schema_version=1, version=__version__, verdict=verdict, totals=counts, runs=runs)
    built: dict[str, Any] = msgspec.to_builtins(results)
    return built


def schema() -> dict[str, Any]:
    """The JSON Schema of the document: what ``stillthere schema --results`` prints."""
    made = msgspec.json.schema(Results)
    name = made.pop("$ref").rpartition("/")[2]
    top = made["$defs"].pop(name)
    return {
        "$schema": _DIALECT,
        "$id": _IDENTITY,
        **top,
        "title": "The results of stillthere run",
        "$defs": made["$defs"],
    }


def _run(case: RunCase, identity: tuple[str, str]) -> RunResult:
    run = case.run
    return RunResult(
        scenario=case.given,
        title=case.scenario.name,
        id=identity,
        client=case.client,
        detector=case.detector,
        seed=case.seed,
        transport=case.scenario.transport,
        verdict=case.outcome,
        findings=[_finding(each, is_timed=case.verdict is not None) for each in case.findings],
        warnings=[_finding(each) for each in case.warnings],
        waits=[_wait(each) for each in (case.verdict.waits if case.verdict is not None else ())],
        journal_sha256=run.journal.sha256() if run is not None else None,
        virtual_s=run.virtual_us / SECOND if run is not None else None,
        wall_s=round(case.wall_s, 3),
        journal=str(case.journal) if case.journal is not None else None,
        again=case.again,
    )


def _finding(found: Finding, *, is_timed: bool = True) -> FindingResult:
    return FindingResult(
        property=found.name,
        at_s=found.at_us / SECOND if is_timed else None,
        reason=found.reason,
        cause=found.cause,
        evidence=list(found.evidence),
        line=found.line,
    )


def _wait(wait: Wait) -> WaitResult:
    return WaitResult(
        since_s=wait.since_us / SECOND,
        within_s=wait.within_us / SECOND,
        waited_s=None if wait.waited_us is None else wait.waited_us / SECOND,
        kept=wait.kept,
    )
