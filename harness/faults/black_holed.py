"""The connection breaks and no new one is answered: the network is gone for a while."""

from harness.faults.seams import WireFault


class BlackHoled(WireFault):
    """The connection breaks abruptly, and as long as the fault lasts no new one is answered."""

    name = "black-holed"
    reports = ("multica-ai/multica#8524", "measured: packets dropped both ways under eight client libraries")
    causes = ("unreachable", "client_waiting")
    needs_end = True
    kills = True
    dials = "hang"
