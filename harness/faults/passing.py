"""The base of source faults that leave every chunk as it is."""

from collections.abc import Sequence

from ..audio.formats import Samples
from .seams import Distortion


class Passing(Distortion):
    """Delivers each chunk unchanged."""

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        return (samples,)
