"""The turn is committed, or the client asks for a response, and none ever starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .parameters import one_of, parameter
from .seams import PolicyFault

_CHANGES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "turns": {"reply": "never_starts"},
        "create": {"manual_create": "ignored"},
        "tool results": {"manual_create": "ignored_after_tool"},
        "all": {"reply": "never_starts", "manual_create": "ignored"},
    }
)


@dataclass(frozen=True, slots=True)
class DroppedResponse(PolicyFault):
    """Turns are committed as usual, and no response starts for them.

    Or none starts for the client's own ``response.create``, which gets no error either.
    """

    name = "dropped-response"
    reports = ("livekit-examples/realtime-playground#21", "MetaGLM/glm-realtime-sdk#21", "sonichi/sutando#3716")
    causes = ("turn_lost",)

    of: str = parameter(
        "turns",
        one_of(_CHANGES),
        "What gets no response: turns, the client's own response.create, one that follows a tool's result, or all.",
    )

    @property
    def changes(self) -> Mapping[str, str]:
        return _CHANGES[self.of]
