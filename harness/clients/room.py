"""What a capture sounds like while nobody speaks, and whether it still sounds like it.

A quiet room is not silence: its noise has a level and a shape that hardly change from one moment to the next. Three
kinds of quiet are no room's:

* digital zeros;
* next to nothing, far below the quiet that was heard while the capture was known to work (a soft mute);
* noise that jumps from chunk to chunk, without peaks that stand out, and yet is the same from half second to half
  second: noise whose size is drawn anew for each chunk, as after the app switch of the founding report. Sounds of a
  room jump too, but they come and go, and stand out.

After the app was in the background, any other sound than before is suspicious: another microphone may have taken over.
Without that, a quieter sound, or one without peaks that stand out, is suspicious if it stays for half a minute in which
no voice comes, and so is, after most of a minute, a capture of which none ever came. It may be a fan that stopped, or
nobody there: so each time it is suspected in vain, it is suspected only after twice the time.
"""

from collections import deque
from typing import NamedTuple

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.clients.settings import ClientSettings
from harness.units import MS, SECOND

PIECE_SAMPLES = SAMPLE_RATE_HZ // 100
"""Shorter chunks are put together: the level of few samples jumps by itself."""
MOMENT_SAMPLES = SAMPLE_RATE_HZ // 2
JUMP = 1.41
"""Neighbours whose powers differ by this factor, 1.5 dB, jump. Of near-silence 60 % do, of white noise 1 in 1000."""
JUMPING_SHARE = 0.4
EVEN = 3.0
"""The half seconds of one and the same noise differ by less than this factor in power, 5 dB."""
FLAT_CREST = 9.0
"""The square of the peak over the power in half a second: 15 for white noise, more for keys, below this for dither."""
HOLLOW_POWER = 4.0
"""Mean square of 2 LSB, -84 dBFS: less than any microphone's own noise."""
FAR_BELOW = 16.0
LIKE_POWER = 1.26
"""Within this factor, 1 dB, two half seconds are equally loud: those of one noise differ by 2 %."""
LIKE_CREST = 2.0
"""Within this factor, their peaks stand out alike: 15 times the power for white noise, 3 times for even noise."""
LONGEST_PATIENCE = 7200
"""Half seconds: an hour."""
REMEMBERED = 120
"""Half seconds without a voice."""


class Moment(NamedTuple):
    """Half a second without a voice: mean square, whether it jumps, and the square of its peak over its power."""

    power: float
    jumps: bool
    crest: float


class Room:
    """Fed with the chunks of no sound that stands out; one that does proves that what came before it was the room's."""

    def __init__(self, settings: ClientSettings) -> None:
        self._moments = max(4, settings.capture_dead_ms * MS // (SECOND // 2))
        self._known: deque[Moment] = deque(maxlen=REMEMBERED)
        self._stretch: deque[Moment] = deque(maxlen=self._moments)
        self._returned = False
        self._moved_patience = max(1, settings.capture_moved_ms * MS // (SECOND // 2))
        self._patience = max(1, settings.capture_unproven_ms * MS // (SECOND // 2))
        self._strange = 0
        """Moments that are like none that is known, less two for each that is."""
        self._hollow: deque[bool] = deque(maxlen=2 * self._moments)
        """Whether each of the last moments was far quieter than the room; voices in between change nothing."""
        self.floor = 0.0
        """The quietest half second that was the room's, as a mean square; 0 if none is known."""
        self._energy = self._samples = self._peak = 0
        self._piece_energy = self._piece_samples = 0
        self._pieces = self._jumps = 0
        self._last = 0.0

    def begin(self) -> None:
        """The capture was opened anew."""
        if self._strange >= self._patience:
            self._patience = min(LONGEST_PATIENCE, 2 * self._patience)
        self._strange = 0
        self._hollow.clear()
        self._stretch.clear()
        self._start()

    def returned(self) -> None:
        """The app came back from the background: what is captured now may be another microphone."""
        self._returned = True
        self._stretch.clear()
        self._start()

    def sound(self, energy: int, samples: int, peak: int) -> None:
        """A chunk of no voice, and of no sound that stands out."""
        self._energy += energy
        self._samples += samples
        self._peak = max(self._peak, peak)
        self._piece_energy += energy
        self._piece_samples += samples
        if self._piece_samples >= PIECE_SAMPLES:
            self._piece()
        if self._samples >= MOMENT_SAMPLES:
            power = self._energy / self._samples
            jumps = self._jumps >= JUMPING_SHARE * max(1, self._pieces)
            moment = Moment(power, jumps, self._peak * self._peak / power if power else 0.0)
            self._stretch.append(moment)
            self._strange = self._strange + 1 if self._is_strange(moment) else max(0, self._strange - 2)
            is_hollow = power < HOLLOW_POWER and (not self._known or FAR_BELOW * power < self.floor)
            self._hollow.append(is_hollow)
            self._start()

    def voice(self) -> None:
        """A voice: the capture works, and what came before was the room's, unless it is odd."""
        self._proven([] if self.odd else list(self._stretch))

    def stood_out(self) -> None:
        """A sound that stands out: as a voice, but noise without peaks may have been torn by the fault itself."""
        self._proven([] if self.odd else [moment for moment in self._stretch if moment.crest > FLAT_CREST])

    def _proven(self, learned: list[Moment]) -> None:
        self._known.extend(moment for moment in learned if moment.power >= HOLLOW_POWER)
        self.floor = min((moment.power for moment in self._known), default=0.0)
        self._stretch.clear()
        self._patience, self._strange = self._moved_patience, 0
        self._returned = False
        self._start()

    @property
    def odd(self) -> bool:
        """Whether what came last is none of this room's."""
        if self._strange >= self._patience or sum(self._hollow) >= self._moments:
            return True
        if len(self._stretch) < self._moments:
            return False
        powers = [moment.power for moment in self._stretch]
        low, high = min(powers), max(powers)
        if not self._known:
            return self._restless(low, high)
        if self._returned and high <= EVEN * low and 4 * sum(map(self._is_known, self._stretch)) <= len(self._stretch):
            return True
        return self._restless(low, high) and 2 * sum(moment.jumps for moment in self._known) < len(self._known)

    def _is_strange(self, moment: Moment) -> bool:
        """Whether it may be no room's sound: another than is known, and no fan over what is known."""
        if not self._known:
            return True
        is_fan = moment.crest > FLAT_CREST and moment.power >= self.floor
        return not is_fan and not self._is_known(moment)

    def _is_known(self, moment: Moment) -> bool:
        """Whether the capture sounded like this while it was known to work."""
        return any(
            _like(moment.power, known.power, LIKE_POWER) and _like(moment.crest, known.crest, LIKE_CREST)
            for known in self._known
            if not known.jumps  # a short stretch of a dead capture may have been taken for the room
        )

    def _restless(self, low: float, high: float) -> bool:
        """Whether it jumps from chunk to chunk and is even from half second to half second."""
        restless = sum(moment.jumps and moment.crest <= FLAT_CREST for moment in self._stretch)
        return high <= EVEN * low and 4 * restless >= 3 * len(self._stretch)

    def _piece(self) -> None:
        power = self._piece_energy / self._piece_samples
        self._pieces += 1
        if self._pieces > 1 and max(power, self._last) > JUMP * min(power, self._last):
            self._jumps += 1
        self._last = power
        self._piece_energy = self._piece_samples = 0

    def _start(self) -> None:
        """A new half second."""
        self._energy = self._samples = self._peak = 0
        self._piece_energy = self._piece_samples = 0
        self._pieces = self._jumps = 0
        self._last = 0.0


def _like(one: float, other: float, factor: float) -> bool:
    return one <= factor * other and other <= factor * one
