"""The matrix of real SDKs: its page is whole and fresh, and a cell says what the journal says, no more."""

import re
from pathlib import Path

import pytest

from benchmarks.sdk_matrix import words
from benchmarks.sdk_matrix.cells import Told, cell_of
from benchmarks.sdk_matrix.configurations import NODE, PYTHON
from benchmarks.sdk_matrix.faults import BY_NAME, FAULTS, NODE_FAULTS
from benchmarks.sdk_matrix.page import BEGIN, END, PAGE, README, page, summary, with_summary
from benchmarks.sdk_matrix.results import load_all
from harness.journal import (
    AppEnded,
    AudioArrived,
    ClientLog,
    ConnectionDialled,
    Journal,
    MicrophoneAudio,
    ResponseForItem,
    RunEnded,
    SpeakerHeard,
    StepPlayed,
    TurnTaken,
    UserSpeaks,
    WorldHealed,
)
from harness.units import MS, SECOND
from harness.world.play import play

SEAMS = {"source", "detector", "policy", "wire"}


def test_the_faults_are_of_all_four_seams_and_play():
    assert {fault.seam for fault in FAULTS} == SEAMS | {"none"}
    assert len(FAULTS) >= 20
    for fault in FAULTS:
        assert fault.scenario().timeline


@pytest.mark.parametrize("name", ["none", "closed 1001", "stuck after interruption"])
def test_a_scenario_of_the_matrix_is_held_by_a_client_that_recovers(name):
    """So what an app does not survive is not the scenario's fault. And its premise is true."""
    scenario = BY_NAME[name].scenario()
    run = play(scenario, "resilient")
    assert cell_of("resilient", name, run.journal, run.scenario).verdict == "held"


def test_every_configuration_has_a_cell_under_every_fault():
    cells = {(cell.configuration, cell.fault) for played in load_all().values() for cell in played.cells}
    wanted = {(each.name, fault.name) for each in PYTHON for fault in FAULTS}
    assert cells == wanted | {(each.name, fault) for each in NODE for fault in NODE_FAULTS}


def test_the_page_and_the_readme_are_those_of_the_results():
    results = load_all()
    assert PAGE.read_text() == page(results), "run make sdk-matrix, or python -m benchmarks.sdk_matrix page"
    readme = README.read_text()
    assert readme == with_summary(readme, summary(results))


def test_the_links_of_the_page_lead_somewhere():
    text = PAGE.read_text()
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line[4:].lower()).replace(" ", "-")
        for line in text.splitlines()
        if line[:4] == "### "
    }
    anchors = set(re.findall(r"\(#([^)]+)\)", text))
    assert anchors == headings
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (PAGE.parent / target).exists(), target


def test_a_readme_without_a_place_for_the_table_is_refused():
    with pytest.raises(ValueError, match="once, and has both 0 times"):
        with_summary("# No place", "| a |\n")
    assert with_summary(f"{BEGIN}\nold\n{END}\n", "new\n") == f"{BEGIN}\nnew\n{END}\n"


def journal_of(*entries) -> Journal:
    journal = Journal({"recover_within_us": 60 * SECOND})
    for entry in sorted(entries, key=lambda entry: entry.t):
        journal.add(entry)
    return journal


def prints(t_ms: int, line: str) -> ClientLog:
    return ClientLog(t=t_ms * MS, kind="prints", fields={"line": line})


def spoken(at_s: int, number: int, *, probe: bool, answered_s: float | None):
    """An utterance of 2 s, and what it takes for it to be answered."""
    yield UserSpeaks(t=at_s * SECOND, length_us=2 * SECOND, rms=3000.0, probe=probe)
    if answered_s is None:
        return
    item, response = f"u{number}", f"r{number}"
    ends = (at_s + 3) * SECOND
    yield AudioArrived(t=ends, connection=1, arrived_ms=ends // MS, captured_ms=ends // MS)
    yield TurnTaken(t=ends, connection=1, item_id=item, from_ms=at_s * 1000, to_ms=(at_s + 2) * 1000, speech_ms=1_800)
    yield ResponseForItem(t=ends, connection=1, response_id=response, item_id=item)
    yield SpeakerHeard(t=round(answered_s * SECOND), response_id=response)


def run_of(*entries, answered: bool = True) -> Journal:
    """A fault at 12 s, an utterance at 14 s and the persistent user's at 30 s; the microphone delivers 40 s."""
    return journal_of(
        ConnectionDialled(t=0, connection=1),
        StepPlayed(t=12 * SECOND, step="step 2", label="fault", length_us=0),
        *spoken(14, 1, probe=False, answered_s=18.4 if answered else None),
        WorldHealed(t=29 * SECOND),
        *spoken(30, 2, probe=True, answered_s=33.5 if answered else None),
        MicrophoneAudio(t=0, chunks=2000, samples=40 * 24_000, rms=100.0, peak=1000, zeros=0),
        RunEnded(t=40 * SECOND),
        *entries,
    )


def cell(*entries, answered: bool = True):
    return cell_of("an app", "a fault", run_of(*entries, answered=answered), BY_NAME["none"].scenario().settled())


def test_an_answer_counts_from_the_fault():
    assert cell().answered_ms == 6_400
    assert cell(answered=False).answered_ms is None


def test_what_was_printed_after_the_fault_was_told():
    found = cell(prints(11_999, "before"), prints(12_100, "event error"), prints(12_300, "event error"))
    assert found.told == (Told(100, "event error", 2),)
    assert words.told(found) == "0.1 s: event error (2 times)"
    assert words.told(cell()) == "nothing"


def test_the_end_of_an_app_was_told_as_well():
    found = cell(AppEnded(t=13 * SECOND, error="OSError: gone", place="app.py:3"), answered=False)
    assert found.told == (Told(1_000, "the app ended: OSError: gone"),)
    assert words.brief(found) == "**never**, told after 1.0 s"
    assert words.brief(cell(answered=False)) == "**never**, nothing told"


def test_audio_that_arrived_nowhere_is_lost():
    """Of 40 s, 33 s had arrived on the first connection, and on a second one 2 s."""
    assert cell(AudioArrived(t=36 * SECOND, connection=2, arrived_ms=2_000)).audio_lost_s == 5
    assert cell(AudioArrived(t=39 * SECOND, connection=1, arrived_ms=39_000)).audio_lost_s == 0
    assert cell(answered=False).audio_lost_s == 0


def test_a_line_of_an_app_breaks_no_table():
    found = cell(prints(12_100, "a | b <c> *d* " + 200 * "e"))
    text = words.told(found)
    assert "\\|" in text and "<c>" not in text and len(text) < 200


def test_the_code_of_the_apps_is_small_and_knows_nothing_of_us():
    for each in (*PYTHON, *NODE):
        text = Path(README.parent, "benchmarks", "sdk_matrix", each.file).read_text()
        assert len(text.splitlines()) <= 120
        assert "stillthere" not in text and "harness" not in text
