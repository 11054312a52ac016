"""The capture delivers more audio than time passes, so that the server's audio clock runs ahead.

Reported of recorders whose callback fires twice for each buffer, and of streams that a service refuses as faster than
real time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio.formats import Samples
from .parameters import parameter, whole
from .seams import Distortion, SourceFault


@dataclass(frozen=True, slots=True)
class FastCapture(SourceFault):
    """Each chunk is delivered several times, so that more audio comes than time passes."""

    name = "fast-capture"
    reports = ("microsoft/cognitive-services-speech-sdk-js#62", "GoogleCloudPlatform/nodejs-docs-samples#420")
    causes = ("audio_garbled", "endless_sound")

    times: int = parameter(2, whole(2, 8), "How often each chunk is delivered.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Repeated(self.times)


class _Repeated(Distortion):
    def __init__(self, times: int) -> None:
        self._times = times

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        return (samples,) * self._times
