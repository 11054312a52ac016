"""Between the audio of a call, PCM at 24 kHz, and the format that its session was told, which is PCM by default."""

import numpy as np

from ..audio.formats import PCM24K, AudioFormat, Samples
from ..audio.resampling import Resampler
from ..units import FULL_SCALE


class Converted:
    """One stream in one direction. A call has one codec whatever the session's format is; a format that is not PCM
    still has its own rate, and its losses are heard."""

    def __init__(self) -> None:
        self._format = PCM24K
        self._resampler: Resampler | None = None

    def from_pcm(self, pcm: bytes, target: AudioFormat) -> bytes:
        """Audio of the call in the session's format."""
        if target is PCM24K:
            return pcm
        return target.encode(self._resampled(PCM24K.decode(pcm), target, PCM24K.rate_hz, target.rate_hz))

    def to_pcm(self, audio: bytes, source: AudioFormat) -> bytes:
        """Audio in the session's format as that of the call."""
        if source is PCM24K:
            return audio
        return PCM24K.encode(self._resampled(source.decode(audio), source, source.rate_hz, PCM24K.rate_hz))

    def _resampled(self, samples: Samples, told: AudioFormat, source_hz: int, target_hz: int) -> Samples:
        if self._resampler is None or told is not self._format:
            self._format, self._resampler = told, Resampler(source_hz, target_hz)
        scaled = self._resampler.push(samples) * FULL_SCALE
        return np.clip(np.rint(scaled), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
