"""The three audio formats of the Realtime API, and the one that stillthere works in.

Inside, all audio is one-dimensional int16 at :data:`SAMPLE_RATE_HZ`. A format turns the bytes of the wire into
int16 samples at the format's own rate and back; changing the rate is the work of :mod:`harness.audio.resampling`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ..units import SECOND
from . import g711

SAMPLE_RATE_HZ = 24_000
"""Rate of all audio inside stillthere, and of ``audio/pcm`` on the wire."""

Samples: TypeAlias = npt.NDArray[np.int16]
"""One-dimensional int16 samples, mono."""


def sample_count(duration_us: int, rate_hz: int = SAMPLE_RATE_HZ) -> int:
    """Whole samples in a duration in microseconds, rounded down."""
    return duration_us * rate_hz // SECOND


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A format by its name in ``session.audio.*.format.type``; use :data:`FORMATS` or the constants below."""

    name: str
    rate_hz: int
    bytes_per_sample: int

    def decode(self, payload: bytes) -> Samples:
        """Samples at :attr:`rate_hz` of a payload; for ``audio/pcm`` they are a read-only view of it.

        Raises :exc:`ValueError` that names the length if the payload ends within a sample.
        """
        if len(payload) % self.bytes_per_sample:
            raise ValueError(
                f"{len(payload)} bytes are not a whole number of {self.name} samples;"
                f" send a multiple of {self.bytes_per_sample} bytes"
            )
        return _DECODERS[self.name](payload)

    def encode(self, samples: Samples) -> bytes:
        """The payload for int16 samples at :attr:`rate_hz`."""
        return _ENCODERS[self.name](samples)

    def duration_us(self, byte_count: int) -> int:
        """Microseconds that a payload of ``byte_count`` bytes lasts, rounded down."""
        return byte_count // self.bytes_per_sample * SECOND // self.rate_hz


PCM24K = AudioFormat("audio/pcm", SAMPLE_RATE_HZ, 2)
"""Little-endian int16 at 24 000 Hz."""
PCMU = AudioFormat("audio/pcmu", 8_000, 1)
"""G.711 μ-law at 8 000 Hz."""
PCMA = AudioFormat("audio/pcma", 8_000, 1)
"""G.711 A-law at 8 000 Hz."""

FORMATS: Mapping[str, AudioFormat] = MappingProxyType({each.name: each for each in (PCM24K, PCMU, PCMA)})
"""The formats by name."""


_LITTLE_ENDIAN = np.dtype("<i2")


def _decode_pcm(payload: bytes) -> Samples:
    samples: Samples = np.frombuffer(payload, _LITTLE_ENDIAN)
    return samples if _LITTLE_ENDIAN.isnative else samples.astype(np.int16)


def _encode_pcm(samples: Samples) -> bytes:
    return samples.tobytes() if _LITTLE_ENDIAN.isnative else samples.astype(_LITTLE_ENDIAN).tobytes()


_DECODERS: Mapping[str, Callable[[bytes], Samples]] = {
    PCM24K.name: _decode_pcm,
    PCMU.name: g711.decode_mu_law,
    PCMA.name: g711.decode_a_law,
}
_ENCODERS: Mapping[str, Callable[[Samples], bytes]] = {
    PCM24K.name: _encode_pcm,
    PCMU.name: g711.encode_mu_law,
    PCMA.name: g711.encode_a_law,
}
