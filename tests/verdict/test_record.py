from msgspec import UNSET

from harness.journal import ConnectionClosed, ConnectionOpened, FaultInjected
from harness.units import SECOND
from harness.verdict.record import RunRecord
from tests.verdict.journals import Tale


def faults_of_sessions(at_s, *, kind="mute", length_s=5, connection=UNSET):
    """When each of two sessions, 0.1 to 10 s and 11 to 60 s, is faulty, in seconds; the heal is at 29 s."""
    tale = Tale().add(10, ConnectionClosed, connection=1, code=1006).add(11, ConnectionOpened, connection=2)
    length_us = None if length_s is None else length_s * SECOND
    tale.add(at_s, FaultInjected, kind=kind, length_us=length_us, connection=connection)
    record = RunRecord(tale.end(60))
    return [
        [(begin / SECOND, end / SECOND) for begin, end in record.session_faults(session)] for session in record.sessions
    ]


def test_a_fault_is_one_of_the_session_that_is_open_or_else_of_the_next_one():
    assert faults_of_sessions(8) == [[(8, 13)], []]
    assert faults_of_sessions(10.5) == [[], [(10.5, 15.5)]]
    assert faults_of_sessions(20) == [[], [(20, 25)]]


def test_a_fault_ends_at_the_heal_and_one_without_an_end_with_the_session():
    assert faults_of_sessions(27) == [[], [(27, 29)]]
    assert faults_of_sessions(8, length_s=None) == [[(8, 10)], []]


def test_a_live_fault_names_its_connection():
    assert faults_of_sessions(8, connection=2) == [[], []]
    assert faults_of_sessions(12, connection=2) == [[], [(12, 17)]]


def test_a_fault_of_the_capture_is_none_of_a_session():
    assert faults_of_sessions(8, kind="near-silent") == [[], []]


def test_a_fault_during_the_change_of_connections_is_one_of_each_that_is_open():
    tale = Tale().add(10, ConnectionOpened, connection=2).add(12, ConnectionClosed, connection=1, code=1000)
    for at_s in (5, 11, 20):
        tale.add(at_s, FaultInjected, kind="mute", length_us=SECOND)
    record = RunRecord(tale.end(60))
    found = [[begin / SECOND for begin, _ in record.session_faults(session)] for session in record.sessions]
    assert found == [[5, 11], [11, 20]]
