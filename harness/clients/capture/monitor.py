"""Monitors the captured audio, before the gate: is there a voice, and does the capture still work?"""

import numpy as np

from ...audio.chunk import Chunk
from ...audio.formats import SAMPLE_RATE_HZ, Samples
from ...units import FULL_SCALE, MS, SECOND, amplitude
from ..settings import ClientSettings
from .anomalies import CaptureRate, LoopDetector, Overload
from .noise_profile import NoiseProfile
from .voice import PIECE_MS, VoiceDetector

_STANDS_OUT = 16.0
"""A factor of power over the noise floor, 12 dB, that proves that the capture works: a door, a key, a voice."""
_ECHO_US = SECOND
"""After the assistant spoke, a voice may be its echo for this long: the window of the voice detector and 200 ms."""
_PIECE_SAMPLES = SAMPLE_RATE_HZ * PIECE_MS // 1000


class CaptureMonitor:
    """Takes every chunk before the gate."""

    def __init__(self, settings: ClientSettings) -> None:
        self._gap_us = settings.capture_gap_ms * MS
        self._dead_power = (FULL_SCALE * amplitude(settings.capture_dead_dbfs)) ** 2
        self._voice = VoiceDetector(min(settings.chunk_ms, PIECE_MS))
        self._profile = NoiseProfile(settings)
        self._loop = LoopDetector()
        self._rate = CaptureRate()
        self._overload = Overload(self._dead_power)
        self._last_chunk: int | None = None
        self._echo_until = 0
        self.proven = False
        """Whether a chunk was above the dead level since the capture was opened."""
        self.loud = False
        """Whether the last chunk was above the dead level."""

    def chunk(self, captured: Chunk, duration_us: int, assistant_speaking: bool, now: int) -> bool:
        """A chunk was captured; returns whether it is part of a voice.

        While the assistant speaks nobody is expected to speak, so that quiet does not count as background.
        """
        self._last_chunk = now
        if assistant_speaking:
            self._echo_until = now + _ECHO_US
        self._rate.chunk(duration_us, now)
        self._loop.chunk(captured.pcm, duration_us)
        self._overload.chunk(captured, duration_us)
        pieces = _pieces(captured)
        voiced, stands_out = 0, False
        for samples, energy in pieces:
            power, piece_us = energy / samples.size, samples.size * SECOND // SAMPLE_RATE_HZ
            voiced += self._voice.piece(samples, power, piece_us)
            noise = self._voice.noise
            self._overload.floor(noise, self._profile.floor, piece_us)
            stands_out = stands_out or power >= max(self._dead_power, _STANDS_OUT * noise)
        if self.voice:
            self._profile.voice(self._voice.loudest, duration_us, may_be_echo=now < self._echo_until)
        elif stands_out:
            self._profile.stood_out(max(energy / samples.size for samples, energy in pieces))
        elif not assistant_speaking:
            self._profile.background(captured)
        self.loud = any(energy >= self._dead_power * samples.size for samples, energy in pieces)
        self.proven = self.proven or self.loud
        return 2 * voiced >= len(pieces)

    def expect(self, now: int) -> None:
        """The session begins: chunks are expected from now on, if none was captured yet."""
        if self._last_chunk is None:
            self._last_chunk = now

    def returned(self) -> None:
        """The app returned from the background."""
        self._profile.returned()

    def reopened(self, now: int) -> None:
        """The capture was opened again: forget what was wrong with it, and give it time."""
        self._last_chunk = now
        self.proven = False
        self._profile.reopened()
        self._loop.reset()
        self._rate.reset()
        self._overload.reset()
        self._voice.forget_noise()

    # --- what is known ---

    @property
    def voice(self) -> bool:
        """Whether the last 800 ms were a voice."""
        return self._voice.voice

    @property
    def noise(self) -> float:
        """The mean square in LSB² of the steady noise; 0 if it is not known."""
        return self._voice.noise

    def stopped(self, now: int) -> bool:
        """Whether no chunk was captured for too long."""
        return self._last_chunk is not None and now - self._last_chunk >= self._gap_us

    @property
    def silent(self) -> bool:
        """Whether the background does not match a real room for too long: the capture is dead."""
        return self._profile.mismatch

    @property
    def garbled(self) -> bool:
        """Whether the capture is looped, at a wrong rate, clipped, or drowned in noise."""
        return self._loop.is_loop or self._rate.is_wrong or self._overload.is_clipped or self._overload.is_drowned


def _pieces(captured: Chunk) -> list[tuple[Samples, int]]:
    """The chunk in pieces of 20 ms with their energies; voices are recognised by pieces of this length."""
    samples = captured.readable
    if samples.size < 2 * _PIECE_SAMPLES:
        return [(samples, captured.energy)]
    values = samples.astype(np.float64)
    starts = range(0, samples.size, _PIECE_SAMPLES)
    cut = [(samples[start : start + _PIECE_SAMPLES], values[start : start + _PIECE_SAMPLES]) for start in starts]
    return [(piece, int(exact.dot(exact))) for piece, exact in cut]
