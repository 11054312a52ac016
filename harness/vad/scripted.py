"""A detector that ignores the audio and plays given probabilities.

Unrealistic by design: the audio decides only when a frame is complete, never its probability.
"""

from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray

from ..errors import SettingError


class ScriptedDetector:
    """Plays ``probabilities``, one a frame, then ``final`` for all others. Frames are of the session's own rate.

    Raises :exc:`SettingError` for a probability outside 0 to 1.
    """

    name = "scripted"
    sample_rate_hz: int | None = None

    def __init__(self, probabilities: Iterable[float], final: float = 0.0) -> None:
        self._script = tuple(probabilities)
        self._final = final
        for value in (*self._script, final):
            if not 0 <= value <= 1:
                raise SettingError(f"a scripted probability lies between 0 and 1 (got {value})")
        self._next = 0

    def probability(self, frame: NDArray[Any]) -> float:
        """The next probability of the script, whatever the frame holds."""
        position = self._next
        if position >= len(self._script):
            return self._final
        self._next = position + 1
        return self._script[position]

    def reset(self) -> None:
        """Back to the beginning of the script."""
        self._next = 0
