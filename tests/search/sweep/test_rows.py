"""What a row says of a cell: as ``run`` judges it, and in figures that the scenarios' stories give."""

from dataclasses import asdict

import pytest

from harness.journal import (
    EventByServer,
    Journal,
    RoomNoise,
    RunEnded,
    SpeakerEnded,
    SpeakerPlaying,
    SpeakerStopped,
    UserSpeaks,
)
from harness.protocol.events import InputAudioBufferSpeechStarted
from harness.scenario import load
from harness.search.sweep.cases import Case, How
from harness.search.sweep.plain import outcomes, play_cell
from harness.search.sweep.rows import CellRow, measure
from harness.units import SECOND
from harness.verdict.judge import judge
from harness.verdict.properties.words_lost import lost_utterances
from harness.verdict.record import RunRecord
from tests.journal.testing import by_server, entry

KEYBOARD = load("keyboard_in_assistant_tail")
EMPTY = load("quiet_speaker_gated_out")


def row_of(*entries) -> CellRow:
    journal = Journal({"chunk_ms": 20})
    for each in entries:
        journal.add(each)
    return measure(EMPTY, journal)


def started(second: float, item_id: str) -> EventByServer:
    return by_server(second, InputAudioBufferSpeechStarted, item_id=item_id)


def speaks(second: float, seconds: float, **others) -> UserSpeaks:
    return entry(second, UserSpeaks, length_us=int(seconds * SECOND), rms=3000.0, probe=False, **others)


def playing(second: float, until: float, response_id: str, how=SpeakerEnded):
    names = {"response_id": response_id, "item_id": f"item_{response_id}"}
    played_ms = round((until - second) * 1_000)
    return entry(second, SpeakerPlaying, **names), entry(until, how, **names, played_ms=played_ms, audible_ms=played_ms)


@pytest.mark.parametrize(
    "name", ["reported_freeze", "quiet_speaker_gated_out", "keyboard_in_assistant_tail", "cough_after_user_turn"]
)
@pytest.mark.parametrize("threshold", [0.001, 0.03, 0.1])
def test_the_verdict_of_a_row_is_that_of_run(name, threshold):
    case = Case(load(name), "reported", "energy")
    run = play_cell(case, {"gate_threshold": threshold})
    row, verdict = measure(run.scenario, run.journal), judge(run.journal, run.scenario)
    assert row.verdict == verdict.name
    assert (row.cause is not None) == (verdict.name == "failed")
    assert row.cause in (None, verdict.cause or verdict.broken or "expectation")
    assert row.utterances_lost == len(lost_utterances(RunRecord(run.journal)))
    assert row.utterances_lost <= row.utterances_said


def test_plain_outcomes_are_those_of_the_cells_in_their_places():
    case = Case(EMPTY, "reported", "energy")
    cells = [{"gate_threshold": 0.001}, {"gate_threshold": 0.03}]
    found = {each.index: each for each in outcomes(case, cells, measure)}
    assert {each.how for each in found.values()} == {How.PLAYED}
    assert [found[index].value.verdict for index in (0, 1)] == ["held", "failed"]
    assert found[1].value.cause == "gate_closed"


def test_settings_of_a_case_hold_in_all_cells_and_a_cell_goes_before_them():
    case = Case(EMPTY, "reported", "energy", settings={"gate_threshold": 0.03})
    kept, changed = (each.value for each in outcomes(case, [{}, {"gate_threshold": 0.001}], measure))
    assert (kept.verdict, changed.verdict) == ("failed", "held")


def test_typing_that_begins_a_turn_is_a_false_turn_of_noise():
    """The story of the scenario: heavy strikes fire the detector through a gate at 0.03."""
    case = Case(KEYBOARD, "reported", "energy")
    loud, gated = (each.value for each in outcomes(case, [{}, {"gate_threshold": 0.9}], measure))
    assert loud.false_turns >= loud.false_turns_noise >= 1
    assert gated.false_turns == 0
    assert (loud.noises_missing, gated.noises_missing) == (0, 1), "no answer, so no typing in its tail"
    assert gated.utterances_lost > 0


def test_a_turn_is_false_if_nobody_speaks_at_its_begin():
    row = row_of(
        speaks(2, 1), started(2.1, "of_voice"), entry(5, RoomNoise, kind="typing", length_us=SECOND),
        started(5.1, "of_noise"), started(8, "of_nothing"), *playing(10, 12, "r"), started(11, "of_echo"),
        entry(30, RunEnded),
    )  # fmt: skip
    assert (row.false_turns, row.false_turns_noise, row.false_turns_echo) == (3, 1, 1)


def test_a_barge_in_is_missed_if_the_answer_goes_on_for_two_seconds():
    row = row_of(
        *playing(10, 14, "missed"), speaks(11, 2), *playing(20, 21.8, "taken", SpeakerStopped), speaks(21, 2),
        *playing(30, 34, "its_end"), speaks(33, 2), entry(60, RunEnded),
    )  # fmt: skip
    assert (row.barge_ins, row.barge_ins_missed) == (2, 1)


def test_an_utterance_that_no_detector_hears_wants_no_barge_in():
    row = row_of(*playing(10, 14, "r"), speaks(11, 2, audible=False), entry(60, RunEnded))
    assert (row.barge_ins, row.utterances_inaudible, row.utterances_said) == (0, 1, 0)


def test_an_answer_that_noise_interrupts_is_a_wrong_barge_in():
    noise = entry(10.9, RoomNoise, kind="typing", length_us=SECOND)
    heard = playing(10, 11.2, "r", SpeakerStopped)
    assert row_of(noise, *heard, started(11, "of_noise"), entry(60, RunEnded)).barge_ins_wrong == 1
    assert row_of(noise, *heard, entry(60, RunEnded)).barge_ins_wrong == 0, "no turn began: something else stopped it"
    assert row_of(speaks(10.9, 1), *heard, started(11, "of_voice"), entry(60, RunEnded)).barge_ins_wrong == 0


def test_waits_are_those_of_the_utterances():
    """The honest server waits 200 ms for the end of the turn and 400 ms for its reply; the word then takes 200 ms."""
    (found,) = (each.value for each in outcomes(Case(KEYBOARD, "reported", "energy"), [{}], measure))
    assert found.unanswered == 0
    assert 0.4 < found.median_wait_s <= found.longest_wait_s < 2
    (silent,) = (each.value for each in outcomes(Case(EMPTY, "reported", "energy"), [{}], measure))
    assert silent.unanswered == silent.utterances_said > 0
    assert silent.median_wait_s is None


def test_a_row_does_not_depend_on_the_settings_in_the_header():
    run = play_cell(Case(EMPTY, "reported", "energy"), {"gate_threshold": 0.01})
    before = asdict(measure(run.scenario, run.journal))
    run.journal.header["settings"] = {}
    assert asdict(measure(run.scenario, run.journal)) == before
