import numpy as np
import pytest

from harness.audio import NOISES, peak_lsb


@pytest.fixture(params=sorted(NOISES))
def sound(request: pytest.FixtureRequest) -> object:
    return NOISES[request.param]


def test_the_names_that_scenarios_use() -> None:
    assert set(NOISES) == {"keyboard", "thocks", "hum", "breathing", "door", "babble", "white"}


def test_same_seed_same_samples_and_other_seed_other_samples(sound: object) -> None:
    assert np.array_equal(sound(700_000, 5), sound(700_000, 5))
    assert not np.array_equal(sound(700_000, 5), sound(700_000, 6))


@pytest.mark.parametrize("duration_us", [0, 1, 1_000, 20_000, 333_333, 1_000_000])
def test_length_type_and_headroom(sound: object, duration_us: int) -> None:
    samples = sound(duration_us, 1)
    assert (samples.dtype, samples.shape) == (np.int16, (duration_us * 24 // 1000,))
    assert peak_lsb(samples) < 32_767


def test_white_is_self_noise_of_peak_300() -> None:
    assert peak_lsb(NOISES["white"](1_000_000, 9)) == 300
