"""What a stream's frames are: their rate, channels and sample format; how the world's audio becomes them and back."""

from dataclasses import dataclass

import numpy as np

from ...audio.formats import SAMPLE_RATE_HZ, Samples
from ...audio.resampling import Resampler
from ...units import FULL_SCALE, SECOND

SAMPLE_BYTES = {"float32": 4, "int32": 4, "int24": 3, "int16": 2, "int8": 1, "uint8": 1}
"""The sample formats of PortAudio, by numpy's names, and the bytes of a sample."""
MOST_STREAM_CHANNELS = 32


@dataclass(frozen=True, slots=True)
class Layout:
    """Interleaved frames of a stream. ``sample_format`` is one of :data:`SAMPLE_BYTES`."""

    rate_hz: int
    channels: int
    sample_format: str

    @property
    def frame_bytes(self) -> int:
        """The bytes of one sample of each channel."""
        return self.channels * SAMPLE_BYTES[self.sample_format]

    def length_us(self, frames: int) -> int:
        """How long so many frames last, in microseconds."""
        return frames * SECOND // self.rate_hz

    def silence(self, frames: int) -> bytes:
        """Frames in which nothing is heard."""
        return (b"\x80" if self.sample_format == "uint8" else b"\0") * (frames * self.frame_bytes)


class ToFrames:
    """Turns what the microphone captures, chunk after chunk, into frames. Raises :exc:`AudioError` for an odd rate."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._resampler = _resampler(SAMPLE_RATE_HZ, layout.rate_hz)

    def __call__(self, samples: Samples) -> bytes:
        if self._resampler is not None:
            samples = self._resampler.push_int16(samples)
        return _encoded(np.repeat(samples, self._layout.channels), self._layout.sample_format)


class FromFrames:
    """Turns the frames that are played, block after block, into what is heard: their mean over the channels.

    Raises :exc:`AudioError` for an odd rate.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._resampler = _resampler(layout.rate_hz, SAMPLE_RATE_HZ)

    def __call__(self, frames: bytes) -> Samples:
        samples = _decoded(frames, self._layout.sample_format)
        if self._layout.channels > 1:
            mixed = samples.reshape(-1, self._layout.channels).mean(axis=1, dtype=np.float64)
            samples = np.rint(mixed).astype(np.int16)
        return samples if self._resampler is None else self._resampler.push_int16(samples)


def _resampler(source_hz: int, target_hz: int) -> Resampler | None:
    return None if source_hz == target_hz else Resampler(source_hz, target_hz)


def _encoded(samples: Samples, sample_format: str) -> bytes:
    if sample_format == "float32":
        return (samples.astype(np.float32) / np.float32(FULL_SCALE)).tobytes()
    if sample_format == "int32":
        return (samples.astype(np.int32) << 16).tobytes()
    if sample_format == "int24":
        wide = (samples.astype("<i4") << 8).view(np.uint8).reshape(-1, 4)
        return wide[:, :3].tobytes()
    if sample_format == "int8":
        return (samples >> 8).astype(np.int8).tobytes()
    if sample_format == "uint8":
        return ((samples >> 8) + 128).astype(np.uint8).tobytes()
    return samples.tobytes()


def _decoded(frames: bytes, sample_format: str) -> Samples:
    if sample_format == "float32":
        values = np.nan_to_num(np.frombuffer(frames, np.float32)) * np.float32(FULL_SCALE)
        clipped: Samples = np.clip(np.rint(values), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
        return clipped
    if sample_format == "int32":
        return (np.frombuffer(frames, np.int32) >> 16).astype(np.int16)
    if sample_format == "int24":
        upper = np.frombuffer(frames, np.uint8).reshape(-1, 3)[:, 1:].copy()
        middle: Samples = upper.view("<i2").ravel().astype(np.int16)
        return middle
    if sample_format == "int8":
        return np.frombuffer(frames, np.int8).astype(np.int16) << 8
    if sample_format == "uint8":
        return (np.frombuffer(frames, np.uint8).astype(np.int16) - 128) << 8
    samples: Samples = np.frombuffer(frames, np.int16)
    return samples
