"""What the capture path delivers: whether chunks come, how loud they are, and whether they sound like a voice.

A voice is told from typing by its evenness: most chunks of speech are nearly as loud as its loudest, few of typing are.
Over the shipped recordings, 26 to 40 of 40 chunks of 20 ms for voices, and at most 22 for keyboards. It is told from
breath and wind by its pitch.
"""

from collections import deque
from collections.abc import Iterable

import numpy as np

from harness.audio.chunk import Chunk
from harness.audio.formats import SAMPLE_RATE_HZ, Samples
from harness.clients.pace import Pace
from harness.clients.pitch import Pitch
from harness.clients.repetition import Repetition
from harness.clients.room import Room
from harness.clients.settings import ClientSettings
from harness.units import FULL_SCALE, MS, SECOND, amplitude

OVER_FLOOR = 4.0
"""Power over the noise floor, 6 dB, that stands out."""
STANDS_OUT = 16.0
"""Power over the noise floor, 12 dB, that proves that the capture works: a door, a key, a voice."""
UNDER_LOUDEST = 16.0
"""A chunk within 12 dB of the loudest is nearly as loud."""
VOICE_MINIMUM = (FULL_SCALE * amplitude(-66.0)) ** 2
"""Mean square below which nothing is a voice."""
FLOOR_BUCKET_US = 500 * MS
FLOOR_BUCKETS = 6
"""The noise floor is the least of so many half seconds: an utterance has a gap in them, a steady noise has none."""
DROWNED = 1000.0
"""A floor 30 dB above the room's quiet drowns every voice: wrong bytes, a wrong format, a humming line."""
DROWNED_ANYWHERE = (FULL_SCALE * amplitude(-18.0)) ** 2
"""So does this floor, whatever the room: no steady noise of a room is as loud as a voice."""
DROWNED_US = 10 * SECOND
FLAT_TOP = 1.9
"""The square of the peak over the power: 2 for a pure tone, less only for what is clipped, at whatever level."""
CLIPPED_US = 2 * SECOND
"""So much that is clipped, less a quarter of what is not: the capture is overdriven, or has an offset."""
PIECE_MS = 20
PIECE_SAMPLES = SAMPLE_RATE_HZ * PIECE_MS // 1000
WINDOW_MS = 800
VOICED_SHARE = 0.525
STEADY_SHARE = 0.65
"""If more than so many of the loud chunks are within 3 dB of the loudest, it is a hum that was switched on."""
OUTLIERS = 3
"""A click over a hum is not the loudest."""
ASK_EVERY = 3
"""The pitch is asked for at every third chunk that may be a voice: it costs time."""
ECHO_US = SECOND
"""After the assistant spoke, a voice may be its echo for as long as :data:`WINDOW_MS` and a bit."""
ANSWERS = 8
PITCHED_SHARE = 0.25
"""Of the latest answers, so many are yes in a voice; of breath, none."""


class CaptureMonitor:
    """Fed with every chunk before the gate."""

    def __init__(self, settings: ClientSettings) -> None:
        self._gap_us = settings.capture_gap_ms * MS
        self._dead_power = (FULL_SCALE * amplitude(settings.capture_dead_dbfs)) ** 2
        self._room = Room(settings)
        self._repetition = Repetition()
        self._pace = Pace()
        self._drowned_us = 0
        self._clipped_us = 0
        self._minima: deque[float] = deque(maxlen=FLOOR_BUCKETS)
        self._bucket_us = 0
        window = max(4, WINDOW_MS // min(settings.chunk_ms, PIECE_MS))
        self._powers: deque[float] = deque([0.0] * window, maxlen=window)
        self._voiced_chunks = VOICED_SHARE * window
        self._last_chunk: int | None = None
        self._pitch = Pitch()
        self._pitched: deque[bool] = deque(maxlen=ANSWERS)
        self._until_asked = 0
        self._echo_until = 0
        self._stood_out = False
        self.proven = False
        """Whether a chunk louder than the dead level came since the capture was opened."""
        self.voice = False
        """Whether the last :data:`WINDOW_MS` were a voice."""
        self.loud = False
        """Whether the last chunk was above the dead level."""

    def chunk(self, captured: Chunk, duration_us: int, assistant_speaking: bool, now: int) -> bool:
        """A chunk came; gives whether it is part of a voice.

        While the assistant speaks nobody is expected to, so its silence does not count.
        """
        self._last_chunk = now
        if assistant_speaking:
            self._echo_until = now + ECHO_US
        self._pace.chunk(duration_us, now)
        self._repetition.chunk(captured.pcm, duration_us)
        energy, count = captured.energy, captured.samples.size
        is_flat = captured.peak * captured.peak * count < FLAT_TOP * energy and energy >= self._dead_power * count
        is_clipped = is_flat or captured.peak >= FULL_SCALE - 1
        self._clipped_us = max(0, self._clipped_us + (duration_us if is_clipped else -duration_us // 4))
        pieces = _pieces(captured)
        self._stood_out = False
        voiced = [self._piece(samples, energy) for samples, energy in pieces]
        if self.voice:
            self._room.voice(max(self._powers), duration_us, may_be_echo=now < self._echo_until)
        elif self._stood_out:
            self._room.stood_out(max(energy / samples.size for samples, energy in pieces))
        elif not assistant_speaking:
            self._room.sound(captured)
        self.loud = any(energy >= self._dead_power * samples.size for samples, energy in pieces)
        self.proven = self.proven or self.loud
        return 2 * sum(voiced) >= len(voiced)

    def _piece(self, samples: Samples, energy: int) -> bool:
        """Judge some 20 ms; gives whether they are part of a voice."""
        power, duration_us = energy / samples.size, samples.size * SECOND // SAMPLE_RATE_HZ
        self._pitch.chunk(samples)
        floor = self._noise_floor(power, duration_us)
        over_room = floor > max(DROWNED * self._room.floor, self._dead_power) and self._room.floor > 0
        drowned = over_room or floor > DROWNED_ANYWHERE
        self._drowned_us = self._drowned_us + duration_us if drowned else 0
        powers = self._powers
        powers.append(power)
        top = max(powers)
        limit = max(top / UNDER_LOUDEST, OVER_FLOOR * floor, VOICE_MINIMUM)
        loud = sum([power > limit for power in powers])
        even = loud >= self._voiced_chunks and not _is_steady(powers, loud)
        self.voice = even and self._has_pitch(floor)
        if not even:
            self._pitched.clear()
            self._until_asked = 0
        self._stood_out = self._stood_out or power >= max(self._dead_power, STANDS_OUT * floor)
        return self.voice and power > limit

    def _has_pitch(self, floor: float) -> bool:
        """Whether what may be a voice has had a pitch of late."""
        if self._until_asked == 0:
            self._pitched.append(self._pitch.heard(floor))
            self._until_asked = ASK_EVERY
        self._until_asked -= 1
        return sum(self._pitched) >= max(1.0, PITCHED_SHARE * len(self._pitched))

    def _noise_floor(self, power: float, duration_us: int) -> float:
        """The least power of the last seconds. Digital zeros are no room's noise and do not count."""
        if power > 0:
            if not self._minima or self._bucket_us >= FLOOR_BUCKET_US:
                self._minima.append(power)
                self._bucket_us = 0
            self._minima[-1] = min(self._minima[-1], power)
            self._bucket_us += duration_us
        return self.noise

    def expect(self, now: int) -> None:
        """Chunks are expected from now on, if none has come yet."""
        if self._last_chunk is None:
            self._last_chunk = now

    def stopped(self, now: int) -> bool:
        """No chunk has come for too long."""
        return self._last_chunk is not None and now - self._last_chunk >= self._gap_us

    def returned(self) -> None:
        """The app came back from the background."""
        self._room.returned()

    @property
    def noise(self) -> float:
        """The mean square of the steady noise, as far as it is known."""
        return min(self._minima, default=0.0)

    @property
    def silent(self) -> bool:
        """Chunks come, and for too long they have been a quiet that is not the room's: the capture is dead."""
        return self._room.odd

    @property
    def garbled(self) -> bool:
        """Chunks come that no room sounds like: looped, too few or too many, clipped, or drowned in noise."""
        is_overdriven = self._clipped_us >= CLIPPED_US
        return self._repetition.is_loop or self._pace.wrong or is_overdriven or self._drowned_us >= DROWNED_US

    def begin(self, now: int) -> None:
        """The capture was (re)opened: give it time."""
        self._last_chunk = now
        self.proven = False
        self._room.begin()
        self._repetition.begin()
        self._pace.begin()
        self._drowned_us = self._clipped_us = 0
        self._minima.clear()


def _pieces(captured: Chunk) -> list[tuple[Samples, int]]:
    """A long chunk in pieces of 20 ms, each with its energy: what a voice is told by is known for these."""
    samples = captured.samples
    if samples.size < 2 * PIECE_SAMPLES:
        return [(samples, captured.energy)]
    values = samples.astype(np.float64)
    starts = range(0, samples.size, PIECE_SAMPLES)
    cut = [(samples[start : start + PIECE_SAMPLES], values[start : start + PIECE_SAMPLES]) for start in starts]
    return [(piece, int(exact.dot(exact))) for piece, exact in cut]


def _is_steady(powers: Iterable[float], loud: int) -> bool:
    """Whether most of the loud chunks are equally loud."""
    ordered = sorted(powers)
    top = ordered[-1 - OUTLIERS]
    return sum([2 * power > top for power in ordered]) > STEADY_SHARE * loud
