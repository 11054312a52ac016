"""Whether the capture delivers the same samples again and again: a buffer that is looped.

No microphone gives the same sound twice: some samples in a row hardly ever come back.
"""

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.units import MS, SECOND

PERIOD_US = 2 * SECOND
"""Longer loops are not seen."""
LONG_US = 4 * SECOND
"""Repeated for this long, it is a loop."""
ASK_EVERY_US = 500 * MS
SIGNATURE_BYTES = 32
"""Of 16 samples: the noise of any room makes them unlike all others."""
_KEPT_BYTES = 2 * SAMPLE_RATE_HZ * PERIOD_US // SECOND


class Repetition:
    """Fed with what is captured, as PCM."""

    def __init__(self) -> None:
        self._recent = bytearray()
        self._until_asked_us = ASK_EVERY_US
        self._repeated_us = 0

    def chunk(self, pcm: bytes, duration_us: int) -> None:
        """A chunk was captured. One value again and again, as zeros are, is no loop."""
        self._until_asked_us -= duration_us
        if self._until_asked_us <= 0:
            self._until_asked_us += ASK_EVERY_US
            signature = pcm[:SIGNATURE_BYTES]
            came_before = (
                signature != signature[:2] * (len(signature) // 2)
                and self._recent.find(signature, max(0, len(self._recent) - _KEPT_BYTES)) >= 0
            )
            self._repeated_us = self._repeated_us + ASK_EVERY_US if came_before else 0
        self._recent += pcm
        if len(self._recent) > 2 * _KEPT_BYTES:
            del self._recent[:-_KEPT_BYTES]

    def begin(self) -> None:
        """The capture was opened anew."""
        self._recent.clear()
        self._repeated_us = 0

    @property
    def is_loop(self) -> bool:
        """Whether all that came of late came before."""
        return self._repeated_us >= LONG_US
