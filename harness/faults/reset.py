"""The connection is reset: both sides see close code 1006 at once."""

from harness.faults.seams import WireFault


class Reset(WireFault):
    """An abrupt close; dials are refused while the fault lasts."""

    name = "reset"
    kills = True
    dials = "refuse"
