"""The fate of each message: events and pings go up, events and pongs come down."""

import itertools

import numpy as np
import pytest

from harness.faults import NETWORK, SERVER
from harness.faults.half_open import HalfOpen
from harness.faults.mute import Mute
from harness.faults.reset import Reset
from harness.faults.seams import HOLD, LOSE, PASS, Passage
from harness.faults.stall import Stall

EVENT = "response.created"
EVERYTHING = [Passage(direction, kind) for direction, kind in itertools.product(("up", "down"), (EVENT, None))]


def fates(fault):
    carriage = fault.begin(np.random.default_rng(0))
    return [carriage(passage, 0) for passage in EVERYTHING]


@pytest.mark.parametrize(("fault", "fate"), [(HalfOpen, LOSE), (Stall, HOLD), (Reset, PASS)])
def test_one_fate_for_everything_both_ways(fault, fate):
    assert fates(fault()) == [fate] * 4


def test_a_mute_server_loses_its_events_alone():
    assert dict(zip(EVERYTHING, fates(Mute()), strict=True)) == {
        Passage("up", EVENT): PASS,
        Passage("up", None): PASS,
        Passage("down", EVENT): LOSE,
        Passage("down", None): PASS,
    }


def test_a_dead_connection_stays_dead_and_a_stalled_one_comes_back():
    assert HalfOpen.permanent
    assert not Stall.permanent


def test_what_new_connections_meet():
    assert {name: NETWORK[name].dials for name in ("half-open", "stall", "reset")} == {
        "half-open": "hang",
        "stall": "wait",
        "reset": "refuse",
    }
    assert {name for name in ("half-open", "stall", "reset") if NETWORK[name].kills} == {"reset"}
    assert SERVER["mute"].dials == "pass"
