"""Where seeds are played: in processes, and by executors, even ones that lose work."""

import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from harness.errors import ClientError, InputError
from harness.processes import Lost
from harness.search.campaign import SeedPlayer, SeedResult
from harness.search.spreading import BATCH, campaign, lost


@dataclass(frozen=True)
class Counts(SeedPlayer):
    """Plays nothing: its result is the seed. At some seeds the process is lost."""

    loses: frozenset[int] = frozenset()

    def __call__(self, seed):
        if seed in self.loses:
            raise KilledWorker(seed)
        return SeedResult(seed, "held", seed)


class KilledWorker(Exception):
    """As Dask has it: the worker of a task died."""


def by_seed(results):
    return sorted(results, key=lambda result: result.seed)


def test_an_executor_plays_every_seed_once():
    with ThreadPoolExecutor(3) as executor:
        found = list(campaign(Counts("resilient"), range(5, 5 + 7 * BATCH + 3), executor=executor))
    assert by_seed(found) == [SeedResult(seed, "held", seed) for seed in range(5, 5 + 7 * BATCH + 3)]


def test_of_a_batch_that_is_lost_only_the_seed_that_loses_it_has_crashed():
    with ThreadPoolExecutor(2) as executor:
        found = by_seed(campaign(Counts("resilient", loses=frozenset({3, 17})), range(25), executor=executor))
    assert [result.seed for result in found] == list(range(25))
    crashed = [result for result in found if result.outcome == "crashed"]
    assert [result.seed for result in crashed] == [3, 17]
    assert all(result.failure.detail == "its process was lost: KilledWorker" for result in crashed)


def test_seeds_are_taken_only_as_there_is_room():
    taken = []

    def endless():
        for seed in range(10**9):
            taken.append(seed)
            yield seed

    with ThreadPoolExecutor(1) as executor, closing(campaign(Counts("resilient"), endless(), executor=executor)) as one:
        next(one)
        assert len(taken) < 10_000


class Broken(Executor):
    """A cluster that is gone."""

    def submit(self, *_, **__):
        raise RuntimeError("cannot schedule new futures after shutdown")


def test_an_executor_that_is_gone_is_one_sentence():
    with pytest.raises(ClientError, match="the executor takes no more seeds: RuntimeError: cannot schedule"):
        list(campaign(Counts("resilient"), range(3), executor=Broken()))


class Elsewhere(Executor):
    """A worker with other files: what it gets is changed on the way."""

    def __init__(self, **changed):
        self.changed = changed

    def submit(self, work, seeds):
        done = Future()
        try:
            done.set_result(replace(work, **self.changed)(seeds))
        except Exception as error:
            done.set_exception(error)
        return done


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"version": "0.0.1"}, "a worker has stillthere .*, and this is 0.0.1"),
     ({"sources": {"own_client.py": "abc"}}, "own_client.py of the client own_client:Own is another one at a worker")],
)  # fmt: skip
def test_a_worker_with_other_files_is_one_sentence(tmp_path, monkeypatch, changed, words):
    (tmp_path / "own_client.py").write_text(
        "class Own:\n def hear(self, *_): return []\n receive = wake = hear\n def next_wake(self): return None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own_client", raising=False)
    with pytest.raises(InputError, match=words):
        list(campaign(Counts("own_client:Own"), range(3), executor=Elsewhere(**changed)))


def test_a_lost_process_is_a_crash_of_its_seed():
    died = lost(4, Lost(False, "its process was ended by SIGKILL"), 60.0)
    assert (died.outcome, died.failure.detail) == ("crashed", "its process was ended by SIGKILL")
    late = lost(4, Lost(True, "it did not return within 63 s"), 60.0)
    assert (late.outcome, late.failure.reason) == ("late", "it did not return within 60 s")


@pytest.mark.slow
def test_processes_give_the_result_of_each_seed():
    with closing(campaign(SeedPlayer("development"), [3, 5, 4], jobs=1)) as results:
        assert [next(results) for _ in range(3)] == [SeedPlayer("development")(seed) for seed in (3, 5, 4)]
        assert next(results, None) is None


@pytest.mark.slow
def test_an_executor_gives_the_same_results_as_processes():
    with ThreadPoolExecutor(1) as executor:
        found = list(campaign(SeedPlayer("reported"), range(4), executor=executor))
    assert found == [SeedPlayer("reported")(seed) for seed in range(4)]
