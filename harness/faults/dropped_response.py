"""The turn is committed, and no response ever starts for it."""

from collections.abc import Mapping

from .seams import PolicyFault


class DroppedResponse(PolicyFault):
    """Turns are committed as usual, and no response starts for them."""

    name = "dropped-response"
    reports = ("livekit-examples/realtime-playground#21", "MetaGLM/glm-realtime-sdk#21")
    causes = ("turn_lost",)

    @property
    def changes(self) -> Mapping[str, str]:
        return {"reply": "never_starts"}
