"""What items a client may put into a conversation or give to a response."""

from typing import Any

import msgspec
from msgspec import UNSET

from ..errors import ProtocolError
from ..protocol.checks import array, kind, missing, one_of, string
from ..protocol.codec import explain_field
from ..protocol.objects import Item
from .shapes import anything, shape, tagged

_OBJECT = "realtime.item"
_MESSAGE = ("role", "content")
_CALL = ("server_label", "name", "arguments")
_REQUIRED = {
    "message": _MESSAGE,
    "function_call": ("name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "mcp_approval_response": ("approval_request_id", "approve"),
    "mcp_list_tools": ("server_label", "tools"),
    "mcp_call": _CALL,
    "mcp_approval_request": _CALL,
}
"""The fields an item must have, by its type (documented)."""
ITEM_TYPES = tuple(_REQUIRED)
_OPTIONAL = {
    "message": ("phase",),
    "function_call": ("call_id",),
    "mcp_approval_response": ("reason",),
    "mcp_call": ("approval_request_id", "output", "error"),
}
"""The fields it may have besides its id (documented); others are dropped."""
_WITH_OBJECT = ("message", "function_call", "function_call_output")
"""Items that have an ``object`` (documented)."""
_WITH_STATUS = ("message", "function_call")
"""Items that have a ``status`` (captured; that the output of a call has one is documented, and in no recording)."""
_CONTENT_TYPES = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text", "output_audio"),
}
"""What a message may hold, by its role (documented). An assistant's audio cannot be created (documented), only the
transcript of such a part."""
_LONGEST_ID = 512
"""Characters of an item's id (ours: the service's bound is unknown)."""
ITEM_REFERENCE = "item_reference"
CALL_OUTPUT = "function_call_output"
"""Stands for an item of the conversation in the ``input`` of a response (documented)."""


def stored(item: Item, path: str = "item") -> Item:
    """A client's item as the conversation keeps it: of known fields only, and completed.

    Raises :exc:`ProtocolError` if the service's schema has no such item. ``null`` counts as no id, object or status
    (assumed).
    """
    one_of(*_REQUIRED)(item.type, f"{path}.type")
    for name in _REQUIRED[item.type]:
        if getattr(item, name) is UNSET:
            raise missing(f"{path}.{name}")
    _check_fields(item, path)
    known = {name: getattr(item, name) for name in (*_REQUIRED[item.type], *_OPTIONAL.get(item.type, ()))}
    if item.type in _WITH_OBJECT:
        known.update(object=item.object or UNSET)
    if item.type in _WITH_STATUS:
        known.update(status="completed")
    return Item(id=item.id or UNSET, type=item.type, **known)


def _check_fields(item: Item, path: str) -> None:
    if item.object:
        one_of(_OBJECT)(item.object, f"{path}.object")
    if isinstance(item.id, str) and not 1 <= len(item.id) <= _LONGEST_ID:
        message = f"Invalid '{path}.id': {len(item.id)} characters. Give 1 to {_LONGEST_ID}."
        raise ProtocolError("invalid_value", message, param=f"{path}.id")
    if item.type == "message":
        _check_content(item, path)
    for name in _TEXTS.get(item.type, ()):
        string(getattr(item, name), f"{path}.{name}")
    if item.type == "mcp_list_tools":
        _TOOLS(item.tools, f"{path}.tools")
    if item.type == "mcp_call" and item.error:
        _ERROR(item.error, f"{path}.error")


_TEXTS = {"function_call_output": ("output",), "mcp_approval_response": ("approval_request_id",)}
"""Fields that may be null in other items only."""
_TOOLS = array(
    shape(
        {"name": string, "input_schema": anything, "description": anything, "annotations": anything},
        "name",
        "input_schema",
    )
)
_FAILED = {"type": anything, "message": string}
_FAILED_WITH_CODE = shape({**_FAILED, "code": kind("an integer", int)}, "message", "code")
_ERROR = tagged(
    {
        "protocol_error": _FAILED_WITH_CODE,
        "tool_execution_error": shape(_FAILED, "message"),
        "http_error": _FAILED_WITH_CODE,
    }
)


_LONGEST_TEXT = 256_000
"""Characters of a part's text (captured in the error's text)."""


def _check_content(item: Item, path: str) -> None:
    assert item.role is not UNSET and item.content is not UNSET
    for index, part in enumerate(item.content):
        where = f"{path}.content[{index}]"
        one_of(*_CONTENT_TYPES[item.role])(part.type, f"{where}.type")
        if isinstance(part.text, str) and len(part.text) > _LONGEST_TEXT:
            message = (
                f"Invalid '{where}.text': string too long. Expected a string with maximum length {_LONGEST_TEXT}, but "
                f"got a string with length {len(part.text)} instead."
            )
            raise ProtocolError("string_above_max_length", message, param=f"{where}.text")
        if part.detail is not UNSET:
            one_of("auto", "low", "high")(part.detail, f"{where}.detail")
        if item.role == "assistant" and part.audio:
            message = f"Invalid '{where}.audio': an item cannot be created with an assistant's audio. Leave it out."
            raise ProtocolError("invalid_value", message, param=f"{where}.audio")


def audio_bytes(item: Item) -> int:
    """How much audio a client has put into an item."""
    parts = item.content if isinstance(item.content, list) else []
    return sum(len(part.audio) for part in parts if isinstance(part.audio, bytes))


def shown_when_added(item: Item) -> Item:
    """The item as ``conversation.item.added`` shows it: all but its audio (documented) and pictures (captured)."""
    parts = item.content if isinstance(item.content, list) else []
    if all(part.audio is UNSET and part.image_url is UNSET for part in parts):
        return item
    content = [msgspec.structs.replace(part, audio=UNSET, image_url=UNSET) for part in parts]
    return msgspec.structs.replace(item, content=content)


def input_item(value: Any, path: str) -> Item:
    """One item of a response's ``input``, checked; a reference has an id and no more."""
    try:
        item = msgspec.convert(value, Item)
    except msgspec.ValidationError as error:
        raise explain_field(str(error), path) from None
    if item.type != ITEM_REFERENCE:
        return stored(item, path)
    if not item.id:
        raise missing(f"{path}.id")
    return item
