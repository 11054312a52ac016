"""The speaker plays what the client queues, at real-time speed, and reports the end, unless it is suspended."""

from collections import deque
from collections.abc import Callable

import numpy as np
from msgspec import UNSET

from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..clients.interface import MarkPlayed, Play, PlaybackEnded
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
from .comparison import SentAudio, TimeSpan, gain_db, overlap_us
from .scheduler import Scheduler

HEARD_US = 200 * MS
"""The user has heard an answer when this much of it was played that can be heard, or all of it that can."""
_LOOK_AGAIN_US = 100 * MS


class PlayedAnswer:
    """One item that plays or waits to be played."""

    __slots__ = (
        "audible", "end", "energy", "garbled", "item_id", "length_us", "marks", "pieces", "planned", "played_us",
        "response_id", "sent_energy", "start",
    )  # fmt: skip

    def __init__(self, play: Play) -> None:
        self.item_id = play.item_id
        self.response_id = play.response_id
        self.length_us = 0
        self.played_us = 0
        self.start: int | None = None
        self.end = 0
        self.audible: list[TimeSpan] = []
        """Where in the answer is what the server sent and can be heard, in microseconds."""
        self.garbled: list[TimeSpan] = []
        """Where is other sound."""
        self.energy = self.sent_energy = 0.0
        self.marks: list[tuple[int, str]] = []
        """Where in the answer each mark is, in microseconds, and its name."""
        self.planned = False
        """Whether the check is scheduled at which the answer will have been heard."""
        self.pieces: list[tuple[int, Samples]] = []
        """Where in the answer each kept piece begins, in microseconds."""

    def reaches(self, needed_us: int) -> int | None:
        """Up to where it must be played from now on so that so much more can be heard; None: it is not that long."""
        for begin, end in self.audible:
            usable = end - max(begin, self.played_us)
            if usable >= needed_us:
                return end - usable + needed_us
            needed_us -= max(0, usable)
        return None


class Speaker:
    """One output device. ``tell`` is called with signals for the client, ``heard`` when an answer was heard.

    ``began`` is called with the response id of an answer that starts or continues, and the time of its beginning.
    ``sent`` is what the server sent, which is compared with what is played.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        journal: Journal,
        sent: SentAudio,
        tell: Callable[[PlaybackEnded | MarkPlayed], None],
        heard: Callable[[], None],
        began: Callable[[str, int], None],
    ) -> None:
        self._scheduler = scheduler
        self._journal = journal
        self._sent = sent
        self._tell = tell
        self._heard = heard
        self._began = began
        self._queue: deque[PlayedAnswer] = deque()
        self._heard_us: dict[str, int] = {}
        self._garbled_us: dict[str, int] = {}
        self._reported: set[str] = set()
        self.suspended = False
        self.keeps_audio = False
        """Whether queued audio is kept for :meth:`audio`; set it before the first :meth:`play`."""

    @property
    def playing(self) -> bool:
        """Whether the user hears the assistant."""
        return bool(self._queue) and not self.suspended

    @property
    def position_us(self) -> int:
        """How much of the current answer was played, in microseconds; 0 if there is none."""
        if not self._queue:
            return 0
        answer = self._queue[0]
        playing_us = 0 if answer.start is None else min(self._scheduler.now, answer.end) - answer.start
        return answer.played_us + playing_us

    def play(self, play: Play) -> None:
        """Queue audio."""
        if not self._queue or self._queue[-1].item_id != play.item_id:
            self._queue.append(PlayedAnswer(play))
        answer = self._queue[-1]
        played = self._sent.played(play.audio, play.item_id, play.response_id, play.format)
        at_us = answer.length_us
        if self.keeps_audio:
            answer.pieces.append((at_us, self._sent.samples(play.audio, play.format)))
        answer.audible += [(at_us + begin, at_us + end) for begin, end in played.answer]
        answer.garbled += [(at_us + begin, at_us + end) for begin, end in played.garbled]
        answer.energy += played.energy
        answer.sent_energy += played.sent_energy
        answer.length_us += played.length_us
        if answer is not self._queue[0]:
            return
        if answer.start is not None:
            answer.end += played.length_us
            self._plan(answer)
        elif not self.suspended:
            self._start(answer)

    def stop(self) -> None:
        """Drop the queue, as an interruption does."""
        if not self._queue:
            return
        self._leave(SpeakerStopped, self._queue[0])
        dropped = list(self._queue)
        self._queue.clear()
        for answer in dropped:
            self._return_marks(answer, answer.length_us)

    def mark(self, name: str) -> None:
        """Put a mark behind the queued audio; the client is told when all before it was played."""
        if not self._queue:
            self._scheduler.at(self._scheduler.now, self._tell, MarkPlayed(name))
            return
        answer = self._queue[-1]
        answer.marks.append((answer.length_us, name))
        self._plan_mark(answer, answer.length_us)

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

    def _start(self, answer: PlayedAnswer) -> None:
        now = self._scheduler.now
        answer.start = now
        answer.end = now + answer.length_us - answer.played_us
        self._journal.add(SpeakerPlaying(t=now, response_id=answer.response_id, item_id=answer.item_id))
        self._began(answer.response_id, now - answer.played_us)
        for at_us, _ in answer.marks:
            self._plan_mark(answer, at_us)
        self._scheduler.at(answer.end, self._check_end, answer)
        answer.planned = False
        self._plan(answer)

    def _plan_mark(self, answer: PlayedAnswer, at_us: int) -> None:
        if answer.start is not None:
            self._scheduler.at(answer.start + at_us - answer.played_us, self._check_marks, answer)

    def _check_marks(self, answer: PlayedAnswer) -> None:
        if self._queue and self._queue[0] is answer and answer.start is not None:
            self._return_marks(answer, answer.played_us + self._scheduler.now - answer.start)

    def _return_marks(self, answer: PlayedAnswer, played_us: int) -> None:
        """Tell the client of the marks up to here, once what happens now is done."""
        returned = [name for at_us, name in answer.marks if at_us <= played_us]
        del answer.marks[: len(returned)]
        for name in returned:
            self._scheduler.at(self._scheduler.now, self._tell, MarkPlayed(name))

    def _plan(self, answer: PlayedAnswer) -> None:
        """Schedule the time at which the answer will have been heard, once enough of it is queued."""
        if answer.planned or answer.response_id in self._reported or answer.start is None:
            return
        needed_us = HEARD_US - self._heard_us.get(answer.response_id, 0)
        if needed_us <= 0:  # enough is heard, but other sound outweighs it so far
            needed_us = _LOOK_AGAIN_US
        reached = answer.reaches(needed_us)
        if reached is not None:
            answer.planned = True
            self._scheduler.at(answer.start + reached - answer.played_us, self._check_heard, answer)

    def _pause(self, answer: PlayedAnswer) -> None:
        if answer.start is not None:
            played_us = min(self._scheduler.now, answer.end) - answer.start
            begin, answer.played_us = answer.played_us, answer.played_us + played_us
            answer.start = None
            self._add_heard(answer, begin)

    def _check_end(self, answer: PlayedAnswer) -> None:
        if not self._queue or self._queue[0] is not answer or answer.start is None:
            return
        if self._scheduler.now < answer.end:
            self._scheduler.at(answer.end, self._check_end, answer)
            return
        self._leave(SpeakerEnded, answer)
        self._queue.popleft()
        self._return_marks(answer, answer.length_us)
        if self._queue:
            self._start(self._queue[0])
        else:
            self._tell(PlaybackEnded())

    def _check_heard(self, answer: PlayedAnswer) -> None:
        if self._queue and self._queue[0] is answer and answer.start is not None:
            self._pause(answer)
            answer.start = self._scheduler.now
            answer.planned = False
            self._plan(answer)

    def _add_heard(self, answer: PlayedAnswer, begin: int) -> None:
        """Report once that an answer was heard: :data:`HEARD_US` of it, or all of one with less that can be heard."""
        response_id = answer.response_id
        heard_us = self._heard_us.get(response_id, 0) + overlap_us(answer.audible, begin, answer.played_us)
        garbled_us = self._garbled_us.get(response_id, 0) + overlap_us(answer.garbled, begin, answer.played_us)
        self._heard_us[response_id], self._garbled_us[response_id] = heard_us, garbled_us
        if response_id in self._reported or heard_us < max(1, self._spoilt_us(response_id)):
            return
        item = self._sent.item(answer.item_id)
        if heard_us >= HEARD_US or (item is not None and item.complete and heard_us >= item.audible_us):
            self._reported.add(response_id)
            self._journal.add(SpeakerHeard(t=self._scheduler.now, response_id=response_id))
            self._heard()

    def _spoilt_us(self, response_id: str) -> int:
        """How much of a response was played as something else: if that is more than was heard, nobody understood it."""
        return self._garbled_us.get(response_id, 0)

    def _leave(self, how: type[SpeakerEnded | SpeakerStopped], answer: PlayedAnswer) -> None:
        self._pause(answer)
        garbled_ms = overlap_us(answer.garbled, 0, answer.played_us) // MS
        gain = gain_db(answer.energy, answer.sent_energy)
        self._journal.add(
            how(
                t=self._scheduler.now,
                response_id=answer.response_id,
                item_id=answer.item_id,
                played_ms=answer.played_us // MS,
                audible_ms=overlap_us(answer.audible, 0, answer.played_us) // MS,
                garbled_ms=garbled_ms or UNSET,
                gain_db=UNSET if gain is None else gain,
            )
        )
