"""What is sent to a new session, which begins empty: the turns so far as items, and unanswered speech as audio."""

from collections import deque

from ..protocol.events import ConversationItemCreate
from ..protocol.objects import Content, Item
from ..units import MS, SECOND
from .settings import ClientSettings

_NO_TRANSCRIPT = "(spoken, without transcript)"
"""The text of a user turn: the client does not know its words."""
_MOST_TURNS = 50
_BEFORE_US = 1_200 * MS
"""A voice is recognised only after some of it, so this much audio before it is kept too."""
_AFTER_US = 1_000 * MS
"""This much audio after a voice is kept: its quiet ends the turn on the server."""
_LONGEST_US = 20 * SECOND
"""Of longer speech only the end is kept."""
_MOST_TRIES = 3
"""Speech that was sent again so often without an answer may not be speech."""


class ConversationHistory:
    """The turns so far, in order; the latest 50."""

    def __init__(self) -> None:
        self._turns: dict[str, tuple[str, str]] = {}

    def user(self, item_id: str) -> None:
        """A user turn was committed."""
        self._remember(item_id, "user", _NO_TRANSCRIPT)

    def assistant(self, item_id: str, transcript: str) -> None:
        """An assistant turn ended with these words."""
        self._remember(item_id, "assistant", transcript)

    def replay(self, *, without_last_user_turn: bool = False) -> list[ConversationItemCreate]:
        """The events that add the turns to a new session; leave out a last user turn whose audio is sent again."""
        turns = list(self._turns.values())
        if without_last_user_turn and turns and turns[-1][0] == "user":
            turns.pop()
        return [ConversationItemCreate(item=_message(role, text)) for role, text in turns]

    def _remember(self, item_id: str, role: str, text: str) -> None:
        self._turns[item_id] = (role, text)
        while len(self._turns) > _MOST_TURNS:
            del self._turns[next(iter(self._turns))]


class UnansweredSpeech:
    """The captured chunks of voices that were not answered yet, with what is around them, as before the gate."""

    def __init__(self, settings: ClientSettings) -> None:
        chunk_us = settings.chunk_ms * MS
        self._around: deque[bytes] = deque(maxlen=max(1, _BEFORE_US // chunk_us))
        self._kept: deque[bytes] = deque(maxlen=max(1, _LONGEST_US // chunk_us))
        self._after = _AFTER_US // chunk_us
        self._more = 0
        self._tries = 0

    def chunk(self, pcm: bytes, voiced: bool) -> None:
        """A chunk was captured."""
        if voiced:
            self._kept.extend(self._around)
            self._around.clear()
            if self._more == 0:
                self._tries = 0
            self._more = self._after
        if voiced or self._more > 0:
            self._more -= not voiced
            self._kept.append(pcm)
        else:
            self._around.append(pcm)

    def answered(self) -> None:
        """Assistant audio arrived: the speech was received, so it is dropped."""
        self._kept.clear()

    def __bool__(self) -> bool:
        """Whether there is speech to send again."""
        return bool(self._kept) and self._tries < _MOST_TRIES

    def take(self) -> bytes:
        """PCM (int16, mono, 24 kHz) to send again, from before the first voice to the quiet after the last."""
        self._tries += 1
        return b"".join(self._kept)


def _message(role: str, text: str) -> Item:
    if role == "user":
        return Item(type="message", role="user", content=[Content(type="input_text", text=text)])
    return Item(type="message", role="assistant", content=[Content(type="output_text", text=text)])
