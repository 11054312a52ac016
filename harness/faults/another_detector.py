"""Another net decides over turns than the session's own, as when a service changes its model."""

from dataclasses import dataclass

from harness.faults.parameters import one_of, parameter
from harness.faults.seams import DetectorFault
from harness.vad.detector import DETECTORS


@dataclass(frozen=True, slots=True)
class AnotherDetector(DetectorFault):
    """Another kind of detector decides over turns; ``silero_v4`` is held in speech by near-digital silence."""

    name = "another-detector"
    reports = ("snakers4/silero-vad#396", "measured: Silero v4 on a gate that flaps between noise and zeros")
    causes = ("vad_held", "vad_deaf")

    detector: str = parameter("silero_v4", one_of(DETECTORS), "The detector that decides.")

    @property
    def net(self) -> str | None:
        return self.detector
