"""What a campaign found, in words: one block for each distinct failure, and a summary."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..faults import faults_over
from ..picture.words import plain, roughly
from ..scenario.model import Scenario
from ..search.campaign import CampaignTally
from ..search.findings import DistinctFailure
from ..search.found_file import FoundFile
from ..units import SECOND
from ..verdict.phases import PHASES
from .plan import details, what, when

_SEEDS_SHOWN = 6
_NAMES_SHOWN = 6
_LABEL = 10
"""Columns before what a line of a block says."""
_EVIDENCE_SHOWN = 4
_KINDS = {"failure": "", "crash": "", "warning": "warning: "}


def block(number: int, failure: DistinctFailure, file: FoundFile | None, runs: int, width: int) -> str:
    """A distinct failure: what it is, its story in words, what it takes, the evidence, the seeds, how to play it."""
    story = failure.story
    count = len(failure.failures)
    title = f"{number}. {_KINDS[failure.kind]}{plain(failure.identity.title)}"
    lines = [f"{title}  ({count} of {runs} {'seeds' if runs != 1 else 'seed'})"]
    if story is not None:
        lines += _labelled("story", in_words(story.scenario), width)
        steps, faults = len(story.scenario.timeline), story.fault_count
        takes = f"{_count(steps, 'step')}, {_count(faults, 'fault')}"
        before = f"; the schedule of seed {story.seed} has {story.steps_before} and {story.faults_before}"
        lines += _labelled("takes", takes + before, width)
    lines += _labelled("because", plain(story.reason if story else failure.failures[0].reason), width)
    for fact in file.evidence[:_EVIDENCE_SHOWN] if file is not None else ():
        lines += _labelled("", f"· {plain(fact)}", width)
    lines += _labelled("seeds", _some([str(seed) for seed in failure.seeds], _SEEDS_SHOWN), width)
    if file is not None:
        lines += [f"   {'file':{_LABEL}}{file.path.as_posix()}", f"   {'play it':{_LABEL}}{plain(file.command)}"]
    return "\n".join(lines)


def document(
    client: str,
    tally: CampaignTally,
    distinct: Sequence[DistinctFailure],
    files: Mapping[int, FoundFile],
    wall_s: float,
) -> dict[str, Any]:
    """The campaign in the JSON of ``--json``; ``files`` by the numbers of the failures, from 1."""
    return {
        "client": client,
        "runs": tally.runs,
        "held": tally.held,
        "failed": len(tally.failures),
        "crashed": len(tally.crashes),
        "vacuous": tally.vacuous,
        "virtual_s": tally.virtual_us / SECOND,
        "wall_s": round(wall_s, 3),
        "slowest": [{"waited_s": waited / SECOND, "seed": -negative} for waited, negative in tally.slowest],
        "never_reached": list(_unreached(tally)),
        "distinct": [_failure(failure, files.get(number)) for number, failure in enumerate(distinct, 1)],
    }


def _failure(failure: DistinctFailure, file: FoundFile | None) -> dict[str, Any]:
    story = failure.story
    return {
        "kind": failure.kind,
        "property": failure.identity.broken,
        "cause": failure.identity.cause,
        "reason": story.reason if story else failure.failures[0].reason,
        "evidence": list(file.evidence) if file else [],
        "seeds": list(failure.seeds),
        "story": in_words(story.scenario) if story else None,
        "steps": len(story.scenario.timeline) if story else None,
        "faults": list(story.faults) if story else None,
        "plays": story.plays if story else None,
        "file": file.path.as_posix() if file else None,
        "command": file.command if file else None,
        "verdict": file.verdict if file else None,
        "journal_sha256": file.journal_sha256 if file else None,
    }


def in_words(scenario: Scenario) -> str:
    """The steps of a scenario on one line: "at 1s say …; at 2s network reset, for 3 s"."""
    steps = []
    for step in scenario.timeline:
        more = details(step)
        steps.append(f"{when(step)} {what(step.action)}" + (f", {more}" if more else ""))
    return "; ".join(steps)


def _labelled(label: str, text: str, width: int) -> list[str]:
    indent = " " * (3 + _LABEL)
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=f"   {label:{_LABEL}}",
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}es" if thing == "crash" else f"{count} {thing}s"


def _some(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def summary(client: str, tally: CampaignTally, distinct: Sequence[DistinctFailure], wall_s: float) -> list[str]:
    """The last lines of a campaign: what was played, how fast answers came, what was never reached."""
    crashed = f", {len(tally.crashes)} crashed" if tally.crashes else ""
    lines = [
        f"{client}: {_count(tally.runs, 'schedule')}, {tally.held} held, {len(tally.failures)} failed, "
        f"{tally.vacuous} vacuous{crashed}; {tally.virtual_us / SECOND / 3600:.1f} h of conversation in {wall_s:.0f} s"
    ]
    kinds = [failure.kind for failure in distinct]
    if distinct:
        counts = [_count(kinds.count(kind), kind) for kind in ("failure", "crash", "warning") if kind in kinds]
        lines.append(f"distinct: {', '.join(counts)}")
    lines += _answers(tally)
    for name, count in sorted(tally.warnings.items()):
        lines.append(f"warning: {name} in {count} of {tally.runs} runs")
    lines += _unreached(tally)
    return lines


def _answers(tally: CampaignTally) -> Iterator[str]:
    recovered = sorted(tally.recoveries.elements())
    if recovered:
        median, worst = recovered[len(recovered) // 2], recovered[-1]
        yield f"answered after the heal: median {roughly(median)}, worst {roughly(worst)}"
    if tally.slowest:
        slowest = (f"{roughly(waited)} at seed {-negative}" for waited, negative in tally.slowest)
        yield f"slowest answers: {', '.join(slowest)}"


def _unreached(tally: CampaignTally) -> Iterator[str]:
    """What a campaign over all faults and phases never did: about that it proves nothing."""
    if not tally.runs or tally.runs == len(tally.crashes):
        return
    injected = tally.coverage.injected()
    reached = {fault for fault, _ in injected}
    faults = [name for name in faults_over("websocket") if name not in reached]
    phases = [phase for phase in PHASES if phase not in {phase for _, phase in injected}]
    if not reached:
        yield "no fault was injected: this proves nothing about faults"
        return
    kinds = Counter(point.kind for point in tally.coverage.counts)
    edges = kinds["turn"] + kinds["response"] + kinds["detection"]
    yield (
        f"reached: {_count(kinds['fault'], 'pair')} of fault and phase, {_count(edges, 'edge')} of the server's state "
        f"tables, {_count(kinds['remedy'], 'pair')} of symptom and remedy"
    )
    if faults or phases:
        known = len(faults_over("websocket"))
        parts = [f"{len(faults)} of {known} faults ({_some(faults, _NAMES_SHOWN)})"] if faults else []
        parts += [f"the phase{'s' if len(phases) > 1 else ''} {', '.join(phases)}"] if phases else []
        yield f"never reached, so nothing is proved about it: {' and '.join(parts)}"
