"""Entries for journals made by hand: times in seconds, and only names that exist.

A class that does not exist is an error at import; a field that a class does not have, or that is missing, is an error
where the entry is made. The types of values are not checked here; in the product mypy checks them.
"""

from harness.journal import EventAtClient, EventByServer, Journal
from harness.units import SECOND

_OF_OBJECTS = {
    "item": {"item_id", "item_type", "role", "status", "call_id"},
    "response": {"response_id", "status", "reason", "conversation", "given", "outputs", "settings"},
    "error": {"code", "message", "param"},
    "session": {"turn_detection", "settings"},
}
"""What :func:`harness.protocol.summary.summary` takes of an event's objects."""


def entry(at_s, cls, **fields):
    """An entry of a class at a time in seconds."""
    return cls(t=round(at_s * SECOND), **fields)


def by_server(at_s, event, *, connection=1, **fields):
    """The server sends an event of this class; ``fields`` are those of its line in the journal."""
    return entry(at_s, EventByServer, kind=_tag(event), connection=connection, fields=_checked(event, fields))


def at_client(at_s, event, *, connection=1, **fields):
    """An event of this class at the client; ``fields`` are those of its line in the journal."""
    return entry(at_s, EventAtClient, kind=_tag(event), connection=connection, fields=_checked(event, fields))


def journal_of(header, entries):
    journal = Journal(header)
    for each in entries:
        journal.add(each)
    return journal


def lines(*entries):
    """The lines of entries, without the header and the newlines."""
    return [line.decode().rstrip("\n") for line in journal_of({}, entries).lines()][1:]


def _tag(event):
    return event.__struct_config__.tag


def _checked(event, fields):
    known = set(event.__struct_fields__).union(*(_OF_OBJECTS.get(name, ()) for name in event.__struct_fields__))
    if not fields.keys() <= known:
        raise TypeError(f"{event.__name__} has no field {', '.join(sorted(fields.keys() - known))} in a journal")
    return fields
