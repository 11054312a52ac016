"""G.711, the μ-law and A-law of telephony, by look-up tables.

Source: ITU-T G.711 (11/1988), tables 1 and 2. The tables are computed from the laws when the module is imported:
16-bit samples lose their two (μ-law) or four (A-law) lowest bits, the position of the highest bit gives the
segment, the four bits after it the step within the segment. A-law has no code for zero: silence decodes to +8.
"""

import numpy as np
import numpy.typing as npt

_Ints = npt.NDArray[np.int64]

_MU_BIAS = 33
_MU_LARGEST = 8_191
_ALL_CODES: _Ints = np.arange(256)
_ALL_SAMPLES: _Ints = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int64)


def _bit_length(values: _Ints) -> _Ints:
    return np.frexp(values)[1].astype(np.int64)


def _mu_law_codes(samples: _Ints) -> npt.NDArray[np.uint8]:
    magnitude = np.minimum(np.abs(samples >> 2) + _MU_BIAS, _MU_LARGEST)
    segment = _bit_length(magnitude) - 6
    step = (magnitude >> (segment + 1)) & 0xF
    sign = np.where(samples < 0, 0x7F, 0xFF)
    return np.asarray((segment << 4 | step) ^ sign, np.uint8)


def _mu_law_samples(codes: _Ints) -> npt.NDArray[np.int16]:
    inverted = codes ^ 0xFF
    segment, step = inverted >> 4 & 7, inverted & 0xF
    magnitude = ((2 * step + _MU_BIAS) << segment) - _MU_BIAS
    return np.where(inverted & 0x80, -4 * magnitude, 4 * magnitude).astype(np.int16)


def _a_law_codes(samples: _Ints) -> npt.NDArray[np.uint8]:
    magnitude = np.where(samples < 0, ~samples, samples) >> 4
    segment = np.maximum(_bit_length(magnitude) - 4, 0)
    step = (magnitude >> np.maximum(segment - 1, 0)) & 0xF
    sign = np.where(samples < 0, 0x55, 0xD5)
    return np.asarray((segment << 4 | step) ^ sign, np.uint8)


def _a_law_samples(codes: _Ints) -> npt.NDArray[np.int16]:
    inverted = codes ^ 0x55
    segment, step = inverted >> 4 & 7, inverted & 0xF
    magnitude = np.where(segment == 0, 2 * step + 1, (2 * step + 33) << np.maximum(segment - 1, 0))
    return np.where(inverted & 0x80, 8 * magnitude, -8 * magnitude).astype(np.int16)


_MU_ENCODE, _MU_DECODE = _mu_law_codes(_ALL_SAMPLES), _mu_law_samples(_ALL_CODES)
_A_ENCODE, _A_DECODE = _a_law_codes(_ALL_SAMPLES), _a_law_samples(_ALL_CODES)


def _look_up(table: npt.NDArray[np.uint8], samples: npt.NDArray[np.int16]) -> bytes:
    return table[samples.view(np.uint16)].tobytes()


def encode_mu_law(samples: npt.NDArray[np.int16]) -> bytes:
    """One μ-law byte for each int16 sample."""
    return _look_up(_MU_ENCODE, samples)


def decode_mu_law(payload: bytes) -> npt.NDArray[np.int16]:
    """The int16 sample of each μ-law byte, -32124 to 32124."""
    return _MU_DECODE[np.frombuffer(payload, np.uint8)]


def encode_a_law(samples: npt.NDArray[np.int16]) -> bytes:
    """One A-law byte for each int16 sample."""
    return _look_up(_A_ENCODE, samples)


def decode_a_law(payload: bytes) -> npt.NDArray[np.int16]:
    """The int16 sample of each A-law byte, -32256 to 32256 and never 0."""
    return _A_DECODE[np.frombuffer(payload, np.uint8)]
