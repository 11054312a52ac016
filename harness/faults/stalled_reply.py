"""Audio stops in mid-reply and ``response.done`` never comes."""

from collections.abc import Mapping

from harness.faults.seams import PolicyFault


class StalledReply(PolicyFault):
    """Responses stop in mid-output: no more audio comes, and no ``response.done``."""

    name = "stalled-reply"
    reports = ("openai/openai-realtime-console#62", "livekit/agents#3418")
    causes = ("response_stuck",)

    @property
    def changes(self) -> Mapping[str, str]:
        return {"reply": "stalls"}
