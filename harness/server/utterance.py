"""What the assistant says: samples and words, and their pieces on the wire."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2s
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..audio.audio_files import LONGEST_CLIP_US
from ..audio.babble import babble
from ..audio.clips import Clip, load_clip
from ..audio.formats import SAMPLE_RATE_HZ, AudioFormat
from ..audio.resampling import resample
from ..errors import AudioError
from ..units import MS, SECOND

DELTA_US = 100 * MS
"""Audio in one ``response.output_audio.delta``."""
WORD_US = 350 * MS
"""Synthesised speech takes this for each word: about 170 words a minute (assumed)."""
_UNNAMED = "All right."
"""The transcript of an answer whose words are not known."""
SILENCE = "silence"
BABBLE = "babble"


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One answer: int16 samples at 24 kHz, and its transcript."""

    samples: NDArray[np.int16]
    transcript: str

    @property
    def duration_us(self) -> int:
        """Length of the audio."""
        return len(self.samples) * SECOND // SAMPLE_RATE_HZ


@lru_cache(maxsize=32)
def deltas(utterance: Utterance, audio_format: AudioFormat) -> tuple[bytes, ...]:
    """The utterance's audio in pieces of :data:`DELTA_US`, encoded for the wire."""
    samples = resample(utterance.samples, SAMPLE_RATE_HZ, audio_format.rate_hz)
    step = DELTA_US * audio_format.rate_hz // SECOND
    return tuple(audio_format.encode(samples[start : start + step]) for start in range(0, len(samples), step))


@lru_cache(maxsize=8)
def silent_delta(audio_format: AudioFormat) -> bytes:
    """:data:`DELTA_US` of digital silence, encoded for the wire."""
    return audio_format.encode(np.zeros(DELTA_US * audio_format.rate_hz // SECOND, np.int16))


@lru_cache(maxsize=64)
def utterance(
    clip: str | None = None,
    lasts_us: int | None = None,
    base: Path | None = None,
    text: str | None = None,
    level_dbfs: float | None = None,
) -> Utterance:
    """The assistant's answer, from a recording (as :func:`harness.audio.clips.load_clip` takes it) or made up.

    ``clip`` may also be ``babble`` or ``silence``; without one, ``text`` is spoken as babble of its length. ``text`` is
    the transcript if given. ``lasts_us`` cuts a recording short, and says how long what is made up lasts.
    ``level_dbfs`` is the level of its speech; None leaves it as it is. Raises :exc:`harness.errors.AudioError`, also
    for what is made up and longer than :data:`harness.audio.audio_files.LONGEST_CLIP_US`.
    """
    if clip in (None, BABBLE, SILENCE):
        words = "I can hear you well." if text is None else text
        length_us = made_up_us(text, lasts_us)
        made_up = _made_up(clip, length_us, text)
        return Utterance(_at_level(Clip(clip or BABBLE, made_up), level_dbfs), words)
    recording = load_clip(clip, base)
    samples = _at_level(recording, level_dbfs)
    if lasts_us is not None:
        samples = samples[: lasts_us * SAMPLE_RATE_HZ // SECOND]
    return Utterance(samples, text or recording.transcript or _UNNAMED)


def _at_level(clip: Clip, level_dbfs: float | None) -> NDArray[np.int16]:
    return clip.samples if level_dbfs is None else clip.at_level(level_dbfs)


def made_up_us(text: str | None, lasts_us: int | None) -> int:
    """How long a made up answer lasts. Raises :exc:`harness.errors.AudioError` if that is too long."""
    if lasts_us is None:
        lasts_us = 2 * SECOND if text is None else max(1, len(text.split())) * WORD_US
    if lasts_us > LONGEST_CLIP_US:
        cure = "give it a shorter length" if text is None else "shorten the text, or say how long it lasts"
        raise AudioError(
            f"this answer would last {lasts_us / SECOND / 60:.0f} min, and an answer has at most"
            f" {LONGEST_CLIP_US // SECOND // 60} min; {cure}, such as lasts: 20s"
        )
    return lasts_us


def _made_up(clip: str | None, length_us: int, text: str | None) -> NDArray[np.int16]:
    if clip == SILENCE:
        return np.zeros(length_us * SAMPLE_RATE_HZ // SECOND, np.int16)
    seed = 11 if text is None else int.from_bytes(blake2s(text.encode()).digest()[:4], "big")
    return babble(length_us, seed=seed)
