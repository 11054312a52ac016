"""The microphone: the sounds of the room, captured chunk by chunk, and the faults of the capture path."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..audio.chunk import Chunk, measure
from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..faults.seams import ActiveFault, Distortion, SourceFault
from ..units import FULL_SCALE, MS, SECOND, amplitude
from .seeds import generator

REOPEN_US = 200 * MS
"""No chunks are delivered for so long after a reopen (assumed; Chromium takes 10 to 300 ms)."""
BLOCK_CHUNKS = 50
"""Chunks whose levels are measured at a time."""
NOISE_SAMPLES = 5 * SAMPLE_RATE_HZ
"""The room's noise repeats after this."""
REPETITIONS_ADDED = 12
"""How many repetitions of the noise are added when the room must be longer, or a quarter of those that there are."""


@dataclass(slots=True, eq=False)
class _Distorting:
    work: Distortion
    until: int | None
    """When it ends by itself; None: when the capture is reopened."""


class Microphone:
    """:meth:`sound` adds sound to the room; :meth:`capture` gives the chunks of it.

    ``playing`` gives what the speaker plays between two times, int16 at 24 kHz.
    """

    def __init__(
        self,
        room_dbfs: float,
        seed: int,
        *,
        chunk_us: int,
        playing: Callable[[int, int], Samples] | None = None,
    ) -> None:
        self._chunk_us = chunk_us
        self._count = chunk_us * SAMPLE_RATE_HZ // SECOND
        self._energies: list[int] = []
        self._peaks: list[int] = []
        self._measured = -1
        self._noise: Samples = _room_noise(room_dbfs, seed)
        self._playing = playing or (lambda begin, end: self._noise[:0])
        self._room: Samples = np.empty(0, np.int16)
        self._grow(1)
        self._faults: list[_Distorting] = []
        self._late: list[Samples] = []
        self._closed_until = 0

    def sound(self, at: int, samples: Samples) -> None:
        """Add samples (int16 at 24 kHz) to the room from ``at`` (microseconds) on."""
        start = at * SAMPLE_RATE_HZ // SECOND
        end = start + len(samples)
        self._grow(end)
        self._measured = -1
        part = self._room[start:end]
        mixed = part.astype(np.int32) + samples
        part[:] = np.clip(mixed, -FULL_SCALE, FULL_SCALE - 1)

    def fail(self, active: ActiveFault, until: int | None) -> None:
        """Start a :class:`SourceFault`; it lasts until a time, or with None until the capture is reopened."""
        assert isinstance(active.fault, SourceFault)
        distorting = _Distorting(active.fault.begin(active.rng), until)
        # The sound of the speaker enters the room, so the other faults act on it as on a voice.
        self._faults.insert(0 if active.fault.hears_speaker else len(self._faults), distorting)

    def reopen(self, now: int) -> None:
        """The client reopens the capture: this ends the faults that have no end of their own."""
        self._faults = [active for active in self._faults if active.until is not None]
        self._closed_until = now + REOPEN_US

    def heal(self) -> None:
        """End the faults that have an end; a dead capture path stays dead until it is reopened."""
        self._end([active for active in self._faults if active.until is not None])

    def capture(self, now: int) -> Sequence[Chunk]:
        """The chunks delivered at ``now``, a multiple of the chunk length: usually the one that ends then."""
        count = self._count
        end = now * SAMPLE_RATE_HZ // SECOND
        index = end // count - 1
        block = index // BLOCK_CHUNKS
        if block != self._measured:
            self._measure(block)
        place = index % BLOCK_CHUNKS
        chunk = Chunk(self._readable[end - count : end], self._energies[place], self._peaks[place])
        delivered: Sequence[Chunk] = (chunk,)
        if self._faults or self._late:
            delivered = self._distorted(chunk.samples, now)
        return delivered if now > self._closed_until else ()

    def _distorted(self, samples: Samples, now: int) -> Sequence[Chunk]:
        """The chunk after all faults were applied in turn, preceded by late audio of faults that have ended."""
        self._end([active for active in self._faults if active.until is not None and now > active.until])
        late, self._late = self._late, []
        playing = self._playing(now - self._chunk_us, now) if self._faults else samples
        passed: list[Samples] = [samples]
        for active in self._faults:
            passed = [out for each in passed for out in active.work.chunk(each, playing)]
        return [Chunk.of(each) for each in (*late, *passed) if each.size]

    def _end(self, ended: list[_Distorting]) -> None:
        if ended:
            self._faults = [active for active in self._faults if active not in ended]
            self._late += [samples for active in ended for samples in active.work.over()]

    def _measure(self, block: int) -> None:
        """Measure all chunks of a block at once, which is faster than one by one."""
        size = BLOCK_CHUNKS * self._count
        self._grow((block + 1) * size)
        chunks = self._room[block * size : (block + 1) * size].reshape(-1, self._count)
        self._energies, self._peaks = measure(chunks)
        self._measured = block

    def _grow(self, length: int) -> None:
        while self._room.size < length:
            added = max(REPETITIONS_ADDED, self._room.size // NOISE_SAMPLES // 4)
            self._room = np.concatenate([self._room, *[self._noise] * added])
            self._readable = self._room.view()
            self._readable.flags.writeable = False


@lru_cache(maxsize=64)
def _room_noise(room_dbfs: float, seed: int) -> Samples:
    noise = generator(seed, "room").standard_normal(NOISE_SAMPLES) * (FULL_SCALE * amplitude(room_dbfs))
    return np.rint(noise).astype(np.int16)
