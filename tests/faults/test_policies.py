"""Faults of the policy: each sets switches that exist, and the session is as before when it ends."""

import pytest

from harness.faults import CATALOGUE, PolicyFault
from harness.faults.expired import Expired
from harness.faults.on_session import SessionFaults
from harness.faults.parameters import kinds
from harness.faults.stalled_reply import StalledReply
from harness.protocol.events import ErrorEvent
from harness.server.outputs import Close
from harness.server.policy import ServerPolicy
from harness.server.session import Session, SessionSetup
from tests.faults.testing import activated, written

POLICIES = [fault for fault in CATALOGUE.values() if issubclass(fault, PolicyFault)]


def all_of(fault):
    chosen = [{name: each} for name, kind in kinds(fault).items() for each in kind.schema["enum"]]
    return [written(fault, **values) for values in chosen] or [fault()]


@pytest.mark.parametrize("fault", [one for kind in POLICIES for one in all_of(kind)], ids=repr)
def test_a_session_has_its_switches_until_it_ends(fault):
    session = Session(SessionSetup(detector="energy"), "x")
    honest, faults, one = session.policy, SessionFaults(session), activated(fault)
    faults.inject(one, 0)
    assert session.policy == honest.changed(**fault.changes)
    faults.release(one, 0)
    assert session.policy == honest


@pytest.mark.parametrize("fault", POLICIES, ids=lambda fault: fault.name)
def test_each_changes_something_by_default(fault):
    assert ServerPolicy().changed(**fault().changes) != ServerPolicy()


def test_no_two_are_the_same():
    assert len({tuple(sorted(fault().changes.items())) for fault in POLICIES}) == len(POLICIES)


def test_a_session_expires_once():
    session = Session(SessionSetup(detector="energy"), "x")
    session.open(0)
    faults = SessionFaults(session)
    error, close = faults.inject(activated(Expired()), 1_000_000)
    assert isinstance(error, ErrorEvent) and error.error.code == "session_expired"
    assert isinstance(close, Close) and close.code == 1001
    assert faults.inject(activated(Expired()), 2_000_000) == []


def test_a_stalled_reply_sets_one_switch_of_the_policy():
    assert ServerPolicy().changed(**StalledReply().changes) == ServerPolicy(reply="stalls")
