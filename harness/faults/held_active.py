"""The detector is held in speech: ``speech_started`` and never ``speech_stopped`` (twilio-python #6 and others)."""

from harness.faults.seams import DetectorFault


class HeldActive(DetectorFault):
    """Every frame is speech."""

    name = "held-active"

    def distort(self, probability: float) -> float:
        return 1.0
