"""Mistakes in clients that are made of the client kit, as the reference clients are."""

from typing import Any

from harness.clients.interface import Closed, Command
from harness.clients.reference import RESILIENT_SETTINGS, Resilient
from harness.clients.replay import UnansweredSpeech

from . import conversations as c
from .conversations import fault, talk
from .specimen import SILENCE, harms


class Kit(Resilient):
    """``resilient`` under another name: a correct client."""

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        super().__init__(RESILIENT_SETTINGS.changed(**(settings or {})))


@harms(SILENCE, "client_waiting", in_=c.CUT_BETWEEN)
class KitDialsNoMore(Kit):
    """A lost connection is noted, and the timer for the next dial belongs to an object that is replaced then."""

    def _closed(self, event: Closed, now: int) -> list[Command]:
        commands = super()._closed(event, now)
        self.redial.due = None
        self.supervisor = None
        return commands


@harms(SILENCE, "server_mute", in_=talk("The server goes mute", fault(9.5, "mute")))
class KitChecksItsFirstSeconds(Kit):
    """Health is checked by a timer that ends with its first good report: the server has answered."""

    def _playback_ended(self, event: Any, now: int) -> list[Command]:
        commands = super()._playback_ended(event, now)
        self.supervisor = None
        return commands


@harms("history_kept", in_=c.CUT_LATE)
class KitKeepsNoHistory(Kit):
    """The turns are kept in the session object, and a new session has a new one."""

    def _opened(self, event: Any, now: int) -> list[Command]:
        self.history = type(self.history)()
        return super()._opened(event, now)


class _KeptForEver(UnansweredSpeech):
    """Speech that no answer ends."""

    def answered(self) -> None:
        """Does nothing."""


@harms("one_answer", in_=c.CUT_BEHIND_AN_ANSWER)
class KitForgetsThatItWasAnswered(Kit):
    """Speech is kept to be sent again, and an answer does not end that."""

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        super().__init__(settings)
        self.unanswered = _KeptForEver(self.settings)
