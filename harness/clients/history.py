"""The conversation as the client remembers it, to be replayed into a new session: a reconnect starts empty."""

from harness.protocol.events import ConversationItemCreate
from harness.protocol.objects import Content, Item

UNHEARD = "(spoken, without transcript)"
"""Stands for a user turn whose words the client never learned."""


class History:
    """Turns in order, at most :data:`LIMIT`."""

    LIMIT = 50

    def __init__(self) -> None:
        self._turns: dict[str, tuple[str, str]] = {}

    def user(self, item_id: str) -> None:
        """A user turn was committed."""
        self._remember(item_id, "user", UNHEARD)

    def assistant(self, item_id: str, transcript: str) -> None:
        """An assistant turn ended with these words."""
        self._remember(item_id, "assistant", transcript)

    def replay(self, *, without_last_user_turn: bool = False) -> list[ConversationItemCreate]:
        """The events that tell a new session of the turns; a last user turn that is sent as sound is left out."""
        turns = list(self._turns.values())
        if without_last_user_turn and turns and turns[-1][0] == "user":
            turns.pop()
        return [ConversationItemCreate(item=_message(role, text)) for role, text in turns]

    def _remember(self, item_id: str, role: str, text: str) -> None:
        self._turns[item_id] = (role, text)
        while len(self._turns) > self.LIMIT:
            del self._turns[next(iter(self._turns))]


def _message(role: str, text: str) -> Item:
    if role == "user":
        return Item(type="message", role="user", content=[Content(type="input_text", text=text)])
    return Item(type="message", role="assistant", content=[Content(type="output_text", text=text)])
