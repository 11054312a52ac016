"""The microphone: the room's noise and everything said or done in it, and the faults of the capture path."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from harness.audio.chunk import Chunk, measure
from harness.audio.formats import SAMPLE_RATE_HZ, Samples
from harness.faults.seams import SourceFault
from harness.units import FULL_SCALE, MS, SECOND, amplitude
from harness.world.seeds import generator

REOPEN_US = 200 * MS
"""No chunks come while the capture is being reopened (assumed; Chromium takes 10 to 300 ms)."""
BLOCK_CHUNKS = 50
"""Chunks whose levels are measured at a time."""
NOISE_SAMPLES = 5 * SAMPLE_RATE_HZ
"""The room's noise repeats after this."""
GROWS_BY = 12
"""Repetitions of the noise by which the room is made longer at a time."""


@dataclass(slots=True, eq=False)
class _ActiveFault:
    fault: SourceFault
    until: int | None
    """When it ends by itself; None: when the capture is reopened."""


class Microphone:
    """Sound is put into the room with :meth:`sound` and taken out chunk by chunk with :meth:`capture`."""

    def __init__(self, room_dbfs: float, seed: int, *, chunk_us: int) -> None:
        self._count = chunk_us * SAMPLE_RATE_HZ // SECOND
        self._energies: list[int] = []
        self._peaks: list[int] = []
        self._measured = -1
        self._noise = _room_noise(room_dbfs, seed)
        self._room: Samples = np.empty(0, np.int16)
        self._grow(1)
        self._faults: list[_ActiveFault] = []
        self._closed_until = 0

    def sound(self, at: int, samples: Samples) -> None:
        """Let samples be heard in the room from ``at`` on, mixed with what is there."""
        start = at * SAMPLE_RATE_HZ // SECOND
        end = start + len(samples)
        self._grow(end)
        self._measured = -1
        part = self._room[start:end]
        mixed = part.astype(np.int32) + samples
        part[:] = np.clip(mixed, -FULL_SCALE, FULL_SCALE - 1)

    def fail(self, fault: SourceFault, until: int | None) -> None:
        """A fault of the capture path begins."""
        self._faults.append(_ActiveFault(fault, until))

    def reopen(self, now: int) -> None:
        """The client releases and reopens the capture: cures what only that cures."""
        self._faults = [active for active in self._faults if active.until is not None]
        self._closed_until = now + REOPEN_US

    def heal(self) -> None:
        """Faults with an end have ended; a dead capture path stays dead until it is reopened."""
        self._faults = [active for active in self._faults if active.until is None]

    def capture(self, now: int) -> Chunk | None:
        """The chunk that ends at ``now``, a multiple of its length; None if the capture delivers none."""
        count = self._count
        end = now * SAMPLE_RATE_HZ // SECOND
        index = end // count - 1
        block = index // BLOCK_CHUNKS
        if block != self._measured:
            self._measure(block)
        place = index % BLOCK_CHUNKS
        delivered: Chunk | None = Chunk(self._readable[end - count : end], self._energies[place], self._peaks[place])
        if self._faults:
            delivered = self._distorted(delivered, now)
        return delivered if now > self._closed_until else None

    def _distorted(self, delivered: Chunk | None, now: int) -> Chunk | None:
        self._faults = [active for active in self._faults if active.until is None or now <= active.until]
        for active in self._faults:
            if delivered is not None:
                samples = active.fault.distort(delivered.samples)
                delivered = None if samples is None else Chunk.of(samples)
        return delivered

    def _measure(self, block: int) -> None:
        """Measure all chunks of a block, which is cheaper than one by one."""
        size = BLOCK_CHUNKS * self._count
        self._grow((block + 1) * size)
        chunks = self._room[block * size : (block + 1) * size].reshape(-1, self._count)
        self._energies, self._peaks = measure(chunks)
        self._measured = block

    def _grow(self, length: int) -> None:
        while self._room.size < length:
            self._room = np.concatenate([self._room, *[self._noise] * GROWS_BY])
            self._readable = self._room.view()
            self._readable.flags.writeable = False


@lru_cache(maxsize=64)
def _room_noise(room_dbfs: float, seed: int) -> Samples:
    noise = generator(seed, "room").standard_normal(NOISE_SAMPLES) * (FULL_SCALE * amplitude(room_dbfs))
    return np.rint(noise).astype(np.int16)
