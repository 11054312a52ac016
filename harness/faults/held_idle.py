"""The detector is deaf: speech is no longer noticed, as after a long noise (silero-vad #725)."""

from harness.faults.seams import DetectorFault


class HeldIdle(DetectorFault):
    """Every frame is silence."""

    name = "held-idle"

    def distort(self, probability: float) -> float:
        return 0.0
