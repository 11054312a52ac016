"""The user's hands: a talk button is pressed for each utterance, whether or not the client has one."""

from collections.abc import Callable

from ..clients.interface import TalkButton
from ..units import MS
from .scheduler import Scheduler

RELEASED_AFTER_US = 150 * MS
"""People release the button a little after the last word (assumed)."""


class Hands:
    """One button. ``tell`` is called with :class:`TalkButton`."""

    def __init__(self, scheduler: Scheduler, tell: Callable[[TalkButton], None]) -> None:
        self._scheduler = scheduler
        self._tell = tell
        self._release_at: int | None = None

    def speaks(self, now: int, length_us: int) -> None:
        """An utterance begins; if it begins before the button is released, the button stays pressed."""
        pressed, release_at = self._release_at is not None, now + length_us + RELEASED_AFTER_US
        self._release_at = max(release_at, self._release_at or 0)
        self._scheduler.at(release_at, self._release, release_at)
        if not pressed:
            self._tell(TalkButton(pressed=True))

    def _release(self, due: int) -> None:
        if due == self._release_at:
            self._release_at = None
            self._tell(TalkButton(pressed=False))
