"""Faults of the detector: the probabilities that the turn automaton gets in place of the honest ones."""

import numpy as np
import pytest

from harness.errors import SettingError
from harness.faults.another_detector import AnotherDetector
from harness.faults.deaf_after_noise import DeafAfterNoise
from harness.faults.held_active import HeldActive
from harness.faults.held_idle import HeldIdle
from harness.faults.on_session import SessionFaults
from harness.faults.scripted_probabilities import ScriptedProbabilities
from harness.server.session import Session, SessionSetup
from tests.faults.testing import activated, written


def given(fault, honest):
    distort = fault.begin(np.random.default_rng(0))
    return [distort(probability) for probability in honest]


def test_a_script_that_holds_its_last_probability():
    assert given(written(ScriptedProbabilities, probabilities=[0.1, 0.9]), [0.5] * 4) == [0.1, 0.9, 0.9, 0.9]


def test_a_script_that_repeats():
    fault = written(ScriptedProbabilities, probabilities=[0.1, 0.9], then="repeat")
    assert given(fault, [0.5] * 5) == [0.1, 0.9, 0.1, 0.9, 0.1]


def test_each_session_has_the_script_from_its_beginning():
    fault = written(ScriptedProbabilities, probabilities=[0.1, 0.9])
    assert given(fault, [0.5]) == given(fault, [0.5]) == [0.1]


@pytest.mark.parametrize("listed", [[], [2], "0.5"])
def test_what_is_no_script(listed):
    with pytest.raises(SettingError):
        written(ScriptedProbabilities, probabilities=listed)


def test_deaf_after_noise_misses_the_first_speech():
    fault = written(DeafAfterNoise, noise="320ms", speech="96ms")
    assert given(fault, [0.2] * 10 + [0.9] * 5) == [0.2] * 10 + [0.1] * 3 + [0.9] * 2


def test_less_noise_does_not_make_it_deaf():
    fault = written(DeafAfterNoise, noise="320ms", speech="96ms")
    honest = ([0.2] * 9 + [0.9]) * 3
    assert given(fault, honest) == honest


def test_it_becomes_deaf_again_after_as_much_noise():
    fault = written(DeafAfterNoise, noise="320ms", speech="64ms")
    honest = [0.0] * 10 + [0.9] * 3
    assert given(fault, honest * 2) == ([0.0] * 10 + [0.1] * 2 + [0.9]) * 2


def test_a_pause_in_missed_speech_does_not_end_the_deafness():
    fault = written(DeafAfterNoise, noise="320ms", speech="96ms")
    assert given(fault, [0.0] * 10 + [0.9, 0.0, 0.9, 0.9, 0.9]) == [0.0] * 10 + [0.1, 0.0, 0.1, 0.1, 0.9]


def test_another_detector_decides_until_it_is_released():
    session = Session(SessionSetup(detector="energy"), "x")
    faults, fault = SessionFaults(session), activated(AnotherDetector())
    faults.inject(fault, 0)
    assert session.hearing.replaced_by == "silero_v4"
    faults.release(fault, 0)
    assert session.hearing.replaced_by is None


def test_an_unknown_detector():
    with pytest.raises(SettingError, match="'silero_v9' is unknown; did you mean"):
        written(AnotherDetector, detector="silero_v9")


@pytest.mark.parametrize("honest", [0.0, 0.35, 0.5, 1.0])
def test_a_held_detector_says_one_thing_whatever_it_hears(honest):
    assert HeldActive().begin(np.random.default_rng(0))(honest) == 1.0
    assert HeldIdle().begin(np.random.default_rng(0))(honest) == 0.0
