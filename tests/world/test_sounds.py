import numpy as np
import pytest

from harness.audio.clips import load_clip
from harness.audio.levels import level_dbfs, peak_lsb
from harness.errors import AudioError
from harness.scenario.model import Noise, Say
from harness.units import SECOND
from harness.world.sounds import noise, speech
from tests.world.testing import WOMAN


def test_a_clip_is_spoken_as_recorded_unless_told():
    assert np.array_equal(speech(Say(WOMAN), None, 0), load_clip(WOMAN).samples)


def test_a_level_is_that_of_the_speech_so_the_same_step_in_level_is_the_same_in_loudness():
    louder, softer = (speech(Say(WOMAN, level_dbfs=level), None, 0) for level in (-30.0, -42.0))
    assert level_dbfs(louder) - level_dbfs(softer) == pytest.approx(12, abs=0.01)


def test_only_the_first_part_of_a_clip():
    assert np.array_equal(speech(Say(WOMAN, lasts_us=SECOND), None, 0), load_clip(WOMAN).samples[:24_000])


def test_babble_lasts_two_seconds_and_depends_on_the_seed():
    first, again, other = (speech(Say("babble"), None, seed) for seed in (0, 0, 1))
    assert len(first) == 48_000
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert level_dbfs(speech(Say("babble", level_dbfs=-33.0), None, 0)) == pytest.approx(-33, abs=0.05)


def test_a_recorded_noise_is_looped_to_the_length_of_the_step():
    recorded = load_clip("keyboard_typing_anton").samples
    length_us = len(recorded) * SECOND // 24_000
    looped = noise(Noise("keyboard_typing_anton", 2 * length_us + SECOND), None, 0)
    assert np.array_equal(looped[: len(recorded)], recorded)
    assert np.array_equal(looped[len(recorded) : 2 * len(recorded)], recorded)
    assert len(looped) == (2 * length_us + SECOND) * 24_000 // SECOND


def test_a_noise_is_scaled_to_its_peak_or_its_level():
    assert peak_lsb(noise(Noise("thocks", SECOND, peak_lsb=24_000), None, 3)) == 24_000
    assert level_dbfs(noise(Noise("white", SECOND, level_dbfs=-60.0), None, 3)) == pytest.approx(-60, abs=0.05)


def test_a_clip_that_is_not_there_is_told():
    with pytest.raises(AudioError, match="no_such_clip"):
        speech(Say("no_such_clip"), None, 0)
