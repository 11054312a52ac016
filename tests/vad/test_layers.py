import numpy as np
import pytest

from harness.vad.layers import LstmCell, load_weights, lstm_matrix, scan_lstm, with_bias


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
