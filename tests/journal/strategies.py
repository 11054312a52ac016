"""Entries of each class, with any values of the fields' types."""

from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from harness.journal import ClientLog, EventAtClient, EventByServer, UnknownEntry
from harness.journal.entries import CLOSED, OPEN
from harness.protocol.codec import CLIENT_EVENT_TYPES, SERVER_EVENT_TYPES

LANES = frozenset(each.lane for each in (*CLOSED, *OPEN))
KINDS_OF_CLIENT = frozenset(str(each.kind) for each in CLOSED if each.lane == "client")
EVENT_TYPES = (*CLIENT_EVENT_TYPES, *SERVER_EVENT_TYPES)

times = st.integers(0, 2**53)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def fields(*taken):
    """JSON values by name, without the names that a line has anyway."""
    names = st.text(max_size=6).filter(lambda name: name not in {"t", "lane", "kind", *taken})
    return st.dictionaries(names, values, max_size=4)


def _of_type(wanted):
    if get_origin(wanted) in (Union, UnionType):
        return st.one_of(map(_of_type, get_args(wanted)))
    if get_origin(wanted) is dict:
        return fields()
    if get_origin(wanted) is list:
        return st.lists(_of_type(*get_args(wanted)), max_size=3)
    return {
        int: times,
        float: st.floats(0, 32_768, allow_nan=False).map(lambda value: round(value, 3)),
        str: st.text(max_size=8),
        bool: st.booleans(),
        type(None): st.none(),
        UnsetType: st.just(UNSET),
    }[wanted]


def of_class(cls):
    """Entries of one class as the product may write them."""
    hints = {name: hint for name, hint in get_type_hints(cls).items() if name in cls.__struct_fields__}
    parts: dict[str, Any] = {name: _of_type(hint) for name, hint in hints.items()}
    if cls in (EventByServer, EventAtClient):
        parts |= {"kind": st.sampled_from(EVENT_TYPES), "fields": fields("connection")}
    if cls is ClientLog:
        taken = {*KINDS_OF_CLIENT, *EVENT_TYPES}
        parts |= {"kind": st.text(max_size=8).filter(lambda kind: kind not in taken), "fields": fields()}
    return st.builds(cls, **parts)


unknown_lanes = st.builds(
    UnknownEntry,
    t=times,
    lane=st.text(max_size=5).filter(lambda lane: lane not in LANES),
    kind=st.text(max_size=8),
    fields=fields(),
)
unknown_kinds = st.builds(
    UnknownEntry,
    t=times,
    lane=st.sampled_from(sorted(LANES - {"room", "fault", "client"})),
    kind=st.text(max_size=8).filter(lambda kind: kind not in {str(each.kind) for each in CLOSED} | {*EVENT_TYPES}),
    fields=fields(),
)
written = st.lists(st.one_of(*map(of_class, (*CLOSED, *OPEN)), unknown_lanes, unknown_kinds), max_size=6)
"""The entries of a journal."""
