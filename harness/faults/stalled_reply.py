"""Audio stops in mid-reply and ``response.done`` never arrives."""

from collections.abc import Mapping

from .seams import PolicyFault


class StalledReply(PolicyFault):
    """Responses stop in mid-output: no more audio arrives, and no ``response.done``."""

    name = "stalled-reply"
    reports = ("openai/openai-realtime-console#62", "livekit/agents#3418")
    causes = ("response_stuck",)

    @property
    def changes(self) -> Mapping[str, str]:
        return {"reply": "stalls"}
