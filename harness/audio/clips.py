"""Recordings: those that are shipped, by name, and any audio file, by path. All come out mono at 24 000 Hz."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from ..errors import AudioError, did_you_mean
from ..shipped import fixtures_audio
from ..units import FULL_SCALE, MS, SECOND, SILENCE_DBFS, amplitude
from .formats import SAMPLE_RATE_HZ, Samples, sample_count
from .levels import level_dbfs
from .resampling import RATES_HZ, resample_pieces

LONGEST_CLIP_US = 600 * SECOND
"""The longest recording, and the longest that the user or the assistant speaks at a stretch."""
_PIECE_VALUES = 2**16
"""So many values of a file are decoded at a time."""


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
        pieces = (whole[start : start + _PIECE_VALUES] for start in range(0, whole.size, _PIECE_VALUES))
        return np.concatenate([_to_int16(piece.astype(np.float64) * gain) for piece in pieces])


def clip_names() -> tuple[str, ...]:
    """Names of the shipped recordings, as :func:`load_clip` takes them, in the order of the manifest."""
    return tuple(_manifest())


def load_clip(name: str, base: Path | None = None) -> Clip:
    """A shipped recording (a bare name) or an audio file (a name with a suffix or a slash, relative to ``base``).

    Files may be of any kind that libsndfile reads, of 8, 16, 24 or 48 kHz, and of at most :data:`LONGEST_CLIP_US`;
    channels are mixed to one. A file has no labelled speech. Raises :exc:`AudioError` with the cure in its message.
    """
    path = Path(name)
    if path.suffix or len(path.parts) > 1 or "/" in name:
        return Clip(name, _read((base or Path()) / path))
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
    return Clip(name, _read(fixtures_audio() / entry["file"]), speech_us, entry.get("transcript"))


def _read(path: Path) -> Samples:
    if not os.path.isfile(path):  # unlike Path.is_file, it takes a name that is too long for no file
        raise AudioError(f"there is no file {path}; check the path, or use the bare name of a shipped recording")
    try:
        with soundfile.SoundFile(path) as file:
            _check_header(path, file)
            samples = resample_pieces(_mono(path, file), file.samplerate, SAMPLE_RATE_HZ)
    except (soundfile.SoundFileError, TypeError) as error:
        raise AudioError(_unreadable(path, error)) from error
    if not samples.size:
        raise AudioError(f"{path} holds no samples; give a file with sound in it")
    samples.flags.writeable = False
    return samples


def _check_header(path: Path, file: soundfile.SoundFile) -> None:
    if file.samplerate not in RATES_HZ:
        raise AudioError(
            f"{path} has a rate of {file.samplerate} Hz; convert it to {SAMPLE_RATE_HZ} Hz, for example with:"
            f" sox {path} -r {SAMPLE_RATE_HZ} -c 1 out.wav"
        )
    if file.frames > LONGEST_CLIP_US * file.samplerate // SECOND:
        raise AudioError(
            f"{path} lasts {file.frames / file.samplerate / 60:.1f} min by its header, and a recording has at most"
            f" {LONGEST_CLIP_US // SECOND // 60} min; cut it, for example with: sox {path} out.wav trim 0 60"
        )


def _mono(path: Path, file: soundfile.SoundFile) -> Iterator[Samples]:
    """The samples of a file piece by piece, its channels mixed to one."""
    for frames in file.blocks(max(1, _PIECE_VALUES // file.channels), dtype="float64", always_2d=True):
        if not np.isfinite(frames).all():
            raise AudioError(f"{path} holds samples that are not finite numbers; export it again as 16-bit PCM")
        yield _to_int16(frames.mean(axis=1) * FULL_SCALE)


def _unreadable(path: Path, error: Exception) -> str:
    if not os.access(path, os.R_OK):
        return f"{path} cannot be read: permission denied; give a readable file"
    return f"{path} cannot be read as audio ({error}); give a WAV, FLAC or Ogg file"


def _to_int16(values: npt.NDArray[np.float64]) -> Samples:
    return np.clip(np.rint(values), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
