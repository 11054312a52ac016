"""The server drops turns that it takes for noise: ``speech_started``, and nothing after it."""

from collections.abc import Mapping

from .seams import PolicyFault


class DiscardedTurns(PolicyFault):
    """Turns are dropped at their end, without a ``speech_stopped``, a commit or a response."""

    name = "discarded-turns"
    reports = ("read: LocalAI's own list of failure modes",)
    causes = ("turn_lost", "vad_held")

    @property
    def changes(self) -> Mapping[str, str]:
        return {"turn_end": "discards"}
