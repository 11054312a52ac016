"""The answer is text, although audio was requested."""

from collections.abc import Mapping

from .seams import PolicyFault


class TextOnlyReply(PolicyFault):
    """Answers are text without audio, although audio was requested."""

    name = "text-only-reply"
    reports = ("livekit/agents#2471", "livekit/agents#2694")
    causes = ("reply_inaudible",)

    @property
    def changes(self) -> Mapping[str, str]:
        return {"reply": "text_only"}
