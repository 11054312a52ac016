"""Opus at 24 kHz mono, by the libopus that PyAV's wheel carries: no resampler, with concealment and FEC.

Both classes are for one stream and one thread. libopus releases no lock of ours: ctypes gives up Python's own while it
works.
"""

import ctypes
from ctypes.util import find_library
from functools import cache
from pathlib import Path

import numpy as np

from ...audio.formats import SAMPLE_RATE_HZ, Samples
from ...errors import InputError

FRAME_SAMPLES = SAMPLE_RATE_HZ // 50
"""Of the 20 ms that we send in a packet."""
_LONGEST_SAMPLES = SAMPLE_RATE_HZ * 120 // 1000
"""A packet holds 120 ms at most (RFC 6716)."""
_PACKET_BYTES = 1500
_VOIP = 2048
_BITRATE, _INBAND_FEC, _PACKET_LOSS_PERC, _COMPLEXITY = 4002, 4012, 4014, 4010
"""Requests of ``opus_encoder_ctl``."""


@cache
def _libopus() -> ctypes.CDLL:
    """The library. Raises :exc:`InputError` if there is none."""
    import av  # type: ignore[import-not-found, unused-ignore]

    package = Path(av.__file__).parent
    carried = [*package.parent.glob("av.libs/*opus*"), *package.glob(".dylibs/*opus*")]
    name = str(carried[0]) if carried else find_library("opus")
    if name is None:
        raise InputError(f"no libopus is in PyAV ({package}) nor on this machine; install PyAV from its wheel")
    library = ctypes.CDLL(name)
    library.opus_decoder_create.restype = library.opus_encoder_create.restype = ctypes.c_void_p
    coded, size, out = ctypes.c_char_p, ctypes.c_int32, ctypes.c_void_p
    library.opus_decode.argtypes = [ctypes.c_void_p, coded, size, out, ctypes.c_int, ctypes.c_int]
    library.opus_encode.argtypes = [ctypes.c_void_p, out, ctypes.c_int, coded, size]
    library.opus_packet_get_nb_samples.argtypes = [coded, size, size]
    for end in (library.opus_decoder_destroy, library.opus_encoder_destroy):
        end.argtypes, end.restype = [ctypes.c_void_p], None
    return library


def packet_samples(packet: bytes) -> int:
    """How many samples a packet holds; 0 if it is not Opus."""
    return max(0, int(_libopus().opus_packet_get_nb_samples(packet, len(packet), SAMPLE_RATE_HZ)))


class OpusDecoder:
    """Packets to samples."""

    def __init__(self) -> None:
        self._library = _libopus()
        self._state = self._library.opus_decoder_create(SAMPLE_RATE_HZ, 1, ctypes.byref(ctypes.c_int()))
        self._out = np.zeros(_LONGEST_SAMPLES, np.int16)

    def decode(self, packet: bytes) -> Samples:
        """The samples of a packet; of one that is broken, what conceals it."""
        return self._decoded(packet, _LONGEST_SAMPLES, fec=0)

    def recover(self, following: bytes, samples: int) -> Samples:
        """The samples of a lost packet, from the FEC of the one that followed; without FEC they are concealed."""
        return self._decoded(following, samples, fec=1)

    def conceal(self, samples: int) -> Samples:
        """So many samples that go on like those before them, and fade."""
        return self._decoded(None, samples, fec=0)

    def _decoded(self, packet: bytes | None, samples: int, *, fec: int) -> Samples:
        size = 0 if packet is None else len(packet)
        count = self._library.opus_decode(self._state, packet, size, self._out.ctypes.data, samples, fec)
        if count < 0:
            return np.zeros(FRAME_SAMPLES if samples == _LONGEST_SAMPLES else samples, np.int16)
        return self._out[:count].copy()

    def __del__(self) -> None:
        self._library.opus_decoder_destroy(self._state)


class OpusEncoder:
    """Frames of 20 ms to packets. With ``fec`` each packet repeats the one before it, for ``loss_percent`` of loss."""

    def __init__(self, *, fec: bool = False, loss_percent: int = 0, bitrate: int = 32_000) -> None:
        self._library = _libopus()
        self._state = self._library.opus_encoder_create(SAMPLE_RATE_HZ, 1, _VOIP, ctypes.byref(ctypes.c_int()))
        self._packet = ctypes.create_string_buffer(_PACKET_BYTES)
        settings = {_BITRATE: bitrate, _INBAND_FEC: int(fec), _PACKET_LOSS_PERC: loss_percent, _COMPLEXITY: 5}
        for request, value in settings.items():
            self._library.opus_encoder_ctl(ctypes.c_void_p(self._state), ctypes.c_int(request), ctypes.c_int(value))

    def encode(self, samples: Samples) -> bytes:
        """The packet of a frame."""
        frame = np.ascontiguousarray(samples, np.int16)
        size = self._library.opus_encode(self._state, frame.ctypes.data, len(frame), self._packet, _PACKET_BYTES)
        return self._packet.raw[:size]

    def __del__(self) -> None:
        self._library.opus_encoder_destroy(self._state)
