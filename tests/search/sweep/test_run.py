"""Cells over processes, a user's own client, and refinement around the border."""

import pytest

from harness.scenario import load
from harness.search.sweep.axes import read_axes
from harness.search.sweep.cases import Case, CellOutcome, How
from harness.search.sweep.goals import Harm
from harness.search.sweep.plan import SweepPlan, grounds
from harness.search.sweep.refine import run_plan
from harness.search.sweep.rows import CellRow, measure
from harness.search.sweep.run import Crash, run_cells
from harness.search.sweep.variants import Variant

QUIET = load("quiet_speaker_gated_out")
OWN = "tests.search.sweep.clients:Gated"


def row(verdict="held", cause=None, lost=0, false=0, said=3):
    return CellRow(verdict, cause, said, lost, 0, false, 0, 0, 0, 0, 0, 0.0, 0, 1.0, 1.0)


def plan_of(*texts, client="reported", scenarios=("quiet_speaker_gated_out",)):
    named = [(name, load(name)) for name in scenarios]
    return SweepPlan(grounds(named, [Variant()], ["energy"]), read_axes(texts, client), client)


def computed(rule):
    """Computes rows by a rule of the settings, without playing, in reverse order."""

    def compute(parts):
        for _, places, cells in parts:
            for place, cell in reversed(list(zip(places, cells, strict=True))):
                yield CellOutcome(place, rule(cell), How.COMPUTED)

    return compute


def nothing(*_):
    pass


@pytest.mark.slow
def test_processes_give_the_rows_that_this_process_gives():
    cells = [{"gate_threshold": 0.001}, {"gate_threshold": 0.03}, {"gate_threshold": 0.1}]
    parts = [(Case(QUIET, "reported", "energy"), [4, 5, 6], cells)]
    here = {each.index: each.value for each in run_cells(parts, measure, jobs=1)}
    there = {each.index: each.value for each in run_cells(parts, measure, jobs=2)}
    assert here == there
    assert [here[place].verdict for place in (4, 5, 6)] == ["held", "failed", "failed"]


@pytest.mark.slow
def test_a_users_own_class_gets_its_settings_and_may_raise_or_die_in_some_cells():
    gates = [{"my_gate": value} for value in (0.001, 0.5, 0.03, 0.7)]
    parts = [(Case(QUIET, OWN, "energy"), [0, 1, 2, 3], gates)]
    found = {each.index: each.value for each in run_cells(parts, measure, jobs=1, limit_s=60)}
    assert (found[0].verdict, found[2].verdict) == ("held", "failed")
    assert isinstance(found[1], Crash)
    assert "half is not whole" in found[1].reason
    assert isinstance(found[3], Crash)
    assert "SIGKILL" in found[3].reason


def test_rows_stand_in_their_places_in_whatever_order_they_come():
    plan = plan_of("gate_threshold=0.01..0.05:5", "latency=10ms|20ms")
    table = run_plan(plan, computed(lambda cell: row(lost=round(cell["gate_threshold"] * 100))), told=nothing)
    assert len(table) == 10
    assert all(each.row.utterances_lost == round(each.cell["gate_threshold"] * 100) for each in table)
    assert table.ways == {How.COMPUTED: 10}


def test_a_value_of_the_scenario_makes_a_case_of_its_own():
    plan = plan_of("latency=10ms|20ms", "chunk_ms=20|40")
    cells = [{"latency": latency, "chunk_ms": chunk} for latency in (10_000, 20_000) for chunk in (20, 40)]
    parts = list(plan.parts(plan.grounds[0], cells))
    assert [(case.scenario.latency_us, places) for case, places in parts] == [(10_000, [0, 1]), (20_000, [2, 3])]
    assert plan.settings_of(cells[0]) == {"chunk_ms": 20}


@pytest.mark.parametrize("border", [0.0123, 0.05, 0.0871])
def test_refinement_finds_the_border_with_few_cells(border):
    def rule(cell):
        return row("failed", "gate_closed") if cell["gate_threshold"] > border else row()

    plan = plan_of("gate_threshold=0..0.1:5")
    table = run_plan(plan, computed(rule), rounds=6, told=nothing)
    thresholds = {each.cell["gate_threshold"]: each.harm for each in table}
    good = max(value for value, harm in thresholds.items() if not harm)
    bad = min(value for value, harm in thresholds.items() if harm)
    assert good <= border < bad
    assert bad - good == pytest.approx(0.1 / 4 / 2**6)
    assert len(table) <= 5 + 2 * 6, "the full grid has 257 cells"


def test_refinement_in_two_dimensions_follows_the_border():
    def rule(cell):
        return row(false=int(cell["gate_threshold"] * 10_000 < cell["gate_hold_ms"]))

    plan = plan_of("gate_threshold=0..0.1:3", "gate_hold_ms=0..1024:3")
    table = run_plan(plan, computed(rule), rounds=4, told=nothing)
    fine = [each for each in table if abs(each.cell["gate_threshold"] * 10_000 - each.cell["gate_hold_ms"]) < 40]
    assert {each.harm for each in fine} == {Harm(0), Harm.FALSE_TURN}
    assert 33 < len(table) < 33 * 33 / 2


def test_samples_are_computed_once_each_on_each_ground():
    plan = plan_of("gate_threshold=0.001..0.1:2", scenarios=("quiet_speaker_gated_out", "keyboard_in_assistant_tail"))
    table = run_plan(plan, computed(lambda cell: row()), way="lhs", number=20, told=nothing)
    assert (len(table.cells), len(table)) == (20, 40)
    assert table.shape is None


def test_progress_counts_the_rows():
    seen = []
    plan = plan_of("gate_threshold=0..0.1:3")
    run_plan(plan, computed(lambda cell: row()), told=lambda done, wanted: seen.append((done, wanted)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
