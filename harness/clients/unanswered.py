"""The user's speech that was not answered yet, kept so that a new session can be sent it again."""

from collections import deque

from harness.clients.settings import ClientSettings
from harness.units import MS, SECOND

BEFORE_US = 1_200 * MS
"""A voice is known for one only after some of it; this much before goes with it."""
AFTER_US = 1_000 * MS
"""So much quiet ends a turn on the server's side."""
LONGEST_US = 20 * SECOND
"""Of longer speech the last is kept."""
TRIES = 3
"""What was sent again so often and never answered may be no speech."""


class Unanswered:
    """A bounded ring of captured chunks: voices with what is around them, as they were before the gate."""

    def __init__(self, settings: ClientSettings) -> None:
        chunk_us = settings.chunk_ms * MS
        self._around: deque[bytes] = deque(maxlen=max(1, BEFORE_US // chunk_us))
        self._kept: deque[bytes] = deque(maxlen=max(1, LONGEST_US // chunk_us))
        self._after = AFTER_US // chunk_us
        self._more = 0
        self._tries = 0

    def chunk(self, pcm: bytes, voiced: bool) -> None:
        """A chunk was captured."""
        if voiced:
            self._kept.extend(self._around)
            self._around.clear()
            if self._more == 0:
                self._tries = 0
            self._more = self._after
        if voiced or self._more > 0:
            self._more -= not voiced
            self._kept.append(pcm)
        else:
            self._around.append(pcm)

    def answered(self) -> None:
        """The assistant is heard: what was said has arrived."""
        self._kept.clear()

    def __bool__(self) -> bool:
        """Whether there is anything to send again."""
        return bool(self._kept) and self._tries < TRIES

    def take(self) -> bytes:
        """What to send again, from before the first voice to the quiet after the last one."""
        self._tries += 1
        return b"".join(self._kept)
