import json
from dataclasses import replace

import pytest

from harness.bench import conversation
from harness.bench.capacity import LoadStep
from harness.bench.memory_growth import MemoryGrowth
from harness.cli import bench, main
from harness.cli.bench import BenchFigure, results
from tests.bench.testing import GOOD

HOUR = MemoryGrowth(135.0, 150)


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["stillthere", "bench", "live", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code


@pytest.fixture
def steps(monkeypatch):
    """What a measurement shows, in place of the measurement; it is shown as if it had happened."""
    shown = []

    async def measure(*_):
        for step in shown:
            bench._show(step)
        return shown

    monkeypatch.setattr(bench, "_measure", measure)
    monkeypatch.setattr(bench, "memory_growth", lambda _: HOUR)
    return shown


def at(sessions, idle_kib=18.0, **changes):
    return LoadStep(replace(GOOD, sessions=sessions, **changes), idle_kib)


def figures(found):
    return {result.name: result.value for result in found}


class TestExitCode:
    def test_held(self, monkeypatch, steps, capsys):
        steps.append(at(200))
        assert run(monkeypatch) == 0
        output, errors = capsys.readouterr()
        assert "200 sessions" in output
        assert "goal 800" in output
        assert "200 sessions for 1 s: met" in errors

    @pytest.mark.parametrize("changes", [{"p99_ms": 25.0}, {"idle_kib": 201.0}, {"closed": 1}])
    def test_below_a_floor(self, monkeypatch, steps, changes):
        steps.append(at(200, **changes))
        assert run(monkeypatch) == 1

    def test_an_hour_that_grows(self, monkeypatch, steps):
        monkeypatch.setattr(bench, "memory_growth", lambda _: MemoryGrowth(2000.0, 150))
        steps.append(at(200))
        assert run(monkeypatch) == 1

    def test_a_generator_that_lagged_shows_nothing_and_says_so(self, monkeypatch, steps, capsys):
        steps.append(at(200, p99_ms=19.0, deltas_share=0.5, lag_p99_ms=15.0))
        assert run(monkeypatch) == 3
        output, errors = capsys.readouterr()
        assert "not shown" in output
        assert "load generator was too slow" in errors

    def test_fewer_sessions_than_the_floor_are_asked_for(self, monkeypatch, steps):
        steps.append(at(50))
        assert run(monkeypatch, "--sessions", "50") == 0

    @pytest.mark.parametrize("arguments", [("--sessions", "1"), ("--seconds", "0"), ("--detector", "psychic")])
    def test_a_wrong_option(self, monkeypatch, steps, arguments):
        assert run(monkeypatch, *arguments) == 2


class TestResults:
    def test_json_is_one_document_of_five_keys_a_figure(self, monkeypatch, steps, capsys):
        steps.append(at(200))
        assert run(monkeypatch, "--json") == 0
        document = json.loads(capsys.readouterr().out)
        assert list(document) == ["results"]
        assert document["results"][0] == {
            "name": "live sessions at p99 < 20 ms",
            "value": 200,
            "unit": "sessions",
            "floor": 200,
            "goal": 800,
        }
        for result in document["results"]:
            assert list(result) == ["name", "value", "unit", "floor", "goal"]

    def test_of_a_search_are_those_of_the_best_load(self):
        found = figures(results([at(200), at(400), at(800, p99_ms=90.0), at(600, p99_ms=9.0)], 200, HOUR, search=True))
        assert found["live sessions at p99 < 20 ms"] == 600
        assert found["round trip, p99 at 600 sessions"] == 9.0

    def test_a_search_is_held_to_the_floor_wherever_it_began(self):
        first = results([at(100, p99_ms=90.0), at(50)], 100, HOUR, search=True)[0]
        assert (first.value, first.floor, first.code) == (50, 200, 1)

    def test_none_in_time_is_none(self):
        first = results([at(200, p99_ms=90.0)], 200, HOUR, search=False)[0]
        assert (first.value, first.code) == (0, 1)

    def test_of_another_server_nothing_is_said_that_was_not_measured(self):
        found = figures(results([at(200, idle_kib=None, server_share=None)], 200, None, search=False))
        assert len(found) == 3

    @pytest.mark.parametrize(
        ("result", "code"),
        [
            (BenchFigure("x", 5.0, "ms"), 0),
            (BenchFigure("x", 200, "", 200), 0),
            (BenchFigure("x", 199, "", 200), 1),
            (BenchFigure("x", 200, "", 200, at_most=True), 0),
            (BenchFigure("x", 201, "", 200, at_most=True), 1),
            (BenchFigure("x", None, "", 200), 3),
        ],
    )
    def test_of_one_figure(self, result, code):
        assert result.code == code


@pytest.mark.slow
def test_a_small_load_from_end_to_end(monkeypatch, capsys):
    """Only that it is measured at all: how fast is for `make bench-live` to say."""
    code = run(monkeypatch, "--sessions", "4", "--seconds", "1", "--json")
    output, errors = capsys.readouterr()
    found = {result["name"]: result["value"] for result in json.loads(output)["results"]}
    assert found["round trip, p50 at 4 sessions"] > 0
    assert 0 < found["memory grown from minute 10 to 60"] < 1024
    assert "4 sessions for 1 s" in errors
    assert code in (0, 1, 3)


def test_memory_is_that_of_the_first_load():
    found = figures(results([at(200, idle_kib=60.0), at(400, idle_kib=0.0)], 200, None, search=True))
    assert found["memory per idle session"] == 60.0 and found["live sessions at p99 < 20 ms"] == 400


def test_the_speed_of_a_conversation_beside_that_of_the_release_before(stillthere, monkeypatch: pytest.MonkeyPatch):
    row = conversation.SpeedRow("conversation, reported, energy", "reported", "energy", 2_000, 10_000)
    speeds = iter([conversation.Speed(row, 3_000.0, 1.0, 1_500.0), conversation.Speed(row, 1_000.0, 1.0, None)])
    monkeypatch.setattr(bench, "ROWS", (row,))
    monkeypatch.setattr(bench, "measure", lambda _: next(speeds))
    monkeypatch.setattr(bench, "sweep_cost_s", lambda: 5.0)
    fast = stillthere("bench", "--json")
    assert fast.code == 0
    assert json.loads(fast.out)["results"] == [
        {
            "name": "conversation, reported, energy",
            "value": 3_000,
            "unit": "x real time",
            "floor": 2_000,
            "goal": 10_000,
            "previous": 1_500,
            "ratio": 2.0,
        },
        {"name": "sweep of 10 000 cells", "value": 5.0, "unit": "s", "floor": 60, "goal": 1},
    ]
    slow = stillthere("bench")
    assert slow.code == 1, "below the floor"
    assert "1000 x real time" in slow.out and "floor 2000" in slow.out and "before" not in slow.out
