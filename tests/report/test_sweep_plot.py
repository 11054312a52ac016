"""Plots of a sweep."""

import builtins

import pytest

from harness.errors import SettingError
from harness.report import sweep_plot
from harness.search.sweep.advice import advise
from harness.search.sweep.refine import run_plan
from tests.search.sweep.test_run import computed, nothing, plan_of, row


def table_of(*texts):
    rule = computed(lambda cell: row(lost=int(cell["gate_threshold"] > 0.05), false=int(cell["gate_threshold"] < 0.02)))
    return run_plan(plan_of(*texts), rule, told=nothing)


def test_without_matplotlib_one_sentence_says_how_to_get_it(monkeypatch):
    found = builtins.__import__

    def without(name, *rest):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    table = table_of("gate_threshold=0.01..0.1:4")
    assert not sweep_plot.has_matplotlib()
    with pytest.raises(
        SettingError, match=r"plots need matplotlib; install it beside stillthere: pip install matplotlib"
    ):
        sweep_plot.heat_map(table, advise(table), "png")


@pytest.mark.parametrize(
    "texts", [["gate_threshold=0.01..0.1:5"], ["gate_threshold=log:0.01..0.1:5", "gate_hold_ms=0|9"]]
)
def test_plots_are_the_same_bytes_each_time_and_name_their_axes(texts):
    pytest.importorskip("matplotlib")
    table = table_of(*texts)
    advice = advise(table)
    for draw in (
        lambda form: sweep_plot.heat_map(table, advice, form),
        lambda form: sweep_plot.trade_off(table, advice, form),
    ):
        svg = draw("svg")
        assert svg == draw("svg")
        assert b"gate_threshold" in svg
        assert draw("png").startswith(b"\x89PNG")
