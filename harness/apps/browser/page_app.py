"""The part under test, if it is a page: what its user, its browser and its system do to it."""

from typing import Protocol

from ...clients.interface import AppState, Signal
from ...scenario.model import App, PageStep
from ...units import MS
from ...world.tested_part import SwitchedPart
from ...world.world import Surroundings
from ..real_time.output import sounds
from ..real_time.program_app import ProgramApp

_REALLY: dict[str | None, tuple[str, frozenset[SwitchedPart]]] = {
    None: ("hide", frozenset({"timers", "connection"})),
    "chrome-desktop": ("hide", frozenset({"capture", "timers", "connection"})),
    "chrome-android": ("stop", frozenset({"capture", "timers", "connection"})),
    "chrome-context-suspended": ("hide", frozenset({"capture", "timers", "connection"})),
    "electron": ("freeze", frozenset({"capture", "timers", "connection"})),
    "safari-ios": ("hide", frozenset({"timers", "connection"})),
    "bluetooth-headset": ("hide", frozenset({"timers", "connection"})),
}
"""What the browser does in place of a switch of each profile, and what nobody need imitate then.

The capture of the last two is changed by the system, not by the browser: by the sound server, as for a program.
"""

_STILL_COMES_US = 800 * MS
"""The browser, the sound server and we hold so much of what is played."""


class Acting(Protocol):
    """Whoever does something to the page: its methods return at once."""

    def begin(self, does: str, text: str = "") -> None:
        """Do it."""
        ...

    def end(self, does: str) -> None:
        """Undo it."""
        ...


class PageApp(ProgramApp):
    """A page in its world. ``acting`` is set once the browser runs."""

    is_page = True

    def __init__(self, around: Surroundings, *, infers_speaker: bool) -> None:
        super().__init__(around, lambda timers: None, infers_speaker=infers_speaker)
        self.acting: Acting
        self.done_before: tuple[PageStep, ...] = ()
        """What was done to the page before it dialled."""
        self._suspended_us = 0
        self._away: list[str] = []
        """What ends when the user is back."""

    def switch(self, action: App) -> frozenset[SwitchedPart]:
        """The user leaves: the browser really does what it does then."""
        does, really = _REALLY[action.profile]
        doing = [does]
        if action.capture == "suspended" or (action.capture is None and action.profile == "chrome-context-suspended"):
            really |= {"capture"}
            doing.append("suspend-capture")
        if action.playback == "suspended" or (action.playback is None and action.profile == "safari-ios"):
            really |= {"playback"}
            self.acting.begin("suspend-playback")
        for each in doing:
            self.acting.begin(each)
        self._away = doing
        return really

    def tell(self, message: Signal) -> None:
        """Pass on what happened on the device; the user is back."""
        super().tell(message)
        if isinstance(message, AppState) and message.foreground:
            for each in self._away:
                self.acting.end(each)
            self._away = []

    def act(self, action: PageStep) -> None:
        """Do this to the page, and end it in its time."""
        if any(action is each for each in self.done_before):
            return
        self.acting.begin(action.does, action.text)
        if action.lasts_us is not None:
            scheduler = self.around.scheduler
            scheduler.at(scheduler.now + action.lasts_us, lambda _: self.acting.end(action.does))

    def plays(self, pcm: bytes, item_id: str | None = None, response_id: str | None = None) -> None:
        """The page plays this. What it had played as its output was suspended still comes; later its output runs."""
        if sounds(pcm) and self.around.speaker.suspended:
            if self.now - self._suspended_us < _STILL_COMES_US:
                return
            super().resumes()
        super().plays(pcm, item_id, response_id)

    def resumes(self) -> None:
        """A new stream of the sound server says nothing: it may be of any context."""

    def output_runs(self, runs: bool) -> None:
        """The contexts by which the page plays run, or do not."""
        if self.is_over:
            return
        if runs:
            self.around.speaker.resume()
        else:
            self._suspended_us = self.now
            self.around.speaker.suspend()
