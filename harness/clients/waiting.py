"""How long the user has been waiting to hear the assistant, over all sessions."""

from harness.units import MS

SPEECH_US = 400 * MS
"""A voice shorter than this asks for nothing."""
GIVES_UP_US = 12_000 * MS
"""Who says nothing more for this long, and was not even taken for a speaker, does not wait: it was no voice."""


class Waiting:
    """Begins with a voice or a turn, ends with assistant audio that can be heard. Time to speak is no waiting."""

    def __init__(self) -> None:
        self._since: int | None = None
        self._voiced_us = 0
        self._last_voice = 0
        self._asked = False
        """Whether the server took a turn since."""

    def voice(self, duration_us: int, now: int) -> None:
        """A chunk of a voice was captured while the assistant did not speak."""
        self._voiced_us += duration_us
        self._last_voice = now
        if self._since is not None:
            self._since = min(now, self._since + duration_us)
        elif self._voiced_us >= SPEECH_US:
            self._since = now

    def voice_ended(self) -> None:
        """The voice ended; if it was short, it asked for nothing."""
        self._voiced_us = 0

    def asked(self, now: int) -> None:
        """A turn was committed."""
        self._asked = True
        if self._since is None:
            self._since = now

    def heard(self) -> None:
        """The assistant can be heard."""
        self._since = None
        self._voiced_us = 0
        self._asked = False

    def renewed(self, now: int) -> None:
        """Everything was renewed: the wait begins anew."""
        if self._since is not None:
            self._since = now

    def for_us(self, now: int) -> int:
        """How long; 0 if nobody waits."""
        if not self._asked and now - self._last_voice >= GIVES_UP_US:
            self._since = None
        return now - self._since if self._since is not None else 0
