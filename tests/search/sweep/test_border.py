"""Which failing cells stand beside one that does not fail."""

from harness.search.sweep.border import border
from harness.search.sweep.refine import run_plan

from .test_run import computed, nothing, plan_of, row


def table_of(fails, *axes, **more):
    plan = plan_of(*axes)
    return run_plan(plan, computed(lambda cell: row(verdict="failed" if fails(cell) else "held")), told=nothing, **more)


def cells(table, most=100):
    found, count = border(table, most)
    return [table.cells[place] for _, place in found], count


def test_it_is_the_failing_side_of_the_border():
    table = table_of(lambda cell: cell["gate_threshold"] > 0.035, "gate_threshold=0.01..0.1:10", "gate_hold_ms=0|100")
    found, count = cells(table)
    assert count == 2
    assert [(round(cell["gate_threshold"], 3), cell["gate_hold_ms"]) for cell in found] == [(0.04, 0), (0.04, 100)]


def test_a_cell_that_fails_alone_is_at_the_border_and_one_among_failing_ones_is_not():
    failing = {0.02, 0.06, 0.07, 0.08}
    table = table_of(lambda cell: round(cell["gate_threshold"], 3) in failing, "gate_threshold=0.01..0.1:10")
    assert [round(cell["gate_threshold"], 3) for cell in cells(table)[0]] == [0.02, 0.06, 0.08]


def test_where_all_fail_there_is_one_of_them_and_where_none_does_there_is_none():
    assert cells(table_of(lambda _: True, "gate_threshold=0.01..0.1:5"))[1] == 1
    assert cells(table_of(lambda _: False, "gate_threshold=0.01..0.1:5")) == ([], 0)


def test_of_many_some_are_chosen_over_the_whole_border():
    table = table_of(lambda cell: round(cell["gate_threshold"] * 1000) % 2 == 1, "gate_threshold=0.001..0.04:40")
    found, count = cells(table, 3)
    assert (len(found), count) == (3, 20)
    assert round(found[0]["gate_threshold"], 3) == 0.001 and round(found[-1]["gate_threshold"], 3) == 0.039


def test_a_refined_grid_has_the_border_between_its_finest_cells():
    table = table_of(lambda cell: cell["gate_threshold"] > 0.03, "gate_threshold=0..0.1:3", rounds=3)
    (cell,), count = cells(table)
    assert count == 1 and 0.03 < cell["gate_threshold"] < 0.04


def test_samples_have_no_neighbours():
    table = table_of(lambda cell: cell["gate_threshold"] > 0.05, "gate_threshold=0..0.1:2", way="lhs", number=8)
    assert all(cell["gate_threshold"] > 0.05 for cell in cells(table)[0]) and cells(table)[1] == 4
