"""Mistakes at a new session: settings and history that it does not get."""

from typing import Any

from harness.clients.interface import Command
from harness.protocol import events as e
from harness.protocol.objects import Content, Item

from . import conversations as c
from .designs import CreatesItsReplies
from .healthy import Healthy
from .specimen import harms

# --- settings ---------------------------------------------------------------------------------------------------------


@harms("settings_kept", in_=c.CUT_BETWEEN)
class SetsUpTheFirstSessionOnly(Healthy):
    """Settings are sent when the app starts."""

    def settings_events(self) -> list[Command]:
        return super().settings_events() if self.sessions == 1 else []


@harms("settings_kept", in_=c.CUT_BETWEEN)
class SetsOnlyInstructionsAgain(Healthy):
    """A new session gets the instructions and nothing else."""

    def session(self) -> dict[str, Any]:
        session = super().session()
        return session if self.sessions == 1 else {key: session[key] for key in ("type", "instructions")}


@harms("settings_kept", in_=c.CUT_BETWEEN)
class ForgetsItsTools(Healthy):
    """Tools were registered in the first session, and a new session has none."""

    def session(self) -> dict[str, Any]:
        return {key: value for key, value in super().session().items() if key != "tools" or self.sessions == 1}


@harms("settings_kept", in_=c.CUT_BETWEEN)
class ForgetsTheVoice(Healthy):
    """The voice was chosen by the user, and a new session speaks in the default one."""

    def session(self) -> dict[str, Any]:
        session = super().session()
        if self.sessions > 1:
            del session["audio"]["output"]["voice"]
        return session


@harms("settings_kept", in_=c.CUT_BETWEEN)
class ForgetsItsTurnDetection(CreatesItsReplies):
    """A new session has the default turn detection, which creates responses beside the client."""

    def session(self) -> dict[str, Any]:
        session = super().session()
        if self.sessions > 1:
            del session["audio"]["input"]["turn_detection"]
        return session


@harms("settings_kept", in_=c.CUT_BETWEEN)
class SendsTheSessionBack(Healthy):
    """A new session gets what ``session.updated`` showed, read-only fields among it: the update is refused whole."""

    def setup(self) -> None:
        self.shown: dict[str, Any] = {}

    def on_event(self, event: e.Event, now: int) -> list[Command]:
        if isinstance(event, e.SessionUpdated):
            self.shown = dict(event.session)
        return super().on_event(event, now)

    def session(self) -> dict[str, Any]:
        return super().session() if self.sessions == 1 else self.shown

    def due_settings(self, now: int) -> list[Command]:
        return []


@harms("settings_kept", in_=c.CUT_BETWEEN)
class SetsUpBeforeTheSessionIsThere(Healthy):
    """On a reconnect the update is sent when the dial begins, into a connection that is not open."""

    def settings_events(self) -> list[Command]:
        return super().settings_events() if self.sessions == 1 else []

    def due_dial(self, now: int) -> list[Command]:
        return [*super().due_dial(now), e.SessionUpdate(session=self.session())]


# --- history ----------------------------------------------------------------------------------------------------------


@harms("history_kept", in_=c.CUT_LATE)
class BeginsAnew(Healthy):
    """A new session knows nothing of the conversation."""

    def history_events(self) -> list[Command]:
        return []


@harms("history_kept", in_=c.CUT_LATE)
class KeepsOnlyTheAssistant(Healthy):
    """What the user said is not known as text, and so is not kept."""

    def history_events(self) -> list[Command]:
        return [
            self.history_event(item_id, role, text)
            for item_id, (role, text) in self.history.items()
            if role == "assistant"
        ]


@harms("history_kept", in_=c.CUT_LATE)
class KeepsOnlyTheLastTurn(Healthy):
    """One variable holds the last item."""

    def history_events(self) -> list[Command]:
        return super().history_events()[-1:]


@harms("history_kept", in_=c.CUT_LATE)
class WritesTheAssistantAsInput(Healthy):
    """The assistant's turns are sent as ``input_text``, and the server refuses them."""

    def history_event(self, item_id: str, role: str, text: str) -> Command:
        content = [Content(type="input_text", text=text)]
        return e.ConversationItemCreate(item=Item(id=item_id, type="message", role=role, content=content))  # type: ignore[arg-type]


@harms("history_kept", in_=c.CUT_TWICE)
class ForgetsAtTheSecondCut(Healthy):
    """The history is handed to the first new session and then cleared; the second one gets what came after."""

    def setup(self) -> None:
        self.ours: set[str] = set()

    def history_events(self) -> list[Command]:
        commands = super().history_events()
        self.ours.update(self.history)
        self.history.clear()
        return commands

    def remember(self, item_id: str, role: str, text: str) -> None:
        if item_id not in self.ours:
            super().remember(item_id, role, text)
