"""The path of a call is lost: every UDP packet, for a time or for ever. A tunnel, a lift, a change of networks."""

import numpy as np

from .seams import MediaFault, PacketFilter


class IceLost(MediaFault):
    """No packet passes either way; events arrive late and whole afterwards, audio is lost; new calls do not connect.

    Measured in Chromium: the state is ``disconnected`` after 6.3 s and ``failed`` after 17.6 s. After 8 s the call goes
    on at once, after 20 s within 6 s; after 30 s the server has given it up.
    """

    name = "ice-lost"
    reports = ("measured: all UDP lost for 3, 8 and 20 s and for good under Chromium",)
    causes = ("half_open", "unreachable", "media_lost", "client_waiting")
    stops_events = True
    stops_checks = True
    dials = "hang"

    def begin(self, rng: np.random.Generator) -> PacketFilter:
        return lambda direction, now: True
