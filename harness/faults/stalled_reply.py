"""Audio stops in mid-reply and ``response.done`` never comes (openai-realtime-console #62)."""

from typing import ClassVar

from harness.faults.seams import PolicyFault


class StalledReply(PolicyFault):
    """Responses of this session stop in mid-output."""

    name = "stalled-reply"
    changes: ClassVar[dict[str, str]] = {"reply": "stalls"}
