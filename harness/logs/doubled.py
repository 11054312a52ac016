"""Logs that have each message twice: two handlers of one logger, or the text of an event and the parsed event."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from .logged import LoggedEvent, LoggedTelephone
from .times import Stamp

_FEWEST = 4
_FARTHEST = 10
"""Two copies of a message are not further apart."""
_APPEND = "input_audio_buffer.append"
_Item = LoggedEvent | LoggedTelephone


def doubles(items: Sequence[_Item], stamps: Sequence[Stamp | None], sockets: Sequence[str]) -> set[int]:
    """The places of the second copies; empty if the log has each message once.

    The service never gives two events one id. The client's events need none, so they count as doubled if they stand in
    pairs; appends without their audio are all alike, and then the time between the two tells.
    """
    ids = [f"{socket} {own}" if (own := _id_of(each)) else "" for each, socket in zip(items, sockets, strict=True)]
    count = Counter(each for each in ids if each)
    if len(count) < _FEWEST or sum(number == 2 for number in count.values()) < 0.9 * len(count):
        return set()
    found: set[int] = set()
    met: set[str] = set()
    for place, identity in enumerate(ids):
        if identity in met:
            found.add(place)
        elif identity:
            met.add(identity)
    if _span(found, ids) > _FARTHEST:
        return set()  # the whole log stands there twice, one after the other
    sent = [place for place, each in enumerate(items) if isinstance(each, LoggedEvent) and each.by_client]
    if _stand_in_pairs(sent, items, stamps):
        found.update(sent[1::2])
    return found


def _id_of(item: _Item) -> str:
    known = item.event.get("event_id") if isinstance(item, LoggedEvent) and not item.by_client else None
    return known if isinstance(known, str) else ""


def _span(found: set[int], ids: Sequence[str]) -> int:
    """How far apart the two copies are at most."""
    first = {identity: place for place, identity in reversed(list(enumerate(ids)))}
    return max((place - first[ids[place]] for place in found), default=0)


def _stand_in_pairs(sent: Sequence[int], items: Sequence[_Item], stamps: Sequence[Stamp | None]) -> bool:
    if not sent or len(sent) % 2:
        return False
    pairs = list(zip(sent[::2], sent[1::2], strict=True))
    if any(not _is_same(items[one], items[other]) for one, other in pairs):
        return False
    if any(not isinstance(items[one], LoggedEvent) or _tells(items[one]) for one, _ in pairs):
        return True
    within = [_between(stamps, one, other) for one, other in pairs]
    across = [_between(stamps, other, one) for (_, other), (one, _) in pairwise(pairs)]
    return bool(across) and 4 * sum(within) / len(within) < sum(across) / len(across)


def _is_same(one: _Item, other: _Item) -> bool:
    if not isinstance(one, LoggedEvent) or not isinstance(other, LoggedEvent):
        return False
    return (one.event, one.audio_bytes, one.audio) == (other.event, other.audio_bytes, other.audio)


def _tells(item: _Item) -> bool:
    """Whether two of them that are alike are one: not appends that are zeros, or whose audio the log leaves out."""
    return isinstance(item, LoggedEvent) and (item.type != _APPEND or bool(item.audio and any(bytes(item.audio))))


def _between(stamps: Sequence[Stamp | None], one: int, other: int) -> float:
    first, second = stamps[one], stamps[other]
    return abs(second.value - first.value) if first is not None and second is not None else 0.0
