from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.audio import Samples, load_clip, peak_lsb
from harness.audio.keyboard import thocks, typing


def centroid_hz(samples: Samples) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float((power * np.fft.rfftfreq(samples.size, 1 / 24_000)).sum() / power.sum())


def crest_db(samples: Samples) -> float:
    return float(20 * np.log10(peak_lsb(samples) / np.sqrt(np.mean(samples.astype(float) ** 2))))


@pytest.mark.parametrize("seed", range(4))
def test_typing_sounds_like_the_recorded_keyboards(seed: int) -> None:
    recorded = [load_clip(name).samples for name in ("keyboard_typing_anton", "keyboard_keys_mx_blue")]
    assert centroid_hz(typing(10_000_000, seed)) == pytest.approx(np.mean([*map(centroid_hz, recorded)]), rel=0.4)
    assert 24 < crest_db(typing(10_000_000, seed)) < 36


def test_the_peak_is_the_one_asked_for() -> None:
    assert peak_lsb(typing(1_000_000, 0)) == 8192
    assert peak_lsb(typing(1_000_000, 0, peak_lsb=3000)) == 3000
    assert peak_lsb(thocks(1_000_000, 0, peak_lsb=300)) == 300


def test_the_first_key_goes_down_after_fifty_milliseconds() -> None:
    for sound in (typing(1_000_000, 3), thocks(1_000_000, 3)):
        assert not sound[:1190].any()
        assert sound[1200:3600].any()


def test_faster_typing_presses_more_keys() -> None:
    def presses(keys_per_s: float) -> int:
        loud = np.abs(thocks(20_000_000, 1, keys_per_s=keys_per_s).reshape(-1, 480)).max(axis=1) > 1000
        return int(np.count_nonzero(loud[1:] & ~loud[:-1]))

    assert 15 <= presses(1.0) <= 25
    assert presses(3.0) > 2 * presses(1.0)


@pytest.mark.parametrize("seed", range(5))
def test_silero_hears_speech_in_thocks_within_two_seconds(
    seed: int, speech_probabilities: Callable[[Samples], Any]
) -> None:
    assert speech_probabilities(thocks(2_000_000, seed)).max() >= (0.9 if seed == 0 else 0.5)


@pytest.mark.parametrize("seed", range(5))
def test_silero_hears_no_speech_in_typing(seed: int, speech_probabilities: Callable[[Samples], Any]) -> None:
    assert speech_probabilities(typing(4_000_000, seed)).max() < 0.5
