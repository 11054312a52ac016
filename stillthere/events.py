"""The events that a client sends and receives (GA dialect), as frozen classes.

``event_type(event)`` gives the ``type`` on the wire. Optional fields that are absent in an event are
``msgspec.UNSET``; audio is bytes.
"""

from ._lazy import check_not_shadowed

check_not_shadowed()

from harness.protocol import events as _source
from harness.protocol.codec import decode_client_event, decode_server_event, encode
from harness.protocol.events import *
from harness.protocol.objects import (
    CachedTokens,
    Content,
    ErrorDetails,
    InputTokens,
    Item,
    OutputTokens,
    Part,
    RateLimit,
    Response,
    StatusDetails,
    Usage,
)

__all__ = [
    "CachedTokens",
    "Content",
    "ErrorDetails",
    "InputTokens",
    "Item",
    "OutputTokens",
    "Part",
    "RateLimit",
    "Response",
    "StatusDetails",
    "Usage",
    "decode_client_event",
    "decode_server_event",
    "encode",
]
__all__ += _source.__all__
