"""What the assistant says, and how fast it is sent."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.audio.babble import babble
from harness.audio.clips import load_clip
from harness.audio.formats import SAMPLE_RATE_HZ, AudioFormat
from harness.audio.resampling import resample
from harness.errors import SettingError
from harness.units import MS, SECOND

DELTA_US = 100 * MS
"""Audio in one ``response.output_audio.delta``."""


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One answer: int16 samples at 24 kHz, and its transcript."""

    samples: NDArray[np.int16]
    transcript: str

    @property
    def duration_us(self) -> int:
        """Length of the audio."""
        return len(self.samples) * SECOND // SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Voice:
    """How the assistant answers every turn.

    ``latency_us`` passes between the end of the turn and the first audio; then audio is sent ``pace`` times as fast as
    it plays (faster than real time is documented; the factor is assumed).
    """

    utterance: Utterance
    latency_us: int = 400 * MS
    pace: float = 5.0

    def __post_init__(self) -> None:
        if not self.pace >= 0.01 or self.latency_us < 0:
            raise SettingError(
                f"a voice of pace {self.pace} and latency {self.latency_us} us cannot speak; "
                "give a pace of 0.01 or more and a latency of 0 or more"
            )

    @property
    def delta_interval_us(self) -> int:
        """Time between two audio deltas."""
        return max(1, round(DELTA_US / self.pace))


@lru_cache(maxsize=32)
def deltas(utterance: Utterance, audio_format: AudioFormat) -> tuple[bytes, ...]:
    """The utterance's audio in pieces of :data:`DELTA_US`, encoded for the wire."""
    samples = resample(utterance.samples, SAMPLE_RATE_HZ, audio_format.rate_hz)
    step = DELTA_US * audio_format.rate_hz // SECOND
    return tuple(audio_format.encode(samples[start : start + step]) for start in range(0, len(samples), step))


@lru_cache(maxsize=32)
def utterance(clip: str, lasts_us: int | None = None, base: Path | None = None) -> Utterance:
    """A recording (as :func:`harness.audio.clips.load_clip` takes it) or ``babble`` as the assistant's answer.

    ``lasts_us`` cuts it short. Raises :exc:`harness.errors.AudioError`.
    """
    if clip == "babble":
        return Utterance(babble(lasts_us or 2 * SECOND, seed=11), "I can hear you well.")
    samples = load_clip(clip, base).samples
    if lasts_us is not None:
        samples = samples[: lasts_us * SAMPLE_RATE_HZ // SECOND]
    return Utterance(samples, TRANSCRIPTS.get(clip, "All right."))


TRANSCRIPTS = {
    "speech_en_f_tts_hibari": "Hello, can you hear me? I would like to book a table for two at seven tonight.",
}
"""The words of the recordings that serve as answers."""
