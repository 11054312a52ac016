"""The session has reached its time limit: an error ``session_expired``, then a Close with 1001."""

from typing import Any

from .seams import Cure, SessionFault


class Expired(SessionFault):
    """The session expires at once, whatever its age: the server sends an error and closes the connection."""

    name = "expired"
    reports = ("pipecat-ai/pipecat#3170", "twilio-samples/speech-assistant-openai-realtime-api-python#10")
    causes = ("client_waiting",)

    def apply(self, session: Any, now: int) -> list[Any]:
        outputs: list[Any] = session.expire(now)
        return outputs

    @property
    def cure(self) -> Cure:
        return "new connection"
