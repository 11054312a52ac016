"""Answers of full length at no amplitude: words and events are those of any answer."""

from collections.abc import Mapping

from .seams import PolicyFault


class SilentReply(PolicyFault):
    """Answers have their full length, words and events, and each sample of their audio is zero."""

    name = "silent-reply"
    reports = ("google-gemini/gemini-live-api-examples#40",)
    causes = ("reply_inaudible",)

    @property
    def changes(self) -> Mapping[str, str]:
        return {"reply": "silent"}
