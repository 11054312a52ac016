"""The base of all events."""

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all events; :func:`event_type` gives an event's ``type``."""


def event_type(event: Event) -> str:
    """The event's ``type`` on the wire."""
    return str(event.__struct_config__.tag)
