"""The capture stops: no chunk comes, so the server's audio clock stands still (a suspended AudioContext)."""

from harness.audio.formats import Samples
from harness.faults.seams import SourceFault


class Suspended(SourceFault):
    """No chunks."""

    name = "suspended"

    def distort(self, samples: Samples) -> None:
        return None
