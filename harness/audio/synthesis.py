"""Every synthesised sound by the name that scenarios use.

To add one, write a function of a duration in microseconds and a seed that returns int16 samples at 24 000 Hz, and
enter it in :data:`NOISES`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from .babble import babble
from .formats import Samples
from .keyboard import thocks, typing
from .noises import breathing, door, hum, self_noise

_WHITE_PEAK_LSB = 300
"""Peak of the noise named ``white``: a microphone with its gain turned up."""


def white(duration_us: int, seed: int) -> Samples:
    """White noise of peak :data:`_WHITE_PEAK_LSB`."""
    return self_noise(duration_us, _WHITE_PEAK_LSB, seed)


NOISES: Mapping[str, Callable[[int, int], Samples]] = MappingProxyType(
    {
        "keyboard": typing,
        "thocks": thocks,
        "hum": hum,
        "breathing": breathing,
        "door": door,
        "babble": babble,
        "white": white,
    }
)
"""Sounds by name, as functions of (duration in microseconds, seed)."""
ONCE = ("door",)
"""Of those, the sounds that happen once, however long their duration is; the others go on."""
