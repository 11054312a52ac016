"""Plays what a test names: a scenario by name, path or object, with a client or an app."""

import functools
import importlib
import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..apps.play import play_app
from ..errors import SettingError
from ..scenario import Scenario, load
from ..user_code import exits_held, is_interrupt
from ..verdict.judge import Verdict, judge
from ..world.play import Run, play


@dataclass(frozen=True, slots=True, repr=False)
class StagedRun:
    """A run in a test, and the verdict on it."""

    run: Run
    """The scenario as it was played, the client's name, the seed and the journal."""
    verdict: Verdict
    """Held, failed or vacuous, and why."""
    kind: Literal["client", "app", "page"] = "client"
    """What was played: a class with the four methods, an async function, or a page in a browser."""
    properties: Mapping[str, str] | None = None
    """What followed if a property was broken, where the test said so."""
    settings: Mapping[str, Any] | None = None
    """The client settings that the test changed."""

    def __bool__(self) -> bool:
        """Whether the verdict is held, so that ``assert stillthere.plays(…)`` says what it seems to."""
        return bool(self.verdict)

    @property
    def outcome(self) -> str:
        """One line, such as "The reported freeze, client reported: failed: capture_dead"."""
        return f"{self.run.scenario.name}, {self.kind} {self.run.client}: {self.verdict}"

    def __repr__(self) -> str:
        return f"<{self.outcome}>"


def find_scenario(scenario: object, folder: Path) -> Scenario:
    """The scenario that is meant. A relative path is relative to ``folder``, or else to the working directory.

    Raises :exc:`harness.errors.InputError` if there is none, or it has mistakes.
    """
    if isinstance(scenario, Scenario):
        return scenario
    if not isinstance(scenario, str | Path):
        raise SettingError(
            f"a scenario is a name, a path, or what load() or ScenarioBuilder.build() returns (got {scenario!r:.80})"
        )
    beside = folder / scenario
    return load(beside if os.path.isfile(beside) else scenario)


def play_in_test(
    scenario: Scenario,
    app_or_client: Any,
    *,
    seed: int,
    detector: str | None,
    settings: Mapping[str, Any] | None,
    properties: Mapping[str, str] | None,
) -> StagedRun:
    """Play and judge. Raises as :func:`play` and :func:`judge` do, and so does an app."""
    app = _app(app_or_client)
    if app is None:
        run = play(scenario, app_or_client, seed=seed, detector=detector, settings=settings)
    elif settings:
        raise SettingError(f"an app has no client settings (got {dict(settings)!r:.80}); leave settings= out")
    else:
        run = play_app(scenario, app, seed=seed, detector=detector)
    verdict = judge(run.journal, scenario, properties)
    return StagedRun(run, verdict, "client" if app is None else "app", properties, settings)


def page_in_test(
    scenario: Scenario,
    page: str | os.PathLike[str],
    folder: Path,
    *,
    setup: str | os.PathLike[str] | None,
    device: str | None,
    seed: int,
    detector: str | None,
    properties: Mapping[str, str] | None,
) -> StagedRun:
    """Play a page in a browser, and judge. A relative path is relative to ``folder``, or else to the working directory.

    Raises as :func:`play_page` and :func:`judge` do.
    """

    from ..apps.browser.play import play_page  # few tests have a page

    def beside(path: str | os.PathLike[str]) -> str:
        file, question, query = os.fspath(path).partition("?")
        found = folder / file
        return f"{found}{question}{query}" if found.is_file() else os.fspath(path)

    run = play_page(
        scenario,
        beside(page),
        setup=None if setup is None else beside(setup),
        device=device,
        seed=seed,
        detector=detector,
    )
    return StagedRun(run, judge(run.journal, scenario, properties), "page", properties)


def _app(named: Any) -> Any:
    """The async function, or its name, if it is one; None for a client, and for what cannot be imported."""
    if isinstance(named, str) and ":" in named:
        module, _, name = named.partition(":")
        try:
            with exits_held():
                found = getattr(importlib.import_module(module), name)
        except BaseException as error:  # the user's module may raise anything; the search for a client says what
            if is_interrupt(error):
                raise
            return None
        return named if _is_async(found) else None
    return named if _is_async(named) else None


def _is_async(thing: Any) -> bool:
    """Whether a call gives a coroutine: an async function, a partial of one, an object with an async ``__call__``."""
    if isinstance(thing, type):
        return False
    while isinstance(thing, functools.partial):
        thing = thing.func
    called = type(thing).__call__ if callable(thing) else None
    return inspect.iscoroutinefunction(thing) or inspect.iscoroutinefunction(called)
