from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.audio import NOISES, Samples, level_dbfs, peak_lsb
from harness.audio.noises import breathing, door, hum, self_noise


@pytest.mark.parametrize("peak", [0, 1, 41, 78, 96, 300, 32767])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_self_noise_has_exactly_the_peak_asked_for(peak: int, seed: int) -> None:
    assert peak_lsb(self_noise(100_000, peak, seed)) == peak


def test_self_noise_is_white() -> None:
    power = np.abs(np.fft.rfft(self_noise(10_000_000, 300, 0))) ** 2
    thirds = [part.mean() for part in np.array_split(power[1:], 3)]
    assert max(thirds) / min(thirds) < 1.1


def test_hum_lies_on_the_harmonics_of_its_base() -> None:
    spectrum = np.abs(np.fft.rfft(hum(10_000_000, 0, base_hz=100)))
    assert abs(int(spectrum.argmax()) - 1000) <= 2
    assert spectrum[1995:2006].max() > 5 * spectrum[1400:1600].max()
    assert spectrum[5990:6011].max() < spectrum.max() / 4


def test_levels_are_those_asked_for() -> None:
    assert level_dbfs(hum(2_000_000, 0, level_dbfs=-40)) == pytest.approx(-40, abs=0.05)
    assert level_dbfs(breathing(4_000_000, 0)) == pytest.approx(-46, abs=0.05)


def test_breathing_rests_between_breaths() -> None:
    loudness = breathing(10_000_000, 1).reshape(-1, 240).astype(float).std(axis=1)
    assert np.mean(loudness < 0.001 * loudness.max()) == pytest.approx(0.15, abs=0.05)


def test_a_door_falls_shut_once_and_rings_out() -> None:
    slam = door(3_000_000, 0)
    assert not slam[:1200].any()
    assert peak_lsb(slam) == peak_lsb(slam[1200:3600]) == 26_000
    assert not slam[1200 + 19_200 :].any()


@pytest.mark.parametrize("name", ["hum", "breathing", "door", "white"])
def test_silero_hears_no_speech_in_noise(name: str, speech_probabilities: Callable[[Samples], Any]) -> None:
    assert speech_probabilities(NOISES[name](4_000_000, 0)).max() < 0.35
