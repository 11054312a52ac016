"""The file of a found failure: a scenario that ``stillthere run`` plays to the same verdict and the same journal."""

import hashlib
import os
import platform
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from .. import __version__
from ..audio.clips import is_file_name
from ..clients.registry import find_client
from ..errors import ClientError
from ..processes import Lost, outcomes
from ..scenario.dump import dump
from ..scenario.loader import loads
from ..scenario.model import Action, Noise, Say, Scenario
from ..verdict.judge import judge
from ..world.play import play
from .campaign import CRASHED, UNSPECIFIC, SeedPlayer
from .findings import DistinctFailure, Story
from .watched import TookTooLong, ended_after

FOUND = Path("scenarios", "found")
"""Where files are written that nobody has chosen a folder for; never part of the shipped scenarios."""
_HASH_LENGTH = 8
_SHA256 = "SHA-256 of the journal: "


@dataclass(frozen=True, slots=True)
class FoundFile:
    """The file of a failure, not yet written."""

    path: Path
    """``<property>-<cause>-<hash>.yaml`` in its folder; the same failure of the same client has the same name."""
    command: str
    """What plays it again."""
    text: str
    journal_sha256: str | None
    """Of the run; None if the client crashes in it."""
    verdict: str | None
    """What ``stillthere run`` says of it; None if the client crashes."""
    evidence: tuple[str, ...]
    """What in the journal shows the cause."""


def found_file(player: SeedPlayer, failure: DistinctFailure, folder: Path, found_by: str) -> FoundFile:
    """The file of a failure whose story is known; ``found_by`` is a command. It is played once.

    The folder must exist if the scenario plays files.
    """
    file = _unplayed(player, failure, folder, found_by)
    story = failure.story
    if failure.identity.broken == CRASHED or story is None:
        return file
    scenario = loads(file.text, base=folder)
    try:
        with ended_after(player.limit_s):
            run = play(scenario, find_client(player.client), seed=story.plays_with, settings=player.settings)
            verdict = judge(run.journal, scenario)
    except (ClientError, TookTooLong):  # a client that is not deterministic
        return file
    sha256 = run.journal.sha256()
    outcomes_known = {} if verdict.name == "vacuous" else {player.client: str(verdict)}
    named = _named(failure, story, folder)
    head = file.text.removesuffix(dump(named)).replace(f"{_SHA256}none", _SHA256 + sha256)
    text = head + dump(replace(named, outcomes=outcomes_known))
    found = [each for each in (*verdict.findings, *verdict.warnings) if each.name == failure.identity.broken]
    return replace(
        file, text=text, journal_sha256=sha256, verdict=str(verdict), evidence=found[0].evidence if found else ()
    )


def _unplayed(player: SeedPlayer, failure: DistinctFailure, folder: Path, found_by: str) -> FoundFile:
    """Without what a run of it shows. Its comment has the same lines: entries of a journal name lines of the file."""
    story = failure.story
    assert story is not None, "told() looks for the stories"
    path = folder / _name(player.client, failure)
    again = ["stillthere", "run", path.as_posix(), "--client", player.client]
    command = shlex.join(again + (["--seed", str(story.plays_with)] if story.plays_with else []))
    lines = (
        f"{failure.identity.title}: {story.reason}",
        f"Found by: {found_by}",
        f"Seed: {story.seed}, whose schedule has {story.steps_before} steps; it was shrunk in {story.plays} plays",
        f"Play it: {command}",
        f"Versions: stillthere {__version__}, Python {platform.python_version()}, numpy {np.__version__}",
        f"{_SHA256}none",
    )
    head = "".join(f"# {_on_one_line(line)}\n" for line in lines)
    return FoundFile(path, command, head + dump(_named(failure, story, folder)), None, None, ())


def _named(failure: DistinctFailure, story: Story, folder: Path) -> Scenario:
    """The scenario of a file in a folder; audio files are named relative to that."""
    steps = tuple(
        replace(step, action=_moved(step.action, story.scenario.base, folder)) for step in story.scenario.timeline
    )
    name = f"found by fuzz: {failure.identity.title}"
    return replace(story.scenario, name=name, timeline=steps, path=None, notes=())


def _moved(action: Action, base: Path | None, folder: Path) -> Action:
    match action:
        case Say(clip) if is_file_name(clip):
            return replace(action, clip=_relative(clip, base, folder))
        case Noise(kind) if is_file_name(kind):
            return replace(action, kind=_relative(kind, base, folder))
    return action


def _relative(name: str, base: Path | None, folder: Path) -> str:
    return os.path.relpath((base or Path()) / name, folder).replace(os.sep, "/")


def found_files(
    player: SeedPlayer, failures: Sequence[DistinctFailure], folder: Path, found_by: str, jobs: int | None = None
) -> Iterator[tuple[int, FoundFile]]:
    """The file of each failure with its number, counted from 1; they are played in processes of this machine."""
    limit_s = None if player.limit_s is None else 2 * player.limit_s
    make = partial(_numbered, player, folder, found_by)
    for (number, failure), made in outcomes(make, list(enumerate(failures, 1)), jobs, limit_s):
        yield number, _unplayed(player, failure, folder, found_by) if isinstance(made, Lost) else made


def _numbered(player: SeedPlayer, folder: Path, found_by: str, task: tuple[int, DistinctFailure]) -> FoundFile:
    return found_file(player, task[1], folder, found_by)


def _on_one_line(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))


def _name(client: str, failure: DistinctFailure) -> str:
    identity = failure.identity
    parts = [client, identity.broken, str(identity.cause), identity.detail]
    if identity.cause in UNSPECIFIC and identity.broken != CRASHED and failure.story is not None:
        parts += failure.story.faults
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_HASH_LENGTH]
    because = identity.cause or (identity.detail.split(" at ")[0] if identity.broken == CRASHED else "")
    words = [identity.broken, re.sub(r"[^A-Za-z0-9_]+", "_", because)[:40].strip("_"), digest]
    return "-".join(word for word in words if word) + ".yaml"


def command_of(
    client: str,
    seeds: range,
    choices: Mapping[str, str],
    slow_s: float | None = None,
    scenario: str | None = None,
    schedules: str = "swarm",
) -> str:
    """The command that plays seeds with a client; ``scenario`` is what faults are thrown into."""
    words = ["stillthere", "fuzz", *([scenario] if scenario is not None else [])]
    words += ["--client", client, "--seeds", f"{seeds.start}..{seeds.stop}"]
    for name, choice in choices.items():
        words += ["--property", f"{name}={choice}"]
    if slow_s is not None:
        words += ["--slow", f"{slow_s:g}s"]
    if schedules != "swarm":
        words += ["--schedules", schedules]
    return shlex.join(words)
