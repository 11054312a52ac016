"""The picture as one JSON document, from the journal alone."""

import json
from pathlib import Path

import pytest

from harness.journal import FaultInjected, MediaPackets, read
from harness.picture.document import document
from harness.verdict.judge import judge
from tests.report.testing import add, deaf, opened, run

FORMATS = Path(__file__).parent.parent / "journal" / "formats"


def names(drawn):
    return [lane["name"] for lane in drawn["lanes"]]


def test_lanes_follow_each_other_as_on_the_terminal_and_empty_ones_are_left_out():
    assert names(document(deaf())) == [
        "phase", "user speaks", "faults", "microphone", "sent", "server hears", "turns", "response", "assistant",
        "connection",
    ]  # fmt: skip


def test_times_are_milliseconds_and_the_entries_are_those_of_the_journal():
    made = deaf()
    drawn = document(made)
    assert (drawn["length"], drawn["heal"], drawn["answered"]) == (40_000, 20_000, None)
    (fault,) = next(lane for lane in drawn["lanes"] if lane["name"] == "faults")["spans"]
    assert fault[:2] == [12_000, 40_000]
    lines = [json.loads(line) for line in made.lines()][1:]
    assert drawn["entries"] == [line for line in lines if line["kind"] != "audio"]
    assert json.loads(json.dumps(drawn)) == drawn


def test_a_finding_leads_to_where_its_words_begin_and_not_to_where_it_was_certain():
    played = run(deaf())
    drawn = document(played.journal, judge(played.journal, played.scenario))
    assert drawn["verdict"]["name"] == "failed"
    first = drawn["findings"][0]
    assert (first["name"], first["cause"]) == ("never_silent_forever", "capture_dead")
    assert first["at"] == 21_000, "the first of the words that were never answered"
    assert first["certain"] == 40_000


def test_a_diagnosis_says_since_when_the_user_hears_nothing():
    played = run(deaf())
    found = document(played.journal, judge(played.journal, played.scenario))["diagnosis"]
    (heard,) = [lane["spans"] for lane in document(played.journal)["lanes"] if lane["name"] == "assistant"]
    start, _, style, label, _ = heard[-1]
    assert style == "silence" and found["silence"] == {"at": start, "label": label}


@pytest.mark.parametrize("file", sorted(FORMATS.glob("*/*.jsonl")), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_journals_of_every_format_have_a_picture(file):
    drawn = document(read(file), title=file.stem)
    assert drawn["lanes"] and drawn["entries"] and drawn["diagnosis"]["state"] in ("silent", "answered", "quiet")
    assert drawn["audio"] is None and not any("wave" in lane or "curve" in lane for lane in drawn["lanes"])


def test_a_call_shows_its_packets():
    made = opened()
    add(
        made, 2, MediaPackets, connection=1,
        up_sent=50, up_lost=11, up_made_up=2, down_sent=49, down_lost=0, down_made_up=1,
    )  # fmt: skip
    lane = next(lane for lane in document(made)["lanes"] if lane["name"] == "packets lost")
    assert lane["packets"] == [[2_000, 50, 11, 2, 49, 0, 1]]


def test_a_fault_of_a_module_that_is_not_imported_is_drawn_by_its_name():
    made = opened()
    add(made, 2, FaultInjected, kind="of-my-own", length_us=None)
    add(made, 9, FaultInjected, kind="near-silent", length_us=None)
    (spans,) = (lane["spans"] for lane in document(made)["lanes"] if lane["name"] == "faults")
    assert "of-my-own" in spans[0][3]
