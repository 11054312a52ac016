"""One run of a page: its server, its devices, its browser and its world, on the wall clock."""

import asyncio
import os
import wave
from pathlib import Path
from typing import IO

from ...audio.formats import SAMPLE_RATE_HZ
from ...errors import ClientError, InputError
from ...journal import Journal, StepMissing, UplinkAudio
from ...scenario.model import At, PageStep, Scenario
from ...units import MS, SECOND
from ...world.tape import WINDOW_US
from ...world.world import Surroundings
from ..real_time.program import environment_of
from ..real_time.pulse_device import PulseDevice
from ..real_time.stage import RealTimeStage, StageOptions
from .acts import PageActs
from .browser import Browser
from .cdp import DevToolsError, DevToolsSession
from .chromium import BrowserSettings, needed_chromium
from .location import FolderHost, PageLocation
from .page_app import PageApp
from .view import PageView

STEADY_WITHIN_US = 5 * SECOND
"""Steps begin so long after the dial at the latest, although the page does not send audio at the pace of time."""
_STEADY_SHARE = 0.9
"""Of half a second, so much audio must arrive in it."""
_LOOKS_EVERY_US = 100 * MS
_OF_THE_USER = ("click", "press", "run")
_OF_THE_SYSTEM = ("volume", "unplug")
"""Acts that a sound server does."""


class PageStage(RealTimeStage):
    """Open it, :meth:`show` the page, wait until it dials, and :meth:`play`."""

    def __init__(
        self, scenario: Scenario, journal: Journal, seed: int, options: StageOptions, page: PageLocation, spki: str
    ) -> None:
        super().__init__(scenario, journal, seed, options, None)
        self._page_app.done_before = _before_the_dial(scenario)
        self._location = page
        self._spki = spki
        self.browser = Browser()
        self.flows = asyncio.Event()
        self.view: PageView
        self._page: DevToolsSession
        self.acts: PageActs | None = None
        self._host: FolderHost | None = None
        self._looked = 0
        """So many entries of the journal were looked at."""

    def _make_app(self, around: Surroundings) -> PageApp:
        self._page_app = self._app = PageApp(around, infers_speaker=self.options.infers_speaker)
        return self._page_app

    async def show(self, setup: str | None, log: IO[bytes] | None) -> None:
        """Start the browser and open the page; then run the ``setup`` in it. Raises :exc:`ClientError`."""
        port = int(self.url.rpartition(":")[2].partition("/")[0])
        silence = None if self.options.device == "pulse" else _silent_file(self.browser.profile)
        settings = BrowserSettings(self.browser.profile, port, self._spki, silence)
        environment = environment_of(self.device.environment())
        await self.browser.start(needed_chromium(), settings, environment, log)
        version = await self.browser.devtools.do("Browser.getVersion")
        self.journal.header["browser"] = version["product"]
        self._page = await self.browser.first_page()
        self.view = PageView(
            self._page, self.clock, self.journal, self._page_app.output_runs, lambda why: self._app.ended(why, "")
        )
        await self.view.open()
        pulse = self.device if isinstance(self.device, PulseDevice) else None
        self.acts = self._page_app.acting = PageActs(
            self.browser, self._page, self.view, pulse, self._acted, self._not_done
        )
        await self._navigate()
        try:
            if setup is not None:
                await self._page.run(setup, userGesture=True)
            for step in self._page_app.done_before:
                await self.acts.do(step.does, step.text)
        except DevToolsError as error:
            raise ClientError(f"the setup of the page failed: {error}") from None

    async def _navigate(self) -> None:
        url = self._location.url
        if self._location.folder is not None:
            self._host = FolderHost(self._location.folder)
            url = await self._host.open() + url
        result = await self._page.do("Page.navigate", url=url)
        if error := result.get("errorText"):
            raise ClientError(f"the page {url} cannot be opened: {error}; is its server running?")
        await self._page.run(
            "new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', done))"
        )

    def _acted(self, what: str) -> None:
        self.view.acted(what)

    def _not_done(self, what: str, why: str) -> None:
        """A step of the page, or what an app switch is for it, could not be done: then the run proves nothing."""
        if self.clock.is_started and not self.clock.is_over:
            self.clock.enter()
            self._app.fenced(f"`{what}` could not be done: {why}")
            self.journal.add(StepMissing(t=self.clock.now, step=what, line=None, why=why))

    # --- time ---

    def _begin(self) -> None:
        """The page dials for the first time: time begins, and the steps once its audio flows."""
        if not self.clock.is_started and not self.clock.over.done():
            self.dialled.set()
            self.world.begin(with_steps=False)
            self.clock.start()
            self.view.begin()
            self.clock.at(_LOOKS_EVERY_US, self._look_for_audio)

    def _look_for_audio(self, _: object) -> None:
        now = self.clock.now
        entries = self.journal.entries[self._looked :]
        self._looked = len(self.journal.entries)
        enough = _STEADY_SHARE * WINDOW_US * SAMPLE_RATE_HZ / SECOND
        steady = any(isinstance(each, UplinkAudio) and each.samples >= enough for each in entries)
        if steady or now >= STEADY_WITHIN_US:
            self.view.look()
            self.steps_begin(steady=steady)
        else:
            self.clock.at(now + _LOOKS_EVERY_US, self._look_for_audio)

    def steps_begin(self, *, steady: bool) -> None:
        """The page sends audio at the pace of time, or has not begun to in its time."""
        self.flows.set()
        self.world.begin_steps(steady=steady)

    async def close(self) -> None:
        """Close everything."""
        if self.acts is not None:
            self.acts.close()
            self.view.close()
        await self.browser.end()
        if self._host is not None:
            self._host.close()
        await super().close()


def _silent_file(folder: Path) -> Path:
    """The sound of a microphone that hears nothing: without it, the page would get that of this machine."""
    found = folder / "silence.wav"
    with wave.open(str(found), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(bytes(2 * SAMPLE_RATE_HZ))
    return found


def _before_the_dial(scenario: Scenario) -> tuple[PageStep, ...]:
    """What the user does to the page at 0 s: a page may wait for it before it dials, and time for the dial."""
    steps = (step.action for step in scenario.timeline if step.trigger == At(0))
    return tuple(each for each in steps if isinstance(each, PageStep) and each.does in _OF_THE_USER)


def check_acts(scenario: Scenario, device: str) -> None:
    """Raise :exc:`InputError` for a step that this machine or device cannot do."""
    for step in scenario.timeline:
        if isinstance(step.action, PageStep) and step.action.does in _OF_THE_SYSTEM and device != "pulse":
            raise InputError(
                f"`page: {step.action.does}` is done by a sound server; play it with --device pulse, or leave it out"
            )


def read_setup(path: Path) -> str:
    """The text of a script. Raises :exc:`InputError` if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(f"--setup {os.fspath(path)!r} cannot be read: {why}; give a file of JavaScript") from None
