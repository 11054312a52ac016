"""The network stalls and then delivers everything it held, in order: a lift, a tunnel, a busy main thread."""

from typing import Literal

from harness.faults.seams import WireFault


class Stall(WireFault):
    """Messages are held both ways while it lasts; dials wait as well."""

    name = "stall"
    dials = "wait"
    permanent = False

    def fate(self, direction: Literal["up", "down"], is_event: bool) -> Literal["hold"]:
        return "hold"
