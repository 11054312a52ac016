"""Silero VAD v6.2 (16 kHz) in plain numpy: the detector that matches recordings of the live service.

Source: the weights of ``silero_vad_16k_sequence.onnx`` of the ``silero-vad`` 6.2 wheels (MIT, notice beside the
weights). A frame is 512 new samples behind the last 64 of the frame before. The network: magnitudes of a short-time
Fourier transform (4 windows of 256), four convolutions over time, one LSTM cell of 128, one logistic output.

The streaming path and the whole-waveform path use the same matrices and share no other code, so each is a test of
the other.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from .layers import (
    Floats,
    LstmCell,
    drive_matrix,
    frozen,
    load_weights,
    lstm_matrix,
    relu,
    scan_lstm,
    sigmoid,
    with_bias,
    zeros,
)

_FRAME = 512
"""New samples of a frame, at 16 kHz."""
_CONTEXT = 64
"""Samples of the previous frame that stand before a frame; zeros before the first one."""
_WINDOW, _HOP, _BINS = 256, 128, 129
_SILENCE = bytes(4 * (_CONTEXT + _FRAME))
_BATCH = 256
_MOST_KEPT = 1024
"""So many windows are kept with what they became, 5 MB: the noise of a room recurs, and so does a recording."""


class _Matrices(NamedTuple):
    """All ``[inputs, outputs]``; the convolutions end with their bias row."""

    stft: Floats
    """``[2, inputs, outputs]``: real and imaginary parts."""
    conv1: Floats
    conv2: Floats
    conv3: Floats
    conv4: Floats
    lstm: Floats
    drive: Floats
    """The part of ``lstm`` for its inputs, and the bias."""
    output: Floats
    output_bias: float


@lru_cache
def _matrices() -> _Matrices:
    weights = load_weights("silero_v6_2")

    def conv(number: int, taps: slice) -> Floats:
        """A convolution over time as one product with the input rows under ``taps``, laid end to end."""
        kernel = weights[f"conv{number}.weight"][:, :, taps]
        return with_bias(kernel.transpose(2, 1, 0).reshape(-1, len(kernel)), weights[f"conv{number}.bias"])

    lstm = lstm_matrix(
        weights["lstm_cell.weight_ih"],
        weights["lstm_cell.weight_hh"],
        weights["lstm_cell.bias_ih"] + weights["lstm_cell.bias_hh"],
        gate_order="ifco",
    )
    # conv3 sees two rows with nothing before them, conv4 one row with nothing around it: the other taps see zeros.
    return _Matrices(
        stft=frozen(weights["stft_conv.weight"][:, 0].T.reshape(_WINDOW, 2, _BINS).swapaxes(0, 1)),
        conv1=conv(1, slice(0, 3)),
        conv2=conv(2, slice(0, 3)),
        conv3=conv(3, slice(1, 3)),
        conv4=conv(4, slice(1, 2)),
        lstm=lstm,
        drive=drive_matrix(lstm),
        output=weights["final_conv.weight"][0, :, 0],
        output_bias=float(weights["final_conv.bias"][0]),
    )


class _Encoder:
    """The stateless part of one frame, in buffers of fixed shape: :attr:`audio` in, 128 features out."""

    def __init__(self) -> None:
        self._m = _matrices()
        self._features_and_one = np.ones(128 + 1, np.float32)
        self.features: Floats = self._features_and_one[:-1]
        self.audio = zeros(_CONTEXT + _FRAME + _CONTEXT)
        self._samples = self.audio[:-_CONTEXT]
        self._reflection = self.audio[-_CONTEXT:]
        self._reflected = self.audio[-_CONTEXT - 2 : -2 * _CONTEXT - 2 : -1]
        step = self.audio.itemsize
        self._overlapping = as_strided(self.audio, (4, _WINDOW), (_HOP * step, step))
        self._windows = zeros(4, _WINDOW)
        self._spectrum = zeros(2, 4, _BINS)
        self._real, self._imaginary = self._spectrum
        padded = zeros(6, _BINS)
        self._magnitudes = padded[1:5]
        self._under_conv1 = as_strided(padded, (4, 3 * _BINS), (_BINS * step, step))
        self._in1 = np.ones((4, 3 * _BINS + 1), np.float32)
        self._in1_values = self._in1[:, :-1]
        padded = zeros(5, 128)
        self._out1 = padded[1:]
        self._under_conv2 = as_strided(padded, (2, 3 * 128), (2 * 128 * step, step))
        self._in2 = np.ones((2, 3 * 128 + 1), np.float32)
        self._in2_values = self._in2[:, :-1]
        self._in3 = np.ones(2 * 64 + 1, np.float32)
        self._out2 = self._in3[:-1].reshape(2, 64)
        self._in4 = np.ones(64 + 1, np.float32)
        self._out3 = self._in4[:-1]
        self._zeros = zeros(512)
        self._none1, self._none2 = self._zeros.reshape(4, 128), self._zeros[:128].reshape(2, 64)
        self._none3, self._none4 = self._zeros[:64], self._zeros[:128]

    def drive(self, window: bytes) -> Floats:
        """What the samples of a frame and its context add to the gates of the LSTM."""
        self._samples[:] = np.frombuffer(window, np.float32)
        self.encode()
        drive: Floats = np.matmul(self._features_and_one, self._m.drive).ravel()
        drive.setflags(write=False)
        return drive

    def encode(self) -> None:
        """Write the features of :attr:`audio` (its last 64 samples are filled in here) to :attr:`features`."""
        m = self._m
        self._reflection[:] = self._reflected
        self._windows[:] = self._overlapping
        np.matmul(self._windows, m.stft, self._spectrum)
        np.multiply(self._spectrum, self._spectrum, self._spectrum)
        np.add(self._real, self._imaginary, self._magnitudes)
        np.sqrt(self._magnitudes, self._magnitudes)
        self._in1_values[:] = self._under_conv1
        np.dot(self._in1, m.conv1, self._out1)
        np.maximum(self._out1, self._none1, out=self._out1)
        self._in2_values[:] = self._under_conv2
        np.dot(self._in2, m.conv2, self._out2)
        np.maximum(self._out2, self._none2, out=self._out2)
        np.dot(self._in3, m.conv3, self._out3)
        np.maximum(self._out3, self._none3, out=self._out3)
        np.dot(self._in4, m.conv4, self.features)
        np.maximum(self.features, self._none4, out=self.features)


_drives: dict[bytes, Floats] = {}
"""By the samples of a frame and its context, what they add to the gates of the LSTM: all of it that has no state."""


def forget_windows() -> None:
    """Forget what was heard before, so that a measurement is that of a first run."""
    _drives.clear()


@lru_cache
def _silent_drive() -> Floats:
    return _Encoder().drive(_SILENCE)


class SileroDetector:
    """Silero VAD v6.2. Frames are 512 float32 samples in [-1, 1) at 16 kHz."""

    name = "silero"
    sample_rate_hz: int | None = 16_000

    def __init__(self) -> None:
        matrices = _matrices()
        self._cell = LstmCell(matrices.lstm)
        self._context = bytes(4 * _CONTEXT)
        self._encoder = _Encoder()
        self._silent_drive = _silent_drive()
        self._output, self._output_bias = matrices.output, matrices.output_bias
        self._heard, self._zeros = zeros(128), zeros(128)

    def probability(self, frame: Floats) -> float:
        """Probability of speech in the next 32 ms, rounded to 4 decimals."""
        samples = np.asarray(frame, np.float32).tobytes()
        window = self._context + samples
        self._context = samples[-4 * _CONTEXT :]
        cell = self._cell
        cell.step_driven(self._silent_drive if window == _SILENCE else self._drive(window))
        np.maximum(cell.h, self._zeros, out=self._heard)
        logit = float(np.dot(self._heard, self._output)) + self._output_bias
        return round(1 / (1 + math.exp(-logit)), 4)

    def _drive(self, window: bytes) -> Floats:
        drive = _drives.get(window)
        if drive is None:
            drive = self._encoder.drive(window)
            if len(_drives) >= _MOST_KEPT:
                _drives.clear()
            _drives[window] = drive
        return drive

    def reset(self) -> None:
        """Forget all audio."""
        self._context = bytes(4 * _CONTEXT)
        self._cell.reset()


def frames(samples: Floats) -> Floats:
    """``[frames, 576]`` of a whole waveform at 16 kHz, each with its context; the tail is padded with zeros."""
    count = -(-len(samples) // _FRAME)
    padded = zeros(_CONTEXT + count * _FRAME)
    padded[_CONTEXT : _CONTEXT + len(samples)] = samples
    return sliding_window_view(padded, _CONTEXT + _FRAME)[::_FRAME] if count else zeros(0, _CONTEXT + _FRAME)


def encode(framed: Floats) -> Floats:
    """``[frames, 128]`` features of ``[frames, 576]``. Stateless: frames may come in any order and number."""
    blocks = [_encode_block(framed[start : start + _BATCH]) for start in range(0, len(framed), _BATCH)]
    return np.concatenate(blocks) if blocks else zeros(0, 128)


def scan(features: Floats) -> Floats:
    """``[frames]`` probabilities of consecutive ``[frames, 128]`` features, from the state of a new detector."""
    m = _matrices()
    return sigmoid(relu(scan_lstm(m.lstm, features)) @ m.output + np.float32(m.output_bias))


def probabilities(samples: Floats) -> Floats:
    """``[frames]`` probabilities of a whole waveform, float32 in [-1, 1) at 16 kHz; not rounded."""
    return scan(encode(frames(samples)))


def _encode_block(framed: Floats) -> Floats:
    m = _matrices()
    audio = np.concatenate([framed, framed[:, -2 : -_CONTEXT - 2 : -1]], axis=1)
    windows = sliding_window_view(audio, _WINDOW, axis=1)[:, ::_HOP]
    spectrum = windows.reshape(-1, _WINDOW) @ m.stft
    values = np.sqrt(np.square(spectrum).sum(axis=0)).reshape(len(framed), 4, _BINS)
    values = _convolve(values, m.conv1, before=1, after=1, stride=1)
    values = _convolve(values, m.conv2, before=1, after=0, stride=2)
    values = _convolve(values, m.conv3, before=0, after=0, stride=1)
    return _convolve(values, m.conv4, before=0, after=0, stride=1)[:, 0]


def _convolve(values: Floats, matrix: Floats, *, before: int, after: int, stride: int) -> Floats:
    """``[batch, times, channels]`` through a convolution over time, rows of zeros around it, and a ReLU."""
    channels = values.shape[2]
    taps = (len(matrix) - 1) // channels
    padded = np.pad(values, ((0, 0), (before, after), (0, 0)))
    under = sliding_window_view(padded, taps, axis=1)[:, ::stride].swapaxes(2, 3)
    return relu(under.reshape(*under.shape[:2], taps * channels) @ matrix[:-1] + matrix[-1])
