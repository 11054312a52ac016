"""The client commits by hand, and the server does nothing, without an error."""

from collections.abc import Mapping

from .seams import PolicyFault


class IgnoredCommit(PolicyFault):
    """The server ignores each ``input_audio_buffer.commit``, without an error."""

    name = "ignored-commit"
    reports = ("openai/openai-realtime-console#556",)
    causes = ("turn_lost", "client_waiting")

    @property
    def changes(self) -> Mapping[str, str]:
        return {"manual_commit": "ignored"}
