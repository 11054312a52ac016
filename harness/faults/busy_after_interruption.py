"""The user interrupts an answer, and the session stays busy with it: it never ends, and no other one begins."""

from collections.abc import Mapping

from .seams import PolicyFault


class BusyAfterInterruption(PolicyFault):
    """An answer that the user interrupts stops and never ends, so that no other one begins.

    There is no ``response.done``; turns get no answer, and requests are refused, until the client cancels it.
    """

    name = "busy-after-interruption"
    reports = ("livekit/livekit#4484", "livekit/agents#2064")
    causes = ("response_stuck",)

    @property
    def changes(self) -> Mapping[str, str]:
        return {"interruption": "stays_busy"}
