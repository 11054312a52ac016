"""The sounds of a scenario: what is made for a long one."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from harness.audio import load_clip
from harness.audio.synthesis import NOISES
from harness.scenario.model import Noise, Say
from harness.units import SECOND
from harness.world import audible, sounds

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


def spoken_after_silence(path: Path, rate_hz: int) -> None:
    """40 s of silence, then 3.1 s of speech, then 20 s of silence."""
    voice = load_clip("speech_en_f_arctic_a0009").samples
    whole = np.concatenate([np.zeros(40 * 24_000, np.int16), voice, np.zeros(20 * 24_000, np.int16)])
    soundfile.write(path, soxr.resample(whole, 24_000, rate_hz), rate_hz)


def test_the_persistent_user_says_the_loudest_three_seconds_of_a_long_recording(tmp_path: Path) -> None:
    spoken_after_silence(tmp_path / "long.wav", 44_100)
    said, probe = (make(Say("long.wav"), tmp_path, 0) for make in (sounds.speech, sounds.probe))
    assert len(said) > 63 * 24_000
    assert len(probe) == 3 * 24_000
    energy = float(np.sum(said.astype(float) ** 2))
    assert np.sum(probe.astype(float) ** 2) > 0.99 * energy
    assert audible.probe_audible(Say("long.wav"), tmp_path, 0, "silero", 0.5, -62.0)


@pytest.mark.parametrize(
    "say", [Say("speech_en_m_arctic_a0007"), Say("babble"), Say("speech_en_m_jfk1961", None, SECOND)]
)
def test_the_persistent_user_says_a_short_utterance_as_it_is(say: Say) -> None:
    assert np.array_equal(sounds.speech(say, None, 0), sounds.probe(say, None, 0))


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
