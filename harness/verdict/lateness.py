"""Whether the world of a run on the wall clock ran late: then it was not what the scenario asked for."""

from ..journal import WorldLate
from ..units import MS, SECOND
from .findings import Finding
from .record import RunRecord

MOST_LATE_US = 50 * MS
"""A run whose world was later than this at any time is void."""


def find(record: RunRecord) -> Finding | None:
    """The finding that makes a run void."""
    for entry in record.journal.select(WorldLate):
        if entry.worst_us > MOST_LATE_US:
            return Finding(
                "premise",
                entry.t,
                f"the world ran {entry.worst_us / MS:.0f} ms late at {entry.at_us / SECOND:.3f} s, and "
                f"{MOST_LATE_US // MS} ms are allowed, so nothing follows from this run: play it again while the "
                "machine does less else",
            )
    return None
