"""What a detector of speech is, and where to find one by name.

To add a detector: write one file with a class that has the shape of :class:`Detector`, and name it in
:data:`DETECTORS`. The class needs to import nothing from here.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from numpy.typing import NDArray

from ..errors import SettingError, did_you_mean
from .energy import EnergyDetector
from .silero import SileroDetector
from .silero_v4 import SileroV4Detector

FRAME_MS = 32
"""Length of the frame that every detector judges."""


class Detector(Protocol):
    """Turns consecutive frames of 32 ms into probabilities of speech."""

    name: str
    """Its name in :data:`DETECTORS`, in scenarios and on the command line."""
    sample_rate_hz: int | None
    """The rate of its frames, then float32 in [-1, 1). None: at the session's rate, int16 values as float64."""

    def probability(self, frame: NDArray[Any]) -> float:
        """Probability that somebody speaks in the next frame. Keeps state.

        A detector whose arithmetic may differ between processors in the last bits rounds to 4 decimals, so that no
        threshold flips.
        """
        ...

    def reset(self) -> None:
        """Forget all frames."""
        ...


DETECTORS: Mapping[str, Callable[[], Detector]] = MappingProxyType(
    {"silero": SileroDetector, "silero_v4": SileroV4Detector, "energy": EnergyDetector}
)
"""Makers of the detectors that need no arguments, by name."""
DEFAULT_DETECTOR = "silero"
"""The detector that matches recordings of the live service to the millisecond."""


def make_detector(name: str = DEFAULT_DETECTOR) -> Detector:
    """A new detector of :data:`DETECTORS`. Raises :exc:`SettingError` for another name."""
    if name not in DETECTORS:
        raise SettingError(f"no detector is named {name!r}; {did_you_mean(name, DETECTORS)}")
    return DETECTORS[name]()
