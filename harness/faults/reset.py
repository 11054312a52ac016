"""The connection is reset: both sides see close code 1006 at once."""

from .seams import WireFault


class Reset(WireFault):
    """The connection breaks abruptly, and as long as the fault lasts new ones are refused."""

    name = "reset"
    reports = ("livekit/agents#2774", "measured: network service killed under Chromium")
    causes = ("client_waiting", "unreachable")
    transports = ("websocket",)
    kills = True
    dials = "refuse"
