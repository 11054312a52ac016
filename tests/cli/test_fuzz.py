"""``stillthere fuzz``: schedules by seed, its exit codes, the scenarios it saves, and a user's own client."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.cli import fuzz
from harness.scenario import load
from harness.search.campaign import MOST_CRASHES, play_seeds
from harness.search.kept import PROGRESS_FILE
from harness.verdict.judge import judge
from harness.world.play import play

from ..search.testing import left_of, living

pytestmark = pytest.mark.slow

OWN = """
import os, sys
class Quiet:
    def hear(self, chunk, now): return []
    def receive(self, event, now): return []
    def wake(self, now): return []
    def next_wake(self): return None
class Raises(Quiet):
    def hear(self, chunk, now): raise ValueError("no sound card")
class At7(Quiet):
    def __init__(self):
        # The seed is in no part of what a client gets, so it is taken from the frame that plays it.
        frame = sys._getframe()
        while "seed" not in frame.f_locals: frame = frame.f_back
        self.bad = frame.f_locals["seed"] == 7
    def hear(self, chunk, now):
        if self.bad: self.crash()
        return []
class RaisesAt7(At7):
    def crash(self): raise ValueError("no sound card")
class ExitsAt7(At7):
    def crash(self): os._exit(3)
class DiesAt7(At7):
    def crash(self): os.kill(os.getpid(), 9)
class LoopsAt7(At7):
    def crash(self):
        while True: pass
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
    (written,) = (tmp_path / "new").glob("*.yaml")
    scenario = load(str(written))
    found = judge(play(scenario, "reported", seed=failure.seed).journal, scenario).findings[0]
    assert (found.name, found.cause) == (failure.broken, failure.cause)


def test_a_property_that_only_warns_is_counted_and_stands_in_what_is_saved(stillthere, own):
    arguments = ("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "3..5", "--jobs", 1, "--out")
    outcome = stillthere(*arguments, "warned", "--property", "never_silent_forever=warn")
    assert outcome.code == 0
    assert "2 schedules, 2 held, 0 failed" in outcome.out
    assert "warning: never_silent_forever in 2 of 2 runs" in outcome.out
    failed = stillthere(*arguments, "kept", "--property", "never_silent_forever=fail", "--property", "words_lost=off")
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
    outcome = stillthere("fuzz", "--client", "fuzz_own:Quiet", "--seeds", f"0..{fuzz.FAILURES_LISTED + 2}", "--jobs", 2)
    assert outcome.code == 1
    assert f"fuzz_own:Quiet: {fuzz.FAILURES_LISTED + 2} schedules, 0 held" in outcome.out
    assert "and 2 more" in outcome.out


@pytest.mark.parametrize(
    ("client", "message"),
    [
        ("Raises", "the client raised ValueError in hear() at 0.020 s: no sound card"),
        ("Exits", "the client raised SystemExit in hear() at 0.020 s: os._exit(3) was called"),
        ("Dies", "its process was ended by SIGKILL"),
        ("Loops", "it did not return within 5 s"),
    ],
)
def test_a_client_that_raises_dies_or_hangs_at_some_seed_is_a_crash_of_that_seed(stillthere, own, client, message):
    arguments = ("--seeds", "6..9", "--jobs", 1, "--timeout", 5 if client == "Loops" else 60)
    outcome = stillthere("fuzz", "--client", f"fuzz_own:{client}At7", *arguments, "--out", "kept")
    assert (outcome.code, outcome.err) == (1, "")
    failed_6, failed_8, crashed, summary, *_ = outcome.out.splitlines()
    assert failed_6.startswith("seed 6: never") and failed_8.startswith("seed 8: never")
    assert crashed.startswith("seed 7: crashed: ") and message in crashed
    assert ": 3 schedules, 0 held, 2 failed, 0 vacuous, 1 crashed; " in summary
    assert load("kept/schedule_7.yaml").name == "schedule 7"


def test_if_seeds_crashed_and_none_failed_it_is_exit_4(stillthere, own):
    outcome = stillthere("fuzz", "--client", "fuzz_own:RaisesAt7", "--seeds", "7..8", "--jobs", 1)
    assert (outcome.code, outcome.err) == (4, "")
    assert "save the scenario of the first with: stillthere fuzz" in outcome.out


def test_a_client_that_raises_at_every_seed_is_given_up(stillthere, own):
    outcome = stillthere("fuzz", "--client", "fuzz_own:Raises", "--seeds", "0..9000000000000000", "--jobs", 1)
    assert outcome.code == 4
    assert f"{MOST_CRASHES} schedules, 0 held, 0 failed, 0 vacuous, {MOST_CRASHES} crashed" in outcome.out
    assert outcome.err.count("\n") == 1 and f"crashed at each of the first {MOST_CRASHES} seeds" in outcome.err


def test_without_a_folder_a_command_is_shown_that_saves_the_scenario(stillthere, own):
    arguments = ("--seeds", "3..5", "--jobs", 1, "--property", "one_answer=off")
    outcome = stillthere("fuzz", "--client", "fuzz_own:Quiet", *arguments)
    command = outcome.out.split("save the scenario of the first with: ")[1].split()
    assert command[-1] == "FOLDER"
    again = stillthere(*command[1:-1], "kept")
    assert again.code == 1 and "1 schedules" in again.out
    assert load("kept/schedule_3.yaml").properties == {"one_answer": "off"}


def test_no_seed_starts_after_the_budget_but_the_first(stillthere, own):
    arguments = ("--seeds", "5..9000000000000000", "--budget", 0, "--jobs", 2)
    outcome = stillthere("fuzz", "--client", "fuzz_own:Quiet", *arguments)
    assert outcome.code == 1
    assert outcome.out.startswith("seed 5: ") and ": 1 schedules, " in outcome.out


def test_a_campaign_goes_on_with_the_seeds_that_are_left(stillthere, own):
    arguments = ("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "3..6", "--jobs", 1, "--out", "kept")
    stillthere(*arguments, "--budget", 0)
    outcome = stillthere(*arguments, "--resume")
    assert ": 3 schedules, 0 held, 3 failed" in outcome.out and "saved: 3 in kept" in outcome.out
    assert summary(stillthere(*arguments, "--resume").out) == summary(outcome.out)


def summary(out: str) -> str:
    """Everything that is shown, without the wall time."""
    return re.sub(r" in \d+ s$", "", out, flags=re.MULTILINE)


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
        (("--resume",), "--resume needs the folder of the campaign; add --out"),
        (("--timeout", 0), "'--timeout'"),
    ],
)
def test_a_mistake_is_shown_before_anything_is_played(stillthere, arguments, message):
    outcome = stillthere("fuzz", *arguments)
    assert outcome.code == (4 if "nowhere:Client" in arguments else 2) and outcome.out == ""
    assert message in outcome.err and "Traceback" not in outcome.err


CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129, "SIGKILL": -9}


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks for processes in /proc")
def test_whatever_kills_a_campaign_nothing_is_lost_and_no_process_is_left(stillthere, own):
    """Each signal kills the same campaign once; what is at the end is what an undisturbed one gives."""
    seeds = ("--client", "fuzz_own:Quiet", "--seeds", "0..1000", "--jobs", "1")
    kept = own / "kept"
    for name, code in CODES.items():
        before = lines(kept)
        with started("fuzz", *seeds, "--out", "kept", "--resume") as process:
            while lines(kept) < before + 3:
                assert process.poll() is None
                time.sleep(0.05)
            os.kill(process.pid, getattr(signal, name))
            out, err = process.communicate(timeout=5)
            assert left_of(process.pid) == []
        assert process.returncode == code
        found = [json.loads(line) for line in (kept / PROGRESS_FILE).read_bytes().splitlines()[1:]]
        assert all((kept / f"schedule_{each['seed']}.yaml").exists() for each in found)
        assert err == (f"ended after {len(found)} of 1000 seeds; go on with --resume\n" if code > 0 else "")
        if code > 0:
            assert f": {len(found)} schedules, 0 held, {len(found)} failed" in out
    played = max(each["seed"] for each in found) + 3
    head, *rest = (kept / PROGRESS_FILE).read_bytes().splitlines(keepends=True)
    (kept / PROGRESS_FILE).write_bytes(b"".join([head.replace(b"[0,1000]", f"[0,{played}]".encode()), *rest]))
    seeds = (*seeds[:2], "--seeds", f"0..{played}", "--jobs", "1")
    resumed = stillthere("fuzz", *seeds, "--out", "kept", "--resume")
    undisturbed = stillthere("fuzz", *seeds, "--out", "other")
    assert summary(resumed.out) == summary(undisturbed.out).replace("other", "kept")
    for path in (own / "other").glob("*.yaml"):
        assert path.read_bytes() == (kept / path.name).read_bytes()


def lines(kept: Path) -> int:
    """How many whole lines the file of a campaign has."""
    path = kept / PROGRESS_FILE
    return path.read_bytes().count(b"\n") if path.exists() else 0


@contextmanager
def started(*arguments: str) -> "Iterator[subprocess.Popen[str]]":
    """The command in a session of its own, which is killed at the end of the block."""
    command = [sys.executable, "-m", "harness", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, start_new_session=True, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks for processes in /proc")
@pytest.mark.parametrize(("command", "name"), [("confusion", "SIGTERM"), ("recover", "SIGKILL")])
def test_children_of_other_commands_end_with_them(own, command, name):
    with started(command, "--jobs", "1") as process:
        while len(living(process.pid)) < 3:
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, getattr(signal, name))
        process.communicate(timeout=5)
        assert left_of(process.pid) == []


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_ctrl_c_at_a_terminal_reaches_all_processes_and_shows_what_was_found():
    command = [sys.executable, "-m", "harness", "fuzz", "--seeds", "0..100000", "--jobs", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        time.sleep(3)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (out, err) == ("", "") or (out.startswith("resilient: ") and err.startswith("ended after "))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_disk_that_is_full_is_one_sentence_after_the_summary(stillthere, own, monkeypatch):
    write, left = os.write, [3]

    def fills_up(number: int, line: bytes) -> int:
        left[0] -= line.startswith(b'{"seed"')
        return write(number if left[0] > 0 else os.open("/dev/full", os.O_WRONLY), line)

    monkeypatch.setattr("harness.search.kept.os.write", fills_up)
    arguments = ("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "0..5", "--jobs", 1, "--out", "kept")
    outcome = stillthere(*arguments)
    monkeypatch.undo()
    assert outcome.code == 2 and outcome.err.count("\n") == 1
    assert "kept/campaign.jsonl cannot be written: No space left on device; free the disk" in outcome.err
    assert ": 2 schedules, 0 held, 2 failed" in outcome.out
    monkeypatch.chdir(own)
    assert ": 5 schedules, 0 held, 5 failed" in stillthere(*arguments, "--resume").out


def test_the_reader_of_the_output_may_leave(own):
    command = [sys.executable, "-m", "harness", "fuzz", "--client", "fuzz_own:Quiet", "--seeds", "0..2", "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as left:
        assert left.stdout is not None and left.stderr is not None
        left.stdout.close()
        err = left.stderr.read()
    assert "Traceback" not in err and "BrokenPipe" not in err
