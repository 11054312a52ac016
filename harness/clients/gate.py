"""The voice gate: a chunk quieter than the threshold is not sent as it is.

While the assistant is believed to speak, the interruption threshold is in force if it is higher: the part that keeps
the assistant's own echo from interrupting it. This is the pair of the report that founded the project (gate 0.03,
interruption 0.1).
"""

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.clients.settings import ClientSettings
from harness.units import FULL_SCALE, MS, SECOND

OVER_NOISE = 4.0
"""Power, 6 dB."""
GONE = 16.0
"""The noise that it was raised over is gone if the steady noise is this much, 12 dB, below it."""


def mean_square(threshold: float) -> float:
    """The mean square in LSB² of a threshold given as RMS relative to full scale."""
    return (threshold * FULL_SCALE) ** 2


class Gate:
    """Decides for each chunk; :meth:`open` disables it for good."""

    def __init__(self, settings: ClientSettings) -> None:
        self.skips = settings.gate_mode == "skip"
        listening = 0.0 if settings.gate_mode == "off" else settings.gate_threshold
        self._settings = mean_square(listening), mean_square(max(listening, settings.interruption_threshold))
        self._listening, self._speaking = self._settings
        self._hold_us = settings.gate_hold_ms * MS
        self._held_until = -1
        self._noise = 0.0
        self.raised = False
        """Whether it is held over a noise."""

    @property
    def is_open(self) -> bool:
        """Whether nothing is ever gated."""
        return self._speaking == 0.0

    def open(self) -> None:
        """Let everything pass from now on."""
        self.raised = False
        self._listening = self._speaking = 0.0

    def raise_over(self, noise: float) -> None:
        """Remove a noise of this mean square from now on, and let pass what is 6 dB louder."""
        self.raised = True
        self._noise = noise
        self._listening = max(self._listening, OVER_NOISE * noise)
        self._speaking = max(self._speaking, self._listening)

    def settle(self, noise: float) -> None:
        """The steady noise has this mean square now; what the gate was raised over may be gone."""
        if self.raised and 0 < GONE * noise < self._noise:
            self.raised = False
            self._listening, self._speaking = self._settings

    def passes(self, energy: int, samples: int, assistant_speaking: bool, now: int) -> bool:
        """Whether a chunk with this sum of squares over so many samples is sent as it is."""
        if energy >= (self._speaking if assistant_speaking else self._listening) * samples:
            self._held_until = now + self._hold_us
            return True
        return now <= self._held_until


class Interruption:
    """Whether a ``speech_started`` in the assistant's turn is the user interrupting it."""

    RECENT_US = SECOND

    def __init__(self, settings: ClientSettings) -> None:
        self._limit = mean_square(settings.interruption_threshold)
        self._loud_at = -self.RECENT_US

    def chunk(self, energy: int, samples: int, now: int) -> None:
        """A chunk was captured while the assistant is believed to speak."""
        if energy >= self._limit * samples:
            self._loud_at = now

    def is_one(self, now: int) -> bool:
        """Whether a chunk of the last second reached the threshold."""
        return now - self._loud_at <= self.RECENT_US


class FirstChunkLog:
    """The line of the report: ``First audio chunk is silent (max: 41)``, when listening begins without a sound.

    It is written once a second until a chunk reaches :data:`AUDIBLE_LSB`.
    """

    AUDIBLE_LSB = 100

    def __init__(self) -> None:
        self.waiting = True
        """Whether the next chunk counts."""
        self._until_next = 0

    def listen(self) -> None:
        """A new stretch of listening begins."""
        self.waiting = True
        self._until_next = 0

    def chunk(self, peak: int, samples: int) -> str | None:
        """The line for this chunk, if there is one to write."""
        if not self.waiting:
            return None
        if peak >= self.AUDIBLE_LSB:
            self.waiting = False
            return None
        due = self._until_next <= 0
        self._until_next += SAMPLE_RATE_HZ - samples if due else -samples
        return f"First audio chunk is silent (max: {peak})" if due else None
