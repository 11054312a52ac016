"""What `fuzz` and `sweep` say of a user's client that raises or does not return."""

import json

import pytest

CLIENTS = """
import json
import time


class Raises:
    def __init__(self, settings=None): pass
    def hear(self, chunk, now):
        if now > 3_000_000: self.fail()
        return []
    def fail(self): json.loads("{")
    def receive(self, event, now): return []
    def wake(self, now): return []
    def next_wake(self): return None


class Stalls(Raises):
    def fail(self): time.sleep(100)
"""
SCENARIO = "scenario: s\nserver: {detector: energy}\ntimeline:\n  - {at: 1s, say: babble}\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_code.py").write_text(CLIENTS)
    (tmp_path / "s.yaml").write_text(SCENARIO)
    return tmp_path


SWEEP = ("sweep", "s.yaml", "--vary", "gate_threshold=0.01|0.02", "--json")


def test_a_sweep_shows_the_traceback_of_each_distinct_error(stillthere, here):
    done = stillthere(*SWEEP, "--client", "own_code:Raises", "--traceback")
    assert done.code == 4
    assert done.err.count("Traceback (most recent call last)") == 1
    assert "own_code.py" in done.err and "json.decoder.JSONDecodeError" in done.err
    assert "Traceback" not in stillthere(*SWEEP, "--client", "own_code:Raises").err


def test_a_sweep_says_which_method_has_not_returned(stillthere, here):
    done = stillthere(*SWEEP, "--client", "own_code:Stalls", "--timeout", 2)
    errors = {row["error"] for row in json.loads(done.out)["rows"]}
    assert done.code == 4 and errors == {"the client did not return from hear() at 3.020 s within 2 s"}


@pytest.mark.slow
def test_fuzz_shows_the_traceback_of_each_distinct_crash(stillthere, here):
    arguments = ("fuzz", "--client", "own_code:Raises", "--seeds", "0..2", "--out", "found", "--json")
    done = stillthere(*arguments, "--traceback")
    assert done.code == 4 and json.loads(done.out)["crashed"] == 2
    assert done.err.count("Traceback (most recent call last)") == 1 and "own_code.py" in done.err
