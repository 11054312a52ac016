"""What the room sounds like while nobody speaks, and whether the capture still matches it.

A quiet room is not silence: its noise has a level and a shape that hardly change from one half second to the next.
Three kinds of background do not match a real room:

* digital zeros;
* almost nothing, far below the background from when the capture was known to work (a soft mute);
* noise that jumps from chunk to chunk, without peaks that stand out, and yet is the same from half second to half
  second: each chunk's level is drawn at random, as after the app switch of the founding report. Sounds of a room jump
  too, but they start and stop, and stand out.

If the room and a voice in it become quieter at once, the capture is muffled.

After the app was in the background, any sound that differs from before is suspicious: another microphone may be in use.
Otherwise a quieter sound is suspicious if it lasts for 20 s without a voice; after half of that if no peaks stand out,
and after twice that if it is louder, which is most likely a fan. After 50 s so is a new capture in which no sound ever
stood out. After a suspicion that did not help, the next takes twice the time, until the capture is proven to work; then
its sound is known, and not suspected any more.
"""

from collections import deque
from collections.abc import Sequence

from ...audio.chunk import Chunk
from ...units import MS, SECOND
from ..settings import ClientSettings
from .noise_frames import NOISE_FRAME_US, NoiseFrame, NoiseFrameMeter

_RESTLESS_SHARE = 0.3
"""The least share of neighbours that jump in restless noise."""
_STEADY = 3.0
"""The frames of one noise differ by less than this factor of power, 5 dB."""
_FLAT_CREST = 9.0
"""The square of the peak over the power of a frame: 15 for white noise, more for keys, below this for dither."""
_HOLLOW_POWER = 4.0
"""Mean square of 2 LSB, -84 dBFS: below the noise of any microphone."""
_FAR_BELOW = 16.0
"""A factor of power, 12 dB: so much quieter than before is muted or muffled."""
_KNOWN, _LOUDER, _OTHER, _FLAT = -2.0, 0.5, 1.0, 2.0
"""What a frame adds to the suspicion: it sounds like the room; it is louder than the room; it is another sound, so the
capture may be dead; it has no peaks that stand out, which is rare in a room."""
_VOICE_FADES_US = 20 * SECOND
"""The loudest voice is forgotten gradually while others speak: by 12 dB in a minute of speech."""
_SOFTER_VOICE = 4.0
"""After a muffled capture is opened again, the voice from before counts 6 dB less: it may have become softer."""
_SAME_POWER = 1.26
"""Two frames within this factor of power, 1 dB, are equally loud: those of one noise differ by 2 %."""
_SAME_CREST = 2.0
"""Two frames within this factor have a similar crest: 15 for white noise, 3 for even noise."""
_LONGEST_PATIENCE = 7200
"""The highest suspicion at which a capture is opened again: an hour of frames."""
_LONGEST_HOLLOW = 120
"""Frames: a minute. It is not longer because a microphone that another app held returns without a signal."""
_MOST_KNOWN = 120
"""Frames that are remembered: a minute."""


class NoiseProfile:
    """Learns the background of a room. A sound that stands out proves that the background before it was the room's."""

    def __init__(self, settings: ClientSettings) -> None:
        self._dead_frames = max(4, settings.capture_dead_ms * MS // NOISE_FRAME_US)
        self._moved_patience = max(1, settings.capture_moved_ms * MS // NOISE_FRAME_US)
        self._known: deque[NoiseFrame] = deque(maxlen=_MOST_KNOWN)
        """The background while the capture was known to work."""
        self.floor = 0.0
        """The mean square of the quietest frame that is known; 0: none is."""
        self._jumping = 0.0
        """The mean share of jumps in the known frames."""
        self._latest: deque[NoiseFrame] = deque(maxlen=self._dead_frames)
        """The frames since the last sound that stood out."""
        self._unsure: deque[NoiseFrame] = deque(maxlen=self._dead_frames)
        """Frames without peaks before a sound that stood out; a voice decides about them."""
        self._reopened = False
        """Whether the capture was opened again, and no voice was captured since."""
        self._patience = max(1, settings.capture_unproven_ms * MS // NOISE_FRAME_US)
        self._suspicion = 0.0
        """How much the frames since suggest that the capture is dead; at :attr:`_patience` it is suspected."""
        self._hollow_limit = self._dead_frames
        """So many true values in :attr:`_hollow` mean a dead capture."""
        self._hollow: deque[bool] = deque(maxlen=2 * self._dead_frames)
        """Whether each of the latest frames was almost nothing, or muffled; voices in between change nothing."""
        self._hushed = False
        """Whether the latest frame was 12 dB quieter than the room."""
        self._muffled = False
        """Whether a voice since then was 12 dB quieter than those before."""
        self._voice = 0.0
        """The loudest voice that was not muffled: the mean square of 20 ms of it."""
        self._returned = False
        """Whether the app returned from the background, and the capture was not proven to work since."""
        self._meter = NoiseFrameMeter()

    def reopened(self) -> None:
        """The capture was opened again."""
        if self._suspicion >= self._patience:
            self._patience = min(_LONGEST_PATIENCE, 2 * self._patience)
        if sum(self._hollow) >= self._hollow_limit:
            self._hollow_limit = min(_LONGEST_HOLLOW, 2 * self._hollow_limit)
        if self._muffled:
            self._voice /= _SOFTER_VOICE
        self._hollow = deque(maxlen=2 * self._hollow_limit)
        self._suspicion = 0.0
        self._returned = self._hushed = self._muffled = False
        self._reopened = True
        self._unsure.clear()
        self._forget_latest()

    def returned(self) -> None:
        """The app returned from the background: another microphone may be in use now."""
        self._returned = True
        self._forget_latest()

    def background(self, captured: Chunk) -> None:
        """A chunk without a voice, and without a sound that stands out."""
        frame = self._meter.chunk(captured)
        if frame is None:
            return
        self._latest.append(frame)
        self._hushed = _FAR_BELOW * frame.power < self.floor
        self._suspicion = max(0.0, self._suspicion + self._suspicion_of(frame))
        is_almost_nothing = frame.power < _HOLLOW_POWER and (self._hushed or not self._known)
        self._hollow.append(is_almost_nothing or (self._hushed and self._muffled))

    def voice(self, power: float, duration_us: int, *, may_be_echo: bool) -> None:
        """A chunk of a voice; ``power``: the mean square of the loudest 20 ms in the latest 800 ms.

        It proves that the capture works and that the frames before it were the room's, unless they do not match the
        room, or the voice is muffled. Frames without peaks may have been a fault that ended; they are learned only if
        the capture was opened again and still sounds like that. ``may_be_echo``: the voice may be the assistant's own
        from the loudspeaker, which is quieter without being muffled.
        """
        if self._is_muffled(power):
            if not may_be_echo:
                self._muffled = True
                self._forget_latest()
            return
        self._muffled = False
        before = [] if self.mismatch else [*self._unsure, *self._latest]
        self._proven(before if self._reopened else [frame for frame in before if frame.crest > _FLAT_CREST])
        self._unsure.clear()
        self._reopened = False
        if self._voice and power > _FAR_BELOW * self._voice:
            self._forget_muffled()
        self._voice = max(power, self._voice * (1 - duration_us / _VOICE_FADES_US))

    def stood_out(self, power: float) -> None:
        """A chunk with a sound that stands out; it proves the same as a voice, except of frames without peaks."""
        if self.mismatch or self._is_muffled(power):
            self._proven([])
            return
        self._unsure.extend(frame for frame in self._latest if frame.crest <= _FLAT_CREST)
        self._proven([frame for frame in self._latest if frame.crest > _FLAT_CREST])

    @property
    def mismatch(self) -> bool:
        """Whether the latest background does not match the room: the capture is dead, muffled or another microphone."""
        if self._suspicion >= self._patience or sum(self._hollow) >= self._hollow_limit:
            return True
        if len(self._latest) < self._dead_frames:
            return False
        powers = [frame.power for frame in self._latest]
        if max(powers) > _STEADY * min(powers):
            return False
        return self._is_restless() or (self._returned and len(self._known) > 0 and self._is_other_microphone())

    def _is_muffled(self, power: float) -> bool:
        return self._hushed and _FAR_BELOW * power < self._voice

    def _forget_muffled(self) -> None:
        """The voice became 12 dB louder. Forget the frames that are as much below the latest one: they were muffled."""
        self._know([frame for frame in self._known if _FAR_BELOW * frame.power >= self._known[-1].power])

    def _proven(self, learned: list[NoiseFrame]) -> None:
        """The capture works, and these frames are the room's."""
        audible = [frame for frame in learned if frame.power >= _HOLLOW_POWER]
        if audible:
            self._know([*self._known, *audible])
            self._hollow_limit = self._dead_frames
        self._patience, self._suspicion = self._moved_patience, 0.0
        self._returned = False
        self._forget_latest()

    def _know(self, frames: list[NoiseFrame]) -> None:
        self._known = deque(frames, maxlen=_MOST_KNOWN)
        self.floor = min((frame.power for frame in self._known), default=0.0)
        self._jumping = _mean_jumping(self._known)

    def _suspicion_of(self, frame: NoiseFrame) -> float:
        """How much a frame suggests that the capture is dead; negative: it suggests that it works."""
        if self._is_known(frame):
            return _KNOWN
        if frame.crest <= _FLAT_CREST:
            return _FLAT
        return _LOUDER if self._known and frame.power >= self.floor else _OTHER

    def _is_known(self, frame: NoiseFrame) -> bool:
        """Whether the capture sounded like this frame while it was known to work."""
        return any(
            _within(frame.power, known.power, _SAME_POWER) and _within(frame.crest, known.crest, _SAME_CREST)
            for known in self._known
        )

    def _is_other_microphone(self) -> bool:
        """Whether at most a quarter of the latest frames are known."""
        return 4 * sum(map(self._is_known, self._latest)) <= len(self._latest)

    def _is_restless(self) -> bool:
        """Whether the latest frames have no peaks, and jump from chunk to chunk more than the room does."""
        flat = sum(frame.crest <= _FLAT_CREST for frame in self._latest)
        jumping = _mean_jumping(self._latest)
        return 4 * flat >= 3 * len(self._latest) and jumping >= max(_RESTLESS_SHARE, 2 * self._jumping)

    def _forget_latest(self) -> None:
        self._latest.clear()
        self._meter.restart()


def _mean_jumping(frames: Sequence[NoiseFrame]) -> float:
    total = 0.0
    for frame in frames:
        total += frame.jumping  # one by one, as everywhere: from Python 3.12 on, `sum` makes up for rounding
    return total / max(1, len(frames))


def _within(one: float, other: float, factor: float) -> bool:
    return one <= factor * other and other <= factor * one
