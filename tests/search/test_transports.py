"""The same trial over both transports: what is played, and what comes of it."""

from dataclasses import replace

import pytest

from harness.faults import CATALOGUE
from harness.faults.seams import TRANSPORTS
from harness.scenario import shipped_scenarios
from harness.search.transports import (
    CLIENTS,
    HARDSHIPS,
    PHASES_PLAYED,
    TransportCell,
    TransportMatrix,
    TransportResult,
    TransportTrial,
    exists,
    play_trial,
    scenario_of,
    trials,
)
from harness.units import SECOND
from harness.verdict.told import FirstTold


def trial(kind, case, transport, client="reported", number=0):
    return TransportTrial(kind, case, transport, client, number)


def result(**fields):
    base = TransportResult(trial("fault", "mute", "websocket"), "held", False, 2 * SECOND, None, None, 0)
    return replace(base, **fields)


def test_everything_is_played_where_it_exists():
    all_trials = list(trials())
    played = {(each.kind, each.case, each.transport) for each in all_trials}
    for name, fault in CATALOGUE.items():
        for transport in TRANSPORTS:
            assert (("fault", name, transport) in played) == (transport in fault.transports)
    assert {case for kind, case, _ in played if kind == "scenario"} == {path.stem for path in shipped_scenarios()}
    assert {case for kind, case, transport in played if kind == "hardship"} == set(HARDSHIPS)
    assert len(set(all_trials)) == len(all_trials)


def test_a_scenario_with_a_fault_of_a_websocket_does_not_exist_over_webrtc():
    assert exists("scenario", "half_open_socket", "websocket")
    assert not exists("scenario", "half_open_socket", "webrtc")
    assert exists("scenario", "reported_freeze", "webrtc")


def test_only_the_transport_differs():
    socket, call = (scenario_of(trial("fault", "near-silent", transport)) for transport in TRANSPORTS)
    assert socket != call and replace(call, transport="websocket") == socket


@pytest.mark.parametrize("name", HARDSHIPS)
def test_a_hardship_ends_before_the_user_is_to_be_answered_for_good(name):
    for number in range(len(PHASES_PLAYED)):
        for transport in TRANSPORTS:
            scenario = scenario_of(trial("hardship", name, transport, number=number))
            lasts = HARDSHIPS[name].lasts_us or 0
            assert scenario.lasts_us >= lasts + 2 * SECOND


def test_a_dead_capture_is_dead_on_both_and_nobody_is_told():
    for transport in TRANSPORTS:
        found = play_trial(trial("fault", "near-silent", transport))
        assert (found.is_silent, found.verdict, found.told) == (True, "failed: capture_dead", None)
        cured = play_trial(trial("fault", "near-silent", transport, "resilient"))
        assert not cured.is_silent and cured.acted_us < cured.answered_us


def test_over_webrtc_a_lost_path_is_told_after_6_s_and_over_a_websocket_never():
    """Measured in Chromium: disconnected after 6.3 s; a WebSocket whose packets are lost fires no event in 60 s."""
    socket, call = (play_trial(trial("hardship", "gone for 8 s", transport)) for transport in TRANSPORTS)
    assert socket.told is None
    assert call.told == (pytest.approx(6.3 * SECOND, abs=0.2 * SECOND), "disconnected")


def test_a_cell_sums_its_runs():
    silent = result(verdict="failed: server_mute", is_silent=True, answered_us=None, words_lost=8)
    cell = TransportCell([result(), result(answered_us=4 * SECOND, told=FirstTold(SECOND, "close 1006")), silent])
    assert (cell.frozen, cell.causes, cell.answered_us, cell.words_lost) == (1, ("server_mute",), 3 * SECOND, 8)
    assert cell.told == FirstTold(SECOND, "close 1006")


def test_a_case_that_is_not_there_is_neither_silent_nor_not():
    matrix = TransportMatrix({("fault", "reset", "websocket", "reported"): TransportCell([result()])})
    assert matrix.frozen("fault", "reset", "websocket", "reported") is False
    assert matrix.frozen("fault", "reset", "webrtc", "reported") is None
    assert matrix.cases("fault") == ("reset",)
    assert set(CLIENTS) == {"reported", "no gate", "resilient"}
