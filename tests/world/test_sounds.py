"""The sounds of a scenario: what is made for a long one."""

import numpy as np
import pytest

from harness.audio.synthesis import NOISES
from harness.scenario.model import Noise, Say
from harness.units import SECOND
from harness.world import sounds

MINUTE = 60 * SECOND


@pytest.mark.parametrize("kind", [*NOISES, "keyboard_typing_anton"])
def test_no_more_than_a_minute_is_made_of_an_hour(kind: str) -> None:
    made = sounds.noise(Noise(kind, 60 * MINUTE, peak_lsb=900), None, 1)
    assert 0 < made.size <= 60 * 24_000
    assert abs(int(np.abs(made).max()) - 900) <= 1


def test_a_door_falls_shut_only_once() -> None:
    assert not sounds.repeats(Noise("door", 60 * MINUTE))
    assert sounds.repeats(Noise("hum", 60 * MINUTE))


def test_the_length_of_speech_is_known_before_it_is_made() -> None:
    for say in (Say("babble"), Say("babble", None, 3 * SECOND), Say("door_slam"), Say("door_slam", None, SECOND // 10)):
        assert sounds.speech_us(say, None) == len(sounds.speech(say, None, 0)) * SECOND // 24_000


def test_what_was_made_last_is_kept_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    @sounds.remembered
    def sound(number: int) -> np.ndarray:
        made.append(number)
        return np.zeros(1_000, np.int16)

    monkeypatch.setattr(sounds, "KEPT_BYTES", 4_000)
    for number in (1, 2, 1, 3, 1, 2):
        sound(number)
    assert made == [1, 2, 3, 2]
