"""``stillthere fuzz``: schedules by seed, its exit codes, the scenarios it saves, and a user's own client."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.scenario import load
from harness.search.campaign import MOST_CRASHES
from harness.search.kept import PROGRESS_FILE

from ..search.testing import left_of, living, told

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
class At58(Quiet):
    def __init__(self):
        # The seed is in no part of what a client gets, so it is taken from the frame that plays it.
        frame = sys._getframe()
        while "seed" not in frame.f_locals: frame = frame.f_back
        self.bad = frame.f_locals["seed"] == 58
    def hear(self, chunk, now):
        if self.bad: self.crash()
        return []
class RaisesAt58(At58):
    def crash(self): raise ValueError("no sound card")
class ExitsAt58(At58):
    def crash(self): os._exit(3)
class DiesAt58(At58):
    def crash(self): os.kill(os.getpid(), 9)
class LoopsAt58(At58):
    def crash(self):
        while True: pass
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module of the user's own, not otherwise importable."""
    (tmp_path / "fuzz_own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(folder: Path = Path("scenarios/found")) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


def test_seeds_that_hold_are_exit_0_and_nothing_is_written(stillthere, own):
    outcome = stillthere("fuzz", "--seeds", "0..3", "--jobs", 1, "--property", "words_lost=off")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("resilient: 3 schedules, 3 held, 0 failed, 0 vacuous; ")
    assert "answered after the heal: median " in outcome.out and "slowest answers: " in outcome.out
    assert not (own / "scenarios").exists()


def test_a_failure_is_told_by_its_smallest_story_which_run_plays_to_the_same_verdict_and_journal(stillthere, own):
    outcome = stillthere("fuzz", "--client", "reported", "--seeds", "138..139", "--jobs", 1)
    assert outcome.code == 1
    block = outcome.out.split("\n\n")[0]
    assert block.startswith("1. never_silent_forever, half_open  (1 of 1 seed)\n")
    assert (
        "story     at 1s network half-open" in block and "takes     1 step, 1 fault; the schedule of seed 138" in block
    )
    evidence = " ".join(block.split())
    assert "nothing that is sent arrives any more" in evidence and "nothing has arrived since" in evidence
    (file,) = found()
    assert f"file      {file}" in block
    command = block.rpartition("play it   ")[2].split()
    assert command == ["stillthere", "run", str(file), "--client", "reported"]
    again = stillthere(*command[1:], "--json")
    (run,) = json.loads(again.out)["runs"]
    text = file.read_text()
    assert (again.code, run["findings"][0]["cause"]) == (1, "half_open")
    assert f"# SHA-256 of the journal: {run['journal_sha256']}\n" in text
    assert "# Found by: stillthere fuzz --client reported --seeds 138..139\n" in text
    assert load(str(file)).outcomes == {"reported": "failed: half_open"}


def test_seeds_with_the_same_failure_are_one_block(stillthere, own):
    arguments = ("--client", "fuzz_own:Raises", "--seeds", "0..8", "--jobs", 2, "--out", "kept")
    outcome = stillthere("fuzz", *arguments)
    assert outcome.code == 4
    assert "(8 of 8 seeds)" in outcome.out and "seeds     0, 1, 2, 3, 4, 5 and 2 more" in outcome.out
    assert "distinct: 1 crash\n" in outcome.out and "1 scenario written to kept" in outcome.out
    (file,) = found(Path("kept"))
    assert stillthere("run", file, "--client", "fuzz_own:Raises").code == 4


def test_failures_of_one_property_with_two_causes_are_two_blocks(stillthere, own):
    outcome = stillthere("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "0..2", "--jobs", 2, "--out", "kept")
    assert outcome.code == 1
    blocks = outcome.out.split("\n\n")[:-1]
    assert len(blocks) == len(found(Path("kept"))) == 2 == len({block.split("  ")[0] for block in blocks})


def test_it_stops_after_so_many_distinct_failures(stillthere, own):
    outcome = stillthere("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "0..9000", "--jobs", 1, "--distinct", 1)
    assert outcome.code == 1 and "fuzz_own:Quiet: 1 schedule, 0 held, 1 failed" in outcome.out


def test_a_property_that_only_warns_is_a_block_too_and_stands_in_what_is_saved(stillthere, own):
    arguments = ("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "3..5", "--jobs", 1, "--out")
    outcome = stillthere(*arguments, "warned", "--property", "never_silent_forever=warn")
    assert outcome.code == 0
    assert "1. warning: never_silent_forever" in outcome.out
    assert "2 schedules, 2 held, 0 failed" in outcome.out
    assert "warning: never_silent_forever in 2 of 2 runs" in outcome.out
    for file in found(Path("warned")):
        assert load(str(file)).properties == {"never_silent_forever": "warn"}
        again = stillthere("run", file, "--client", "fuzz_own:Quiet")
        assert again.code == 0 and load(str(file)).outcomes == {"fuzz_own:Quiet": "held"}


def test_slow_makes_late_answers_findings(stillthere, own):
    outcome = stillthere("fuzz", "--client", "resilient", "--seeds", "0..1", "--jobs", 1, "--slow", "100ms")
    assert outcome.code == 1
    assert outcome.out.startswith("1. slow_answer  (1 of 1 seed)") and "--slow allows 0.1 s" in outcome.out


def test_json_is_one_document(stillthere, own):
    outcome = stillthere("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "0..1", "--jobs", 1, "--json")
    assert outcome.code == 1
    document = json.loads(outcome.out)
    assert (document["runs"], document["failed"], document["held"]) == (1, 1, 0)
    (failure,) = document["distinct"]
    assert (failure["kind"], failure["property"], failure["seeds"]) == ("failure", "never_silent_forever", [0])
    assert failure["steps"] == 1 and failure["file"] == str(found()[0])


@pytest.mark.parametrize(("budget", "code"), [("0", 3), ("0s", 3), ("60", 0), ("60s", 0), ("2min", 0)])
def test_a_budget_is_seconds_or_a_duration_and_0_plays_nothing(stillthere, own, budget, code):
    outcome = stillthere("fuzz", "--seeds", "0..1", "--jobs", 1, "--budget", budget)
    assert outcome.code == code
    assert f"resilient: {'0 schedules' if code else '1 schedule'}, " in outcome.out
    assert ("nothing was played, so nothing is proved" in outcome.err) == bool(code)


@pytest.mark.parametrize(
    ("client", "message"),
    [
        ("Raises", "the client raised ValueError in hear() at 0.020 s: no sound card"),
        ("Exits", "the client raised SystemExit in hear() at 0.020 s: os._exit(3) was called"),
        ("Dies", "its process was ended by SIGKILL"),
        ("Loops", "the client did not return from hear() at 0.020 s within 5 s"),
    ],
)
def test_a_client_that_raises_dies_or_hangs_at_some_seed_is_a_crash_of_that_seed(stillthere, own, client, message):
    arguments = ("--seeds", "57..60", "--jobs", 1, "--timeout", 5 if client == "Loops" else 60)
    outcome = stillthere("fuzz", "--client", f"fuzz_own:{client}At58", *arguments, "--out", "kept")
    assert (outcome.code, outcome.err) == (1, "")
    failed, crashed, summary, *_ = outcome.out.split("\n\n")
    assert failed.startswith("1. never_silent_forever") and "seeds     57, 59" in failed
    assert crashed.startswith("2. crashed: ") and message in " ".join(crashed.split()) and "seeds     58" in crashed
    assert ": 3 schedules, 0 held, 2 failed, 0 vacuous, 1 crashed; " in summary
    (file,) = (path for path in found(Path("kept")) if path.name.startswith("crashed-"))
    assert f"run {file} --client fuzz_own:{client}At58 --seed 58" in crashed
    if client != "Loops":
        assert len(load(str(file)).timeline) == 1


def test_if_seeds_crashed_and_none_failed_it_is_exit_4(stillthere, own):
    outcome = stillthere("fuzz", "--client", "fuzz_own:RaisesAt58", "--seeds", "58..59", "--jobs", 1)
    assert (outcome.code, outcome.err) == (4, "")
    assert outcome.out.startswith("1. crashed: ValueError at fuzz_own.py:")


def test_a_client_that_raises_at_every_seed_is_given_up(stillthere, own):
    outcome = stillthere("fuzz", "--client", "fuzz_own:Raises", "--seeds", "0..9000000000000000", "--jobs", 1)
    assert outcome.code == 4
    assert f"{MOST_CRASHES} schedules, 0 held, 0 failed, 0 vacuous, {MOST_CRASHES} crashed" in outcome.out
    assert "distinct: 1 crash\n" in outcome.out
    assert outcome.err.count("\n") == 1 and f"crashed at each of the first {MOST_CRASHES} seeds" in outcome.err


def test_a_campaign_goes_on_with_the_seeds_that_are_left(stillthere, own):
    arguments = ("fuzz", "--client", "fuzz_own:Quiet", "--seeds", "3..6", "--jobs", 1, "--out", "kept")
    assert ": 1 schedule, " in stillthere(*arguments, "--distinct", 1).out
    outcome = stillthere(*arguments, "--resume")
    assert ": 3 schedules, 0 held, 3 failed" in outcome.out and " written to kept" in outcome.out
    assert told(stillthere(*arguments, "--resume").out) == told(outcome.out)


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
        (("--budget", "soon"), "write seconds or a duration, such as 60, 60s or 2min (got 'soon')"),
        (("--slow", "20 parsecs"), "write seconds or a duration"),
        (("--distinct", 0), "'--distinct'"),
        (("--executor", "ray://here"), "give the address of a scheduler as dask://HOST:PORT"),
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
        results = [json.loads(line) for line in (kept / PROGRESS_FILE).read_bytes().splitlines()[1:]]
        assert err == (f"ended after {len(results)} of 1000 seeds; go on with --resume\n" if code > 0 else "")
        if code > 0:
            assert f": {len(results)} schedules, 0 held, {len(results)} failed" in out
    played = max(each["seed"] for each in results) + 3
    seeds = (*seeds[:2], "--seeds", f"0..{played}", "--jobs", "1")
    resumed = stillthere("fuzz", *seeds, "--out", "kept", "--resume")
    undisturbed = stillthere("fuzz", *seeds, "--out", "other")
    assert resumed.code == undisturbed.code == 1, resumed.err + undisturbed.err
    assert told(resumed.out) == told(undisturbed.out).replace("other", "kept")
    assert found(kept) and {path.name: path.read_text() for path in found(kept)} == {
        path.name: path.read_text().replace("other/", "kept/") for path in found(own / "other")
    }


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
        try:
            time.sleep(3)
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130
    assert (out, err) == ("", "") or ("\nresilient: " in f"\n{out}" and err.startswith("ended after "))


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
    assert left.returncode, "what failed is not known, so it is not said to be well"
