"""The microphone: the room's noise and everything said or done in it, and the faults of the capture path."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.faults.seams import SourceFault
from harness.units import FULL_SCALE, MS, SECOND, amplitude

Samples = NDArray[np.int16]

REOPEN_US = 200 * MS
"""No chunks come while the capture is being reopened (assumed; Chromium takes 10 to 300 ms)."""
NOISE_SAMPLES = 5 * SAMPLE_RATE_HZ
"""The room's noise repeats after this."""


@dataclass(slots=True, eq=False)
class _ActiveFault:
    fault: SourceFault
    until: int | None
    """When it ends by itself; None: when the capture is reopened."""


class Microphone:
    """Sound is put into the room with :meth:`sound` and taken out chunk by chunk with :meth:`capture`."""

    def __init__(self, room_dbfs: float, rng: np.random.Generator) -> None:
        noise = rng.standard_normal(NOISE_SAMPLES) * (FULL_SCALE * amplitude(room_dbfs))
        self._noise: Samples = np.rint(noise).astype(np.int16)
        self._room: Samples = self._noise.copy()
        self._faults: list[_ActiveFault] = []
        self._closed_until = 0

    def sound(self, at: int, samples: Samples) -> None:
        """Let samples be heard in the room from ``at`` on, mixed with what is there."""
        start = _position(at)
        self._grow(start + len(samples))
        part = self._room[start : start + len(samples)]
        mixed = part.astype(np.int32) + samples
        part[:] = np.clip(mixed, -FULL_SCALE, FULL_SCALE - 1)

    def fail(self, fault: SourceFault, until: int | None) -> None:
        """A fault of the capture path begins."""
        self._faults.append(_ActiveFault(fault, until))

    def reopen(self, now: int) -> None:
        """The client releases and reopens the capture: cures what only that cures."""
        self._faults = [active for active in self._faults if active.until is not None]
        self._closed_until = now + REOPEN_US

    def heal(self, now: int) -> None:
        """Faults with an end have ended; a dead capture path stays dead until it is reopened."""
        self._faults = [active for active in self._faults if active.until is None]

    def capture(self, now: int, count: int) -> Samples | None:
        """The chunk of ``count`` samples that ends at ``now``; None if the capture delivers none."""
        end = now * SAMPLE_RATE_HZ // SECOND
        if end > self._room.size:
            self._grow(end)
        delivered: Samples | None = self._room[end - count : end]
        if self._faults:
            self._faults = [active for active in self._faults if active.until is None or now <= active.until]
            for active in self._faults:
                if delivered is not None:
                    delivered = active.fault.distort(delivered)
        return delivered if now > self._closed_until else None

    def room(self, start: int, end: int) -> Samples:
        """What was to be heard in the room between two times, whatever the capture path made of it."""
        return self._room[_position(start) : _position(end)]

    def _grow(self, length: int) -> None:
        if len(self._room) < length:
            whole = 2 * (length // NOISE_SAMPLES + 1)
            grown = np.tile(self._noise, whole)
            grown[: len(self._room)] = self._room
            self._room = grown


def _position(time: int) -> int:
    return time * SAMPLE_RATE_HZ // SECOND
