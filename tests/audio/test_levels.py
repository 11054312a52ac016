import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audio import level_dbfs, peak_lsb, rms_lsb, sum_of_squares

int16_lists = st.lists(st.integers(-32768, 32767), max_size=600)


def int16(values: list[int]) -> np.ndarray:
    return np.array(values, np.int16)


@given(int16_lists)
def test_energy_and_peak_equal_python_integer_arithmetic(values: list[int]) -> None:
    assert sum_of_squares(int16(values)) == sum(value * value for value in values)
    assert peak_lsb(int16(values)) == max(map(abs, values), default=0)


def test_energy_is_exact_where_float64_alone_would_round() -> None:
    samples = np.full(2**23 + 3, -32768, np.int16)
    samples[-1] = 1
    assert sum_of_squares(samples) == (2**23 + 2) * 2**30 + 1


def test_most_negative_sample_has_a_magnitude_that_int16_lacks() -> None:
    assert peak_lsb(int16([-32768, 5])) == 32768


def test_levels_of_known_waves() -> None:
    sine = np.rint(32767 * np.sin(2 * np.pi * np.arange(24_000) / 24)).astype(np.int16)
    assert level_dbfs(int16([-32768] * 10)) == 0.0
    assert level_dbfs(sine) == pytest.approx(-3.0103, abs=1e-3)
    assert level_dbfs(int16([983, -983])) == pytest.approx(-30.46, abs=0.01)
    assert rms_lsb(int16([3, -4, 3, -4])) == pytest.approx(12.5**0.5)


@pytest.mark.parametrize("samples", [int16([]), int16([0] * 480)])
def test_silence_has_the_level_that_stands_for_silence(samples: np.ndarray) -> None:
    assert level_dbfs(samples) == -120.0
    assert rms_lsb(samples) == 0.0
    assert peak_lsb(samples) == 0
