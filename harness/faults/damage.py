"""What becomes of the text of an event that is damaged on its way; it stays UTF-8, or it would be no text message."""

from typing import Literal


def damaged_text(text: bytes, damage: Literal["corrupt", "truncate"]) -> bytes:
    """``truncate`` leaves the first half of the text; ``corrupt`` puts a ``~``, which no base64 has, at two thirds."""
    characters = text.decode()
    if damage == "truncate":
        return characters[: len(characters) // 2].encode()
    place = 2 * len(characters) // 3
    return (characters[:place] + "~" + characters[place + 1 :]).encode()
