"""What a browser says of a lost path: the times are those of WebRTC.md §3, measured in Chromium."""

import pytest

from harness.units import SECOND
from harness.world.ice import PathWatch


def told(lost_s, healed_s, until_s=60):
    """The states, each with its time in seconds, of a path that is lost at 0 and healed later; None: never."""
    watch, states = PathWatch(), []
    watch.lost(0)
    healed = healed_s is None
    now = 0
    while now < until_s * SECOND:
        if not healed and now >= healed_s * SECOND:
            healed = True
            watch.found(now)
        state = watch.wake(now)
        if state is not None:
            states.append((round(now / SECOND, 1), state))
        now += SECOND // 100
    return states, watch


@pytest.mark.parametrize(
    ("healed_s", "states"),
    [
        (3, []),
        (8, [(6.3, "disconnected"), (8.0, "connected")]),
        (20, [(6.3, "disconnected"), (17.6, "failed"), (25.6, "connected")]),
        (None, [(6.3, "disconnected"), (17.6, "failed")]),
        (40, [(6.3, "disconnected"), (17.6, "failed")]),
    ],
)
def test_what_chromium_said(healed_s, states):
    said, watch = told(0, healed_s)
    assert said == states
    assert watch.server_gone is (healed_s is None or healed_s > 32)


def test_a_path_may_be_lost_again():
    watch = PathWatch()
    watch.lost(0)
    watch.found(2 * SECOND)
    assert watch.next_wake is None
    watch.lost(10 * SECOND)
    assert watch.wake(16 * SECOND) is None and watch.wake(17 * SECOND) == "disconnected"
