"""The speaker plays what the client queues, at real-time speed, and reports the end, unless it is suspended."""

from collections import deque
from collections.abc import Callable

import numpy as np

from ..audio.formats import PCM24K, SAMPLE_RATE_HZ, Samples
from ..clients.interface import Play, PlaybackEnded
from ..journal import (
    Journal,
    SpeakerEnded,
    SpeakerHeard,
    SpeakerPlaying,
    SpeakerResumed,
    SpeakerStopped,
    SpeakerSuspended,
)
from ..units import MS, SECOND
from .scheduler import Scheduler

HEARD_US = 300 * MS
"""The user has heard an answer when this much of it was played."""


class _Answer:
    __slots__ = ("end", "item_id", "length_us", "pieces", "played_us", "response_id", "start")

    def __init__(self, play: Play) -> None:
        self.item_id = play.item_id
        self.response_id = play.response_id
        self.length_us = 0
        self.played_us = 0
        self.start: int | None = None
        self.end = 0
        self.pieces: list[tuple[int, Samples]] = []
        """Where in the answer each kept piece begins, in microseconds."""


class Speaker:
    """One output device. ``tell`` is called with :class:`PlaybackEnded`, ``heard`` with the response id that was heard.

    ``began`` is called with the response id of an answer that starts or continues, and the time of its beginning.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        journal: Journal,
        tell: Callable[[PlaybackEnded], None],
        heard: Callable[[str], None],
        began: Callable[[str, int], None],
    ) -> None:
        self._scheduler = scheduler
        self._journal = journal
        self._tell = tell
        self._heard = heard
        self._began = began
        self._queue: deque[_Answer] = deque()
        self._heard_us: dict[str, int] = {}
        self.suspended = False
        self.keeps_audio = False
        """Whether queued audio is kept for :meth:`audio`; set it before the first :meth:`play`."""

    @property
    def playing(self) -> bool:
        """Whether the user hears the assistant."""
        return bool(self._queue) and not self.suspended

    def play(self, play: Play) -> None:
        """Queue audio."""
        if not self._queue or self._queue[-1].item_id != play.item_id:
            self._queue.append(_Answer(play))
        answer = self._queue[-1]
        added_us = PCM24K.duration_us(len(play.audio))
        if self.keeps_audio:
            answer.pieces.append((answer.length_us, PCM24K.decode(play.audio)))
        answer.length_us += added_us
        if answer is self._queue[0]:
            if answer.start is not None:
                answer.end += added_us
            elif not self.suspended:
                self._start(answer)

    def stop(self) -> None:
        """Drop the queue, as an interruption does."""
        if self._queue:
            self._leave(SpeakerStopped, self._queue[0])
            self._queue.clear()

    def audio(self, begin: int, end: int) -> Samples:
        """What plays from ``begin`` to ``end`` (microseconds) of the current answer, int16 at 24 kHz; else silence."""
        heard: Samples = np.zeros((end - begin) * SAMPLE_RATE_HZ // SECOND, np.int16)
        answer = self._queue[0] if self._queue else None
        if answer is None or answer.start is None:
            return heard
        first = (begin - answer.start + answer.played_us) * SAMPLE_RATE_HZ // SECOND
        for at_us, samples in answer.pieces:
            place = at_us * SAMPLE_RATE_HZ // SECOND - first
            start, stop = max(0, place), min(heard.size, place + samples.size)
            if start < stop:
                heard[start:stop] = samples[start - place : stop - place]
        return heard

    def suspend(self) -> None:
        """The output is suspended: nothing plays and no end is reported until :meth:`resume`."""
        if self.suspended:
            return
        self.suspended = True
        self._journal.add(SpeakerSuspended(t=self._scheduler.now))
        if self._queue:
            self._pause(self._queue[0])

    def resume(self) -> None:
        """The output continues where it was suspended."""
        if not self.suspended:
            return
        self.suspended = False
        self._journal.add(SpeakerResumed(t=self._scheduler.now))
        if self._queue:
            self._start(self._queue[0])

    def _start(self, answer: _Answer) -> None:
        now = self._scheduler.now
        answer.start = now
        answer.end = now + answer.length_us - answer.played_us
        self._journal.add(SpeakerPlaying(t=now, response_id=answer.response_id, item_id=answer.item_id))
        self._began(answer.response_id, now - answer.played_us)
        self._scheduler.at(answer.end, self._check_end, answer)
        before = self._heard_us.get(answer.response_id, 0)
        if before < HEARD_US:
            self._scheduler.at(now + HEARD_US - before, self._check_heard, answer)

    def _pause(self, answer: _Answer) -> None:
        if answer.start is not None:
            played_us = min(self._scheduler.now, answer.end) - answer.start
            answer.played_us += played_us
            answer.start = None
            self._add_heard(answer.response_id, played_us, whole=answer.played_us == answer.length_us)

    def _check_end(self, answer: _Answer) -> None:
        if not self._queue or self._queue[0] is not answer or answer.start is None:
            return
        if self._scheduler.now < answer.end:
            self._scheduler.at(answer.end, self._check_end, answer)
            return
        self._leave(SpeakerEnded, answer)
        self._queue.popleft()
        if self._queue:
            self._start(self._queue[0])
        else:
            self._tell(PlaybackEnded())

    def _check_heard(self, answer: _Answer) -> None:
        if self._queue and self._queue[0] is answer and answer.start is not None:
            self._pause(answer)
            answer.start = self._scheduler.now

    def _add_heard(self, response_id: str, played_us: int, *, whole: bool) -> None:
        """Report once that an answer was heard: :data:`HEARD_US` of it, or all of a shorter one."""
        before = self._heard_us.get(response_id, 0)
        after = before + played_us
        if before < HEARD_US and (after >= HEARD_US or (whole and after > 0)):
            after = max(after, HEARD_US)
            self._journal.add(SpeakerHeard(t=self._scheduler.now, response_id=response_id))
            self._heard(response_id)
        self._heard_us[response_id] = after

    def _leave(self, how: type[SpeakerEnded | SpeakerStopped], answer: _Answer) -> None:
        self._pause(answer)
        played_ms = answer.played_us // MS
        self._journal.add(how(t=self._scheduler.now, response_id=answer.response_id, played_ms=played_ms))
