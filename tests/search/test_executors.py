"""A campaign on a real Dask cluster; `make test-dask` installs what it needs."""

import os
import signal
import subprocess
import sys
import time

import pytest

from harness.errors import InputError, SettingError
from harness.search.executors import executor_at
from harness.search.kept import PROGRESS_FILE

from .testing import told

OWN = """
class Quiet:
    def hear(self, chunk, now): return []
    def receive(self, event, now): return []
    def wake(self, now): return []
    def next_wake(self): return None
"""


def test_without_an_address_there_is_no_executor():
    with executor_at(None) as executor:
        assert executor is None
    with pytest.raises(SettingError, match="as dask://HOST:PORT"), executor_at("tcp://here:1"):
        pass


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and two workers, in processes of their own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as found:
        yield f"dask://{found.scheduler_address.removeprefix('tcp://')}"


def command(*arguments):
    return [sys.executable, "-m", "harness", "fuzz", "--client", "dask_own:Quiet", "--jobs", "1", *arguments]


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.slow
def test_a_campaign_on_a_cluster_that_is_killed_and_resumed_tells_what_an_undisturbed_one_here_does(cluster, tmp_path):
    (tmp_path / "dask_own.py").write_text(OWN)
    kept = tmp_path / "kept" / PROGRESS_FILE
    seeds = ("--seeds", "0..60", "--property", "words_lost=off")
    there = command(*seeds, "--out", "kept", "--resume", "--executor", cluster)
    with subprocess.Popen(there, cwd=tmp_path, env=environment()) as process:
        while not kept.exists() or kept.read_bytes().count(b"\n") < 11:
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    assert kept.read_bytes().count(b"\n") < 61
    run = {"cwd": tmp_path, "env": environment(), "capture_output": True, "text": True, "check": False}
    resumed = subprocess.run(there, **run)
    undisturbed = subprocess.run(command(*seeds, "--out", "other"), **run)
    assert resumed.returncode == undisturbed.returncode == 1, resumed.stderr
    assert told(resumed.stdout) == told(undisturbed.stdout.replace("other", "kept"))


@pytest.mark.slow
def test_where_no_scheduler_is_that_is_one_sentence():
    pytest.importorskip("distributed")
    with (
        pytest.raises(InputError, match="no Dask scheduler answers"),
        executor_at("dask://127.0.0.1:9"),
    ):
        pass
