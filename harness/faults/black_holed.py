"""The connection breaks and no new one is answered: there is no network for a while."""

from .seams import WireFault


class BlackHoled(WireFault):
    """The connection breaks abruptly, and no new one is answered while the fault lasts.

    A client that is still dialling when the fault ends is connected by TCP's next attempt.
    """

    name = "black-holed"
    reports = ("multica-ai/multica#8524", "measured: packets dropped both ways under eight client libraries")
    causes = ("unreachable", "client_waiting")
    transports = ("websocket",)
    needs_end = True
    kills = True
    dials = "hang"
