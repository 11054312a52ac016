"""The server accepts everything and says nothing: the socket is alive, pings are answered, no event ever comes.

Reported many times, first in community.openai.com topic 1374520.
"""

from typing import Literal

from harness.faults.seams import WireFault


class Mute(WireFault):
    """Server events are lost; pongs pass."""

    name = "mute"
    permanent = False

    def fate(self, direction: Literal["up", "down"], is_event: bool) -> Literal["pass", "lose"]:
        return "lose" if direction == "down" and is_event else "pass"
