"""Heat maps of a sweep on the terminal."""

import io

import pytest
from rich.console import Console

from harness.report.sweep_map import MAP_LEGEND, maps, sign
from harness.search.sweep.goals import Harm
from harness.search.sweep.refine import run_plan
from tests.search.sweep.test_run import computed, nothing, plan_of, row


def drawn(table, width=60, **options) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(maps(table, width, **options), markup=False)
    return out.getvalue().splitlines()


def by_threshold(cell):
    threshold = cell["gate_threshold"]
    return row(false=int(threshold < 0.02), lost=int(threshold > 0.05))


def test_one_letter_a_cell():
    table = run_plan(plan_of("gate_threshold=0.01..0.08:8"), computed(by_threshold), told=nothing)
    assert "N····LLL" in drawn(table)[1]


def test_two_axes_with_the_higher_values_above():
    def rule(cell):
        return row(lost=int(cell["gate_hold_ms"] == 0), false=int(cell["gate_threshold"] == 0.1))

    table = run_plan(plan_of("gate_threshold=0..0.1:3", "gate_hold_ms=0|100"), computed(rule), told=nothing)
    lines = drawn(table)
    assert lines[2].split() == ["100", "ms", "··N"]
    assert lines[3].split() == ["0", "ms", "LLB"]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_it_fits_the_terminal_and_hides_no_harm(width):
    """One bad cell in 500: the letter that stands for several shows it."""

    def rule(cell):
        return row("failed", "gate_closed") if cell["gate_hold_ms"] == 333 else row()

    table = run_plan(plan_of("gate_hold_ms=1..500:500", "gate_threshold=0..1:60"), computed(rule), told=nothing)
    lines = drawn(table, width)
    assert max(map(len, lines)) <= width
    of_map = [line for line in lines if line and set(line.split()[-1]) <= {"·", "X"}]
    assert of_map and all(line.count("X") == 1 for line in of_map)


def test_a_refined_map_shows_between_its_cells_what_is_nearest():
    table = run_plan(plan_of("gate_threshold=0..0.1:3"), computed(by_threshold), rounds=3, told=nothing)
    assert set(drawn(table)[1].strip()) == {"N", "·", "L"}
    assert "?" not in drawn(table)[1]


def test_what_is_unknown_is_not_shown_as_good():
    table = run_plan(plan_of("gate_threshold=0..0.1:3"), computed(lambda _: row("vacuous")), told=nothing)
    assert "???" in drawn(table)[1]


def test_each_letter_is_in_the_legend():
    for harm in range(64):
        letter, _ = sign(Harm(harm))
        assert f"{letter} " in MAP_LEGEND
    assert {sign(Harm.LOSES)[0], sign(Harm.FALSE_TURN)[0], sign(Harm.LOSES | Harm.FALSE_TURN)[0]} == {"L", "N", "B"}


def test_samples_are_counted():
    table = run_plan(plan_of("gate_threshold=0..0.1:2"), computed(by_threshold), way="random", number=30, told=nothing)
    assert drawn(table)[0].startswith("30 cells: · ")
