"""The client clears the buffer while the user speaks, and the server's turn detection does the wrong thing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .parameters import one_of, parameter
from .seams import PolicyFault


@dataclass(frozen=True, slots=True)
class ClearDuringSpeech(PolicyFault):
    """A ``clear`` of the buffer while the user speaks loses the turn, leaves it open, or makes the server deaf."""

    name = "clear-during-speech"
    reports = ("community 1374520", "read: the source of six open servers, which differ")
    causes = ("vad_deaf", "client_waiting")

    variant: Literal["reset", "buffer_only", "wedge"] = parameter(
        "wedge",
        one_of(("reset", "buffer_only", "wedge")),
        "Detection goes idle without a speech_stopped; or the turn stays open; or no speech is ever noticed again.",
    )

    @property
    def changes(self) -> Mapping[str, str]:
        return {"clear_during_speech": self.variant}
