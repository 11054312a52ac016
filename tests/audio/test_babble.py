from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.audio import Samples, level_dbfs
from harness.audio.babble import babble


@pytest.mark.parametrize("seed", range(4))
def test_silero_takes_babble_for_speech_most_of_the_time(
    seed: int, speech_probabilities: Callable[[Samples], Any]
) -> None:
    heard = speech_probabilities(babble(3_000_000, seed)) >= 0.5
    assert heard[:8].any(), "speech is heard in the first quarter of a second"
    assert np.mean(heard) > 0.85


def test_babble_has_the_level_asked_for() -> None:
    assert level_dbfs(babble(2_000_000, 1)) == pytest.approx(-24, abs=0.05)
    assert level_dbfs(babble(2_000_000, 1, level_dbfs=-40)) == pytest.approx(-40, abs=0.05)


def test_babble_never_pauses_for_two_hundred_milliseconds() -> None:
    loud = np.abs(babble(10_000_000, 2).reshape(-1, 480)).max(axis=1) > 100
    starts = np.flatnonzero(loud)
    assert np.diff(starts).max() <= 10
