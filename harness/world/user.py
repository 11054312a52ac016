"""The persistent user: after the heal, speaks again and again until an answer is heard.

One utterance alone would give false alarms: the client's own recovery may be at work just when it is spoken.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.audio.levels import rms_lsb
from harness.journal import Journal
from harness.units import SECOND
from harness.world.scheduler import Scheduler

FIRST_US = SECOND
PATIENCE_US = 6 * SECOND
"""How long an answer is waited for before the user speaks again."""
LISTENS_US = 12 * SECOND
"""While the assistant speaks, the user lets it, but for no longer than this."""


class PersistentUser:
    """Speaks ``samples`` (int16 at 24 kHz) into the room through ``say``."""

    def __init__(
        self,
        scheduler: Scheduler,
        journal: Journal,
        samples: NDArray[np.int16],
        say: Callable[[int, NDArray[np.int16]], None],
        assistant_speaks: Callable[[], bool],
        *,
        audible: bool = True,
    ) -> None:
        self._scheduler = scheduler
        self._journal = journal
        self._samples = samples
        self._say = say
        self._assistant_speaks = assistant_speaks
        self._audible = audible
        self._waited_from = 0
        self.first_at: int | None = None
        """When the first utterance after the heal began."""
        self._content = False

    def begin(self) -> None:
        """The world has healed."""
        self._ask_again(self._scheduler.now + FIRST_US)

    def end(self) -> None:
        """An answer was heard: nothing more is asked."""
        self._content = True

    def _ask_again(self, time: int) -> None:
        self._waited_from = time
        self._scheduler.at(time, self._speak)

    def _speak(self, _: object) -> None:
        if self._content:
            return
        now = self._scheduler.now
        if self._assistant_speaks() and now - self._waited_from < LISTENS_US:
            self._scheduler.at(now + SECOND // 4, self._speak)
            return
        if self.first_at is None:
            self.first_at = now
        self._say(now, self._samples)
        length_us = speaks(self._journal, now, self._samples, probe=True, audible=self._audible)
        self._ask_again(now + length_us + PATIENCE_US)


def speaks(journal: Journal, now: int, samples: NDArray[np.int16], *, probe: bool = False, audible: bool = True) -> int:
    """Journal that the user speaks; gives how long.

    ``probe``: it is the persistent user, after the heal; ``audible``: an honest detector takes it for speech.
    """
    length_us = len(samples) * SECOND // SAMPLE_RATE_HZ
    rms = round(rms_lsb(samples), 1)
    excuse = {} if audible else {"audible": False}
    journal.write(now, "user", "speaks", length_us=length_us, rms=rms, probe=probe, **excuse)
    return length_us
