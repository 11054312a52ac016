import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.audio.clips import load_clip
from harness.audio.resampling import Resampler
from harness.errors import SettingError
from harness.vad import silero
from harness.vad.detector import make_detector
from harness.vad.ear import Ear
from harness.vad.energy import EnergyDetector
from harness.vad.turn import SpeechStarted, TurnDetector, TurnSettings

SPEECH = load_clip("speech_en_m_goforward").samples[:36_000]
CUTS = st.lists(st.one_of(st.integers(0, 40), st.integers(0, 3000)), max_size=60)


def heard_in_chunks(ear, samples, sizes):
    result, start = [], 0
    for size in [*sizes, len(samples)]:
        result += ear.hear(samples[start : start + size])
        start += size
    return result


@pytest.mark.slow
@pytest.mark.behaviour("any-chunks")
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 24_000])
@pytest.mark.parametrize("name", ["energy", "silero"])
@settings(max_examples=25, deadline=None)
@given(sizes=CUTS)
def test_property_the_chunks_do_not_matter(name, rate_hz, sizes):
    """Inferred (§4.3)."""
    whole = Ear(make_detector(name), rate_hz).hear(SPEECH)
    assert heard_in_chunks(Ear(make_detector(name), rate_hz), SPEECH, sizes) == whole
    assert max(whole) > 0.5


@pytest.mark.parametrize("name", ["energy", "silero", "silero_v4"])
def test_single_samples_are_chunks_too(name):
    samples = SPEECH[12_000:16_000]
    whole = Ear(make_detector(name), 24_000).hear(samples)
    assert heard_in_chunks(Ear(make_detector(name), 24_000), samples, [1] * len(samples)) == whole


def test_a_frame_at_the_sessions_rate_is_judged_with_its_last_sample():
    ear = Ear(EnergyDetector(), 24_000)
    assert ear.hear(np.full(767, 9000, np.int16)) == []
    assert ear.hear(np.full(1, 9000, np.int16)) == [EnergyDetector().probability(np.full(768, 9000, np.int16))]


@pytest.mark.parametrize(("rate_hz", "look_ahead_ms"), [(8_000, 6), (16_000, 0), (24_000, 3)])
def test_a_resampled_frame_is_judged_when_the_look_ahead_of_the_filter_is_there(rate_hz, look_ahead_ms):
    ear, chunk = Ear(make_detector("silero"), rate_hz), np.zeros(rate_hz // 1000, np.int16)
    counts = np.cumsum([len(ear.hear(chunk)) for _ in range(330)])
    for frame in range(10):
        first_ms = int(np.argmax(counts > frame)) + 1
        assert first_ms - 32 * (frame + 1) == look_ahead_ms


def test_the_network_hears_what_the_resampler_gives():
    heard = Ear(make_detector("silero"), 24_000).hear(SPEECH)
    expected = silero.probabilities(Resampler(24_000, 16_000).push(SPEECH))[: len(heard)]
    assert np.abs(np.array(heard) - expected).max() <= 0.6e-4


def test_reset_forgets_the_incomplete_frame():
    ear = Ear(make_detector("silero"), 24_000)
    first = ear.hear(SPEECH)
    ear.hear(SPEECH[:333])
    ear.reset()
    assert ear.hear(SPEECH) == first


@pytest.mark.parametrize("rate_hz", [11_025, 0, -24_000])
def test_a_rate_without_whole_frames_is_refused(rate_hz):
    with pytest.raises(SettingError, match="not a whole number of samples"):
        Ear(EnergyDetector(), rate_hz)


def flapping_gate_audio():
    """60 s in which a gate passes one chunk of 20 ms in ten of a faint noise floor (peak 41) and zeroes the rest."""
    noise = np.rint(np.random.default_rng(41).uniform(-41, 41, 60 * 24_000)).astype(np.int16)
    passes = np.random.default_rng(1).random(60 * 50) < 0.1
    return (noise.reshape(-1, 480) * passes[:, None]).astype(np.int16).ravel()


def turn_events(name, samples, silence_duration_ms):
    turn, ear = TurnDetector(TurnSettings(silence_duration_ms=silence_duration_ms)), Ear(make_detector(name), 24_000)
    events, open_ms = [], 0
    for p in ear.hear(samples):
        events.append(turn.step(p))
        open_ms += 32 * turn.speaking
    return [event for event in events if event], open_ms


def test_v4_is_stuck_in_speech_by_a_flapping_gate_and_v6_is_not():
    """Measured with the ONNX models: one start at 1.2 s and 59 of 60 s in speech for v4, nothing for v6.2."""
    events, open_ms = turn_events("silero_v4", flapping_gate_audio(), 500)
    (started,) = events
    assert isinstance(started, SpeechStarted)
    assert 1100 <= started.audio_start_ms + 300 <= 1300
    assert open_ms >= 58_000
    assert turn_events("silero", flapping_gate_audio(), 500) == ([], 0)


def test_with_the_live_default_v4_is_stuck_for_nearly_as_long():
    events, open_ms = turn_events("silero_v4", flapping_gate_audio(), 200)
    assert open_ms >= 58_000
    assert isinstance(events[-1], SpeechStarted)
