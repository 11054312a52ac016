"""``stillthere fuzz``: schedules by seed, its exit codes, the scenarios it saves, and a user's own client."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.cli import fuzz
from harness.scenario import load
from harness.search.campaign import SEEDS_PER_TASK, play_seeds
from harness.verdict.judge import judge
from harness.world.play import play

pytestmark = pytest.mark.slow

OWN = """
import os
class Quiet:
    def hear(self, chunk, now): return []
    def receive(self, event, now): return []
    def wake(self, now): return []
    def next_wake(self): return None
class Raises(Quiet):
    def hear(self, chunk, now): raise ValueError("no sound card")
class Dies(Quiet):
    def hear(self, chunk, now): os._exit(3)
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module of the user's own, not otherwise importable."""
    (tmp_path / "fuzz_own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_seeds_that_hold_are_exit_0(stillthere):
    outcome = stillthere("fuzz", "--seeds", "0..3", "--jobs", 1)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("resilient: 3 schedules, 3 held, 0 failed, 0 vacuous; ")
    assert "answered after the heal: median " in outcome.out


def test_a_seed_that_fails_is_shown_with_its_cause_and_its_scenario_fails_again(stillthere, tmp_path):
    (failure, *_) = play_seeds("reported", {}, range(10)).failures
    seeds = f"{failure.seed}..{failure.seed + 1}"
    outcome = stillthere("fuzz", "--client", "reported", "--seeds", seeds, "--jobs", 1, "--out", tmp_path / "new")
    assert outcome.code == 1
    assert outcome.out.startswith(f"seed {failure.seed}: {failure.broken}, {failure.cause}: ")
    (written,) = (tmp_path / "new").iterdir()
    scenario = load(str(written))
    found = judge(play(scenario, "reported", seed=failure.seed).journal, scenario).findings[0]
    assert (found.name, found.cause) == (failure.broken, failure.cause)


def test_a_property_that_only_warns_is_counted_and_stands_in_what_is_saved(stillthere, own):
    arguments = ("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "3..5", "--jobs", 1, "--out", "kept")
    outcome = stillthere(*arguments, "--property", "never_silent_forever=warn")
    assert outcome.code == 0
    assert "2 schedules, 2 held, 0 failed" in outcome.out
    assert "warning: never_silent_forever in 2 of 2 runs" in outcome.out
    failed = stillthere(*arguments, "--property", "never_silent_forever=fail", "--property", "words_lost=off")
    assert failed.code == 1
    assert load("kept/schedule_3.yaml").properties == {"never_silent_forever": "fail", "words_lost": "off"}


def test_what_is_saved_of_a_client_without_settings_can_be_played_with_it(stillthere, own):
    outcome = stillthere("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "3..5", "--jobs", 1, "--out", "kept")
    assert "saved: 2 in kept; " in outcome.out
    command = outcome.out.split("play the first with: ")[1].split()
    assert command == ["stillthere", "run", "kept/schedule_3.yaml", "--client", "fuzz_own:Quiet", "--seed", "3"]
    again = stillthere(*command[1:])
    assert again.code == 1, again.err


def test_a_users_own_client_is_found_by_every_process(stillthere, own):
    outcome = stillthere("fuzz", "--client", "fuzz_own:Quiet", "--seeds", f"0..{SEEDS_PER_TASK + 1}", "--jobs", 2)
    assert outcome.code == 1
    assert f"fuzz_own:Quiet: {SEEDS_PER_TASK + 1} schedules, 0 held" in outcome.out
    assert f"and {SEEDS_PER_TASK + 1 - fuzz.FAILURES_LISTED} more" in outcome.out


@pytest.mark.parametrize(
    ("client", "message"),
    [
        ("Raises", "seed 7: "),
        ("Raises", "the client raised ValueError in hear() at 0.020 s: no sound card"),
        ("Dies", "a process that played the client died"),
    ],
)
def test_a_client_that_raises_or_ends_its_process_is_exit_4_and_one_sentence(stillthere, own, client, message):
    outcome = stillthere("fuzz", "--client", f"fuzz_own:{client}", "--seeds", "7..9", "--jobs", 1)
    assert (outcome.code, outcome.out) == (4, "")
    assert outcome.err.count("\n") == 1 and message in outcome.err


def test_no_block_starts_after_the_budget(stillthere, own):
    outcome = stillthere(
        "fuzz", "--client", "fuzz_own:Quiet", "--seeds", "0..9000000000000000", "--budget", 0, "--jobs", 1
    )
    assert f": {SEEDS_PER_TASK} schedules, " in outcome.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--client", "resilent"),
            "no client is called 'resilent' (your own is module:Class); did you mean 'resilient'?",
        ),
        (("--client", "nowhere:Client"), "'nowhere:Client' could not be loaded"),
        (("--seeds", "9..3"), "--seeds '9..3': write a first seed and the one after the last, such as 0..1000"),
        (("--seeds", "many"), "--seeds 'many': write"),
        (("--seeds", "0..²"), "--seeds '0..²': write"),
        (("--seeds", f"0..{10**30}"), "write a first seed"),
        (("--property", "words_lots=off"), "no property is called 'words_lots'; did you mean 'words_lost'?"),
        (("--jobs", 0), "'--jobs'"),
        (("--jobs", 100_000), "'--jobs'"),
        (("--budget", -1), "'--budget'"),
        (("--out", __file__), "is a file; give a folder"),
    ],
)
def test_a_mistake_is_shown_before_anything_is_played(stillthere, arguments, message):
    outcome = stillthere("fuzz", *arguments)
    assert outcome.code == (4 if "nowhere:Client" in arguments else 2) and outcome.out == ""
    assert message in outcome.err and "Traceback" not in outcome.err


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_ctrl_c_ends_all_processes_and_shows_what_was_found():
    command = [sys.executable, "-m", "harness", "fuzz", "--seeds", "0..100000", "--jobs", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        time.sleep(3)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert out == "" or out.startswith("resilient: ")


def test_the_reader_of_the_output_may_leave(own):
    command = [sys.executable, "-m", "harness", "fuzz", "--client", "fuzz_own:Quiet", "--seeds", "0..2", "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as left:
        assert left.stdout is not None and left.stderr is not None
        left.stdout.close()
        err = left.stderr.read()
    assert "Traceback" not in err and "BrokenPipe" not in err
