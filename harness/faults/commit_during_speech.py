"""The client commits the buffer while the user speaks: no ``speech_stopped`` follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .parameters import one_of, parameter
from .seams import PolicyFault


@dataclass(frozen=True, slots=True)
class CommitDuringSpeech(PolicyFault):
    """A ``commit`` while the user speaks ends the turn without a ``speech_stopped``; detection may stay in speech."""

    name = "commit-during-speech"
    reports = ("block/berd#318", "read: the source of open servers, which differ")
    causes = ("client_waiting", "turn_lost")

    variant: Literal["idle", "active"] = parameter(
        "active", one_of(("idle", "active")), "Detection goes idle, or waits for the end of the same turn."
    )

    @property
    def changes(self) -> Mapping[str, str]:
        return {"commit_during_speech": self.variant}
