"""The conversation: items in order, and how much audio each holds."""

import math
from collections.abc import Iterator

import msgspec
from msgspec import UNSET

from ..errors import ProtocolError
from ..protocol.checks import number
from ..protocol.objects import Content, Item
from .tokens import Tokens, of_item

_NO_TOKENS = Tokens()


class Conversation:
    """Items of the default conversation. Every method raises :exc:`ProtocolError` and changes nothing if it cannot."""

    def __init__(self, conversation_id: str) -> None:
        self.id = conversation_id
        self._order: list[str] = []
        self._items: dict[str, Item] = {}
        self._audio_ms: dict[str, int] = {}
        self._truncated: set[str] = set()
        self._created_bytes: dict[str, int] = {}
        self._tokens = Tokens()
        """Of all items, as far as they are counted."""
        self._counted: dict[str, Tokens] = {}
        """The part of each item in that."""
        self._uncounted: dict[str, None] = {}
        """The ids of items that have changed since they were counted, or are gone."""

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    @property
    def last_id(self) -> str | None:
        """Id of the newest item."""
        return self._order[-1] if self._order else None

    def newest_first(self) -> "NewestFirst":
        """All items, from the end of the conversation."""
        return NewestFirst(self._order, self._items)

    @property
    def last(self) -> Item | None:
        """The newest item."""
        return self._items[self._order[-1]] if self._order else None

    @property
    def open_calls(self) -> list[str]:
        """The ids of the tool calls that have no result, in the order of their items."""
        items = [self._items[item_id] for item_id in self._order]
        given = {item.call_id for item in items if item.type == "function_call_output"}
        calls = [item.call_id for item in items if item.type == "function_call"]
        return [call_id for call_id in calls if isinstance(call_id, str) and call_id not in given]

    @property
    def tokens(self) -> Tokens:
        """Tokens of all items, roughly."""
        for item_id in self._uncounted:
            self._tokens -= self._counted.pop(item_id, _NO_TOKENS)
            if item_id in self._items:
                self._counted[item_id] = tokens = self.tokens_of(self._items[item_id])
                self._tokens += tokens
        self._uncounted.clear()
        return self._tokens

    def tokens_of(self, item: Item) -> Tokens:
        """Tokens of an item, roughly; one that is not of this conversation has no audio."""
        return of_item(item, self._audio_ms.get(str(item.id), 0))

    @property
    def created_bytes(self) -> int:
        """How much JSON a client has put into it."""
        return sum(self._created_bytes.values())

    def clear(self) -> None:
        """Forget everything."""
        for held in (self._order, self._items, self._audio_ms, self._truncated, self._created_bytes):
            held.clear()
        self._tokens = _NO_TOKENS
        self._counted.clear()
        self._uncounted.clear()

    def add(self, item: Item, *, after: str | None = None, audio_ms: int = 0, created_bytes: int = 0) -> str | None:
        """Put an item with an id at the end, or after another (``root``: first); gives the id it follows.

        ``created_bytes`` is its size, if a client has created it.
        """
        item_id = str(item.id)
        if item_id in self._items:
            raise ProtocolError(
                "item_create_duplicate_item_id", f"Error adding item: item with id {item_id!r} already exists."
            )
        if after is None or after == self.last_id:
            previous = self.last_id
            self._order.append(item_id)
        elif after == "root":
            previous = None
            self._order.insert(0, item_id)
        else:
            previous = self._known(after, "create", "previous_item_id")
            self._order.insert(self._order.index(after) + 1, item_id)
        self._items[item_id] = item
        self._uncounted[item_id] = None
        if audio_ms:
            self._audio_ms[item_id] = audio_ms
        if created_bytes:
            self._created_bytes[item_id] = created_bytes
        return previous

    def replace(self, item: Item) -> None:
        """Store an item's new state, unless it was deleted or truncated meanwhile."""
        if item.id in self._items and item.id not in self._truncated:
            self._items[str(item.id)] = item
            self._uncounted[str(item.id)] = None

    def get(self, item_id: str, param: str = "item_id") -> Item:
        """The item, as ``conversation.item.retrieve`` wants it; ``param`` says where its id was given."""
        return self._items[self._known(item_id, "retrieve", param)]

    def delete(self, item_id: str) -> None:
        """Remove an item."""
        self._order.remove(self._known(item_id, "delete", "item_id"))
        del self._items[item_id]
        self._uncounted[item_id] = None
        self._audio_ms.pop(item_id, None)
        self._created_bytes.pop(item_id, None)
        self._truncated.discard(item_id)

    def spoke(self, item_id: str, audio_ms: int) -> None:
        """Note how much assistant audio an item holds by now, unless it was deleted or truncated meanwhile."""
        if item_id in self._items and item_id not in self._truncated:
            self._audio_ms[item_id] = audio_ms
            self._uncounted[item_id] = None

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Cut an assistant item's audio at what was played; its transcript goes (documented)."""
        item = self._items[self._known(item_id, "truncate", "item_id")]
        if item.role != "assistant" or item_id not in self._audio_ms:
            raise ProtocolError("invalid_value", "Only assistant message items with audio can be truncated.")
        if content_index != 0:
            raise ProtocolError("invalid_value", f"Invalid 'content_index': {content_index}; there is only part 0.")
        actual_ms = self._audio_ms[item_id]
        number(0, math.inf, whole=True)(audio_end_ms, "audio_end_ms")
        if audio_end_ms > actual_ms:
            message = f"Audio content of {actual_ms}ms is already shorter than {audio_end_ms}ms"
            raise ProtocolError("invalid_value", message)
        self._audio_ms[item_id] = audio_end_ms
        self._uncounted[item_id] = None
        self.replace(msgspec.structs.replace(item, content=[Content(type="output_audio", transcript=UNSET)]))
        self._truncated.add(item_id)

    def _known(self, item_id: str, action: str, param: str) -> str:
        if item_id not in self._items:
            message = f"Error: no item with id '{item_id}' is in the conversation."
            raise ProtocolError(f"item_{action}_invalid_item_id", message, param=param)
        return item_id


class NewestFirst:
    """The items of a conversation from its end, as often as somebody asks; most who ask need only the first few."""

    def __init__(self, order: list[str], items: dict[str, Item]) -> None:
        self._order = order
        self._items = items

    def __iter__(self) -> Iterator[Item]:
        return (self._items[item_id] for item_id in reversed(self._order))
