"""Audio that was captured several times: whether what arrives is taken for the right one of them.

The world finds what a client sends by its bytes (:mod:`harness.world.captured`), and the noise of a room repeats.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ....audio.formats import SAMPLE_RATE_HZ
from ....units import MS, SECOND
from .gating import Mask
from .recording import NotPlain, Recording

_HEAD_BYTES = 64
"""By so much of a chunk the world looks for it."""
_APART_CHUNKS = 20
_APART_US = 250 * MS
"""Chunks that begin with the same bytes are told apart by when they are expected if they begin so far apart."""


class Repeats:
    """The chunks of a recording by the bytes that they begin with.

    Raises :exc:`NotPlain` if two that are near to each other begin alike, or if one is too short to be looked for.
    """

    def __init__(self, recording: Recording) -> None:
        numbers: dict[bytes, int] = {}
        last: dict[int, int] = {}
        kinds = [0] * len(recording.pcm)
        for chunk, (pcm, peak) in enumerate(zip(recording.pcm, recording.peaks, strict=True)):
            if not peak:
                continue
            if len(pcm) < _HEAD_BYTES:
                raise NotPlain("a chunk is too short to be told from others")
            kind = kinds[chunk] = numbers.setdefault(pcm[:_HEAD_BYTES], len(numbers) + 1)
            if kind in last and not _are_apart(recording, last[kind], chunk):
                raise NotPlain("a sound repeats within a moment")
            last[kind] = chunk
        counts = Counter(kinds)
        self._kinds = np.array(kinds, np.int64)
        self.unique: Mask = np.array([kind > 0 and counts[kind] == 1 for kind in kinds], np.bool_)
        """Whether a chunk is audible, and no other begins like it."""
        audible = np.flatnonzero(self._kinds)
        self._next = np.append(audible, 0)[np.searchsorted(audible, np.arange(len(kinds)), side="right")]
        """The chunk that is audible and was captured next."""

    def certain(self, recognised: Mask, chunks: NDArray[np.int64]) -> Mask:
        """Of each row, whether all chunks that arrived on one connection are found where they were captured.

        Where something was gated, the world first asks whether what arrives is the chunk after the last one it found.
        """
        chunks = chunks[self._kinds[chunks] > 0]
        certain = np.ones(len(recognised), np.bool_)
        again = np.flatnonzero(~self.unique[chunks])
        again = again[again > 0]
        sent = recognised[:, chunks]
        begins = sent[:, again] & ~sent[:, again - 1]
        rows = np.flatnonzero(begins.any(axis=1))
        if rows.size:
            places = np.where(sent[rows], np.arange(chunks.size, dtype=np.int32), np.int32(-1))
            last = np.maximum.accumulate(places, axis=1)[:, again - 1]
            follows = self._kinds[self._next[chunks[last]]] == self._kinds[chunks[again]]
            certain[rows] = ~(begins[rows] & (last >= 0) & follows).any(axis=1)
        return certain


def _are_apart(recording: Recording, one: int, other: int) -> bool:
    one_us, other_us = (
        recording.captured_us[chunk] - recording.sizes[chunk] * SECOND // SAMPLE_RATE_HZ for chunk in (one, other)
    )
    return other - one >= _APART_CHUNKS and other_us - one_us >= _APART_US
