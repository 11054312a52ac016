"""What an app writes to a stream: it waits in the device's buffer until it is played."""

from ...units import SECOND
from ..virtual.clock import Waiter
from .card import SoundCard
from .playback import Playback

_LEAST_BLOCKS = 2
"""A device's buffer holds so many blocks at least."""


class Written:
    """The buffer of a stream without a callback: ``latency_s`` long, and played block by block."""

    def __init__(self, card: SoundCard, playback: Playback, block_frames: int, latency_s: float) -> None:
        layout = self._layout = playback.layout
        self._card = card
        self._playback = playback
        self._block_bytes = block_frames * layout.frame_bytes
        frames = max(int(latency_s * layout.rate_hz), _LEAST_BLOCKS * block_frames)
        self.latency_s = frames / layout.rate_hz
        """The length of the buffer."""
        self._most = frames * layout.frame_bytes
        self._frames = bytearray()
        self._waiting: list[Waiter] = []
        self._is_running = self._ran_dry = False
        self._begun_us = self._blocks = self._drops = 0

    @property
    def available(self) -> int:
        """How many frames it takes without waiting."""
        return (self._most - len(self._frames)) // self._layout.frame_bytes

    def has_room(self, frames: bytes) -> bool:
        """Whether it takes all of these without waiting."""
        return len(frames) <= self._most - len(self._frames)

    def write(self, frames: bytes) -> bool:
        """Wait in the calling thread until all frames are in it; whether it was empty since the last ones."""
        ran_dry, self._ran_dry = self._ran_dry, False
        place, drops = 0, self._drops
        while place < len(frames) and self._drops == drops:
            piece = frames[place : place + self._most - len(self._frames)]
            self._frames += piece
            place += len(piece)
            self._start()
            if place < len(frames):
                self._wait()
        return ran_dry

    def _wait(self) -> None:
        waiter = self._card.waiter()
        self._waiting.append(waiter)
        self._card.wait(waiter)

    def finish(self) -> None:
        """Wait in the calling thread until all is taken from it."""
        while self._frames and not self._card.app.is_over:
            self._wait()

    def drop(self) -> None:
        """Empty it; a write that waits returns."""
        self._drops += 1
        self._frames.clear()
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.wake()

    def _start(self) -> None:
        if not self._is_running:
            self._is_running = True
            # A device that ran dry has silence before what is written now; so it does not run dry at once again.
            self._begun_us, self._blocks = self._card.now + int(self.latency_s * SECOND) // 2, 0
            self._card.at(self._begun_us, self._play)

    def _play(self, _: object) -> None:
        """Play a block; the next one is due when it is over. An output that is suspended plays none."""
        card = self._card
        if card.is_suspended:
            self._begun_us, self._blocks = card.now + card.chunk_us, 0
            card.at(self._begun_us, self._play)
            return
        block = bytes(self._frames[: self._block_bytes])
        del self._frames[: self._block_bytes]
        missing = (self._block_bytes - len(block)) // self._layout.frame_bytes
        self._ran_dry = self._ran_dry or missing > 0
        self._playback.render(block + self._layout.silence(missing))
        self._wake()
        if not self._frames and self._playback.is_idle:
            self._is_running = False
            return
        self._blocks += 1
        length_us = self._blocks * self._block_bytes // self._layout.frame_bytes * SECOND // self._layout.rate_hz
        card.at(self._begun_us + length_us, self._play)
