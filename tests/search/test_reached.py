"""What a run reached, from its journal."""

import pytest
from msgspec import UNSET

from harness.faults import CATALOGUE, faults_over
from harness.journal import REAL_TIME, ClientLog, FaultInjected, OnsetNotSent, TurnClosed, TurnTaken
from harness.protocol.events import (
    ResponseCancel,
    ResponseOutputItemAdded,
    ResponseOutputItemDone,
    SessionUpdated,
)
from harness.scenario.model import At, Inject, Noise, Say, Scenario, ServerSetup, Step
from harness.search.reached import SURE_AFTER, Coverage, Reached, reached
from harness.server.states import RESPONSE_STAGES, TURN_STAGES
from harness.units import SECOND
from harness.verdict.phases import PHASES
from harness.world.play import play
from tests.verdict.journals import COMMITTED, CREATED, DONE, STARTED, STOPPED, Tale


def names(journal, kind):
    return {point.names for point in reached(journal) if point.kind == kind}


def test_a_run_of_one_fault():
    steps = (Step(At(2 * SECOND), Say("speech_en_f_arctic_a0009")), Step(At(14 * SECOND), Inject(CATALOGUE["mute"]())))
    scenario = Scenario("s", steps, server=ServerSetup(detector="energy"), lasts_us=15 * SECOND)
    journal = play(scenario, "resilient").journal
    assert names(journal, "fault") == {("mute", "idle", "class")}
    assert names(journal, "turn") >= {("NO_TURN", "START"), ("ANNOUNCED", "STOP")}
    assert names(journal, "detection") >= {("SPEECH",), ("RUN_COMPLETE",)}
    assert names(journal, "response") >= {
        ("REQUESTED", "CREATE"), ("CREATED", "OPEN_ITEM"), ("IN_OUTPUT", "CLOSE_ITEM"), ("CREATED", "FINISH"),
    }  # fmt: skip
    assert any("reconnect" in pair for pair in names(journal, "remedy"))


@pytest.mark.slow
def test_every_edge_that_a_run_shows_is_one_of_the_tables():
    steps = [Step(At(at * SECOND), Say("speech_en_f_arctic_a0009")) for at in (2, 4, 9)]
    steps += [Step(At(6 * SECOND), Inject(fault())) for fault in (CATALOGUE["sticky-start"], CATALOGUE["held-active"])]
    steps.append(Step(At(3 * SECOND), Noise("hum", 12 * SECOND, level_dbfs=-20.0)))
    scenario = Scenario("s", tuple(steps), server=ServerSetup(detector="energy"), lasts_us=20 * SECOND)
    for client in ("resilient", "reported", "push_to_talk"):
        journal = play(scenario, client).journal
        edges = {(stage.name, cause.name) for stage, causes in TURN_STAGES.items() for cause in causes}
        assert names(journal, "turn") <= edges
        edges = {(stage.name, cause.name) for stage, causes in RESPONSE_STAGES.items() for cause in causes}
        assert names(journal, "response") <= edges


def test_a_turn_that_the_client_commits_and_one_that_is_dropped():
    tale = Tale().server(1, STARTED, item_id="a").server(2, COMMITTED, item_id="a").server(3, STOPPED, item_id="b")
    tale = tale.server(3, COMMITTED, item_id="b").server(4, STARTED, item_id="c")
    tale.add(5, TurnClosed, connection=1, item_id="c", by="clear")
    tale.server(6, SessionUpdated, turn_detection=None)
    assert names(tale.journal, "turn") == {
        ("NO_TURN", "START"), ("ANNOUNCED", "COMMIT"), ("COMMITTED", "STOP"), ("ANNOUNCED", "DROP"), ("NO_TURN", "OFF"),
    }  # fmt: skip


def test_a_start_that_counts_for_ever():
    tale = Tale().add(0.5, FaultInjected, kind="sticky-start", length_us=None).server(1, STARTED, item_id="a")
    tale.add(2, TurnClosed, connection=1, item_id="a", by="clear").add(3, OnsetNotSent, connection=1, audio_start_ms=9)
    assert names(tale.journal, "turn") == {
        ("NO_TURN", "START"),
        ("ANNOUNCED", "STICKY_DROP"),
        ("STALE", "HIDDEN_START"),
    }


@pytest.mark.parametrize(("reason", "counts"), [("client_cancelled", True), (UNSET, False)])
def test_a_cancel_counts_if_the_response_ended_by_it(reason, counts):
    tale = Tale().server(1, CREATED, response_id="r").server(2, ResponseOutputItemAdded, response_id="r", item_id="i")
    tale.client(3, ResponseCancel).server(3.1, ResponseOutputItemDone, response_id="r", item_id="i")
    more = {} if reason is UNSET else {"reason": reason}
    tale.server(3.2, DONE, response_id="r", status="cancelled" if counts else "completed", **more)
    assert (("IN_OUTPUT", "CANCEL") in names(tale.journal, "response")) == counts
    assert ("CREATED", "OPEN_ITEM") in names(tale.journal, "response")


def test_symptoms_remedies_and_the_transport():
    tale = Tale().add(1, FaultInjected, kind="app", length_us=1)
    tale.add(2, ClientLog, kind="noticed", fields={"symptom": "peer_lost"})
    tale.add(3, ClientLog, kind="remedy", fields={"symptom": "peer_lost", "remedy": "reconnect"})
    tale.add(4, ClientLog, kind="first_chunk", fields={"line": "x"})
    tale.add(5, TurnTaken, connection=1, item_id="u", from_ms=0, to_ms=9)
    tale.journal.header["stage"] = REAL_TIME
    assert names(tale.journal, "remedy") == {("peer_lost", "none yet"), ("peer_lost", "reconnect")}
    assert names(tale.journal, "fault") == {("app", "idle", "program")}


def points(*faults, phase="idle"):
    return [Reached("fault", (fault, phase, "class")) for fault in faults]


def test_counts_add_up_in_any_order():
    one, other = Coverage(), Coverage()
    one.add(points("mute", "reset"))
    other.add(points("mute", "mute"))
    both = one + other
    assert both == other + one and both.runs == 2
    assert both.counts == {points("mute")[0]: 2, points("reset")[0]: 1}


def test_a_fault_that_was_named_and_never_injected_is_said():
    coverage = Coverage()
    coverage.add(points("mute"))
    assert coverage.never_reached(["mute", "reset"]) == ["the fault reset was never injected"]
    assert coverage.never_reached(["mute"]) == []


def test_the_catalogue_is_claimed_once_there_are_runs_enough():
    coverage = Coverage()
    for _ in range(SURE_AFTER - 1):
        coverage.add(points("mute"))
    assert coverage.never_reached() == []
    coverage.add(points(*faults_over("websocket")))
    missing = coverage.never_reached()
    assert missing == [f"no fault was injected in the phase {phase!r}" for phase in PHASES if phase != "idle"]


def test_it_is_said_in_words():
    assert str(points("mute")[0]) == "fault: mute, idle, class"
