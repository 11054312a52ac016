"""The speaker of a browser that plays a call: whatever arrives, in real time, without a queue of the client's.

A frame counts when it has been played, so an entry is 20 ms late, as long as an output takes. What the browser makes up
in place of lost packets is not heard, and where it stands for a voice it spoils the answer. While the output is
suspended, what arrives is lost.
"""

from typing import Any

import numpy as np

from ..audio.formats import PCM24K, SAMPLE_RATE_HZ, Samples
from ..clients.interface import Play
from ..journal import SpeakerEnded, SpeakerPlaying, SpeakerStopped
from ..server.call_session import MediaFrame
from ..server.output_buffer import FRAME_US
from ..units import MS, SECOND
from .speaker import PlayedAnswer, Speaker

_WHOLE_US = 30 * MS
"""An item of which less than this was not played was played to its end."""
_KEPT_FRAMES = 100


class CallSpeaker(Speaker):
    """A :class:`Speaker` that is given frames as they are played; it tells the client nothing."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._refused: set[str] = set()
        """Items that the page has muted."""
        self._frames: list[tuple[int, Samples]] = []
        """The newest frames, with when each began."""
        self._voice_plays = False
        """Whether the last frame that arrived could be heard."""
        self._made_up_us: dict[str, int] = {}
        """How much of a voice was made up, by response."""

    def frame(self, frame: MediaFrame | None) -> None:
        """20 ms were played; None: something that the browser made up."""
        current = self._queue[0] if self._queue else None
        if self.suspended:
            return
        if frame is None or frame.item_id is None or frame.response_id is None or frame.item_id in self._refused:
            if current is not None and (frame is not None or self._is_over(current)):
                self._finish(current)
            elif current is not None:
                self._add(current, None)
            return
        if current is not None and current.item_id != frame.item_id:
            self._finish(current)
            current = None
        if current is None:
            current = PlayedAnswer(Play(b"", frame.item_id, frame.response_id))
            self._queue.append(current)
            now = self._scheduler.now
            self._journal.add(SpeakerPlaying(t=now, response_id=current.response_id, item_id=current.item_id))
            self._began(current.response_id, now)
        self._add(current, frame)

    def gap(self) -> None:
        """Nothing has arrived for so long that the browser plays silence."""
        if self._queue:
            self._finish(self._queue[0])

    def stop(self) -> None:
        """The page mutes what plays: the rest of the item is not heard."""
        if self._queue:
            self._refused.add(self._queue[0].item_id)
            self._finish(self._queue[0])

    def audio(self, begin: int, end: int) -> Samples:
        """What played from ``begin`` to ``end`` (microseconds), int16 at 24 kHz; else silence."""
        heard: Samples = np.zeros((end - begin) * SAMPLE_RATE_HZ // SECOND, np.int16)
        for at, samples in self._frames:
            place = (at - begin) * SAMPLE_RATE_HZ // SECOND
            first, last = max(0, place), min(heard.size, place + samples.size)
            if first < last:
                heard[first:last] = samples[first - place : last - place]
        return heard

    def suspend(self) -> None:
        """The output is suspended: what arrives meanwhile is never heard."""
        super().suspend()
        if self._queue:
            self._finish(self._queue[0])

    def _add(self, answer: PlayedAnswer, frame: MediaFrame | None) -> None:
        begin = answer.played_us
        if frame is None:
            answer.length_us += FRAME_US
            answer.played_us += FRAME_US
            if self._voice_plays:
                made_up_us = self._made_up_us.get(answer.response_id, 0) + FRAME_US
                self._made_up_us[answer.response_id] = made_up_us
            return
        audio = frame.pcm[: frame.audio_bytes]
        played = self._sent.played(audio, answer.item_id, answer.response_id, PCM24K.name)
        answer.audible += [(begin + first, begin + last) for first, last in played.answer]
        self._voice_plays = bool(played.answer)
        answer.garbled += [(begin + first, begin + last) for first, last in played.garbled]
        answer.energy += played.energy
        answer.sent_energy += played.sent_energy
        answer.length_us += played.length_us
        answer.played_us += played.length_us
        if self.keeps_audio:
            self._frames.append((self._scheduler.now, PCM24K.decode(audio)))
            del self._frames[:-_KEPT_FRAMES]
        self._add_heard(answer, begin)

    def _spoilt_us(self, response_id: str) -> int:
        return super()._spoilt_us(response_id) + self._made_up_us.get(response_id, 0)

    def _is_over(self, answer: PlayedAnswer) -> bool:
        item = self._sent.item(answer.item_id)
        return item is not None and item.complete and answer.played_us + _WHOLE_US >= item.length_us

    def _finish(self, answer: PlayedAnswer) -> None:
        self._leave(SpeakerEnded if self._is_over(answer) else SpeakerStopped, answer)
        self._queue.remove(answer)
