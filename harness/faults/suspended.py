"""The capture stops: no chunk is delivered, so the server's audio clock stands still (a suspended AudioContext)."""

from collections.abc import Sequence

import numpy as np

from ..audio.formats import Samples
from .seams import Distortion, SourceFault


class Suspended(SourceFault):
    """The microphone delivers no chunks at all, so that the server's audio clock stands still."""

    name = "suspended"
    reports = ("pipecat-ai/pipecat#4124", "livekit/client-sdk-flutter#1006", "measured: AudioContext suspended")
    causes = ("clock_frozen",)

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Nothing()


class _Nothing(Distortion):
    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        return ()
