"""What a capture sounds like while nobody speaks, and whether it still sounds like it.

A quiet room is not silence: its noise has a level and a shape that hardly change from one moment to the next. Three
kinds of quiet are no room's:

* digital zeros;
* next to nothing, far below the quiet that was heard while the capture was known to work (a soft mute);
* noise that jumps from chunk to chunk, without peaks that stand out, and yet is the same from half second to half
  second: noise whose size is drawn anew for each chunk, as after the app switch of the founding report. Sounds of a
  room jump too, but they come and go, and stand out.

If the room and a voice in it became quieter at once, the capture is muffled, not the room quiet.

After the app was in the background, any other sound than before is suspicious: another microphone may have taken over.
Without that, a quieter sound is suspicious if it stays for 20 s in which no voice comes; one without peaks that stand
out after half of that, and a louder one, which is most likely a fan, after twice that. So is, after most of a minute, a
capture of which no sound ever stood out. What is suspected in vain is suspected only after twice the time, until it is
proved to work; then it is known, and not suspected any more.
"""

from collections import deque
from collections.abc import Sequence

from harness.audio.chunk import Chunk
from harness.clients.moments import MOMENT_US, Moment, Moments
from harness.clients.settings import ClientSettings
from harness.units import MS, SECOND

RESTLESS_SHARE = 0.3
"""Of the neighbours in what is restless, so many jump."""
EVEN = 3.0
"""The half seconds of one and the same noise differ by less than this factor in power, 5 dB."""
FLAT_CREST = 9.0
"""The square of the peak over the power in half a second: 15 for white noise, more for keys, below this for dither."""
HOLLOW_POWER = 4.0
"""Mean square of 2 LSB, -84 dBFS: less than any microphone's own noise."""
FAR_BELOW = 16.0
"""12 dB."""
KNOWN, FAN, OTHER, FLAT = -2.0, 0.5, 1.0, 2.0
"""What half a second without a voice speaks for: the room as it was; a noise over it; another sound, of which the
capture may have died; one without peaks that stand out, as few rooms have."""
VOICE_FADES_US = 20 * SECOND
"""The loudest voice counts less and less while others speak: 12 dB after a minute of talk."""
BELIEVED_LESS = 4.0
"""A capture that was opened anew because it was muffled: the voice of before counts 6 dB less, for it may be softer."""
LIKE_POWER = 1.26
"""Within this factor, 1 dB, two half seconds are equally loud: those of one noise differ by 2 %."""
LIKE_CREST = 2.0
"""Within this factor, their peaks stand out alike: 15 times the power for white noise, 3 times for even noise."""
LONGEST_PATIENCE = 7200
"""Half seconds: an hour."""
LONGEST_HOLLOW = 120
"""Half seconds: a minute. A microphone that another app holds comes back without a word."""
REMEMBERED = 120
"""Half seconds without a voice."""


class Room:
    """Fed with the chunks of no sound that stands out; one that does proves that what came before it was the room's."""

    def __init__(self, settings: ClientSettings) -> None:
        self._moments = max(4, settings.capture_dead_ms * MS // MOMENT_US)
        self._moved_patience = max(1, settings.capture_moved_ms * MS // MOMENT_US)
        self._known: deque[Moment] = deque(maxlen=REMEMBERED)
        self.floor = 0.0
        """The quietest half second that was the room's, as a mean square; 0 if none is known."""
        self._jumping = 0.0
        """The share of what is known that jumps."""
        self._stretch: deque[Moment] = deque(maxlen=self._moments)
        self._unsure: deque[Moment] = deque(maxlen=self._moments)
        """What came before a sound that stood out, and had no peaks."""
        self._reopened = False
        """Whether the capture was opened anew, and no voice came since."""
        self._patience = max(1, settings.capture_unproven_ms * MS // MOMENT_US)
        self._strange = 0.0
        """Of the moments since, how much each speaks for a capture that does not work any more."""
        self._hollow_limit = self._moments
        self._hollow: deque[bool] = deque(maxlen=2 * self._moments)
        """Whether each of the last moments was next to nothing, or muffled; voices in between change nothing."""
        self._hushed = False
        """Whether the last moment was far quieter than the room."""
        self._muffled = False
        """Whether a voice since was far quieter than those before."""
        self._voice = 0.0
        """The loudest voice that was no muffled one, as the mean square of a piece of a chunk."""
        self._returned = False
        self._measured = Moments()

    def begin(self) -> None:
        """The capture was opened anew."""
        if self._strange >= self._patience:
            self._patience = min(LONGEST_PATIENCE, 2 * self._patience)
        if sum(self._hollow) >= self._hollow_limit:
            self._hollow_limit = min(LONGEST_HOLLOW, 2 * self._hollow_limit)
        if self._muffled:
            self._voice /= BELIEVED_LESS
        self._hollow = deque(maxlen=2 * self._hollow_limit)
        self._strange = 0.0
        self._returned = self._hushed = self._muffled = False
        self._reopened = True
        self._unsure.clear()
        self._forget_stretch()

    def returned(self) -> None:
        """The app came back from the background: what is captured now may be another microphone."""
        self._returned = True
        self._forget_stretch()

    def sound(self, captured: Chunk) -> None:
        """A chunk of no voice, and of no sound that stands out."""
        moment = self._measured.chunk(captured)
        if moment is None:
            return
        self._stretch.append(moment)
        self._hushed = FAR_BELOW * moment.power < self.floor
        self._strange = max(0.0, self._strange + self._strangeness(moment))
        is_next_to_nothing = moment.power < HOLLOW_POWER and (self._hushed or not self._known)
        self._hollow.append(is_next_to_nothing or (self._hushed and self._muffled))

    def voice(self, power: float, duration_us: int, *, may_be_echo: bool) -> None:
        """A chunk of a voice, its loudest piece of this mean square.

        The capture works, and what came before was the room's, unless it is odd, or the voice muffled. But what has no
        peaks may have been a fault that passed, unless the capture was opened anew and still sounds like that.
        The assistant's own voice from the loudspeaker is no muffled one.
        """
        if self._is_muffled(power):
            if not may_be_echo:
                self._muffled = True
                self._forget_stretch()
            return
        self._muffled = False
        came = [] if self.odd else [*self._unsure, *self._stretch]
        self._proven(came if self._reopened else [moment for moment in came if moment.crest > FLAT_CREST])
        self._unsure.clear()
        self._reopened = False
        if self._voice and power > FAR_BELOW * self._voice:
            self._forget_muffled()
        self._voice = max(power, self._voice * (1 - duration_us / VOICE_FADES_US))

    def stood_out(self, power: float) -> None:
        """A sound that stands out: as a voice, but what has no peaks may have been torn by the fault itself."""
        if self.odd or self._is_muffled(power):
            self._proven([])
            return
        self._unsure.extend(moment for moment in self._stretch if moment.crest <= FLAT_CREST)
        self._proven([moment for moment in self._stretch if moment.crest > FLAT_CREST])

    @property
    def odd(self) -> bool:
        """Whether what came last is none of this room's."""
        if self._strange >= self._patience or sum(self._hollow) >= self._hollow_limit:
            return True
        if len(self._stretch) < self._moments:
            return False
        powers = [moment.power for moment in self._stretch]
        if max(powers) > EVEN * min(powers):
            return False
        return self._is_restless() or (self._returned and len(self._known) > 0 and self._is_another())

    def _is_muffled(self, power: float) -> bool:
        return self._hushed and FAR_BELOW * power < self._voice

    def _forget_muffled(self) -> None:
        """The voice became far louder: if the room did, too, what was known before was muffled."""
        self._know([moment for moment in self._known if FAR_BELOW * moment.power >= self._known[-1].power])

    def _proven(self, learned: list[Moment]) -> None:
        heard = [moment for moment in learned if moment.power >= HOLLOW_POWER]
        if heard:
            self._know([*self._known, *heard])
            self._hollow_limit = self._moments
        self._patience, self._strange = self._moved_patience, 0.0
        self._returned = False
        self._forget_stretch()

    def _know(self, moments: list[Moment]) -> None:
        self._known = deque(moments, maxlen=REMEMBERED)
        self.floor = min((moment.power for moment in self._known), default=0.0)
        self._jumping = _mean_jumping(self._known)

    def _strangeness(self, moment: Moment) -> float:
        """How much it speaks for a capture that does not work any more, or against it."""
        if self._is_known(moment):
            return KNOWN
        if moment.crest <= FLAT_CREST:
            return FLAT
        return FAN if self._known and moment.power >= self.floor else OTHER

    def _is_known(self, moment: Moment) -> bool:
        """Whether the capture sounded like this while it was known to work."""
        return any(
            _like(moment.power, known.power, LIKE_POWER) and _like(moment.crest, known.crest, LIKE_CREST)
            for known in self._known
        )

    def _is_another(self) -> bool:
        """Whether hardly anything of what came last is known."""
        return 4 * sum(map(self._is_known, self._stretch)) <= len(self._stretch)

    def _is_restless(self) -> bool:
        """Whether it jumps from chunk to chunk, without peaks, and more than the room does."""
        flat = sum(moment.crest <= FLAT_CREST for moment in self._stretch)
        jumping = _mean_jumping(self._stretch)
        return 4 * flat >= 3 * len(self._stretch) and jumping >= max(RESTLESS_SHARE, 2 * self._jumping)

    def _forget_stretch(self) -> None:
        self._stretch.clear()
        self._measured.restart()


def _mean_jumping(moments: Sequence[Moment]) -> float:
    return sum([moment.jumping for moment in moments]) / max(1, len(moments))


def _like(one: float, other: float, factor: float) -> bool:
    return one <= factor * other and other <= factor * one
