"""Another detector than the session's own decides over turns, as when a service changes its model."""

from dataclasses import dataclass

from ..vad.detector import DETECTORS
from .parameters import one_of, parameter
from .seams import DetectorFault


@dataclass(frozen=True, slots=True)
class AnotherDetector(DetectorFault):
    """Another kind of detector decides over turns; near-digital silence holds ``silero_v4`` in speech."""

    name = "another-detector"
    reports = ("snakers4/silero-vad#396", "measured: Silero v4 on a gate that flaps between noise and zeros")
    causes = ("vad_held", "vad_deaf")

    detector: str = parameter("silero_v4", one_of(DETECTORS), "The detector that decides.")

    @property
    def net(self) -> str | None:
        return self.detector
