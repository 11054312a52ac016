"""The sounds of a run in its picture: envelopes, the curve of the server's ear, and audio that a browser can play."""

import base64
import io
from typing import Any

import numpy as np
import soundfile

from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..units import MS, SECOND
from ..vad.detector import FRAME_MS
from .tape import CurvePiece, RunTape

PEAKS_MS = 20
"""The envelope has a peak for each so many milliseconds."""
LOWEST_DBFS = -96.0
SHORT_US = 180 * SECOND
"""Longer runs are written in fewer bits, so that ten minutes stay under 4 MB."""
_BLOCK = SAMPLE_RATE_HZ
"""So many samples are written at a time: libsndfile fails on very long ones."""


def waves(tape: RunTape) -> dict[str, dict[str, Any]]:
    """The envelopes of the lanes that have sound, by the name of the lane."""
    tracks = {"microphone": tape.captured, "sent": tape.sent, "assistant": tape.heard}
    return {name: {"step": PEAKS_MS, "peaks": peaks(track.samples(tape.length_us))} for name, track in tracks.items()}


def peaks(samples: Samples) -> str:
    """The envelope in base64, a byte for each :data:`PEAKS_MS`: 0 is digital zero, 1 is -96 dBFS, 255 is full scale."""
    size = PEAKS_MS * SAMPLE_RATE_HZ // 1000
    whole = np.zeros(-(-samples.size // size) * size, np.int32)
    whole[: samples.size] = samples
    highest = np.abs(whole).reshape(-1, size).max(axis=1)
    decibels = 20 * np.log10(np.maximum(highest, 1) / 32768)
    steps = 1 + np.clip(np.round(254 * (1 - decibels / LOWEST_DBFS)), 0, 254)
    return _base64(np.where(highest > 0, steps, 0).astype(np.uint8).tobytes())


def curve(tape: RunTape) -> dict[str, Any]:
    """What the server's ear thought of each frame, from 0 to 255, and the thresholds in force."""
    return {
        "step": FRAME_MS,
        "pieces": [_piece(piece) for piece in tape.curve],
        "thresholds": [[each.t // MS, each.value] for each in tape.thresholds],
    }


def _piece(piece: CurvePiece) -> dict[str, Any]:
    """The honest probabilities only where they differ from what the turn automaton got."""
    found: dict[str, Any] = {"start": piece.start_us // MS, "values": _probabilities(piece.values)}
    if piece.honest != piece.values:
        found["honest"] = _probabilities(piece.honest)
    return found


def _probabilities(values: list[float]) -> str:
    return _base64(np.round(255 * np.clip(values, 0.0, 1.0)).astype(np.uint8).tobytes())


def audio(tape: RunTape) -> dict[str, str]:
    """What was sent on the left, and what was heard on the right, as Ogg Vorbis."""
    sides = [track.samples(tape.length_us) for track in (tape.sent, tape.heard)]
    written = _vorbis(np.stack(sides, axis=1), is_long=tape.length_us > SHORT_US)
    return {"type": "audio/ogg", "left": "as sent", "right": "as heard", "data": _base64(written)}


def _vorbis(stereo: Samples, *, is_long: bool) -> bytes:
    target = io.BytesIO()
    with _opened(target, 1.0 if is_long else 0.7) as file:
        for begin in range(0, len(stereo), _BLOCK):
            file.write(stereo[begin : begin + _BLOCK])
    return target.getvalue()


def _opened(target: io.BytesIO, compression: float) -> soundfile.SoundFile:
    arguments = (target, "w", SAMPLE_RATE_HZ, 2, "VORBIS")
    try:
        return soundfile.SoundFile(*arguments, format="OGG", compression_level=compression)
    except TypeError:  # before 0.13 the quality cannot be chosen
        return soundfile.SoundFile(*arguments, format="OGG")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
