"""How each message is delivered: events and pings go up, events and pongs come down."""

import itertools

import numpy as np
import pytest

from harness.faults import NETWORK, SERVER
from harness.faults.half_open import HalfOpen
from harness.faults.mute import Mute
from harness.faults.reset import Reset
from harness.faults.seams import HOLD, LOSE, PASS, MessageInfo
from harness.faults.stall import Stall

EVENT = "response.created"
EVERYTHING = [MessageInfo(direction, kind) for direction, kind in itertools.product(("up", "down"), (EVENT, None))]


def deliveries(fault):
    wire_filter = fault.begin(np.random.default_rng(0))
    return [wire_filter(message, 0) for message in EVERYTHING]


@pytest.mark.parametrize(("fault", "delivery"), [(HalfOpen, LOSE), (Stall, HOLD), (Reset, PASS)])
def test_one_delivery_for_everything_both_ways(fault, delivery):
    assert deliveries(fault()) == [delivery] * 4


def test_a_mute_server_loses_its_events_alone():
    assert dict(zip(EVERYTHING, deliveries(Mute()), strict=True)) == {
        MessageInfo("up", EVENT): PASS,
        MessageInfo("up", None): PASS,
        MessageInfo("down", EVENT): LOSE,
        MessageInfo("down", None): PASS,
    }


def test_a_dead_connection_stays_dead_and_a_stalled_one_comes_back():
    assert HalfOpen.permanent
    assert not Stall.permanent


def test_what_happens_to_new_connections():
    assert {name: NETWORK[name].dials for name in ("half-open", "stall", "reset")} == {
        "half-open": "hang",
        "stall": "wait",
        "reset": "refuse",
    }
    assert {name for name in ("half-open", "stall", "reset") if NETWORK[name].kills} == {"reset"}
    assert SERVER["mute"].dials == "pass"
