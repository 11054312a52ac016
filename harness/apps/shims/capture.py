"""What a stream captures: frames that wait until the app takes them."""

import numpy as np

from ...units import SECOND
from ..virtual.clock import Waiter
from .card import SoundCard
from .samples import Layout, ToFrames

_KEPT_US = SECOND // 2
"""Frames that the app does not take are kept for so long, or for four of its blocks; then the oldest are lost."""
_KEPT_BLOCKS = 4


class Capture:
    """The capturing side of a stream. Raises :exc:`AudioError` for a rate that cannot be made of 24 kHz."""

    def __init__(self, card: SoundCard, layout: Layout, block_frames: int) -> None:
        self.layout = layout
        self.overflowed = False
        """Whether frames were lost since this was last cleared."""
        self.is_open = False
        self._card = card
        self._convert = ToFrames(layout)
        self._frames = bytearray()
        self._most = max(_KEPT_US * layout.rate_hz // SECOND, _KEPT_BLOCKS * block_frames) * layout.frame_bytes
        self._waiting: list[tuple[int, Waiter]] = []

    @property
    def available(self) -> int:
        """How many frames can be taken."""
        return len(self._frames) // self.layout.frame_bytes

    def open(self) -> None:
        """Capture from now on, with nothing of before."""
        self._frames.clear()
        self._convert = ToFrames(self.layout)
        self.overflowed = False
        self.is_open = True
        self._card.capture(self._captured)

    def close(self) -> None:
        """Capture no more; whoever waits for frames waits no longer."""
        if self.is_open:
            self.is_open = False
            self._card.release(self._captured)
            self._wake(everyone=True)

    def _captured(self, pcm: bytes) -> None:
        self._frames += self._convert(np.frombuffer(pcm, "<i2").astype(np.int16))
        if (lost := len(self._frames) - self._most) > 0:
            del self._frames[:lost]
            self.overflowed = True
        self._wake()

    def _wake(self, everyone: bool = False) -> None:
        waiting, self._waiting = self._waiting, []
        for frames, waiter in waiting:
            if everyone or self.available >= frames:
                waiter.wake()
            else:
                self._waiting.append((frames, waiter))

    def wait_for(self, frames: int) -> bool:
        """Wait in the calling thread until so many frames can be taken; False if the capture is closed meanwhile."""
        # A read of more than is kept waits for what is kept from then on.
        self._most = max(self._most, frames * self.layout.frame_bytes)
        while self.is_open and self.available < frames:
            waiter = self._card.waiter()
            self._waiting.append((frames, waiter))
            self._card.wait(waiter)
        return self.is_open

    def take(self, frames: int) -> bytes:
        """So many frames, which must be available."""
        size = frames * self.layout.frame_bytes
        taken = bytes(self._frames[:size])
        del self._frames[:size]
        return taken

    def overflow(self) -> bool:
        """Whether frames were lost since this was asked last."""
        lost, self.overflowed = self.overflowed, False
        return lost
