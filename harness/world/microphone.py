"""The microphone: the sounds of the room, captured chunk by chunk, and the faults of the capture path."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..audio.chunk import Chunk, chunks_of
from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..errors import InputError
from ..faults.seams import ActiveFault, Distortion, SourceFault
from ..units import FULL_SCALE, MS, SECOND, amplitude
from ..user_code import shown
from .seeds import generator

REOPEN_US = 200 * MS
"""No chunks are delivered for so long after a reopen (assumed; Chromium takes 10 to 300 ms)."""
_NEVER_US = 2**62
"""When a capture that failed to open delivers its first chunk."""
BLOCK_CHUNKS = 50
"""Chunks whose levels are measured at a time."""
NOISE_SAMPLES = 5 * SAMPLE_RATE_HZ
"""The room's noise repeats after this."""


@dataclass(slots=True, eq=False)
class _Distorting:
    name: str
    work: Distortion
    until: int | None
    """When it ends by itself; None: when the capture is reopened."""
    collected: bool = False
    """What :attr:`Distortion.collected` was last."""


class _Sound(NamedTuple):
    """A sound in the room, from one sample of the room to another; it repeats to fill that."""

    begin: int
    end: int
    samples: Samples


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
        self._measured = -1
        self._room_dbfs = room_dbfs
        self._seed = seed
        self._noise: Samples = _room_noise(room_dbfs, seed)
        self._playing = playing or (lambda begin, end: self._noise[:0])
        self._sounds: list[_Sound] = []
        """In the order in which they were made; without those that are over."""
        self._block: list[tuple[Chunk]] = []
        """The chunks that were measured last, each as it is delivered if nothing distorts it."""
        self._faults: list[_Distorting] = []
        self._late: list[Samples] = []
        self._closed_until = 0
        self.on_faults: Callable[[frozenset[str]], None] = lambda names: None
        """Called with the names of the active faults when they change: a stage with real devices acts on them."""
        self.on_collected: Callable[[], None] = lambda: None
        """Called when the page of the client has lost its source of audio."""

    def sound(self, at: int, samples: Samples, lasts_us: int | None = None) -> None:
        """Add samples (int16 at 24 kHz) to the room from ``at`` (microseconds) on.

        They are played once, or repeat until ``lasts_us`` is over.
        """
        begin = at * SAMPLE_RATE_HZ // SECOND
        length = len(samples) if lasts_us is None else lasts_us * SAMPLE_RATE_HZ // SECOND
        if len(samples) and length:
            self._sounds.append(_Sound(begin, begin + length, samples))
            self._measured = -1

    def fail(self, active: ActiveFault, until: int | None) -> None:
        """Start a :class:`SourceFault`; it lasts until a time, or with None until the capture is reopened."""
        assert isinstance(active.fault, SourceFault)
        distorting = _Distorting(active.fault.name, active.fault.begin(active.rng), until)
        if not isinstance(distorting.work, Distortion):
            raise _wrong(distorting, "begin()", distorting.work, "a Distortion")
        # The sound of the speaker enters the room, so the other faults act on it as on a voice.
        self._faults.insert(0 if active.fault.hears_speaker else len(self._faults), distorting)
        self._faults_changed()

    def reopen(self, now: int) -> None:
        """The client reopens the capture: this ends faults that have no end of their own, unless it goes wrong."""
        went = [(active, active.work.reopen()) for active in self._faults]
        self._faults = [active for active, how in went if active.until is not None or not how.ends]
        self._faults_changed()
        takes_us = max((how.takes_us for _, how in went), default=0)
        self._closed_until = _NEVER_US if any(how.fails for _, how in went) else now + max(REOPEN_US, takes_us)

    def heal(self) -> None:
        """End the faults that have an end; a dead capture path stays dead until it is reopened."""
        self._end([active for active in self._faults if active.until is not None])

    def capture(self, now: int) -> Sequence[Chunk]:
        """The chunks delivered at ``now``, a multiple of the chunk length: usually the one that ends then."""
        block, place = divmod(now // self._chunk_us - 1, BLOCK_CHUNKS)
        if block != self._measured:
            self._measure(block)
        delivered: Sequence[Chunk] = self._block[place]
        if self._faults or self._late:
            delivered = self._distorted(delivered[0].readable.copy(), now)
        return delivered if now > self._closed_until else ()

    def _distorted(self, samples: Samples, now: int) -> Sequence[Chunk]:
        """The chunk after all faults were applied in turn, preceded by late audio of faults that have ended."""
        self._end([active for active in self._faults if active.until is not None and now > active.until])
        late, self._late = self._late, []
        playing = self._playing(now - self._chunk_us, now) if self._faults else samples
        passed: list[Samples] = [samples]
        for active in self._faults:
            passed = [out for each in passed for out in _audio(active, "chunk()", active.work.chunk(each, playing))]
        for active in self._faults:
            before, active.collected = active.collected, active.work.collected
            if active.collected and not before:
                self.on_collected()
        return [Chunk.of(each) for each in (*late, *passed) if each.size]

    def _end(self, ended: list[_Distorting]) -> None:
        if ended:
            for active in ended:
                active.until = None
            self._faults = [active for active in self._faults if active not in ended or active.work.collected]
            self._late += [out for active in ended for out in _audio(active, "over()", active.work.over())]
            self._faults_changed()

    def _faults_changed(self) -> None:
        self.on_faults(frozenset(active.name for active in self._faults))

    def _measure(self, block: int) -> None:
        """Mix and measure all chunks of a block at once, which is faster than one by one."""
        size = BLOCK_CHUNKS * self._count
        begin, end = block * size, (block + 1) * size
        self._sounds = [sound for sound in self._sounds if sound.end > begin]
        mixed: Samples | None = None
        for sound in self._sounds:
            first, last = max(begin, sound.begin), min(end, sound.end)
            if first < last:
                if mixed is None:
                    mixed = _repeated(self._noise, begin, end)
                added = _repeated(sound.samples, first - sound.begin, last - sound.begin)
                _mix(mixed[first - begin : last - begin], added)
        if mixed is None:
            self._block = _quiet_block(self._room_dbfs, self._seed, self._count, begin % self._noise.size)
        else:
            self._block = [(chunk,) for chunk in chunks_of(mixed, self._count)]
        self._measured = block


def _mix(part: Samples, added: Samples) -> None:
    """Add samples to a part of the room, which is limited to full scale."""
    lowest, highest = int(part.min()) + int(added.min()), int(part.max()) + int(added.max())
    if lowest >= -FULL_SCALE and highest < FULL_SCALE:
        part += added
    else:
        part[:] = np.clip(part.astype(np.int32) + added, -FULL_SCALE, FULL_SCALE - 1)


def _audio(active: _Distorting, method: str, returned: Any) -> Sequence[Samples]:
    """What a fault made, which may be one of the user's own. Raises :exc:`InputError` if it is no audio."""
    if not isinstance(returned, list | tuple):
        raise _wrong(active, method, returned, "a list of chunks")
    for each in returned:
        if not isinstance(each, np.ndarray) or each.dtype != np.int16 or each.ndim != 1:
            what = f"an array of {each.dtype} of shape {each.shape}" if isinstance(each, np.ndarray) else shown(each)
            raise _wrong(active, method, what, "chunks that are arrays of int16 of one dimension")
    return returned


def _wrong(active: _Distorting, method: str, returned: Any, wanted: str) -> InputError:
    what = returned if isinstance(returned, str) else shown(returned)
    return InputError(f"{method} of the fault {active.name!r} returned {what}; it must return {wanted}")


def _repeated(samples: Samples, begin: int, end: int) -> Samples:
    """The samples from ``begin`` to ``end`` of endless repetitions of a sound."""
    whole = samples[begin % samples.size :][: end - begin]
    pieces, left = [whole], end - begin - whole.size
    while left > 0:
        pieces.append(samples[:left])
        left -= pieces[-1].size
    return np.concatenate(pieces)


@lru_cache(maxsize=64)
def _room_noise(room_dbfs: float, seed: int) -> Samples:
    noise = generator(seed, "room").standard_normal(NOISE_SAMPLES) * (FULL_SCALE * amplitude(room_dbfs))
    return np.rint(noise).astype(np.int16)


@lru_cache(maxsize=16)
def _quiet_block(room_dbfs: float, seed: int, count: int, begin: int) -> list[tuple[Chunk]]:
    """The chunks of a block that has nothing but noise in it, of which there are few: the noise repeats."""
    noise = _repeated(_room_noise(room_dbfs, seed), begin, begin + BLOCK_CHUNKS * count)
    return [(chunk,) for chunk in chunks_of(noise, count)]
