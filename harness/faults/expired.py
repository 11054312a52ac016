"""The session's time is up: an error ``session_expired``, then a Close with 1001."""

from typing import Any

from harness.faults.seams import Cure, SessionFault


class Expired(SessionFault):
    """The session expires now, whatever its age: the server says so in an error and closes the connection."""

    name = "expired"
    reports = ("pipecat-ai/pipecat#3170", "twilio-samples/speech-assistant-openai-realtime-api-python#10")
    causes = ("client_waiting",)

    def happen(self, session: Any, now: int) -> list[Any]:
        outputs: list[Any] = session.expire(now)
        return outputs

    @property
    def cure(self) -> Cure:
        return "new connection"
