"""Plays a generated scenario; a failure is kept as a file and reported with the command that replays it."""

import hashlib
from pathlib import Path

from harness.scenario import Scenario, dump
from harness.verdict.judge import Verdict, judge
from harness.world.play import play

FOUND = Path("out/found")


def verdict_on(scenario: Scenario, client: str) -> Verdict:
    """Play and judge."""
    return judge(play(scenario, client).journal, scenario)


def failure(scenario: Scenario, client: str, verdict: Verdict) -> str:
    """The sentence for a failed property."""
    text = dump(scenario)
    FOUND.mkdir(parents=True, exist_ok=True)
    path = FOUND / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.yaml"
    path.write_text(text, encoding="utf-8")
    reasons = "; ".join(finding.reason for finding in verdict.findings)
    return f"{reasons}\n{text}\nsee it again: stillthere run {path} --client {client} --seed 0"
