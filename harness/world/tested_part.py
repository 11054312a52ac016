"""What the world asks of the part under test, whether that is a client's class, an app or a program."""

from typing import Protocol

from ..clients.interface import Signal
from ..scenario.profiles import Timers


class TestedPart(Protocol):
    """The part under test, as the world sees it. It dials, captures and plays by itself."""

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
