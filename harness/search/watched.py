"""Ends a run that takes too long, and knows which method of the client had not returned.

Only in the main thread of a process, where there are timers; and only if the client runs Python code, or waits. Whoever
gives out the work ends the process otherwise (:mod:`harness.processes`).
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ..clients.registry import running_part
from ..units import SECOND
from ..world.tested import running_method

_AGAIN_S = 0.5
"""A client may catch what ends it: then it is ended again."""


class TookTooLong(BaseException):
    """A run has taken too long. No :exc:`Exception`, because clients catch those."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(reason)
        self.part = part
        """What of the client has not returned, such as ``hear() did not return``."""


@contextmanager
def ended_after(limit_s: float | None) -> Iterator[None]:
    """Raise :exc:`TookTooLong` in the block once it has taken so long in wall time; None: never."""
    if limit_s is None or not hasattr(signal, "setitimer"):
        yield
        return
    over: list[bool] = []

    def ring(_: int, frame: FrameType | None) -> None:
        if over:
            return
        method = running_method(frame)
        part = method[0] if method else running_part(frame) or ""
        at = f" at {method[1] / SECOND:.3f} s" if method else ""
        what = f"the client did not return from {part}{at}" if part else "the run did not end"
        raise TookTooLong(f"{part or 'the run'} did not return", f"{what} within {limit_s:g} s")

    try:
        before: Any = signal.signal(signal.SIGALRM, ring)
    except ValueError:  # not in the main thread
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, limit_s, _AGAIN_S)
    try:
        try:
            yield
        finally:
            over.append(True)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if before is None else before)
