"""The microphone: the room's noise and everything said or done in it, and the faults of the capture path."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from harness.audio.chunk import Chunk, measure
from harness.audio.formats import SAMPLE_RATE_HZ, Samples
from harness.faults.seams import Distortion, SourceFault, Struck
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
    work: Distortion
    until: int | None
    """When it ends by itself; None: when the capture is reopened."""


class Microphone:
    """Sound is put into the room with :meth:`sound` and taken out chunk by chunk with :meth:`capture`."""

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
        self._faults: list[_ActiveFault] = []
        self._late: list[Samples] = []
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

    def fail(self, struck: Struck, until: int | None) -> None:
        """A :class:`SourceFault` begins, until a time or until the capture is reopened."""
        assert isinstance(struck.fault, SourceFault)
        active = _ActiveFault(struck.fault.begin(struck.rng), until)
        # What the speaker plays is in the room: it passes the faults of the capture path as a voice does.
        self._faults.insert(0 if struck.fault.hears_speaker else len(self._faults), active)

    def reopen(self, now: int) -> None:
        """The client releases and reopens the capture: cures what only that cures."""
        self._faults = [active for active in self._faults if active.until is not None]
        self._closed_until = now + REOPEN_US

    def heal(self) -> None:
        """Faults with an end have ended; a dead capture path stays dead until it is reopened."""
        self._end([active for active in self._faults if active.until is not None])

    def capture(self, now: int) -> Sequence[Chunk]:
        """The chunks delivered at ``now``, a multiple of their length: usually the one that ends then."""
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
        """What becomes of a chunk that passes the faults one after the other, behind what came late."""
        self._end([active for active in self._faults if active.until is not None and now > active.until])
        late, self._late = self._late, []
        playing = self._playing(now - self._chunk_us, now) if self._faults else samples
        passed: list[Samples] = [samples]
        for active in self._faults:
            passed = [out for each in passed for out in active.work.chunk(each, playing)]
        return [Chunk.of(each) for each in (*late, *passed) if each.size]

    def _end(self, ended: list[_ActiveFault]) -> None:
        if ended:
            self._faults = [active for active in self._faults if active not in ended]
            self._late += [samples for active in ended for samples in active.work.over()]

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
