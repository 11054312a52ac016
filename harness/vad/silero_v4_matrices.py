"""The weights of Silero VAD v4, arranged as the matrices that :mod:`harness.vad.silero_v4` multiplies with."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .layers import Floats, frozen, load_weights, lstm_matrix, with_bias, zeros

BINS = 129
"""Frequencies of the short-time Fourier transform."""
TIMES = 8
"""Its windows in a frame."""


class Block(NamedTuple):
    """A separable convolution with a shortcut, then a strided 1x1 convolution; each ends in a ReLU."""

    depthwise: Floats
    """``[5, channels]``"""
    depthwise_bias: Floats
    mixing: Floats
    """``[2 * channels + 1, outputs]``: rows for the depthwise result, for the shortcut, and for the bias."""
    strided: Floats
    """``[outputs + 1, outputs]``, the last row the bias."""
    stride: int


class Matrices(NamedTuple):
    """All matrices of the network, ``[inputs, outputs]``."""

    stft: Floats
    level: Floats
    """``[8 * 129]``: what each logarithm contributes to the mean that is taken off them all."""
    blocks: tuple[Block, ...]
    first_strided: Floats
    later: tuple[tuple[Floats, Floats, Floats], ...]
    """Blocks 2 to 4 as dense layers on flat vectors, see :func:`_dense`."""
    lstm: tuple[Floats, Floats]
    output: Floats
    output_bias: float


def _block(name: str, number: str, stride: int) -> Block:
    weights = load_weights("silero_v4")
    pointwise = weights[f"{name}.pw_conv.0.weight"][:, :, 0].T
    bias = weights[f"{name}.pw_conv.0.bias"]
    if f"{name}.proj.weight" in weights:
        shortcut, bias = weights[f"{name}.proj.weight"][:, :, 0].T, bias + weights[f"{name}.proj.bias"]
    else:
        shortcut = np.eye(pointwise.shape[1], dtype=np.float32)
    return Block(
        depthwise=frozen(weights[f"{name}.dw_conv.0.weight"][:, 0].T),
        depthwise_bias=weights[f"{name}.dw_conv.0.bias"],
        mixing=with_bias(np.vstack([pointwise, shortcut]), bias),
        strided=with_bias(weights[f"s{number}"][:, :, 0].T, weights[f"b{number}"]),
        stride=stride,
    )


def _level_weights() -> Floats:
    """The smoothing filter over 8 reflected times, the mean over these and over the bins, as one weight per value."""
    kernel = load_weights("silero_v4")["adaptive_normalization.filter_"].reshape(-1)
    reflected = np.pad(np.eye(TIMES), ((3, 3), (0, 0)), mode="reflect")
    smoothing = sum(tap * reflected[shift : shift + TIMES] for shift, tap in enumerate(kernel.astype(float)))
    return frozen(np.repeat(np.mean(smoothing, axis=0) / BINS, BINS))


def _dense(block: Block, times: int) -> tuple[Floats, Floats, Floats]:
    """A block over ``times`` steps as three matrices on flat vectors: depthwise, mixing, strided.

    Inputs are ``[values, 1]``, ``[depthwise result, values, 1]`` and ``[mixed, 1]``.
    """
    channels, outputs = block.depthwise.shape[1], block.strided.shape[1]
    kept = range(0, times, block.stride)
    size = len(kept) * channels
    depthwise = zeros(times * channels + 1, size)
    mixing = zeros(size + times * channels + 1, len(kept) * outputs)
    depthwise[-1] = np.tile(block.depthwise_bias, len(kept))
    mixing[-1] = np.tile(block.mixing[-1], len(kept))
    for position, time in enumerate(kept):
        at = slice(position * channels, (position + 1) * channels)
        to = slice(position * outputs, (position + 1) * outputs)
        for tap, source in enumerate(range(time - 2, time + 3)):
            if 0 <= source < times:
                depthwise[source * channels : (source + 1) * channels, at] = np.diag(block.depthwise[tap])
        mixing[at, to] = block.mixing[:channels]
        mixing[size + time * channels : size + (time + 1) * channels, to] = block.mixing[channels:-1]
    return frozen(depthwise), frozen(mixing), _strided(block, len(kept))


def _strided(block: Block, times: int) -> Floats:
    return with_bias(np.kron(np.eye(times, dtype=np.float32), block.strided[:-1]), np.tile(block.strided[-1], times))


@lru_cache
def matrices() -> Matrices:
    """The matrices, made once per process and read-only."""
    weights = load_weights("silero_v4")
    blocks = (
        _block("first_layer.0", "1110", 2),
        _block("encoder.3.0", "1113", 2),
        _block("encoder.7.0", "1116", 2),
        _block("encoder.11.0", "1119", 1),
    )

    def lstm(number: int) -> Floats:
        bias = weights[f"lstm{number}.B"][0].reshape(2, -1).sum(axis=0)
        return lstm_matrix(weights[f"lstm{number}.W"][0], weights[f"lstm{number}.R"][0], bias, gate_order="iofc")

    return Matrices(
        stft=weights["feature_extractor.forward_basis_buffer"][:, 0].T.astype(float),
        level=_level_weights().astype(float),
        blocks=blocks,
        first_strided=_strided(blocks[0], 4),
        later=(_dense(blocks[1], 4), _dense(blocks[2], 2), _dense(blocks[3], 1)),
        lstm=(lstm(0), lstm(1)),
        output=frozen(weights["decoder.decoder.1.weight"][0, :, 0]),
        output_bias=float(weights["decoder.decoder.1.bias"][0]),
    )
