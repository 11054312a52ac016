"""The client waits between its dials: a storm of them is turned away by the service, and empties a battery.

A dial that fails is no reason to dial at once. All clients of a service notice the same outage, so without a backoff
they keep it down. A few quick tries are right.
"""

from collections.abc import Iterator

from ...journal import ConnectionDialled
from ...units import SECOND
from ..findings import Finding
from ..record import RunRecord
from . import Property

_MOST = 12
"""A steady try each second, and two quick ones."""
_IN_US = 10 * SECOND


def _find(record: RunRecord) -> Iterator[Finding]:
    dials = [entry.t for entry in record.journal.select(ConnectionDialled)]
    for first, last in zip(dials, dials[_MOST:], strict=False):
        if last - first <= _IN_US:
            more = sum(first <= t <= first + _IN_US for t in dials)
            reason = f"the client dialled {more} times in the 10 s from {first / SECOND:.3f} s on"
            yield Finding(PROPERTY.name, last, reason)
            return


PROPERTY = Property(
    name="dials_calmly",
    broken_when="the client dials more than 12 times in 10 s",
    default="warn",
    because="the user is served as soon as the network is back; but the service limits the dials of an account",
    find=_find,
)
