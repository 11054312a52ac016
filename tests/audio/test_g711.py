"""The tables against a search in the decision values of ITU-T G.711, and against CPython's own G.711."""

import warnings
from bisect import bisect_right
from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from harness.audio import g711

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)
EVERY_CODE = bytes(range(256))

MU_STEPS = [1] + [2] * 15 + [width for segment in range(2, 9) for width in [2**segment] * 16]
"""Widths of the intervals of table 2a, in 14-bit units (the first is half of an interval around zero)."""
A_STEPS = [2] * 32 + [width for segment in range(2, 8) for width in [2**segment] * 16]
"""Widths of the intervals of table 1a, in units of 1/4096."""


def decision_values(steps: list[int]) -> list[int]:
    return [0, *accumulate(steps)]


def interval(values: list[int], magnitude: float) -> int:
    return min(bisect_right(values, magnitude), 128) - 1


def mu_law_code(sample: int) -> int:
    magnitude = sample // 4 if sample >= 0 else -(sample // 4)
    return (0xFF if sample >= 0 else 0x7F) - interval(decision_values(MU_STEPS), magnitude)


def a_law_code(sample: int) -> int:
    magnitude = (sample if sample >= 0 else -sample - 1) / 8
    return ((0x80 if sample >= 0 else 0) + interval(decision_values(A_STEPS), magnitude)) ^ 0x55


def mu_law_sample(code: int) -> int:
    values, index = decision_values(MU_STEPS), 0x7F - code % 128
    magnitude = 0 if index == 0 else (values[index] + values[index + 1]) // 2
    return 4 * magnitude if code >= 128 else -4 * magnitude


def a_law_sample(code: int) -> int:
    values, index = decision_values(A_STEPS), (code ^ 0x55) % 128
    magnitude = 4 * (values[index] + values[index + 1])
    return magnitude if (code ^ 0x55) >= 128 else -magnitude


def test_decision_values_end_where_the_recommendation_says() -> None:
    assert decision_values(MU_STEPS)[-2:] == [7903, 8159]
    assert decision_values(A_STEPS)[-2:] == [3968, 4096]


@pytest.mark.parametrize(
    ("encode", "code"), [(g711.encode_mu_law, mu_law_code), (g711.encode_a_law, a_law_code)], ids=["mu", "a"]
)
def test_every_sample_is_encoded_as_the_decision_values_say(encode: Any, code: Any) -> None:
    assert encode(EVERY_SAMPLE) == bytes(code(int(sample)) for sample in EVERY_SAMPLE)


@pytest.mark.parametrize(
    ("decode", "sample"), [(g711.decode_mu_law, mu_law_sample), (g711.decode_a_law, a_law_sample)], ids=["mu", "a"]
)
def test_every_code_is_decoded_to_the_middle_of_its_interval(decode: Any, sample: Any) -> None:
    assert decode(EVERY_CODE).tolist() == [sample(code) for code in range(256)]


def test_same_bytes_as_cpython() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop")
    pcm = EVERY_SAMPLE.astype("<i2").tobytes()
    assert g711.encode_mu_law(EVERY_SAMPLE) == audioop.lin2ulaw(pcm, 2)
    assert g711.encode_a_law(EVERY_SAMPLE) == audioop.lin2alaw(pcm, 2)
    assert g711.decode_mu_law(EVERY_CODE).tobytes() == audioop.ulaw2lin(EVERY_CODE, 2)
    assert g711.decode_a_law(EVERY_CODE).tobytes() == audioop.alaw2lin(EVERY_CODE, 2)


def test_a_slice_with_a_stride_is_encoded_like_its_copy() -> None:
    assert g711.encode_mu_law(EVERY_SAMPLE[::3]) == g711.encode_mu_law(EVERY_SAMPLE[::3].copy())
