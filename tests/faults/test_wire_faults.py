"""The fate of each message: events and pings go up, events and pongs come down."""

import itertools

import pytest

from harness.faults import NETWORK, SERVER
from harness.faults.half_open import HalfOpen
from harness.faults.mute import Mute
from harness.faults.reset import Reset
from harness.faults.stall import Stall

EVERYTHING = list(itertools.product(("up", "down"), (True, False)))


@pytest.mark.parametrize(("fault", "fate"), [(HalfOpen, "lose"), (Stall, "hold"), (Reset, "pass")])
def test_one_fate_for_everything_both_ways(fault, fate):
    assert [fault().fate(direction, is_event) for direction, is_event in EVERYTHING] == [fate] * 4


def test_a_mute_server_loses_its_events_alone():
    lost = [(direction, is_event) for direction, is_event in EVERYTHING if Mute().fate(direction, is_event) == "lose"]
    assert lost == [("down", True)]


def test_a_dead_connection_stays_dead_and_a_stalled_one_comes_back():
    assert HalfOpen.permanent
    assert not Stall.permanent


def test_what_new_connections_meet():
    assert {name: fault.dials for name, fault in NETWORK.items()} == {
        "half-open": "hang",
        "stall": "wait",
        "reset": "refuse",
    }
    assert {name for name, fault in NETWORK.items() if fault.kills} == {"reset"}
    assert SERVER["mute"].dials == "pass"
