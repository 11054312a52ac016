"""Responses start and end at once with status ``failed``."""

from collections.abc import Mapping

from .seams import PolicyFault


class FailedResponse(PolicyFault):
    """Each response fails as soon as it is created, without any output."""

    name = "failed-response"
    reports = ("twilio-samples/speech-assistant-openai-realtime-api-node#37", "openai/openai-realtime-api-beta#116")
    causes = ("response_failed",)

    @property
    def changes(self) -> Mapping[str, str]:
        return {"reply": "fails"}
