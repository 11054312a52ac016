"""What items a client may put into a conversation or give to a response."""

from typing import Any

import msgspec
from msgspec import UNSET

from harness.errors import ProtocolError
from harness.protocol.objects import Item
from harness.server.checks import missing, one_of, string

REQUIRED = {
    "message": ("role", "content"),
    "function_call": ("name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "mcp_approval_response": ("approval_request_id", "approve"),
    "mcp_list_tools": ("server_label", "tools"),
    "mcp_call": ("server_label", "name", "arguments"),
    "mcp_approval_request": ("server_label", "name", "arguments"),
}
"""The fields an item must have, by its type (documented)."""
WITH_STATUS = ("message", "function_call", "function_call_output")
"""Items that have a ``status`` (documented)."""
CONTENT_TYPES = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text", "output_audio"),
}
"""What a message may hold, by its role (documented)."""
LONGEST_ID = 512
"""Characters of an item's id (ours: the service's bound is unknown)."""
REFERENCE = "item_reference"
"""Stands for an item of the conversation in the ``input`` of a response (documented)."""


def check_item(item: Item, path: str = "item") -> None:
    """Raise :exc:`ProtocolError` if a client's item is none that the service's schema knows."""
    one_of(*REQUIRED)(item.type, f"{path}.type")
    for name in REQUIRED[item.type]:
        if getattr(item, name) is UNSET:
            raise missing(f"{path}.{name}")
    if item.role is not UNSET and item.content is not UNSET:
        for index, part in enumerate(item.content):
            where = f"{path}.content[{index}]"
            one_of(*CONTENT_TYPES[item.role])(part.type, f"{where}.type")
            if part.detail is not UNSET:
                one_of("auto", "low", "high")(part.detail, f"{where}.detail")
    if item.type == "function_call_output":
        string(item.output, f"{path}.output")
    if isinstance(item.id, str) and not 1 <= len(item.id) <= LONGEST_ID:
        message = f"Invalid '{path}.id': {len(item.id)} characters. Give 1 to {LONGEST_ID}."
        raise ProtocolError("invalid_value", message, param=f"{path}.id")


def input_item(value: Any, path: str) -> Item:
    """One item of a response's ``input``, checked; a reference has an id and no more."""
    try:
        item = msgspec.convert(value, Item)
    except msgspec.ValidationError as error:
        raise ProtocolError("invalid_value", f"Invalid '{path}': {error}.", param=path) from None
    if item.type != REFERENCE:
        check_item(item, path)
    elif item.id is UNSET:
        raise missing(f"{path}.id")
    return item
