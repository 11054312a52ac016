"""Audio stops in mid-reply, for a while or for good; without an end ``response.done`` never arrives."""

from collections.abc import Mapping

from .seams import PolicyFault


class StalledReply(PolicyFault):
    """Responses stop in mid-output: no more audio arrives, and no ``response.done``.

    When the fault ends, they go on where they were.
    """

    name = "stalled-reply"
    reports = ("openai/openai-realtime-console#62", "livekit/agents#3418", "langwatch/scenario#792")
    causes = ("response_stuck",)

    @property
    def changes(self) -> Mapping[str, str]:
        return {"reply": "stalls"}
