"""The voice gate: a chunk quieter than the threshold is not sent as it is.

While the assistant is believed to speak, the interruption threshold applies instead if it is higher, so that the
assistant's own echo does not interrupt it. The founding report has both (gate 0.03, interruption 0.1).
"""

from ..audio.formats import SAMPLE_RATE_HZ
from ..units import FULL_SCALE, MS
from .settings import ClientSettings

_OVER_NOISE = 4.0
"""A gate that is raised over a noise passes what is this much louder: a factor of power, 6 dB."""
_NOISE_GONE = 16.0
"""The noise is gone when the steady noise is this factor of power, 12 dB, below it."""

_FIRST_AUDIBLE_LSB = 100


def mean_square(threshold: float) -> float:
    """The mean square in LSB² of a threshold given as RMS relative to full scale."""
    return (threshold * FULL_SCALE) ** 2


class Gate:
    """Decides for each chunk; :meth:`open` disables it permanently."""

    def __init__(self, settings: ClientSettings) -> None:
        self.skips = settings.gate_mode == "skip"
        listening = 0.0 if settings.gate_mode == "off" else settings.gate_threshold
        self._from_settings = mean_square(listening), mean_square(max(listening, settings.interruption_threshold))
        self._listening, self._speaking = self._from_settings
        self._hold_us = settings.gate_hold_ms * MS
        self._held_until = -1
        self._noise = 0.0
        self.raised = False
        """Whether its threshold is raised over a noise."""

    @property
    def limits(self) -> tuple[float, float]:
        """The mean squares (LSB²) that a chunk must reach to pass: while the assistant listens, and while it speaks."""
        return self._listening, self._speaking

    @property
    def is_open(self) -> bool:
        """Whether nothing is ever gated."""
        return self._speaking == 0.0

    def open(self) -> None:
        """Let everything pass from now on."""
        self.raised = False
        self._listening = self._speaking = 0.0

    def raise_over(self, noise: float) -> None:
        """Remove a noise of this mean square in LSB² from now on, and let pass what is 6 dB louder."""
        self.raised = True
        self._noise = noise
        self._listening = max(self._listening, _OVER_NOISE * noise)
        self._speaking = max(self._speaking, self._listening)

    def settle(self, noise: float) -> None:
        """The steady noise now has this mean square; lower the gate again if the noise it was raised over is gone."""
        if self.raised and 0 < _NOISE_GONE * noise < self._noise:
            self.raised = False
            self._listening, self._speaking = self._from_settings

    def passes(self, energy: int, samples: int, assistant_speaking: bool, now: int) -> bool:
        """Whether a chunk is sent as it is; ``energy``: the sum of the squares of its samples."""
        if energy >= (self._speaking if assistant_speaking else self._listening) * samples:
            self._held_until = now + self._hold_us
            return True
        return now <= self._held_until


class FirstChunkLog:
    """The log line of the founding report: ``First audio chunk is silent (max: 41)``.

    It is logged when listening begins, once a second, until a chunk has a peak of 100 LSB.
    """

    def __init__(self) -> None:
        self.waiting = True
        """Whether no audible chunk was captured since listening began."""
        self._until_next = 0

    def listen(self) -> None:
        """Listening begins again."""
        self.waiting = True
        self._until_next = 0

    def chunk(self, peak: int, samples: int) -> str | None:
        """The line to log for this chunk, or None."""
        if not self.waiting:
            return None
        if peak >= _FIRST_AUDIBLE_LSB:
            self.waiting = False
            return None
        due = self._until_next <= 0
        self._until_next += SAMPLE_RATE_HZ - samples if due else -samples
        return f"First audio chunk is silent (max: {peak})" if due else None
