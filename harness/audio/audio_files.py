"""Audio files of the user's own, as samples: of any kind and rate that libsndfile reads, with a header or without."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from ..errors import AudioError
from ..units import FULL_SCALE, SECOND
from . import file_kinds
from .file_kinds import convert
from .formats import SAMPLE_RATE_HZ, Samples
from .resampling import HIGHEST_RATE_HZ, LOWEST_RATE_HZ, Resampler, resample_pieces

LONGEST_CLIP_US = 600 * SECOND
"""The longest recording, and the longest that the user or the assistant speaks at a stretch."""
PIECE_VALUES = 2**16
"""So many values of a file are decoded at a time."""
HEADERLESS = (".raw", ".pcm", ".ulaw", ".alaw")
"""Suffixes of files that hold samples and nothing else."""
ENCODINGS = {
    "pcm16": ("PCM_16", 2, "s16le"),
    "pcm24": ("PCM_24", 3, "s24le"),
    "pcm32": ("PCM_32", 4, "s32le"),
    "float32": ("FLOAT", 4, "f32le"),
    "ulaw": ("ULAW", 1, "mulaw"),
    "alaw": ("ALAW", 1, "alaw"),
}
"""How samples without a header can be written, little-endian: libsndfile's name, bytes of a sample, ffmpeg's name."""
MOST_CHANNELS = 64
"""The most that a file without a header may be said to have."""
_CANCELLED = 1e-3
"""Channels cancel each other if the mix has less than this part (-30 dB) of their mean power."""
_LARGEST = 2.0**32
"""Full scale is 1; a sample beyond this is no sound, and its square might overflow."""
_UNKNOWN_FRAMES = 2**62
"""libsndfile says so many frames or more if a header does not tell."""


@dataclass(frozen=True, slots=True)
class RawFormat:
    """What a file without a header holds."""

    encoding: str
    """Of :data:`ENCODINGS`."""
    rate_hz: int
    channels: int = 1

    @property
    def source(self) -> str:
        """What ffmpeg must be told of such a file."""
        return f"-f {ENCODINGS[self.encoding][2]} -ar {self.rate_hz} -ac {self.channels}"

    def command(self, path: Path) -> str:
        """How to give such a file a header."""
        return convert(path, source=self.source)


def read(path: Path, raw: RawFormat | None = None) -> Samples:
    """The samples of a file at 24 000 Hz, its channels mixed to one; read-only.

    ``raw`` says what a file without a header holds. Raises :exc:`AudioError`: one sentence, with what the file is and
    the cure.
    """
    if not os.path.isfile(path):  # unlike Path.is_file, it takes a name that is too long for no file
        raise AudioError(f"there is no file {path}; check the path, or use the bare name of a shipped recording")
    try:
        _check_content(path, raw)
        with open(path, "rb") as opened, _opened(opened, raw) as file:
            _check_header(path, file, raw)
            samples = resample_pieces(_mono(path, file), file.samplerate, SAMPLE_RATE_HZ)
    except OSError as error:
        raise AudioError(f"{path} cannot be read: {error.strerror}; give a readable file") from error
    except soundfile.SoundFileError as error:
        raise AudioError(_unreadable(path, error)) from error
    if not samples.size:
        raise AudioError(f"{path} holds no samples; give a file with sound in it")
    samples.flags.writeable = False
    return samples


def _unreadable(path: Path, error: soundfile.SoundFileError) -> str:
    reason = str(getattr(error, "error_string", error)).removeprefix("Error :").strip(" .")
    if (kind := file_kinds.header_kind(path)) is not None:
        return f"{path} is {kind} that is damaged or cut short ({reason}); copy or download it again"
    return (
        f"{path} cannot be read as audio ({reason}); give a WAV, FLAC, Ogg or MP3 file, made for example with:"
        f" {convert(path)}"
    )


def _check_content(path: Path, raw: RawFormat | None) -> None:
    kind = file_kinds.header_kind(path)
    if raw is None and path.suffix.lower() not in HEADERLESS:
        sentence = file_kinds.mistake(path)
    elif kind is not None:
        sentence = f"{path} is {kind}, which has a header; give it its usual suffix and leave out the format"
    elif os.path.getsize(path) == 0:
        sentence = file_kinds.mistake(path)
    elif raw is None:
        supposed = RawFormat({".ulaw": "ulaw", ".alaw": "alaw"}.get(path.suffix.lower(), "pcm16"), 8_000)
        sentence = (
            f"{path} has no header that says what it holds; say it with the step's format, such as"
            f" format: {{encoding: {supposed.encoding}, rate: 8000}}, or convert it, for example with:"
            f" {supposed.command(path)}"
        )
    else:
        sentence = _wrong_whole(path, raw)
    if sentence is not None:
        raise AudioError(sentence)


def _wrong_whole(path: Path, raw: RawFormat) -> str | None:
    size, frame = os.path.getsize(path), ENCODINGS[raw.encoding][1] * raw.channels
    if size % frame == 0:
        return None
    return (
        f"{path} has {size} bytes, which is no whole number of frames of {frame} bytes; check the encoding"
        f" ({raw.encoding}) and the channels ({raw.channels}) of its format"
    )


def _opened(file: BinaryIO, raw: RawFormat | None) -> soundfile.SoundFile:
    if raw is None:
        return soundfile.SoundFile(file)
    subtype, *_ = ENCODINGS[raw.encoding]
    endian = "LITTLE" if subtype.startswith(("PCM", "FLOAT")) else "FILE"
    return soundfile.SoundFile(file, "r", raw.rate_hz, raw.channels, subtype, endian, "RAW")


def _check_header(path: Path, file: soundfile.SoundFile, raw: RawFormat | None) -> None:
    try:
        Resampler(file.samplerate, SAMPLE_RATE_HZ)
    except AudioError as error:
        source = "header" if raw is None else "format"
        says = f"{path} has a rate of {file.samplerate} Hz by its {source}"
        why = f"and {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz can be read"
        if LOWEST_RATE_HZ <= file.samplerate <= HIGHEST_RATE_HZ:
            why = f"which has too few divisors in common with {SAMPLE_RATE_HZ} Hz"
        cure = convert(path, f"-ar {SAMPLE_RATE_HZ}", source="" if raw is None else raw.source)
        raise AudioError(f"{says}, {why}; convert it, for example with: {cure}") from error
    if file.frames >= _UNKNOWN_FRAMES:
        raise AudioError(
            f"{path} does not say in its header how long it is, as when it was written to a stream; repair it with:"
            f" {convert(path)}"
        )
    if file.frames > LONGEST_CLIP_US * file.samplerate // SECOND:
        raise AudioError(
            f"{path} lasts {file.frames / file.samplerate / 60:.1f} min by its header, and a recording has at most"
            f" {LONGEST_CLIP_US // SECOND // 60} min; cut it, for example with:"
            f" sox {quote(str(path))} out.wav trim 0 60"
        )


def _mono(path: Path, file: soundfile.SoundFile) -> Iterator[Samples]:
    """The samples of a file piece by piece, its channels mixed to one."""
    taken, mixed, apart = 0, 0.0, 0.0
    for frames in file.blocks(max(1, PIECE_VALUES // file.channels), dtype="float64", always_2d=True):
        if not (np.abs(frames) <= _LARGEST).all():  # nor is NaN
            raise AudioError(
                f"{path} holds samples that are not finite numbers, or are far beyond full scale; export it again as"
                " 16-bit PCM"
            )
        mono = frames.mean(axis=1)
        taken, mixed = taken + mono.size, mixed + float(mono @ mono)
        apart += float(np.einsum("ij,ij->", frames, frames)) / file.channels
        yield to_int16(mono * FULL_SCALE)
    if mixed < _CANCELLED * apart:
        one = convert(path, '-af "pan=mono|c0=c0"')
        raise AudioError(
            f"{path} has channels in opposite phase, which cancel each other when they are mixed to one; keep one of"
            f" them, for example with: {one}"
        )
    if taken < file.frames and file.format != "MP3":  # whose header only estimates
        raise AudioError(
            f"{path} is cut short: its header says {file.frames / file.samplerate:.3f} s, and"
            f" {taken / file.samplerate:.3f} s are there; copy or download it again, or keep those with:"
            f" {convert(path)}"
        )


def to_int16(values: npt.NDArray[np.float64]) -> Samples:
    """Values in LSB, rounded and clipped to full scale."""
    return np.clip(np.rint(values), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
