"""How often the diagnosis is right, on a part of the matrix; `stillthere confusion` measures all of it."""

import pytest

from harness.faults import faults_over
from harness.journal import Journal, SpeakerHeard, UserSpeaks, WorldHealed
from harness.search.confusion import (
    ANSWERED,
    CONFUSION_CLIENTS,
    CONTROLS,
    NO_CAUSE,
    QUIET,
    ConfusionMatrix,
    DiagnosisCase,
    DiagnosisResult,
    cases,
    play_and_diagnose,
    until_heal,
)


def result(truth, diagnosis, *causes):
    case = DiagnosisCase("mute", "reported", 0)
    return DiagnosisResult(case, truth, causes or (truth,), diagnosis, 1.0, (diagnosis,))


def test_all_faults_on_all_clients_twenty_times_and_the_controls():
    assert len(cases()) == (len(faults_over("websocket")) + len(CONTROLS)) * len(CONFUSION_CLIENTS) * 20


def test_shares_are_of_runs_and_of_silences():
    matrix = ConfusionMatrix()
    for one in (
        result(ANSWERED, ANSWERED),
        result(QUIET, "mute"),
        result("half_open", "half_open"),
        result("vad_held", "endless_sound", "vad_held", "endless_sound"),
        result(NO_CAUSE, "half_open", "none"),
        result("half_open", "server_mute"),
    ):
        matrix.add(one)
    assert matrix.share() == 3 / 6
    assert matrix.share(of_silent=True) == 2 / 4
    assert [wrong.diagnosis for wrong in matrix.wrong] == ["mute", "half_open", "server_mute"]


def test_silences_are_counted_by_client():
    matrix = ConfusionMatrix()
    for client, diagnosis in (("reported", "half_open"), ("reported", "server_mute"), ("resilient", "half_open")):
        case = DiagnosisCase("half-open", client, 0)
        matrix.add(DiagnosisResult(case, "half_open", ("half_open",), diagnosis, 1.0, ()))
    matrix.add(DiagnosisResult(DiagnosisCase("mute", "resilient", 0), ANSWERED, (ANSWERED,), ANSWERED, 1.0, ()))
    assert matrix.silences == {"reported": 2, "resilient": 1}
    assert matrix.silences_right == {"reported": 1, "resilient": 1}


@pytest.mark.parametrize(
    ("control", "state"), [("nobody speaks", QUIET), ("inaudible murmur", QUIET), ("ordinary talk", ANSWERED)]
)
def test_without_a_fault_nobody_is_to_blame(control, state):
    for client in CONFUSION_CLIENTS:
        one = play_and_diagnose(DiagnosisCase(control, client, 1))
        assert one.truth == one.diagnosis
        assert one.truth == state or client == "push_to_talk", "what it commits is answered, whoever can hear it"


def test_a_journal_is_diagnosed_as_it_stood_at_the_heal():
    journal = Journal({})
    journal.add(UserSpeaks(t=1, length_us=1, rms=3000.0, probe=False))
    journal.add(WorldHealed(t=2))
    journal.add(SpeakerHeard(t=3, response_id="r1"))
    assert [entry.kind for entry in until_heal(journal).entries] == ["speaks", "heal"]


@pytest.mark.slow
def test_a_twentieth_of_the_matrix_is_diagnosed_correctly():
    matrix = ConfusionMatrix()
    for name in faults_over("websocket"):
        for client in CONFUSION_CLIENTS:
            matrix.add(play_and_diagnose(DiagnosisCase(name, client, 1)))
    assert matrix.share(of_silent=True) >= 0.95, [(one.case, one.diagnosis) for one in matrix.wrong]
