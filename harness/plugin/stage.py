"""The fixture ``stillthere``: plays scenarios in a test; a failure shows what happened and how to play it again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StillthereError
from ..scenario import Scenario
from ..scenario.transport import over
from .playing import StagedRun, find_scenario, page_in_test, play_in_test
from .runs import RunsOfTest


class ScenarioStage:
    """Plays scenarios in virtual time, for the test that runs now. The fixture ``stillthere`` is one."""

    def __init__(self, runs: RunsOfTest) -> None:
        self._runs = runs

    def __repr__(self) -> str:
        return "<stillthere>"

    def holds(
        self,
        scenario: str | Path | Scenario,
        app_or_client: Any,
        *,
        seed: int = 0,
        detector: str | None = None,
        settings: Mapping[str, Any] | None = None,
        properties: Mapping[str, str] | None = None,
        transport: str | None = None,
    ) -> StagedRun:
        """Play a scenario and assert that it holds. The parameters are those of :meth:`plays`.

        Raises :exc:`AssertionError` if the run failed, and also if it was vacuous: a premise did not happen, so nothing
        is proven. Its text has the picture of the run and the command that plays it again.
        """
        __tracebackhide__ = True
        run = self.plays(
            scenario,
            app_or_client,
            seed=seed,
            detector=detector,
            settings=settings,
            properties=properties,
            transport=transport,
        )
        if run.verdict.name != "held":
            raise self._runs.not_held(run)
        return run

    def plays(
        self,
        scenario: str | Path | Scenario,
        app_or_client: Any,
        *,
        seed: int = 0,
        detector: str | None = None,
        settings: Mapping[str, Any] | None = None,
        properties: Mapping[str, str] | None = None,
        transport: str | None = None,
    ) -> StagedRun:
        """Play a scenario, and return its run and verdict; whether it held is for the test to say.

        ``scenario`` is the name of a shipped one, a path, relative to the test's file, or a scenario.
        ``app_or_client`` is a class with the four methods, the name of a reference client, an async function
        ``app(mic, speaker)``, or one of these as ``module:name``. ``seed`` seeds all that is random, ``detector``
        replaces the server's ear, ``settings`` change client settings, ``properties`` say what follows if a property is
        broken, ``transport`` replaces the scenario's: ``websocket`` or ``webrtc``. Raises as ``play`` and ``judge`` do.
        """
        __tracebackhide__ = True
        try:
            found = find_scenario(scenario, self._runs.folder)
            run = play_in_test(
                over(found, transport),
                app_or_client,
                seed=seed,
                detector=detector,
                settings=settings,
                properties=properties,
            )
        except StillthereError as error:  # the frames of the simulation say nothing about the client
            raise error.with_traceback(None) from error.__cause__
        self._runs.add(run)
        return run

    def page(
        self,
        scenario: str | Path | Scenario,
        page: str | Path,
        *,
        setup: str | Path | None = None,
        device: str | None = None,
        seed: int = 0,
        detector: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> StagedRun:
        """Play a scenario against a page in a real Chromium, in real time, and return its run and verdict.

        ``page`` is a URL, or the path of an HTML file, relative to the test's file. ``setup`` is a file of JavaScript
        that runs in the page once it is loaded. ``device`` is ``pulse``, the default, or ``none``.
        Raises as ``play_page`` and ``judge`` do.
        """
        __tracebackhide__ = True
        try:
            found = find_scenario(scenario, self._runs.folder)
            run = page_in_test(
                found,
                page,
                self._runs.folder,
                setup=setup,
                device=device,
                seed=seed,
                detector=detector,
                properties=properties,
            )
        except StillthereError as error:
            raise error.with_traceback(None) from error.__cause__
        self._runs.add(run)
        return run
