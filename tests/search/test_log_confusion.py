"""How often the diagnosis of a log is right, on a part of the matrix; `confusion --logs` measures all of it."""

import pytest

from harness.faults import faults_over
from harness.logs.answer import LogDiagnosis, Suspect
from harness.report.log_matrix import bars, log_confusion_page, log_confusion_text
from harness.search.confusion import ANSWERED, CONFUSION_CLIENTS, CONTROLS, QUIET, DiagnosisCase
from harness.search.log_confusion import (
    BEYOND,
    LogMatrix,
    LogResult,
    log_cases,
    outcome_of,
    play_and_read,
    tapped,
)
from harness.search.log_kinds import LOG_KINDS

CASE = DiagnosisCase("half-open", "development", 0)


def said(state, *causes, also=(), unseen=()):
    return LogDiagnosis(
        state,
        (),
        tuple(Suspect(each, "possible", "") for each in causes),
        tuple(Suspect(each, "possible", "") for each in also),
        unseen=tuple(Suspect(each, "possible", "") for each in unseen),
    )


@pytest.mark.parametrize(
    ("found", "truth", "outcome"),
    [
        (said("silent", "half_open"), "half_open", "one"),
        (said("silent", "server_mute", "half_open"), "half_open", "set"),
        (said("unknown", "capture_dead", also=("half_open",)), "half_open", "listed"),
        (said("unknown", "capture_dead"), "half_open", "wrong"),
        (said("answered"), "half_open", "false answered"),
        (said("quiet"), "half_open", "false answered"),
        (said("answered", unseen=("playback_suspended",)), "playback_suspended", "listed"),
        (said("answered", unseen=("half_open",)), "half_open", "false answered"),
        (said("answered"), ANSWERED, "one"),
        (said("unknown", "capture_dead"), ANSWERED, "unknown"),
        (said("silent", "capture_dead"), ANSWERED, "wrong"),
        (said("quiet"), ANSWERED, "wrong"),
        (said("quiet"), QUIET, "one"),
        (said("answered", unseen=("clock_frozen",)), BEYOND, "listed"),
    ],
)
def test_what_is_right(found, truth, outcome):
    right = {BEYOND: "clock_frozen"}.get(truth, truth)
    assert outcome_of(found, truth, frozenset({right}) - {ANSWERED, QUIET}) == outcome


def test_all_faults_and_controls_with_all_clients_in_all_phases():
    cases = log_cases()
    assert len(cases) == (len(faults_over("websocket")) + len(CONTROLS)) * len(CONFUSION_CLIENTS)
    assert {each.seed % 6 for each in cases} == set(range(6))


def test_the_tap_sees_both_directions_with_audio_and_changes_nothing():
    log, _, whole = tapped(CASE)
    assert log.has_audio and log.has_client_events
    types = {each.type for each in log.sessions[0].events}
    assert {"session.created", "input_audio_buffer.append", "response.output_audio.delta"} <= types
    assert whole.header["client"] == "development"


@pytest.mark.parametrize(
    ("kind", "appends", "audio", "times", "client"),
    [
        ("full", True, True, True, True),
        ("no audio", True, False, True, True),
        ("no appends", False, False, True, False),
        ("server only", False, False, True, False),
        ("no times", True, True, False, True),
        ("webrtc console", False, False, True, False),
        ("text", False, False, False, False),
    ],
)
def test_each_kind_leaves_out_what_it_says(kind, appends, audio, times, client):
    stripped = LOG_KINDS[kind][1](tapped(CASE)[0])
    assert (stripped.has_appends, stripped.has_audio, stripped.has_client_events) == (appends, audio, client)
    assert any(each.t is not None for one in stripped.sessions for each in one.events) == times


@pytest.mark.parametrize(
    "case",
    [
        DiagnosisCase("mute", "reported", 3),
        DiagnosisCase("held-active", "development", 2),
        DiagnosisCase("failed-response", "push_to_talk", 4),
        DiagnosisCase("near-silent", "development", 0),
        DiagnosisCase("suspended", "reported", 5),
        DiagnosisCase("ordinary talk", "resilient", 1),
    ],
    ids=lambda case: f"{case.fault}-{case.client}",
)
def test_no_kind_of_log_claims_an_answer_that_was_none(case):
    outcomes = {each.kind: each.outcome for each in play_and_read(case)}
    assert set(outcomes) == set(LOG_KINDS)
    assert not {"wrong", "false answered"} & set(outcomes.values()), outcomes


def test_the_page_shows_the_bars():
    matrix = LogMatrix()
    for kind in LOG_KINDS:
        for outcome in ("one", "set", "wrong") if kind == "har" else ("one", "listed"):
            matrix.add(LogResult(CASE, kind, "half_open", "silent", ("half_open",), (), outcome))
    matrix.add(LogResult(CASE, "text", ANSWERED, "unknown", (), (), "unknown"))
    assert bars(matrix) == (0.5, 1.0, 0)
    page = log_confusion_page(matrix, 1)
    assert "**Logs with audio and times: 50.0% of the silences are right" in page
    assert "| har | 1 | 1 | · | 1 | · | 3 | 66.7% | 66.7% | 1.0 |" in page
    assert log_confusion_text(matrix).splitlines()[0].startswith("kind of log")
