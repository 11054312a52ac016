"""Idle prompts: what the assistant says because nobody spoke for ``idle_timeout_ms`` (documented). No answer to anyone.

A prompt begins with ``input_audio_buffer.timeout_triggered``; its empty item is committed, and a response to it begins.
"""


class IdlePrompts:
    """The prompts of one session."""

    def __init__(self) -> None:
        self._items: set[str] = set()
        self._responses: set[str] = set()
        self._awaited = False
        """Whether the next response is a prompt."""

    def triggered(self, item_id: str) -> None:
        """``timeout_triggered`` arrived."""
        self._items.add(item_id)
        self._awaited = True

    def committed(self, item_id: str) -> bool:
        """An item was committed; returns whether it is a prompt's. If it is not, the next response answers the user."""
        is_prompt = item_id in self._items
        self._awaited = self._awaited and is_prompt
        return is_prompt

    def response_created(self, response_id: str) -> None:
        """A response began."""
        if self._awaited:
            self._responses.add(response_id)
            self._awaited = False

    def __contains__(self, response_id: str) -> bool:
        """Whether this response is a prompt."""
        return response_id in self._responses
