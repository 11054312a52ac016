"""Roughly how many tokens things are.

Audio is documented: about one for 100 ms of the user's and one for 50 ms of the assistant's (cost guide). A word of
text and four characters of JSON are taken for one each (assumed). Instructions and tools are not counted.
"""

from dataclasses import dataclass

from ..protocol.objects import Item

USER_MS_PER_TOKEN = 100
ASSISTANT_MS_PER_TOKEN = 50
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens by kind."""

    text: int = 0
    audio: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.text + other.text, self.audio + other.audio)

    def __sub__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.text - other.text, self.audio - other.audio)

    @property
    def total(self) -> int:
        """Both kinds."""
        return self.text + self.audio


def of_words(words: str) -> int:
    """Tokens of prose."""
    return len(words.split())


def of_json(text: str) -> int:
    """Tokens of a call's arguments, or of its output."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def of_item(item: Item, audio_ms: int) -> Tokens:
    """Tokens of an item that holds so much audio. A user's audio counts as audio: its transcript costs nothing."""
    parts = item.content if isinstance(item.content, list) else []
    texts = [part.text for part in parts] + [part.transcript for part in parts if part.type != "input_audio"]
    words = sum(of_words(text) for text in texts if isinstance(text, str))
    written = sum(of_json(text) for text in (item.arguments, item.output) if isinstance(text, str))
    per_token = ASSISTANT_MS_PER_TOKEN if item.role == "assistant" else USER_MS_PER_TOKEN
    return Tokens(words + written, audio_ms // per_token)
