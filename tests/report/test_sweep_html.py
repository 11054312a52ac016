"""The page of a sweep: what its data says, and that nothing of a user's is markup."""

import base64
import hashlib
import json
import re
from dataclasses import replace

from harness.report.sweep_html import CellPicture, page, representatives
from harness.search.sweep.advice import advise
from harness.search.sweep.refine import run_plan
from tests.search.sweep.test_run import computed, nothing, plan_of, row

TWO = ("quiet_speaker_gated_out", "keyboard_in_assistant_tail")


def lost_above(border):
    return computed(lambda cell: row(lost=int(cell["gate_threshold"] > border)))


def data_of(table, pictures=None, outcomes=0):
    text = page(
        table,
        advise(table),
        "stillthere sweep …",
        lambda ground, cell: f"stillthere run {ground}",
        pictures or {},
        outcomes,
    )
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1]), text


def test_each_place_has_its_row():
    table = run_plan(
        plan_of("gate_threshold=0.01..0.05:5", "gate_hold_ms=0|100", scenarios=TWO), lost_above(0.025), told=nothing
    )
    data, _ = data_of(table)
    assert data["shape"] == [5, 2]
    for ground in data["grounds"]:
        signs = "".join(data["signs"][number] for number in ground["rows"])
        assert signs == "····LLLLLL", "the last axis fastest"
    assert data["axes"][0]["parts"][2] == " --set gate_threshold=0.03"
    assert len(data["rows"]) == 2, "equal rows stand there once"


def test_a_refined_grid_fills_the_places_between():
    table = run_plan(plan_of("gate_threshold=0..0.1:3"), lost_above(0.03), rounds=3, told=nothing)
    data, _ = data_of(table)
    signs = "".join(data["signs"][number] for number in data["grounds"][0]["rows"])
    assert re.fullmatch(r"·+L+", signs) and len(signs) == 17


def test_samples_stand_in_a_row():
    table = run_plan(plan_of("gate_threshold=0..0.1:2"), lost_above(0.05), way="lhs", number=7, told=nothing)
    data, _ = data_of(table)
    assert data["shape"] == [7] and data["axes"][0]["name"] == "sample"
    assert data["axes"][0]["parts"][0].startswith(" --set gate_threshold=")


def test_one_cell_stands_for_all_with_the_same_outcome():
    table = run_plan(plan_of("gate_threshold=0.01..0.1:10"), lost_above(0.035), told=nothing)
    chosen, outcomes = representatives(table)
    assert outcomes == len(chosen) == 2
    assert {bool(table.rows[0][place].row.utterances_lost) for _, place in chosen} == {True, False}
    data, _ = data_of(table, {key: CellPicture(key[1], "<svg></svg>") for key in chosen}, outcomes)
    assert all(number in data["pictures"] for number in data["grounds"][0]["pictures"].values())


def test_of_many_outcomes_those_with_other_harms_have_pictures():
    rule = computed(lambda cell: row(lost=round(cell["gate_threshold"] * 100)))
    table = run_plan(plan_of("gate_threshold=0.0..0.3:31"), rule, told=nothing)
    chosen, outcomes = representatives(table, 3)
    assert (len(chosen), outcomes) == (3, 31)
    assert (0, 0) in chosen, "the only cell in which nothing is lost"


def test_names_of_users_are_text():
    plan = plan_of("gate_threshold=0.01..0.02:2")
    wild = replace(plan, grounds=(replace(plan.grounds[0], name="</script><script>alert(1)</script>"),))
    table = run_plan(wild, lost_above(0.03), told=nothing)
    data, text = data_of(table)
    assert data["grounds"][0]["told"].startswith("</script>")
    assert text.count("</script>") == 2, "those of the page itself"


def test_the_page_runs_its_own_script_and_no_other():
    table = run_plan(plan_of("gate_threshold=0.01..0.02:2"), lost_above(0.03), told=nothing)
    _, text = data_of(table)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}';" in policy and "default-src 'none'" in policy
