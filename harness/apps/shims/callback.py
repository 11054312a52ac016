"""What PortAudio and an app's callback say to each other."""

import enum
import traceback
from collections.abc import Callable
from typing import NamedTuple


class Flags(enum.IntFlag):
    """What went wrong since the last callback, as PortAudio numbers it."""

    NONE = 0
    INPUT_UNDERFLOW = 1
    INPUT_OVERFLOW = 2
    OUTPUT_UNDERFLOW = 4
    OUTPUT_OVERFLOW = 8
    PRIMING_OUTPUT = 16


class AfterCall(enum.IntEnum):
    """What a callback wants: to be called again, to end when all was played, or to end at once."""

    CONTINUE = 0
    COMPLETE = 1
    ABORT = 2


class Times(NamedTuple):
    """Of a callback, in seconds: when its first frame was captured, now, and when its first frame will be heard."""

    captured_s: float
    now_s: float
    heard_s: float


Callback = Callable[[bytes, int, Times, Flags], tuple[bytes, AfterCall]]
"""Gets captured frames (empty if it only plays), their number, times and flags; gives frames to play."""


def called(callback: Callback, captured: bytes, frames: int, times: Times, flags: Flags) -> tuple[bytes, AfterCall]:
    """Call it; what it raises is printed, and ends the stream, as in the real modules."""
    try:
        return callback(captured, frames, times, flags)
    except BaseException:  # PortAudio's thread has nobody to pass it on to
        traceback.print_exc()
        return b"", AfterCall.ABORT
