"""When the timers of an app that is in the background may fire."""

from ..scenario.profiles import Timers


def allowed_at(timers: Timers, now: int, *, playing: bool) -> int | None:
    """When a timer that is due now may fire (microseconds); None: not before the app returns.

    ``playing``: whether the app's sound is heard.
    """
    if timers.unless_audible and playing:
        return now
    return None if timers.granule_us is None else -(-now // timers.granule_us) * timers.granule_us
