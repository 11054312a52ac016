"""The persistent user: after the heal the user holds a conversation of three utterances.

The first one is said again and again until an answer is heard: a single utterance would give false alarms, since the
client may be in the middle of its recovery. Each later one is said once, after a silence: a client that only works for
a moment after each new session cannot answer it. :func:`harness.world.sounds.probe` keeps them short.
"""

from collections.abc import Callable

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from ..audio.formats import SAMPLE_RATE_HZ
from ..audio.levels import rms_lsb
from ..journal import Journal, UserSpeaks
from ..units import SECOND
from .answers import answers_to
from .scheduler import Scheduler

FIRST_US = SECOND
PATIENCE_US = 6 * SECOND
"""How long the user waits for an answer before the first utterance is repeated."""
LISTENS_US = 12 * SECOND
"""The user does not interrupt the assistant for so long; then the user speaks anyway."""
SILENCE_US = 6 * SECOND
"""How long both are silent before a later utterance."""
UTTERANCES = 3
"""Length of the conversation after the heal."""


class PersistentUser:
    """Speaks ``samples`` (int16 at 24 kHz) by calling ``say`` with a time (microseconds) and the samples.

    ``within_us`` is the time in which a later utterance must be answered, from its end. ``done`` is called when the
    conversation is over; if the first utterance is never answered, that is not called.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        journal: Journal,
        samples: NDArray[np.int16],
        say: Callable[[int, NDArray[np.int16]], None],
        assistant_speaks: Callable[[], bool],
        done: Callable[[], None],
        *,
        within_us: int,
        audible: bool = True,
    ) -> None:
        self._scheduler = scheduler
        self._journal = journal
        self._samples = samples
        self._say = say
        self._assistant_speaks = assistant_speaks
        self._done = done
        self._within_us = within_us
        self._audible = audible
        self._waited_from = 0
        self._silent_from = 0
        self._asked: list[UserSpeaks] = []
        """The utterances that await an answer."""
        self._answered = 0

    @property
    def answered(self) -> bool:
        """Whether an answer to something said after the heal was heard."""
        return self._answered > 0

    def begin(self) -> None:
        """The world has healed."""
        self._speak_at(self._scheduler.now + FIRST_US)

    def heard(self) -> None:
        """An answer was heard: if it is the one that is awaited, the next utterance follows."""
        if self._asked and next(answers_to(self._journal, self._asked), None) is not None:
            self._next()

    def _next(self) -> None:
        self._asked = []
        self._answered += 1
        if self._answered == UTTERANCES:
            self._done()
            return
        self._waited_from = self._silent_from = self._scheduler.now
        self._scheduler.at(self._scheduler.now + SECOND // 4, self._await_silence, self._answered)

    def _await_silence(self, number: int) -> None:
        """Let both be silent for :data:`SILENCE_US`, unless the assistant speaks for too long."""
        now = self._scheduler.now
        if self._assistant_speaks() and now - self._waited_from < LISTENS_US:
            self._silent_from = now
        if now - self._silent_from < SILENCE_US:
            self._scheduler.at(now + SECOND // 4, self._await_silence, number)
            return
        self._utter()
        self._scheduler.at(self._asked[-1].end + self._within_us, self._give_up, number)

    def _give_up(self, number: int) -> None:
        """A later utterance was not answered in time: go on with the next one."""
        if self._answered == number:
            self._next()

    def _speak_at(self, time: int) -> None:
        self._waited_from = time
        self._scheduler.at(time, self._ask)

    def _ask(self, _: object) -> None:
        """Say the first utterance, again and again."""
        if self.answered:
            return
        now = self._scheduler.now
        if self._assistant_speaks() and now - self._waited_from < LISTENS_US:
            self._scheduler.at(now + SECOND // 4, self._ask)
            return
        self._utter()
        self._speak_at(self._asked[-1].end + PATIENCE_US)

    def _utter(self) -> None:
        now = self._scheduler.now
        self._asked.append(speaks(self._journal, now, self._samples, probe=True, audible=self._audible))
        self._say(now, self._samples)


def speaks(
    journal: Journal, now: int, samples: NDArray[np.int16], *, probe: bool = False, audible: bool = True
) -> UserSpeaks:
    """Write to the journal that the user speaks; returns the entry.

    ``probe``: this is the persistent user, after the heal; ``audible``: an honest detector hears speech in it.
    """
    length_us = len(samples) * SECOND // SAMPLE_RATE_HZ
    rms = round(rms_lsb(samples), 1)
    entry = UserSpeaks(t=now, length_us=length_us, rms=rms, probe=probe, audible=UNSET if audible else False)
    journal.add(entry)
    return entry
