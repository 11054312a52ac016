"""The server confirms a setting and does not use it: the client has no sign of it but what happens."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..server.policy import variants
from .parameters import one_of, parameter
from .seams import PolicyFault

_SETTINGS = tuple(name for name in variants("ignored_setting") if name != "none")


@dataclass(frozen=True, slots=True)
class IgnoredSetting(PolicyFault):
    """A setting of the client is shown by ``session.updated``, and the session goes on with the one before it."""

    name = "ignored-setting"
    reports = ("livekit/agents#2598", "PatterAI/Patter#154", "XiyaoWang0519/agent-call#1")
    causes = ("client_waiting", "reply_garbled", "audio_garbled", "endless_sound", "turn_lost", "reply_inaudible")

    setting: str = parameter("turn_detection", one_of(_SETTINGS), "Which setting is not in force.")

    @property
    def changes(self) -> Mapping[str, str]:
        return {"ignored_setting": self.setting}
