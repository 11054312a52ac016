"""A client that ends or holds up the process: the exit code is 4, and one sentence says where."""

import errno
import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

CLIENTS = """
import asyncio, os, re, threading, time
from stillthere import Log, TellUser

class Own:
    def hear(self, chunk, now): return []
    def receive(self, event, now): return []
    def wake(self, now): return []
    def next_wake(self): return None

class Loops(Own):
    def hear(self, chunk, now):
        while True: pass  # Loops

class Sleeps(Own):
    def receive(self, event, now): time.sleep(1000)  # Sleeps

class IsSlow(Own):
    def hear(self, chunk, now):
        time.sleep(0.05)  # IsSlow
        return []

class Floods(Own):
    def hear(self, chunk, now): return [Log("x", {"a": 1})] * 10**6

class IsNeverMade(Own):
    def __init__(self): time.sleep(1000)  # IsNeverMade

class Exits(Own):
    def hear(self, chunk, now): os._exit(0)  # Exits

class ExitsInInit(Own):
    def __init__(self): os._exit(0)  # ExitsInInit

class Backtracks(Own):
    def hear(self, chunk, now): re.match("(a+)+$", "a" * 40 + "b")  # Backtracks

class HoldsOn(Own):
    def hear(self, chunk, now):
        while True:
            try: time.sleep(1000)  # HoldsOn
            except BaseException: pass

class ExitsInAThread(Own):
    def hear(self, chunk, now):
        threading.Thread(target=lambda: os._exit(0)).start()  # ExitsInAThread
        return []

class LeavesAThread(Own):
    def __init__(self): threading.Thread(target=time.sleep, args=(1000,), name="mine").start()

class ExitsAtExit(Own):
    def __init__(self):
        import atexit
        atexit.register(lambda: os._exit(0))

class MovesAway(Own):
    def __init__(self): os.chdir("/")
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "guarded.py").write_text(CLIENTS)
    return tmp_path


def run(folder, *arguments, clients):
    names = [word for name in clients for word in ("--client", f"guarded:{name}")]
    command = [sys.executable, "-m", "stillthere", "run", "reported_freeze", "--detector", "energy", *names, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def place(folder, name):
    lines = CLIENTS.splitlines()
    return f"{folder / 'guarded.py'}:{1 + next(i for i, line in enumerate(lines) if line.endswith(f'# {name}'))}: "


@pytest.mark.slow
def test_runs_that_do_not_end_or_exit_are_errors_and_the_others_are_played(folder):
    names = ["Loops", "Sleeps", "IsSlow", "Floods", "IsNeverMade", "Exits", "ExitsInInit", "Own"]
    done = run(folder, "--timeout", "0.6", "--json", "--junit", "j.xml", clients=names)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    reasons = {
        one["client"].removeprefix("guarded:"): [finding["reason"] for finding in one["findings"]]
        for one in json.loads(done.stdout)["runs"]
    }
    assert list(reasons) == names
    for name, what in {
        "Loops": "the client has not returned from hear() at 0.020 s",
        "Sleeps": "the client has not returned from receive() at ",
        "IsSlow": "in the client's hear()",
        "IsNeverMade": "the client has not returned from __init__()",
        "Exits": "the client raised SystemExit in hear() at 0.020 s: os._exit(0) was called",
        "ExitsInInit": "could not be made: SystemExit: os._exit(0) was called",
    }.items():
        assert reasons[name][0].startswith(place(folder, name)), reasons[name]
        assert what in reasons[name][0]
    assert "--timeout" in reasons["Floods"][0]
    assert "hears" not in reasons["Own"][0]
    assert len(ET.parse(folder / "j.xml").getroot().findall(".//error")) == len(names) - 1


@pytest.mark.slow
def test_a_client_that_holds_on_ends_the_process_and_no_result_is_lost(folder):
    done = run(folder, "--timeout", "0.6", "--json", "--junit", "j.xml", clients=["Own", "HoldsOn", "Own"])
    assert done.returncode == 4
    assert place(folder, "HoldsOn") in done.stderr
    assert "nothing further is played" in done.stderr
    assert [one["verdict"] for one in json.loads(done.stdout)["runs"]] == ["failed", "error"]
    assert ET.parse(folder / "j.xml").getroot().get("tests") == "2"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no interval timers")
def test_a_regular_expression_that_does_not_end_is_interrupted(folder):
    """It lets no other thread run."""
    done = run(folder, "--timeout", "0.6", clients=["Backtracks"])
    assert done.returncode == 4
    assert place(folder, "Backtracks") in done.stderr
    assert "--timeout" in done.stderr


@pytest.mark.slow
def test_os_exit_in_a_thread_is_no_pass(folder):
    done = run(folder, clients=["ExitsInAThread"])
    assert done.returncode == 4
    assert done.stderr == f"stillthere: {place(folder, 'ExitsInAThread')}a thread of the client called os._exit(0)\n"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "note"), [("LeavesAThread", "still running: mine"), ("ExitsAtExit", "")])
def test_what_a_client_leaves_behind_changes_no_result(folder, name, note):
    done = run(folder, clients=[name])
    assert done.returncode == 1
    assert "FAILED" in done.stdout.upper()
    assert note in done.stderr
    assert "Traceback" not in done.stderr


def test_a_client_that_leaves_the_folder_moves_no_file(folder, stillthere, monkeypatch):
    monkeypatch.chdir(folder)
    done = stillthere(
        "run", "reported_freeze", "--detector", "energy", "--client", "guarded:MovesAway", "--out", "journals"
    )
    assert done.code == 1, done.err
    assert [path.suffix for path in (folder / "journals").iterdir()] == [".jsonl"]


def test_a_limit_of_nothing_is_no_limit(folder, stillthere, monkeypatch):
    monkeypatch.chdir(folder)
    arguments = ("reported_freeze", "--detector", "energy", "--client", "guarded:Own", "--timeout", "0")
    assert stillthere("run", *arguments).code == 1


HOSTILE = """
import atexit, os, posix, signal, sys, time
from stillthere import Log, TellUser
from guarded import Own

class Liar:
    __class__ = str

class Hostile:
    @property
    def __class__(self): raise SystemExit(0)

class Meta(type):
    @property
    def __name__(cls): raise SystemExit(0)

class Nameless(Exception, metaclass=Meta):
    @property
    def __traceback__(self): raise SystemExit(0)

class ReturnsHostile(Own):
    def hear(self, chunk, now): return [Hostile()]  # ReturnsHostile

class ReturnsHostileList(Own):
    def hear(self, chunk, now): return Hostile()  # ReturnsHostileList

class WakesHostile(Own):
    def next_wake(self): return Hostile()  # WakesHostile

class TellsALie(Own):
    def hear(self, chunk, now): return [TellUser(Liar())]  # TellsALie

class LogsALie(Own):
    def hear(self, chunk, now): return [Log("x", Liar())]  # LogsALie

class RaisesNameless(Own):
    def hear(self, chunk, now): raise Nameless("a")  # RaisesNameless

class ReturnsText(Own):
    def hear(self, chunk, now): return "text"  # ReturnsText

class ExitsBelowOs(Own):
    def hear(self, chunk, now): posix._exit(0)  # ExitsBelowOs

class IsReplaced(Own):
    def hear(self, chunk, now): os.execvp(sys.executable, [sys.executable, "-c", ""])  # IsReplaced

class HasHostileSettings(Own):
    settings = {"chunk_ms": Hostile()}

class ClosesStdout(Own):
    def __init__(self): sys.stdout.close()

class TakesStdout(Own):
    def __init__(self): sys.stdout = None

class ClosesOutput(Own):
    def __init__(self): os.close(1)

class HoldsTheEnd(Own):
    def __init__(self): atexit.register(time.sleep, 1000)

class HasAnAlarm(Own):
    def __init__(self): signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    def hear(self, chunk, now):
        time.sleep(0.0001)
        return []
"""


@pytest.fixture
def hostile(folder):
    """A folder with clients that mean it."""
    (folder / "hostile.py").write_text(HOSTILE)
    return folder


def run_hostile(folder, *names):
    clients = [word for name in names for word in ("--client", f"hostile:{name}")]
    command = [sys.executable, "-m", "stillthere", "run", "reported_freeze", "--detector", "energy", "--json", *clients]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(sys.platform == "win32", reason="the module posix")
def test_whatever_an_object_says_of_itself_it_is_an_error_with_the_clients_own_line(hostile):
    names = [
        *("ReturnsHostile", "ReturnsHostileList", "WakesHostile", "TellsALie", "LogsALie", "RaisesNameless"),
        *("ReturnsText", "ExitsBelowOs", "IsReplaced"),
    ]
    done = run_hostile(hostile, *names, "HasHostileSettings")
    runs = json.loads(done.stdout)["runs"]
    assert (done.returncode, [one["verdict"] for one in runs]) == (4, ["error"] * 10)
    lines = HOSTILE.splitlines()
    for name, one in zip(names, runs, strict=False):
        line = next(number for number, text in enumerate(lines, 1) if text.endswith(f"# {name}"))
        assert f"hostile.py:{line}: the client" in one["findings"][0]["reason"], name


@pytest.mark.skipif(sys.platform == "win32", reason="timers")
def test_a_client_that_takes_the_output_or_the_end_changes_no_result(hostile):
    done = run_hostile(hostile, "ClosesStdout", "TakesStdout", "ClosesOutput", "HasAnAlarm", "HoldsTheEnd")
    assert done.returncode == 1, done.stderr
    assert [one["verdict"] for one in json.loads(done.stdout)["runs"]] == ["failed"] * 5
    assert "an exit handler still running" in done.stderr


def test_a_limit_has_a_limit(folder, stillthere):
    for timeout in ("inf", "1e300"):
        assert stillthere("run", "reported_freeze", "--timeout", timeout).code == 2


def test_a_module_that_leaves_the_folder_when_it_is_imported_moves_no_file(folder, stillthere, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "leaves.py").write_text("import os\nfrom guarded import Own\nos.chdir('/')\nclass Own(Own): pass\n")
    (folder / "mine.yaml").write_text(GOOD)
    monkeypatch.syspath_prepend(str(folder))
    assert stillthere("run", "mine.yaml", "--client", "leaves:Own").code == 1
    monkeypatch.delitem(sys.modules, "leaves")
    assert stillthere("run", "mine.yaml", "--import", "leaves").code == 0


GOOD = "scenario: Good\ntimeline:\n  - {at: 1s, say: babble, lasts: 1s}\n"
BROKEN_FAULT = """
\"\"\"A fault that does it wrong.\"\"\"
from dataclasses import dataclass
from stillthere.faults import EachChunk, SourceFault, register

@register
@dataclass(frozen=True, slots=True)
class {class_}(SourceFault):
    \"\"\"Half as loud.\"\"\"
    name, reports, causes = "{name}", (), ()
    def begin(self, rng): return EachChunk(lambda samples: {change})
"""


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("halved", "samples * 0.5", "returned an array of float64 of shape (480,)"),
        ("lost", "None", "returned None"),
        ("raising", "samples.nothing", "a fault of your own raised AttributeError"),
    ],
)
def test_a_fault_of_the_users_own_that_is_wrong_is_one_sentence_and_no_result_is_lost(folder, name, change, words):
    text = BROKEN_FAULT.format(class_=name.title(), name=name, change=change)
    (folder / "wrong.py").write_text(text)
    steps = f"  - {{at: 1s, microphone: {name}, lasts: 1s}}\n  - {{at: 1s, say: babble, lasts: 1s}}\n"
    (folder / "mine.yaml").write_text(f"scenario: Mine\ntimeline:\n{steps}")
    (folder / "good.yaml").write_text(GOOD)
    command = [sys.executable, "-m", "stillthere", "run", "good.yaml", "mine.yaml", "--import", "wrong"]
    command += ["--json", "--junit", "report.xml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert words in done.stderr
    assert [one["verdict"] for one in json.loads(done.stdout)["runs"]] == ["held", "error"]
    assert ET.parse(folder / "report.xml").getroot().get("tests") == "2"


def test_a_report_that_cannot_be_written_takes_no_result_with_it(folder, stillthere, monkeypatch):
    def full(path, data, mode):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.chdir(folder)
    (folder / "mine.yaml").write_text(GOOD)
    monkeypatch.setattr("harness.writing._write", full)
    done = stillthere("run", "mine.yaml", "--json", "--junit", "report.xml")
    assert (done.code, json.loads(done.out)["verdict"]) == (2, "held")
    assert "report.xml" in done.err and "No space left on device" in done.err
