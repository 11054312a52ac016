"""Whether the connection was alive after an event: what came of the server later, and how the connection ended."""

from dataclasses import dataclass

from .answer import Excluded, Suspect
from .conversation import SeenEvent, SeenSession

_SAME_BATCH = ("conversation.item.", "rate_limits.")
"""Events that the service sends along with others; without times nothing tells them from later ones."""
_PING_UNANSWERED = (1006, 1011)
"""Close codes of a connection that died: no Close frame, and a ping without an answer."""


@dataclass(frozen=True, slots=True)
class Downlink:
    """What the log shows of the way back after an event."""

    alive: SeenEvent | None
    """The first later event of the server."""
    suspects: tuple[Suspect, ...]
    excluded: tuple[Excluded, ...]
    words: tuple[str, ...]


def downlink_after(seen: SeenSession, since: SeenEvent, margin_us: int) -> Downlink:
    """What came ``margin_us`` after an event or later, from which the way back is known to live."""
    later = (each for each in seen.of_server(since.index) if _is_later(seen, since, each, margin_us))
    alive = next(later, None)
    if alive is not None:
        came = f"{alive.type} came later ({seen.words(alive)})"
        return Downlink(
            alive,
            (Suspect("events_lost", "possible", f"{came}, so the connection lived: single events may be lost"),),
            (Excluded("server_mute", came), Excluded("half_open", came)),
            (f"{came}: the connection lived",),
        )
    mute = Suspect("server_mute", "possible", "no event came any more")
    dead = Suspect("half_open", "possible", "no event came any more")
    close = seen.session.close
    nothing = "no event of the server came since"
    lost = (Excluded("events_lost", "not single events are missing: none came any more"),)
    if close is not None and close.code in _PING_UNANSWERED:
        code = f"the connection ended with {close.code}, as a dead one does"
        sure = Suspect("half_open", "likely", code)
        return Downlink(None, (sure, mute), lost, (nothing, code))
    return Downlink(None, (mute, dead), lost, (nothing,))


def _is_later(seen: SeenSession, since: SeenEvent, each: SeenEvent, margin_us: int) -> bool:
    if seen.has_times:
        return each.t - since.t >= margin_us
    return not each.type.startswith(_SAME_BATCH)
