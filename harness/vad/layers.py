"""What the two networks share: weights read once, and the LSTM cell they step frame by frame.

A layer is one matrix product. Two habits keep a frame cheap, where most of the time is the price of calling numpy
at all:

* a bias is one more row of the matrix, multiplied by an input that is always 1;
* ``sigmoid(x) = tanh(x / 2) / 2 + 1 / 2``, so all gates of a cell go through one ``tanh``; the inner half is folded
  into the weights, where a power of two costs no accuracy.

Every product has the same shapes on every frame. A BLAS may sum in another order when a shape changes, so this is
what makes the probabilities independent of how the audio was cut into chunks.

And every product is small. OpenBLAS shares a product of a vector with a matrix of :data:`_SHARED` values or more, and
one of two matrices with over 2**18 multiplications, among threads, which then wait for the next one in a busy loop:
four times the processor's time, for nothing. How many threads it has belongs to the user's program, so larger products
are cut by their columns, which leaves the sums as they are.
"""

from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
"""An array of float32."""

_SHARED = 2304 * 4
"""``interface/gemv.c``: ``2304 * GEMM_MULTITHREAD_THRESHOLD``."""
_WEIGHTS = Path(__file__).parent / "weights"


@lru_cache
def load_weights(name: str) -> MappingProxyType[str, Floats]:
    """The arrays of ``weights/<name>.npz``, float32 and read-only, shared by all detectors of the process."""
    with np.load(_WEIGHTS / f"{name}.npz") as archive:
        return MappingProxyType({key: frozen(archive[key]) for key in archive.files})


def frozen(array: NDArray[np.generic]) -> Floats:
    """A contiguous float32 copy of ``array`` that cannot be written to."""
    copy = np.array(array, dtype=np.float32, order="C")
    copy.setflags(write=False)
    return copy


def zeros(*shape: int) -> Floats:
    """A float32 array of zeros."""
    return np.zeros(shape, np.float32)


def with_bias(matrix: Floats, bias: Floats) -> Floats:
    """``[inputs + 1, outputs]``: ``matrix`` of ``[inputs, outputs]`` with ``bias`` as its last row."""
    return frozen(np.vstack([matrix, bias]))


def by_columns(matrix: Floats) -> Floats:
    """``[blocks, inputs, outputs / blocks]``: as few blocks of columns as keep a product with a vector in one thread.

    ``np.matmul`` of a vector with them gives ``[blocks, outputs / blocks]``: the outputs in order.
    """
    inputs, outputs = matrix.shape
    blocks = next(n for n in range(1, outputs + 1) if outputs % n == 0 and inputs * outputs // n < _SHARED)
    return frozen(matrix.reshape(inputs, blocks, -1).swapaxes(0, 1))


def relu(values: Floats) -> Floats:
    """``values``, with negative ones made zero in place."""
    np.maximum(values, 0, out=values)
    return values


def sigmoid(values: Floats) -> Floats:
    """The logistic function, in its form without overflow."""
    half = np.float32(0.5)
    result: Floats = np.tanh(values * half) * half + half
    return result


def lstm_matrix(w_ih: Floats, w_hh: Floats, bias: Floats, gate_order: str) -> Floats:
    """``[inputs + hidden + 1, 4 * hidden]`` of an LSTM cell, its gates reordered to input, forget, output, candidate.

    ``w_ih`` is ``[4 * hidden, inputs]``, ``w_hh`` ``[4 * hidden, hidden]``, ``bias`` the sum of the two biases.
    ``gate_order`` names the gates as they stand in these: ``ifco`` in PyTorch, ``iofc`` in ONNX. The three sigmoid
    gates carry the inner half of their ``tanh`` form.
    """
    stacked = np.vstack([w_ih.T, w_hh.T, bias])
    gates = dict(zip(gate_order, np.split(stacked, 4, axis=1), strict=True))
    half = np.float32(0.5)
    return frozen(np.hstack([gates["i"] * half, gates["f"] * half, gates["o"] * half, gates["c"]]))


def drive_matrix(matrix: Floats) -> Floats:
    """``[inputs + 1, 4 * hidden]``, by columns: the rows of an LSTM cell's matrix for its inputs, and the bias."""
    return by_columns(np.vstack([matrix[: -matrix.shape[1] // 4 - 1], matrix[-1:]]))


class LstmCell:
    """One LSTM cell with its state. Write :attr:`x`, call :meth:`step`, read :attr:`h`.

    Or give :meth:`step_driven` what :func:`drive_matrix` makes of the inputs, which can be kept where inputs recur.
    """

    __slots__ = (
        "_candidate_and_cell", "_cell", "_gates", "_gates_and_cell", "_half", "_input_and_forget", "_kept",
        "_matrix", "_new", "_operands", "_output", "_products", "_recurrent", "_recurrent_sums", "_sigmoids",
        "_squashed", "_sums", "h", "x",
    )  # fmt: skip

    def __init__(self, matrix: Floats) -> None:
        hidden = matrix.shape[1] // 4
        inputs = matrix.shape[0] - hidden - 1
        self._matrix, self._recurrent = by_columns(matrix), by_columns(matrix[inputs:-1])
        self._operands = zeros(inputs + hidden + 1)
        self._operands[-1] = 1
        self.x: Floats = self._operands[:inputs]
        self.h: Floats = self._operands[inputs:-1]
        # [input | forget | output | candidate | cell]: the two products of the cell update are one call.
        self._gates_and_cell = zeros(5 * hidden)
        self._gates = self._gates_and_cell[: 4 * hidden]
        self._sums = self._gates.reshape(len(self._matrix), -1)
        self._recurrent_sums = self._gates.reshape(len(self._recurrent), -1)
        self._sigmoids = self._gates_and_cell[: 3 * hidden]
        self._input_and_forget = self._gates_and_cell[: 2 * hidden]
        self._output = self._gates_and_cell[2 * hidden : 3 * hidden]
        self._candidate_and_cell = self._gates_and_cell[3 * hidden :]
        self._cell = self._gates_and_cell[4 * hidden :]
        self._products = zeros(2 * hidden)
        self._new, self._kept = self._products[:hidden], self._products[hidden:]
        self._squashed = zeros(hidden)
        self._half = np.full(3 * hidden, 0.5, np.float32)

    def step(self) -> None:
        """Advance the state by one frame."""
        np.matmul(self._operands, self._matrix, self._sums)
        self._advance()

    def step_driven(self, drive: Floats) -> None:
        """Advance the state by one frame whose inputs make this part of the gates' sums."""
        np.matmul(self.h, self._recurrent, self._recurrent_sums)
        np.add(self._gates, drive, self._gates)
        self._advance()

    def _advance(self) -> None:
        np.tanh(self._gates, self._gates)
        np.multiply(self._sigmoids, self._half, self._sigmoids)
        np.add(self._sigmoids, self._half, self._sigmoids)
        np.multiply(self._input_and_forget, self._candidate_and_cell, self._products)
        np.add(self._new, self._kept, self._cell)
        np.tanh(self._cell, self._squashed)
        np.multiply(self._output, self._squashed, self.h)

    def reset(self) -> None:
        """Back to the state before the first frame."""
        self.h[:] = 0
        self._cell[:] = 0


def scan_lstm(matrix: Floats, inputs: Floats) -> Floats:
    """``[frames, hidden]`` hidden states of a cell run over ``inputs``, ``[frames, inputs]``, from the zero state.

    Same sums as :class:`LstmCell`, but the products with the inputs are one for all frames.
    """
    hidden = matrix.shape[1] // 4
    width = inputs.shape[1]
    driven = inputs @ matrix[:width] + matrix[-1]
    recurrent = matrix[width:-1]
    states = zeros(len(inputs) + 1, hidden)
    gates, squashed, cell, kept = zeros(4 * hidden), zeros(hidden), zeros(hidden), zeros(hidden)
    i, f, o, candidate = gates.reshape(4, hidden)
    sigmoids, half = gates[: 3 * hidden], np.full(3 * hidden, 0.5, np.float32)
    for frame, drive in enumerate(driven):
        np.dot(states[frame], recurrent, gates)
        np.add(gates, drive, gates)
        np.tanh(gates, gates)
        np.multiply(sigmoids, half, sigmoids)
        np.add(sigmoids, half, sigmoids)
        np.multiply(f, cell, kept)
        np.multiply(i, candidate, cell)
        np.add(cell, kept, cell)
        np.tanh(cell, squashed)
        np.multiply(o, squashed, states[frame + 1])
    return states[1:]
