"""Reads the time from the vendor's ids, for logs that have none.

The five characters behind the prefix of an id are seconds since 1576800000 in base 62. OpenAI does not document that;
it held for seven ids of known age, from October 2024 to February 2026, to the second.
"""

from collections.abc import Sequence

from .logged import LoggedEvent, LoggedTelephone
from .times import Stamp

_DIGITS = {digit: value for value, digit in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")}
_EPOCH_S = 1_576_800_000
_EARLIEST_S = 1_704_067_200
"""2024: no Realtime session is older, so such an id was not made by this rule."""
_LATEST_S = 2_208_988_800
_LONGEST_S = 86_400
"""A session ends after an hour; ids of one log that are further apart were not made by this rule."""


def seconds_of(identity: object) -> int | None:
    """Seconds since 1970 at which an id was made; None: it does not tell."""
    if not isinstance(identity, str):
        return None
    tail = identity.rpartition("_")[2]
    if len(tail) < 12 or any(each not in _DIGITS for each in tail):
        return None
    number = 0
    for each in tail[:5]:
        number = number * 62 + _DIGITS[each]
    return _EPOCH_S + number if _EARLIEST_S <= _EPOCH_S + number < _LATEST_S else None


def stamps_of_ids(events: Sequence[LoggedEvent | LoggedTelephone]) -> list[Stamp | None] | None:
    """A time for each event, by the second. None: the ids of this log do not tell it.

    An event without an id has the time of the one before it, and the first ones that of the first id.
    """
    ids = [
        event.event.get("event_id") if isinstance(event, LoggedEvent) and not event.by_client else None
        for event in events
    ]
    read = [seconds_of(each) for each in ids]
    with_id = sum(isinstance(each, str) for each in ids)
    known = [each for each in read if each is not None]
    if not known or 2 * len(known) < with_id or max(known) - min(known) > _LONGEST_S:
        return None
    latest = known[0]
    stamps: list[Stamp | None] = []
    for each in read:
        latest = max(latest, each or 0)
        stamps.append(Stamp("epoch", latest * 1_000_000, 1_000_000))
    return stamps
