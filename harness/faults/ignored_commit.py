"""The client commits by hand, and nothing comes of it, no error either."""

from collections.abc import Mapping

from harness.faults.seams import PolicyFault


class IgnoredCommit(PolicyFault):
    """The server does nothing at an ``input_audio_buffer.commit``, and says no error either."""

    name = "ignored-commit"
    reports = ("openai/openai-realtime-console#556",)
    causes = ("turn_lost", "client_waiting")

    @property
    def changes(self) -> Mapping[str, str]:
        return {"manual_commit": "ignored"}
