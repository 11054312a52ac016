"""Work in other processes: results, processes that die or hang, and the end of all with their parent."""

import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.errors import ClientError
from harness.processes import Lost, outcomes, spread

from .search.testing import die_once, left_of, living

pytestmark = pytest.mark.slow

NEEDS_PROC = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks for processes in /proc")


def test_results_stand_in_the_order_of_the_tasks():
    assert list(spread(operator.neg, range(50), 2)) == [-n for n in range(50)]


def test_an_exception_of_a_task_is_raised_here():
    with pytest.raises(ValueError, match="invalid literal") as raised:
        list(spread(int, ["1", "x"], 1))
    assert "_done" in raised.value.__notes__[0]


def test_a_result_that_cannot_be_sent_is_an_exception():
    with pytest.raises(RuntimeError, match="cannot be sent to another process"):
        list(outcomes(open, [os.devnull], 1))


def test_a_task_whose_process_dies_twice_is_lost_and_the_others_go_on():
    code = "import os; os._exit(3)"
    found = dict(outcomes(exec, ["pass", code, "pass # again"], 1))
    assert found == {"pass": None, code: Lost(False, "its process ended with exit code 3"), "pass # again": None}


@pytest.mark.skipif(not hasattr(signal, "SIGSEGV") or os.name == "nt", reason="ends by a signal")
def test_a_signal_that_ends_a_process_is_named():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    assert list(outcomes(exec, [code], 1)) == [(code, Lost(False, "its process was ended by SIGSEGV"))]


def test_a_process_that_dies_once_is_no_loss(tmp_path):
    assert list(outcomes(die_once, [str(tmp_path / "died")], 1)) == [(str(tmp_path / "died"), "done")]


def test_what_a_spread_loses_is_one_sentence():
    with pytest.raises(ClientError, match="was not played to its end: its process ended with exit code 1"):
        list(spread(os._exit, [1], 1))


def test_a_task_over_the_limit_is_ended_and_the_others_go_on():
    began = time.monotonic()
    found = dict(outcomes(exec, ["while True: pass", "pass"], 1, limit_s=0.5))
    assert found == {"while True: pass": Lost(True, "it did not return within 0.5 s"), "pass": None}
    assert time.monotonic() - began < 30


def test_a_task_is_taken_only_when_a_process_is_free():
    taken = []
    tasks = (taken.append(n) or n for n in range(10))
    results = outcomes(operator.neg, tasks, 1)
    next(results)
    assert taken == [0]
    results.close()


HANGING = """
from harness.processes import outcomes
tell = "import os; os.write(1, b'started' + bytes([10])); "
hanging = [
    "import time; " + tell + "time.sleep(1e6)",
    tell + "exec('while True: pass')",
    "import re; " + tell + "re.match('(a+)+$', 'a' * 64 + 'b')",
]
list(outcomes(exec, hanging, 3))
"""
"""The last of them holds the interpreter's lock, so that no thread of Python runs beside it."""


@contextmanager
def started(program: str, lines: int) -> "Iterator[subprocess.Popen[bytes]]":
    """A program in a session of its own, when so many lines have been printed; killed at the end of the block."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, env=environment, start_new_session=True, **pipes) as parent:
        try:
            assert [parent.stdout.readline() for _ in range(lines)] == [b"started\n"] * lines
            yield parent
        finally:
            parent.kill()


@NEEDS_PROC
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_children_end_with_their_parent_however_it_ends(name):
    with started(HANGING, 3) as parent:
        assert len(living(parent.pid)) >= 4
        os.kill(parent.pid, getattr(signal, name))
        parent.wait(5)
        assert left_of(parent.pid) == []


STOPPED = """
from harness.processes import outcomes
task = "import os, time; os.write(1, b'started' + bytes([10]))\\nwhile time.process_time() < 1: pass"
print(list(outcomes(exec, [task], 1, limit_s=4))[0][1])
"""


@NEEDS_PROC
def test_the_time_while_all_processes_are_stopped_does_not_count():
    """As Ctrl-Z at a terminal stops them."""
    with started(STOPPED, 1) as parent:
        os.killpg(parent.pid, signal.SIGSTOP)
        time.sleep(5)
        os.killpg(parent.pid, signal.SIGCONT)
        assert parent.stdout.read() == b"None\n"
