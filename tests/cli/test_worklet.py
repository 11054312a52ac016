"""The option ``--worklet`` of run, sweep and fuzz."""

import json

import pytest

from tests.clients.worklet.testing import FILES, needs_node

pytestmark = needs_node

GATE = FILES / "gate.js"
QUIET = ("quiet_speaker_gated_out", "--detector", "energy", "--worklet", GATE)


def test_run_plays_the_client_behind_the_worklet_and_says_how_to_play_it_again(stillthere):
    """The quiet speaker is below the report's threshold, in the worklet as in the kit's own gate."""
    closed = stillthere("run", *QUIET)
    assert closed.code == 1
    assert "cause    gate_closed" in closed.out
    assert f"--client reported:{GATE}" in "".join(line.strip(" \\") + " " for line in closed.out.splitlines())
    opened = stillthere("run", *QUIET, "--set", "worklet.threshold=0.001", "--set", "worklet.bargeIn=0.001")
    assert opened.code == 0


@pytest.mark.slow
def test_sweep_plays_each_cell_of_a_worklets_settings(stillthere):
    """No cell is computed by the model of the kit's own gate."""
    outcome = stillthere("sweep", *QUIET, "--vary", "worklet.threshold=0.001|0.03", "--json")
    document = json.loads(outcome.out)
    found = {row["worklet.threshold"]: (row["verdict"], row["how"]) for row in document["rows"]}
    assert found == {0.001: ("held", "played"), 0.03: ("failed", "played")}


@pytest.mark.slow
def test_fuzz_throws_faults_at_it(stillthere, tmp_path):
    outcome = stillthere("fuzz", "--worklet", GATE, "--seeds", "0..2", "--jobs", "1", "--out", tmp_path, "--json")
    document = json.loads(outcome.out)
    assert document["client"] == f"resilient:{GATE}"
    assert outcome.code in (0, 1) and document["runs"] == 2 and not document.get("crashes")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("run", *QUIET, "--set", "worklet.treshold=1"),
            "has no AudioParam of this name and never asks for such an opt",
        ),
        (("run", *QUIET, "--set", "gate_threshold=1"), "behind a worklet the client's own gate lets everything pass"),
        (("run", *QUIET, "--set", "treshold=1"), "nothing that can be set has this name"),
        (("run", *QUIET, "--client", "push_to_talk"), "push_to_talk cannot stand behind a worklet"),
        (("run", *QUIET, "--app", "own:app"), "an app has a gate of its own"),
        (("sweep", *QUIET, "--vary", "gate_threshold=0.1|0.2"), "behind a worklet the client's own gate"),
        (("run", "reported_freeze", "--worklet", "none.js"), "none.js: there is no such file"),
    ],
)
def test_what_cannot_be_played_is_one_sentence(stillthere, arguments, sentence):
    outcome = stillthere(*arguments)
    assert outcome.code == 2
    assert sentence in outcome.err and len(outcome.err.strip().splitlines()) == 1


def test_a_worklet_that_raises_is_a_client_that_raises(stillthere, tmp_path):
    file = tmp_path / "mine.js"
    file.write_text("registerProcessor('mine', class extends AudioWorkletProcessor {\n process() { none(); } });")
    outcome = stillthere("run", "quiet_speaker_gated_out", "--worklet", file)
    assert outcome.code == 4
    assert f"{file}:2: the worklet raised in process() at 0.000 s: ReferenceError: none is not defined" in outcome.err


@pytest.mark.slow
def test_fuzz_tells_the_line_of_a_worklet_that_raises(stillthere, tmp_path):
    file = tmp_path / "mine.js"
    file.write_text(
        "registerProcessor('mine', class extends AudioWorkletProcessor {\n"
        "process([[x]], [[o]]) { o.set(x); if (currentTime > 3) none(); } });"
    )
    outcome = stillthere("fuzz", "--worklet", file, "--seeds", "0..2", "--jobs", "1", "--out", tmp_path / "found")
    assert outcome.code == 4
    words = " ".join(outcome.out.split())
    assert "1. crashed: mine.js:…: the worklet raised in process()" in words and "(2 of 2 seeds)" in words
    assert "mine.js:2: the worklet raised in process() at 3.003 s: ReferenceError: none is not defined" in words
