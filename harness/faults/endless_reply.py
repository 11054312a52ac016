"""The answer is silent audio that never ends."""

from collections.abc import Mapping

from .seams import PolicyFault


class EndlessReply(PolicyFault):
    """Answers turn into silent audio that has no end until they are cancelled."""

    name = "endless-reply"
    reports = ("community 1141330",)
    causes = ("reply_inaudible", "response_stuck")

    @property
    def changes(self) -> Mapping[str, str]:
        return {"reply": "endless"}
