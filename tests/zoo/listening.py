"""What a client knows of its microphone: the last seconds of it, and when somebody spoke."""

from collections import deque

from harness.audio.chunk import Chunk
from harness.units import MS, SECOND

from .samples import level

LOUD = 0.02
"""The level that a voice has and a room has not, relative to full scale: -34 dBFS."""
VOICED_US = 300 * MS
"""Less loud sound than this is no utterance."""
PAUSE_US = 700 * MS
"""So much quiet ends an utterance."""
KEPT_US = 15 * SECOND
"""So much of the captured audio is kept."""


class Listening:
    """The kept audio, and the utterance that is going on."""

    def __init__(self) -> None:
        self._kept: deque[tuple[int, bytes]] = deque()
        self._loud_us = 0
        self._loud_at = 0
        self.from_us: int | None = None
        """When the sound began that may be an utterance."""
        self.silent_since: int | None = None
        """Since when the microphone has delivered digital silence."""

    @property
    def voiced(self) -> bool:
        """Whether somebody speaks."""
        return self._loud_us >= VOICED_US

    def hear(self, chunk: Chunk, now: int, *, counts: bool) -> int | None:
        """Take a chunk. Returns when the utterance that ends here began. ``counts``: no answer is played."""
        length_us = len(chunk.pcm) * SECOND // 48_000
        self._kept.append((now, chunk.pcm))
        while self._kept[0][0] < now - KEPT_US:
            self._kept.popleft()
        if chunk.peak:
            self.silent_since = None
        elif self.silent_since is None:
            self.silent_since = now
        if not counts:
            self._forget()
        elif level(chunk) > LOUD:
            self.from_us = now - length_us if self.from_us is None else self.from_us
            self._loud_us += length_us
            self._loud_at = now
        elif self.from_us is not None and now - self._loud_at >= PAUSE_US:
            return self._ended()
        return None

    def since(self, time: int) -> bytes:
        """What is kept of the audio from ``time`` on."""
        return b"".join(pcm for at, pcm in self._kept if at > time)

    def _ended(self) -> int | None:
        began = self.from_us if self.voiced else None
        self._forget()
        return began

    def _forget(self) -> None:
        self.from_us = None
        self._loud_us = 0
