import numpy as np
import pytest

from harness.errors import SettingError
from harness.vad.scripted import ScriptedDetector

FRAME = np.zeros(768, np.int16)


def test_plays_the_script_then_the_final_value_for_ever():
    detector = ScriptedDetector([0.1, 0.9], final=0.4)
    assert [detector.probability(FRAME) for _ in range(4)] == [0.1, 0.9, 0.4, 0.4]
    detector.reset()
    assert detector.probability(FRAME) == 0.1


def test_without_a_final_value_silence_follows():
    assert ScriptedDetector([]).probability(FRAME) == 0.0


@pytest.mark.parametrize("values", [([0.5, 1.5], 0.0), ([], -0.1), ([float("nan")], 0.0)])
def test_a_value_that_is_no_probability_is_refused(values):
    with pytest.raises(SettingError, match="between 0 and 1"):
        ScriptedDetector(*values)
