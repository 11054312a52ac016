"""Silero VAD v6.2 over many streams at once, frame by frame, for sweeps.

The sums are those of :mod:`harness.vad.silero`, in another order, so a probability differs in its last digits: by less
than :data:`CLOSE` (measured: 1e-6). It is not rounded; whoever compares it with a threshold must know that.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .layers import Floats, zeros
from .silero import _matrices

CLOSE = 2e-5
"""How far a probability can be from that of the detector before that one rounds it."""
_HIDDEN = 128


class States(NamedTuple):
    """The states of the LSTM of some streams: each ``[streams, 128]``."""

    hidden: Floats
    cell: Floats

    def of(self, streams: NDArray[np.int64]) -> "States":
        """Those of some streams, also several times."""
        return States(self.hidden[streams], self.cell[streams])


def new_states(streams: int) -> States:
    """Before the first frame."""
    return States(zeros(streams, _HIDDEN), zeros(streams, _HIDDEN))


def driven(features: Floats) -> Floats:
    """Their share of the gates, ``[frames, 512]``, of features of :func:`harness.vad.silero.encode`."""
    matrix = _matrices().lstm
    share: Floats = features @ matrix[: features.shape[1]] + matrix[-1]
    return share


def step(states: States, drive: Floats) -> tuple[States, NDArray[np.float64]]:
    """One frame for each stream, ``[streams, 512]``: the states after it, and ``[streams]`` probabilities."""
    m = _matrices()
    gates = states.hidden @ m.lstm[-_HIDDEN - 1 : -1]
    gates += drive
    np.tanh(gates, gates)
    sigmoids = gates[:, : 3 * _HIDDEN]
    sigmoids *= np.float32(0.5)
    sigmoids += np.float32(0.5)
    cell = gates[:, _HIDDEN : 2 * _HIDDEN] * states.cell
    cell += gates[:, :_HIDDEN] * gates[:, 3 * _HIDDEN :]
    hidden = np.tanh(cell)
    hidden *= gates[:, 2 * _HIDDEN : 3 * _HIDDEN]
    logits = np.maximum(hidden, 0).astype(np.float64) @ m.output.astype(np.float64) + m.output_bias
    return States(hidden, cell), np.asarray(1 / (1 + np.exp(-logits)))
