"""From the session's samples to probabilities of speech: resampling and cutting into frames.

Chunks may have any length; the probabilities depend on the samples only. A frame is judged as soon as its samples are
complete. Resampling needs audio beyond its end, 3 ms at 24 kHz and 6 ms at 8 kHz; that changes when a frame is judged
and not which samples it has.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..audio.formats import Samples
from ..audio.resampling import Resampler
from ..errors import SettingError
from .detector import FRAME_MS, Detector


class Ear:
    """Feeds ``detector`` with int16 samples at ``rate_hz``.

    Raises :exc:`SettingError` if 32 ms are not a whole number of samples at that rate, and
    :exc:`harness.errors.AudioError` if the rate cannot be resampled to the detector's.
    """

    __slots__ = ("_buffer", "_filled", "_frame_size", "_resampler", "_rest", "_wanted", "detector", "rate_hz")

    def __init__(self, detector: Detector, rate_hz: int) -> None:
        if rate_hz <= 0 or rate_hz * FRAME_MS % 1000:
            raise SettingError(
                f"{FRAME_MS} ms are not a whole number of samples at {rate_hz} Hz; use 24000, 16000 or 8000"
            )
        self.detector = detector
        self.rate_hz = rate_hz
        self._frame_size = (detector.sample_rate_hz or rate_hz) * FRAME_MS // 1000
        # A detector without a resampler gets its frames as float64, so that it need not convert them.
        kind = np.float64 if detector.sample_rate_hz is None else np.int16
        self._buffer: NDArray[Any] = np.empty(4 * rate_hz * FRAME_MS // 1000, kind)
        self._rest: NDArray[np.float32] = np.empty(0, np.float32)
        self._filled = self._wanted = 0
        self._resampler: Resampler | None = None
        self._drop_audio()

    def hear(self, samples: Samples) -> list[float]:
        """Probabilities of the frames that ``samples`` complete, oldest first; often none."""
        end = self._filled + samples.size
        if end > self._buffer.size:
            self._buffer = np.concatenate(
                (self._buffer[: self._filled], np.empty(2 * samples.size, self._buffer.dtype))
            )
        self._buffer[self._filled : end] = samples
        self._filled = end
        if end < self._wanted:
            return []
        return self._judge_as_is() if self._resampler is None else self._judge_resampled(self._resampler)

    @property
    def needed(self) -> int:
        """How many more samples complete a frame."""
        return self._wanted - self._filled

    def reset(self) -> None:
        """Forget all audio, that of an incomplete frame too."""
        self.detector.reset()
        self._drop_audio()

    def _drop_audio(self) -> None:
        rate_hz = self.detector.sample_rate_hz
        self._resampler = None if rate_hz is None else Resampler(self.rate_hz, rate_hz)
        self._filled = 0
        self._rest = np.empty(0, np.float32)
        self._wanted = self._frame_size if self._resampler is None else self._resampler.needed(self._frame_size)

    def _judge_as_is(self) -> list[float]:
        size, buffer, filled = self._frame_size, self._buffer, self._filled
        judge = self.detector.probability
        end = filled - filled % size
        if end == size:
            probabilities = [judge(buffer[:size])]
        else:
            probabilities = [judge(buffer[start : start + size]) for start in range(0, end, size)]
        if end < filled:
            buffer[: filled - end] = buffer[end:filled]
        self._filled = filled - end
        return probabilities

    def _judge_resampled(self, resampler: Resampler) -> list[float]:
        audio = resampler.push(self._buffer[: self._filled])
        self._filled = 0
        if self._rest.size:
            audio = np.concatenate((self._rest, audio))
        size = self._frame_size
        end = audio.size - audio.size % size
        judge = self.detector.probability
        probabilities = [judge(audio[start : start + size]) for start in range(0, end, size)]
        self._rest = audio[end:]
        self._wanted = resampler.needed(size - self._rest.size)
        return probabilities
