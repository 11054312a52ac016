"""From the session's samples to probabilities of speech: resampling and cutting into frames.

Chunks come in any length; the probabilities depend on the samples only. A frame is judged as soon as its samples are
there, which after resampling is about a millisecond of audio behind its end.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.audio.formats import Samples
from harness.audio.resampling import Resampler
from harness.errors import SettingError
from harness.vad.detector import FRAME_MS, Detector


class Ear:
    """``detector`` listening to int16 samples at ``rate_hz``.

    Raises :exc:`SettingError` if 32 ms are not a whole number of samples at that rate, and
    :exc:`harness.errors.AudioError` if the rate cannot be resampled to the detector's.
    """

    __slots__ = ("_frame_size", "_pending", "_pending_size", "_resampler", "_rest", "_wanted", "detector", "rate_hz")

    def __init__(self, detector: Detector, rate_hz: int) -> None:
        if rate_hz <= 0 or rate_hz * FRAME_MS % 1000:
            raise SettingError(
                f"{FRAME_MS} ms are not a whole number of samples at {rate_hz} Hz; use 24000, 16000 or 8000"
            )
        self.detector = detector
        self.rate_hz = rate_hz
        self._frame_size = (detector.sample_rate_hz or rate_hz) * FRAME_MS // 1000
        self._drop_audio()

    def hear(self, samples: Samples) -> list[float]:
        """Probabilities of the frames that ``samples`` complete, oldest first; often none.

        Samples that complete no frame are kept as they are, so the caller must not change them afterwards.
        """
        self._pending.append(samples)
        self._pending_size += samples.size
        if self._pending_size < self._wanted:
            return []
        return self._judge(self._take_pending())

    def reset(self) -> None:
        """Forget all audio, that of an incomplete frame too."""
        self.detector.reset()
        self._drop_audio()

    def _drop_audio(self) -> None:
        rate_hz = self.detector.sample_rate_hz
        self._resampler = None if rate_hz is None else Resampler(self.rate_hz, rate_hz)
        self._pending: list[Samples] = []
        self._pending_size = 0
        self._rest: NDArray[Any] = np.empty(0, np.int16 if rate_hz is None else np.float32)
        self._wanted = self._least_samples_for(self._frame_size)

    def _least_samples_for(self, frame_samples: int) -> int:
        """With fewer new samples than this, ``frame_samples`` more of a frame cannot be there yet."""
        if self.detector.sample_rate_hz is None:
            return frame_samples
        return max(1, (frame_samples - 1) * self.rate_hz // self.detector.sample_rate_hz)

    def _take_pending(self) -> Samples:
        taken = self._pending[0] if len(self._pending) == 1 else np.concatenate(self._pending)
        self._pending.clear()
        self._pending_size = 0
        return taken

    def _judge(self, samples: Samples) -> list[float]:
        audio: NDArray[Any] = samples if self._resampler is None else self._resampler.push(samples)
        if self._rest.size:
            audio = np.concatenate((self._rest, audio))
        size = self._frame_size
        end = audio.size - audio.size % size
        judge = self.detector.probability
        probabilities = [judge(audio[start : start + size]) for start in range(0, end, size)]
        self._rest = audio[end:].copy()
        self._wanted = self._least_samples_for(size - self._rest.size)
        return probabilities
