import os
import subprocess
import sys

import numpy as np
import pytest

from harness.vad.layers import LstmCell, by_columns, load_weights, lstm_matrix, scan_lstm, with_bias


def logistic(x):
    return 1 / (1 + np.exp(-x))


def textbook_lstm(w_ih, w_hh, bias, inputs):
    """The equations in float64, gates in PyTorch's order: input, forget, candidate, output."""
    hidden = w_hh.shape[1]
    h, cell, states = np.zeros(hidden), np.zeros(hidden), []
    for x in inputs.astype(float):
        i, f, candidate, o = np.split(w_ih.astype(float) @ x + w_hh.astype(float) @ h + bias, 4)
        cell = logistic(f) * cell + logistic(i) * np.tanh(candidate)
        h = logistic(o) * np.tanh(cell)
        states.append(h)
    return np.array(states)


@pytest.fixture
def weights():
    draw = np.random.default_rng(3).standard_normal
    return tuple(draw(shape).astype(np.float32) for shape in ((32, 5), (32, 8), (32,)))


@pytest.mark.parametrize(("order", "places"), [("ifco", (0, 1, 2, 3)), ("iofc", (0, 3, 1, 2))])
def test_a_cell_follows_the_textbook_in_either_order_of_gates(weights, order, places):
    inputs = np.random.default_rng(4).standard_normal((40, 5)).astype(np.float32)
    expected = textbook_lstm(*weights, inputs)
    stored = [np.concatenate([np.split(array, 4)[place] for place in places]) for array in weights]
    matrix = lstm_matrix(*stored, gate_order=order)
    cell, stepped = LstmCell(matrix), []
    for x in inputs:
        cell.x[:] = x
        cell.step()
        stepped.append(cell.h.copy())
    np.testing.assert_allclose(stepped, expected, atol=1e-5)
    np.testing.assert_allclose(scan_lstm(matrix, inputs), expected, atol=1e-5)


def test_a_reset_cell_is_as_new(weights):
    cell = LstmCell(lstm_matrix(*weights, gate_order="ifco"))
    cell.x[:] = 1
    cell.step()
    first = cell.h.copy()
    cell.step()
    assert (cell.h != first).any()
    cell.reset()
    cell.step()
    assert (cell.h == first).all()


def test_the_last_row_is_the_bias():
    matrix = with_bias(np.eye(2, dtype=np.float32), np.array([10, 20], np.float32))
    assert np.dot(np.array([1, 2, 1], np.float32), matrix).tolist() == [11, 22]


def test_weights_are_shared_and_cannot_be_written():
    weights = load_weights("silero_v6_2")
    assert load_weights("silero_v6_2") is weights
    with pytest.raises(ValueError, match="read-only"):
        weights["conv1.bias"][0] = 1


def test_no_product_is_shared_among_threads() -> None:
    """BLAS has two threads here, as a user's program may leave it; all work is done by the one that asks for it."""
    program = (
        "import time, numpy as np\n"
        "from harness.audio.resampling import resample\n"
        "from harness.vad.detector import make_detector\n"
        "noise = np.random.default_rng(0).integers(-3000, 3000, 72_000).astype(np.int16)\n"
        "nets = [make_detector(name) for name in ('silero', 'silero_v4')]\n"
        "process, thread = time.process_time(), time.thread_time()\n"
        "audio = (resample(noise, 24_000, 16_000) / 32768).astype(np.float32)\n"
        "for start in range(0, audio.size - 511, 512):\n"
        "    for net in nets: net.probability(audio[start : start + 512])\n"
        "print(time.process_time() - process, time.thread_time() - thread)\n"
    )
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    of_all_threads, of_this_one = map(float, ended.stdout.split())
    assert of_all_threads < 1.2 * of_this_one


@pytest.mark.parametrize(("inputs", "outputs"), [(128, 512), (129, 512), (257, 512), (129, 256), (3, 5), (65, 64)])
def test_columns_in_blocks_are_the_same_product(inputs: int, outputs: int) -> None:
    rng = np.random.default_rng(inputs)
    matrix = rng.integers(-9, 10, (inputs, outputs)).astype(np.float32)
    vector = rng.integers(-9, 10, inputs).astype(np.float32)
    blocks = by_columns(matrix)
    assert blocks[0].size < 2304 * 4  # interface/gemv.c of OpenBLAS
    assert np.array_equal(np.matmul(vector, blocks).ravel(), vector @ matrix)
