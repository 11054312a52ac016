import numpy as np
import pytest

from harness.errors import SettingError
from harness.vad.detector import DETECTORS, make_detector


@pytest.mark.parametrize("name", DETECTORS)
def test_every_detector_is_found_by_the_name_it_bears(name):
    detector = make_detector(name)
    assert detector.name == name
    assert detector.sample_rate_hz in (None, 16_000)
    dtype = np.int16 if detector.sample_rate_hz is None else np.float32
    assert 0 <= detector.probability(np.zeros(512, dtype)) < 0.5


def test_every_call_makes_a_new_one():
    assert make_detector("energy") is not make_detector("energy")


@pytest.mark.behaviour("silero")
def test_silero_is_the_default():
    """Inferred (§4.2): its edges are those of recordings of the service."""
    assert make_detector().name == "silero"


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(SettingError, match=r"no detector is named 'silero_v5'; did you mean 'silero"):
        make_detector("silero_v5")
