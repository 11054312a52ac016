"""The persistent user: speaks again and again after the heal, until an answer is heard.

A single utterance would give false alarms: the client may be in the middle of its recovery at that time.
"""

from collections.abc import Callable

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from ..audio.formats import SAMPLE_RATE_HZ
from ..audio.levels import rms_lsb
from ..journal import Journal, UserSpeaks
from ..units import SECOND
from .scheduler import Scheduler

FIRST_US = SECOND
PATIENCE_US = 6 * SECOND
"""How long the user waits for an answer before the next utterance."""
LISTENS_US = 12 * SECOND
"""The user does not interrupt the assistant for so long; then the user speaks anyway."""


class PersistentUser:
    """Speaks ``samples`` (int16 at 24 kHz) by calling ``say`` with a time (microseconds) and the samples."""

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
        """When the first utterance after the heal began, in microseconds."""
        self._answered = False

    def begin(self) -> None:
        """The world has healed."""
        self._ask_again(self._scheduler.now + FIRST_US)

    def end(self) -> None:
        """An answer was heard: the user asks no more."""
        self._answered = True

    def _ask_again(self, time: int) -> None:
        self._waited_from = time
        self._scheduler.at(time, self._speak)

    def _speak(self, _: object) -> None:
        if self._answered:
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
    """Write to the journal that the user speaks; returns the length in microseconds.

    ``probe``: this is the persistent user, after the heal; ``audible``: an honest detector hears speech in it.
    """
    length_us = len(samples) * SECOND // SAMPLE_RATE_HZ
    rms = round(rms_lsb(samples), 1)
    journal.add(UserSpeaks(t=now, length_us=length_us, rms=rms, probe=probe, audible=UNSET if audible else False))
    return length_us
