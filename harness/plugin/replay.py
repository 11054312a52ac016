"""The command that plays a run of a test again."""

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from ..audio.clips import is_file_name
from ..clients.reference import REFERENCE_CLIENTS
from ..clients.worklet.names import worklet_name
from ..picture import words
from ..scenario.model import Noise, Reply, Say, Scenario, Step
from .playing import StagedRun


def replay(played: StagedRun, test: str, scenario_file: Path | None) -> str:
    """The command; that which runs the test, if the command line cannot make the client or has no such scenario.

    ``test`` is the id of the test; ``scenario_file`` is where a scenario that has no file of its own is kept, if it is.
    """
    run = played.run
    is_named = run.client in REFERENCE_CLIENTS or worklet_name(run.client) is not None or played.kind == "page"
    location = "" if is_named else _location(run.client)
    if location is None:
        return shlex.join(["pytest", test])
    if needs_file(played):
        if scenario_file is None:
            return shlex.join(["pytest", test])
        run = replace(run, scenario=replace(run.scenario, path=scenario_file))
    return f"{location}{words.again(run, played.properties)}"


def needs_file(played: StagedRun) -> bool:
    """Whether the scenario that was played, with the settings that the test gave, is in no file."""
    return played.run.scenario.path is None or bool(played.settings)


def as_a_file(played: StagedRun, file: Path) -> Scenario:
    """The scenario as ``file`` can hold it: with the settings of the test, and recordings relative to the file."""
    scenario = played.run.scenario
    base = scenario.base or Path()

    def clip(name: str) -> str:
        return Path(os.path.relpath(base / name, file.parent)).as_posix() if is_file_name(name) else name

    def step(each: Step) -> Step:
        if isinstance(each.action, Say):
            return replace(each, action=replace(each.action, clip=clip(each.action.clip)))
        if isinstance(each.action, Noise):
            return replace(each, action=replace(each.action, kind=clip(each.action.kind)))
        return each

    def reply(each: Reply) -> Reply:
        return replace(each, clip=clip(each.clip))

    server = scenario.server
    rules = tuple(replace(rule, reply=reply(rule.reply)) for rule in server.replies)
    return replace(
        scenario,
        timeline=tuple(map(step, scenario.timeline)),
        server=replace(server, reply=reply(server.reply), replies=rules),
        client={**scenario.client, **(played.settings or {})},
    )


def _location(client: str) -> str | None:
    """``PYTHONPATH=tests `` if the command line does not find the client's module by itself; None if it never can."""
    module_name, _, name = client.partition(":")
    module = sys.modules.get(module_name)
    file = getattr(module, "__file__", None)
    if not name or "<locals>" in name or file is None:
        return None
    folder = Path(file).resolve()
    for _ in range(module_name.count(".") + 1 + (folder.name == "__init__.py")):
        folder = folder.parent
    if folder == Path.cwd().resolve() or "site-packages" in folder.parts or os.name == "nt":
        return ""
    return f"PYTHONPATH={shlex.quote(os.path.relpath(folder))} "
