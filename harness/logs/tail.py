"""What the client appended after the last answer: a live microphone, or one that may be dead.

A user who says nothing leaves the sound of the room. A dead microphone, a closed gate and a muted one leave zeros, or
next to nothing; only what was sent in earlier pauses tells whether that is usual for this client.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..vad.detector import FRAME_MS
from ..verdict.evidence import LOUD_LSB
from ..verdict.links import NEAR_SILENCE_LSB
from .conversation import SeenSession

TailKind = Literal["room", "sound", "repeated", "zeros", "usual zeros", "hushed", "faint", "short"]
"""``room``: as in earlier pauses; ``sound``: louder, and no speech; ``repeated``: the same sound again and again;
``zeros``: exact zeros where there was a room before; ``usual zeros``: as in earlier pauses, which were zeros too;
``hushed``: far below the room that was there before; ``faint``: so little that it may be a dead microphone; ``short``:
too little to say."""

LEAST_MS = 1_500
"""So much must have been appended to judge it."""
_LAST_MS = 4_000
"""How it was at last decides: a client may have sent zeros while the assistant spoke."""
_MARGIN_MS = 600
"""What follows the end of speech so closely may belong to it."""
_HUSHED_SHARE = 0.15
"""A room that falls to less than this share of its level (-16 dB) is not the same microphone any more."""
_ZERO_SHARE = 0.8
_FEW_FRAMES = 6
_USUAL_SHARE = 0.15
"""A client that sent zeros for such a share of its pauses has a gate."""
_SOUND_MS = 400


def tail_of(seen: SeenSession, from_ms: float) -> tuple[TailKind, str]:
    """What was appended from this place of the audio on, and in words how loud it was."""
    begin = from_ms + _MARGIN_MS
    frames = _trailing(seen.uplink.frames(begin, seen.uplink.total_ms))
    last = frames[-_LAST_MS // FRAME_MS :]
    if len(frames) * FRAME_MS < LEAST_MS:
        return "short", f"{max(0.0, seen.uplink.total_ms - from_ms) / 1000:.1f} s of audio follow it"
    length = f"{len(frames) * FRAME_MS / 1000:.1f} s of audio follow it"
    before = _pauses(seen, from_ms)
    zeros = float(np.mean(last[:, 1] == 0))
    room, level = _level(before), _level(last)
    peak = int(last[:, 1].max())
    if zeros >= _ZERO_SHARE:
        share = f"{length}, and {zeros:.0%} of the last of it are exact zeros"
        if len(before) and float(np.mean(before[:, 1] == 0)) >= _USUAL_SHARE:
            return "usual zeros", f"{share}, as in the pauses before"
        return "zeros" if len(before) * FRAME_MS >= LEAST_MS else "usual zeros", share
    if float(np.sum(frames[:, 0] >= max(LOUD_LSB, 4 * room))) * FRAME_MS >= _SOUND_MS:
        if seen.uplink.repeats_from(begin):
            return "repeated", f"{length}, which repeat one stretch of sound to the sample"
        return "sound", f"{length}, with sound up to a peak of {peak} of 32768 in which no speech is heard"
    if len(before) * FRAME_MS >= LEAST_MS and level < _HUSHED_SHARE * room and room > 2:
        times = f"{room / max(level, 1.0):.0f} times as loud"
        return "hushed", f"{length}, and the last of it peaks at {peak} of 32768; the room before was {times}"
    if seen.uplink.repeats_from(begin):
        return "repeated", f"{length}, which repeat one stretch of sound to the sample"
    if peak <= NEAR_SILENCE_LSB:
        return (
            "faint",
            f"{length}, and the last of it never peaks above {peak} of 32768: a quiet room, or a dead microphone",
        )
    return "room", f"{length}: the sound of a room (peak {peak} of 32768), and no speech in it"


def room_before(seen: SeenSession, until_ms: float) -> float:
    """The level of the room in the pauses before this place of the audio, in LSB; 0.0: there was none."""
    return _level(_pauses(seen, until_ms))


def _pauses(seen: SeenSession, until_ms: float) -> NDArray[np.float64]:
    """The frames between what was said before."""
    keep = np.ones(len(seen.uplink.levels), bool)
    keep[int(until_ms) // FRAME_MS :] = False
    for span in seen.uplink.speeches:
        keep[max(0, span.begin_ms - _MARGIN_MS) // FRAME_MS : (span.end_ms + _MARGIN_MS) // FRAME_MS] = False
    found: NDArray[np.float64] = seen.uplink.levels[keep]
    return found


def _level(frames: NDArray[np.float64]) -> float:
    """The RMS that three quarters of what is not exactly zero exceed: clicks and rests of speech do not count."""
    sound = frames[frames[:, 1] > 0, 0]
    return float(np.percentile(sound, 25)) if len(sound) else 0.0


def _trailing(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """If sound is sent at the end: what was sent since the last run of zeros, such as while the assistant spoke."""
    zero = frames[:, 1] == 0
    if not len(zero) or zero[-_FEW_FRAMES:].any():
        return frames
    runs = np.convolve(zero, np.ones(_FEW_FRAMES), "valid") >= _FEW_FRAMES
    ends = np.nonzero(runs)[0]
    return frames[ends[-1] + _FEW_FRAMES :] if len(ends) else frames
