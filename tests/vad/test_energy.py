import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import SettingError
from harness.vad.energy import EnergyDetector


def constant(amplitude):
    return np.full(768, amplitude, np.int16)


def test_half_at_the_level():
    assert EnergyDetector(level=1000 / 32768).probability(constant(1000)) == 0.5
    assert EnergyDetector(level=1000 / 32768).probability(constant(-1000)) == 0.5


@pytest.mark.parametrize(("times", "low", "high"), [(2, 0.93, 0.96), (0.5, 0.04, 0.07), (10, 0.999, 1), (0, 0, 0)])
def test_six_decibels_separate_clearly(times, low, high):
    assert low <= EnergyDetector(level=1000 / 32768).probability(constant(int(1000 * times))) <= high


@given(st.floats(1e-4, 1), st.integers(1, 32767))
def test_property_the_map_is_logistic_in_decibels(level, amplitude):
    decibels = 20 * math.log10(amplitude / 32768 / level)
    expected = 1 / (1 + 10 ** (-decibels / 5))
    assert EnergyDetector(level).probability(constant(amplitude)) == pytest.approx(expected, abs=1e-4)


@given(st.integers(0, 32766))
def test_property_louder_is_never_less_likely(amplitude):
    detector = EnergyDetector()
    assert detector.probability(constant(amplitude)) <= detector.probability(constant(amplitude + 1))


def test_the_loudest_frame_is_no_overflow():
    assert EnergyDetector().probability(constant(-32768)) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("level", [0, -0.1, 1.1, math.nan])
def test_a_level_out_of_range_is_refused(level):
    with pytest.raises(SettingError, match="fraction of full scale"):
        EnergyDetector(level)
