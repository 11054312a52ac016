"""What the world asks of the part under test, whether that is a client's class, an app or a program."""

from typing import Literal, Protocol

from ..clients.interface import Signal
from ..scenario.model import App, PageStep
from ..scenario.profiles import Timers

SwitchedPart = Literal["capture", "playback", "timers", "connection"]
"""What an app switch may change."""


class TestedPart(Protocol):
    """The part under test, as the world sees it. It dials, captures and plays by itself."""

    is_page: bool
    """Whether it is a page in a browser, on which steps may act."""

    def begin(self) -> None:
        """The run begins."""
        ...

    def end(self) -> None:
        """The run is over: write what was added up."""
        ...

    def tell(self, message: Signal) -> None:
        """Something happened on the device: the end of playback, a talk button, an app switch."""
        ...

    def throttle(self, timers: Timers | None) -> None:
        """Slow the app's timers down from now on; None: they are on time again, and overdue ones fire now."""
        ...

    def switch(self, action: App) -> frozenset[SwitchedPart]:
        """The user leaves for another app: what of it the platform does by itself, so that nobody imitates it."""
        ...

    def act(self, action: PageStep) -> None:
        """Do this to the page; it is called only if there is one."""
        ...
