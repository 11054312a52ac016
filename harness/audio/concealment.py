"""What a receiver plays in place of a lost packet: the last one again, each time half as loud. Integers only."""

import numpy as np

from .formats import PCM24K

_MOST_HALVINGS = 5
"""From the sixth lost packet in a row on, silence."""


class Concealment:
    """Of one stream of PCM (int16, 24 kHz)."""

    def __init__(self) -> None:
        self._last = b""
        self._lost = 0

    def good(self, pcm: bytes) -> bytes:
        """A packet that is there."""
        self._last, self._lost = pcm, 0
        return pcm

    def lost(self, size: int) -> bytes:
        """What stands in for a lost packet of so many bytes."""
        self._lost += 1
        if self._lost > _MOST_HALVINGS or len(self._last) != size or self._last.count(0) == size:
            return bytes(size)
        return PCM24K.encode((PCM24K.decode(self._last).astype(np.int32) >> self._lost).astype(np.int16))
