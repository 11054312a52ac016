"""What an ear makes of the audio of one recorded session if other chunks of it are zeros."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ....audio.formats import PCM24K, SAMPLE_RATE_HZ
from ....vad.detector import FRAME_MS
from ....vad.energy import EnergyDetector
from .gating import Mask
from .parting import SPEECH_PROBABILITY, Frames, partings_of
from .recording import HeardSession, Recording, WrongModel

FRAME = SAMPLE_RATE_HZ * FRAME_MS // 1000
"""Samples of a frame at the client's rate."""

_Floats = NDArray[np.float64]


class EarModel(Protocol):
    """What the sessions of one recording hear."""

    def frames(self, masks: Mask) -> Frames:
        """``masks``: ``[rows, chunks]`` of the recording, the first of them the recorded one.

        Raises :exc:`WrongModel` if the model is wrong about the recorded row.
        """
        ...


class EnergyEar:
    """:class:`harness.vad.energy.EnergyDetector` over a session. All sums are of integers, so they are exact."""

    def __init__(self, recording: Recording, stream: HeardSession) -> None:
        self._stream = stream
        self._even = FRAME * EnergyDetector().even_energy_per_sample
        chunks = np.array([arrival.chunk for arrival in stream.arrivals], np.int64)
        audio = PCM24K.decode(b"".join([recording.pcm[chunk] for chunk in chunks])).astype(np.float64)
        ends = np.cumsum([recording.sizes[chunk] for chunk in chunks])
        self._parts(audio[: stream.frames * FRAME], chunks, ends, stream.frames)

    def _parts(self, audio: _Floats, chunks: NDArray[np.int64], ends: NDArray[np.int64], frames: int) -> None:
        """Cut the audio at the ends of chunks and of frames: a frame has ``width`` parts at most."""
        cuts = np.unique(np.concatenate([[0], ends, np.arange(0, frames * FRAME + 1, FRAME)]))
        cuts = cuts[cuts <= frames * FRAME]
        squares = np.add.reduceat(np.square(audio, audio), cuts[:-1]) if cuts.size > 1 else np.zeros(0)
        frame_of = cuts[:-1] // FRAME
        width = int(np.bincount(frame_of, minlength=1).max()) if frame_of.size else 1
        place = np.arange(frame_of.size) - np.searchsorted(frame_of, frame_of)
        self._energies = np.zeros((frames, width))
        self._chunks = np.zeros((frames, width), np.int64)
        self._energies[frame_of, place] = squares
        self._chunks[frame_of, place] = chunks[np.searchsorted(ends, cuts[:-1], side="right")]

    def frames(self, masks: Mask) -> Frames:
        """See :meth:`EarModel.frames`."""
        stream = self._stream
        varying = (masks != masks[0]).any(axis=0)
        frames = np.flatnonzero((varying[self._chunks] & (self._energies > 0)).any(axis=1))
        total = np.zeros((len(masks), frames.size))
        for part in range(self._chunks.shape[1]):
            total += masks[:, self._chunks[frames, part]] * self._energies[frames, part]
        with np.errstate(divide="ignore"):
            ratio = self._even / total
            probabilities = 1 / (1 + ratio * ratio)
        if not np.array_equal(probabilities[0], np.array(stream.turn.probabilities)[frames]):
            raise WrongModel("the model of the ear is wrong")
        partings = partings_of(stream, frames, probabilities)
        return Frames(frames, probabilities >= SPEECH_PROBABILITY, partings)
