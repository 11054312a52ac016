"""Where the parts of a record are, as the user says it: ``time=ts,direction=dir,event=data.payload``."""

from collections.abc import Mapping
from typing import Any

from ..errors import SettingError

PARTS = ("time", "direction", "event", "type", "session")
"""What can be mapped. ``type`` is for records that have an event's type apart from its fields."""
_MISSING = object()


def parse_map(text: str) -> dict[str, str]:
    """The mapping that a text says. Raises :exc:`SettingError`."""
    mapping: dict[str, str] = {}
    for pair in text.split(","):
        part, equals, path = pair.strip().partition("=")
        if not equals or not path.strip() or part.strip() not in PARTS:
            parts = ", ".join(PARTS)
            raise SettingError(f"--map has {pair.strip()!r}; write PART=FIELD, such as time=ts, with a part of {parts}")
        mapping[part.strip()] = path.strip()
    return mapping


def look_up(record: Any, path: str) -> Any:
    """The value at ``a.b.0.c`` in a record; None: it is not there."""
    for name in path.split("."):
        if isinstance(record, Mapping):
            record = record.get(name, _MISSING)
        elif isinstance(record, list) and name.isdigit() and int(name) < len(record):
            record = record[int(name)]
        else:
            return None
        if record is _MISSING:
            return None
    return record
