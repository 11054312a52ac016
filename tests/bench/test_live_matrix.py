"""The matrix of live journals: some of its sessions, in real time."""

import pytest

from harness.bench.live_client import SPEAKS_S, spoken
from harness.bench.live_matrix import NO_FAULT, LiveCase, live_cases, live_matrix
from harness.live.faults import INJECTABLE
from harness.verdict.phases import PHASES


def test_each_fault_that_can_be_injected_has_a_session_in_each_phase():
    found = {(case.fault, case.phase) for case in live_cases()}
    assert found == {(fault, phase) for fault in (*INJECTABLE, NO_FAULT) for phase in PHASES}


def test_the_user_speaks_three_times():
    audio = spoken(24.0)
    for begin_s in SPEAKS_S:
        begin = round(begin_s * 24_000)
        assert audio[begin : begin + 24_000].any() and not audio[begin - 24_000 : begin].any()


@pytest.mark.slow
def test_sessions_side_by_side_are_diagnosed_correctly():
    faults = (NO_FAULT, "mute", "half-open", "stalled-reply")
    matrix = live_matrix([LiveCase(fault, "responding") for fault in faults], lambda done, total: None)
    assert matrix.wrong == []
    truths = {truth for truth, _ in matrix.counts}
    assert truths == {"answered", "server_mute", "half_open", "response_stuck"}
