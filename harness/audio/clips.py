"""Recordings: those that are shipped, by name, and any audio file, by path. All come out mono at 24 000 Hz."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import AudioError, did_you_mean
from ..shipped import fixtures_audio
from ..units import MS, SECOND, SILENCE_DBFS, amplitude
from .audio_files import PIECE_VALUES, RawFormat, read, to_int16
from .formats import SAMPLE_RATE_HZ, Samples, sample_count
from .levels import level_dbfs


@dataclass(frozen=True, eq=False, slots=True)
class Clip:
    """A piece of audio, and where in it there is speech."""

    name: str
    samples: Samples
    """int16 at 24 000 Hz, read-only."""
    speech_us: tuple[tuple[int, int], ...] = ()
    """Start and end of each labelled stretch of speech, in microseconds from the clip's start; may be empty."""
    transcript: str | None = None
    """What is said, if it is known; the manifest says how it is known."""

    @property
    def duration_us(self) -> int:
        """Length in microseconds, rounded down."""
        return self.samples.size * SECOND // SAMPLE_RATE_HZ

    @property
    def speech_level_dbfs(self) -> float:
        """RMS level in dBFS of the labelled speech, or of the whole clip if none is labelled."""
        parts = [self.samples[sample_count(start) : sample_count(end)] for start, end in self.speech_us]
        return level_dbfs(np.concatenate(parts) if parts else self.samples)

    def at_level(self, dbfs: float) -> Samples:
        """The samples scaled so that :attr:`speech_level_dbfs` becomes ``dbfs``, clipped to full scale.

        Clipping makes the result less loud than asked for. Raises :exc:`AudioError` if the clip is silent.
        """
        level = self.speech_level_dbfs
        if level <= SILENCE_DBFS:
            raise AudioError(f"{self.name} is silent and cannot be brought to {dbfs} dBFS; choose another clip")
        gain, whole = amplitude(dbfs - level), self.samples
        pieces = (whole[start : start + PIECE_VALUES] for start in range(0, whole.size, PIECE_VALUES))
        return np.concatenate([to_int16(piece.astype(np.float64) * gain) for piece in pieces])


def clip_names() -> tuple[str, ...]:
    """Names of the shipped recordings, as :func:`load_clip` takes them, in the order of the manifest."""
    return tuple(_manifest())


def is_file_name(name: str) -> bool:
    """Whether a name means an audio file: it has a suffix or a slash."""
    path = Path(name)
    return bool(path.suffix) or len(path.parts) > 1 or "/" in name


def load_clip(name: str, base: Path | None = None, raw: RawFormat | None = None) -> Clip:
    """A shipped recording (a bare name) or an audio file (a name with a suffix or a slash, relative to ``base``).

    Files may be of any kind and rate that libsndfile reads, and last at most
    :data:`~harness.audio.audio_files.LONGEST_CLIP_US`; channels are mixed to one. ``raw`` says what a file without a
    header holds. A file has no labelled speech. Raises :exc:`AudioError` with the cure in its message.
    """
    if is_file_name(name):
        return Clip(name, read((base or Path()) / name, raw))
    if raw is not None:
        raise AudioError(f"{name!r:.80} is not an audio file without a header; leave out its format")
    return _load_shipped(name)


@lru_cache(maxsize=1)
def _manifest() -> Mapping[str, Mapping[str, Any]]:
    entries = json.loads((fixtures_audio() / "MANIFEST.json").read_text(encoding="utf-8"))
    return {Path(entry["file"]).stem: entry for entry in entries}


@lru_cache
def _load_shipped(name: str) -> Clip:
    entry = _manifest().get(name)
    if entry is None:
        raise AudioError(
            f"no recording is named {name!r:.80}; {did_you_mean(name, clip_names())}"
            " (a file of your own needs its suffix)"
        )
    speech_us = tuple((start * MS, end * MS) for start, end in entry.get("speech_ms", ()))
    return Clip(name, read(fixtures_audio() / entry["file"]), speech_us, entry.get("transcript"))
