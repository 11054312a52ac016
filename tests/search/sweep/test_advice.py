"""The advice of a sweep: it finds what a rule has put there, and never says more than is known."""

from dataclasses import replace

import pytest

from harness.search.sweep.advice import advise
from harness.search.sweep.refine import run_plan
from harness.search.sweep.standing import Standing, reported_names, standings
from tests.search.sweep.test_run import computed, nothing, plan_of, row

TWO = ("quiet_speaker_gated_out", "keyboard_in_assistant_tail")


def table_of(rule, *texts, scenarios=("quiet_speaker_gated_out",), **options):
    return run_plan(plan_of(*texts, scenarios=scenarios), computed(rule), told=nothing, **options)


def text_of(table, found=()) -> str:
    return " ".join(advise(table, found).sentences)


def between(low, high):
    """Noise begins a turn below one threshold, and an utterance is lost above another."""

    def rule(cell):
        threshold = cell["gate_threshold"]
        return row(false=int(threshold < low), lost=int(threshold > high))

    return rule


def test_a_region_with_its_best_point_and_margins():
    table = table_of(between(0.015, 0.065), "gate_threshold=0.01..0.1:10")
    advice = advise(table)
    assert advice.is_unconditional
    assert advice.best == {"gate_threshold": 0.04}
    assert advice.box == {"gate_threshold": (0.02, 0.06)}
    text = " ".join(advice.sentences)
    assert "In 5 of 10 cells no utterance is lost, no noise begins a turn and nothing freezes." in text
    assert "Best point: gate_threshold 0.04." in text
    assert "down to 0.02 (-6.0 dB, 2 steps), and at 0.01 1 turn begins while nobody speaks" in text, "half is -6 dB"
    assert "up to 0.06 (+3.5 dB, 2 steps), and at 0.07 1 of 3 utterances is lost" in text


def test_a_margin_in_time_is_told_in_its_unit():
    text = text_of(table_of(lambda cell: row(lost=int(cell["gate_hold_ms"] > 300)), "gate_hold_ms=0..500:6"))
    assert "Margin of gate_hold_ms: down no step, where the range ends before any border; up to 300 ms (+300 ms" in text


def test_two_goals_that_conflict_are_named_with_where_each_holds():
    """Every threshold that lets the speaker pass lets the typing pass too."""
    text = text_of(table_of(between(0.055, 0.025), "gate_threshold=0.01..0.1:10"))
    assert "There is no cell in which no utterance is lost, no noise begins a turn and nothing freezes." in text
    assert "no utterance is lost only with gate_threshold from 0.01 to 0.02" in text
    assert "no noise begins a turn only with gate_threshold from 0.06 to 0.1" in text
    assert "Least goes wrong at" in text
    assert advise(table_of(between(0.055, 0.025), "gate_threshold=0.01..0.1:10")).best is None


def test_what_no_setting_prevents_is_said_and_the_rest_is_advised():
    def rule(cell):
        return row("failed", "capture_dead", lost=2 + int(cell["gate_threshold"] > 0.045))

    advice = advise(table_of(rule, "gate_threshold=0.01..0.1:10"))
    text = " ".join(advice.sentences)
    assert not advice.is_unconditional
    assert (
        "the client freezes (capture_dead) and at least 2 utterances are lost at every setting; nothing that was varied"
        in text
    )
    assert "Apart from that, in 4 of 10 cells" in text
    assert advice.box == {"gate_threshold": (0.01, 0.04)}


def test_what_is_unknown_is_never_good():
    def rule(cell):
        return row("vacuous") if cell["gate_threshold"] > 0.025 else row()

    text = text_of(table_of(rule, "gate_threshold=0.01..0.1:10"))
    assert "In 2 of 10 cells" in text
    assert "Of 10 rows 8 prove nothing; their cells do not count as good." in text
    nothing_known = text_of(table_of(lambda _: row("vacuous"), "gate_threshold=0.01..0.1:10"))
    assert "Nothing is known of any cell, so there is no advice." in nothing_known


def test_a_noise_that_was_not_played_begins_no_turn_and_that_is_no_good_sign():
    """A gate that lets nobody pass has no answer in whose tail somebody could type."""

    def rule(cell):
        if cell["gate_threshold"] > 0.05:
            return replace(row("failed", "gate_closed", lost=3), noises_missing=1)
        return row(false=1)

    text = text_of(table_of(rule, "gate_threshold=0.01..0.1:10"))
    assert "at least 1 turn begins while nobody speaks, where its noise is played at all, at every setting" in text
    assert "conflict" not in text
    assert "Apart from that, in 5 of 10 cells" in text


def test_a_noise_that_is_never_played_is_said():
    text = text_of(table_of(lambda _: replace(row(), noises_missing=1), "gate_threshold=0.01..0.1:3"))
    assert "In quiet_speaker_gated_out a noise of the scenario is played at no setting" in text


def test_utterances_that_no_detector_hears_are_said():
    text = text_of(table_of(lambda _: replace(row(), utterances_inaudible=1), "gate_threshold=0.01..0.1:3"))
    assert "too quiet for any detector, and is not judged: quiet_speaker_gated_out" in text


def test_samples_tell_how_far_good_ones_reach():
    table = table_of(between(0.015, 0.065), "gate_threshold=0.001..0.1:2", way="lhs", number=100)
    advice = advise(table)
    assert 0.015 <= advice.best["gate_threshold"] <= 0.065
    assert advice.best["gate_threshold"] == pytest.approx(0.04, abs=0.004)
    assert "the border between samples is not known" in " ".join(advice.sentences)


def test_a_refined_grid_says_what_was_not_computed():
    text = text_of(table_of(between(0.015, 0.065), "gate_threshold=0..0.1:5", rounds=4))
    assert "were computed; between them what their neighbours show is taken" in text


def test_where_the_reported_values_stand_and_what_they_cost():
    found = [
        Standing("gate_threshold", 0.03, -42.0, 8, 6, 0, ("quiet_speaker_gated_out (gate_closed)",), 0),
        Standing("gate_threshold", 0.03, -30.0, 8, 0, 0, (), 0),
    ]
    text = text_of(table_of(between(0.0, 0.015), "gate_threshold=0.005..0.1:20"), found)
    assert (
        "The reported gate_threshold 0.03 alone costs: at -42 dBFS 6 of 8 utterances and a freeze of "
        "quiet_speaker_gated_out (gate_closed); at -30 dBFS nothing. "
        "It stands +6.0 dB above the highest good value, 0.015."
    ) in text


@pytest.mark.slow
def test_the_reported_gate_costs_the_quiet_speaker_and_not_the_usual_one():
    """FIELD: 0.03 fails at -42 dBFS. The interruption threshold alone gates nothing while the assistant is silent."""
    from functools import partial

    from harness.search.sweep.rows import measure
    from harness.search.sweep.run import run_cells

    plan = plan_of("gate_threshold=0.01|0.03", "interruption_threshold=0.1")
    assert reported_names(plan) == ("gate_threshold", "interruption_threshold", "watchdog_ms")
    found = {(each.name, each.level_dbfs): each for each in standings(plan, partial(run_cells, read=measure, jobs=1))}
    assert found["gate_threshold", -42.0].lost > 0
    assert found["gate_threshold", -42.0].freezes == ("quiet_speaker_gated_out (gate_closed)",)
    assert found["gate_threshold", -30.0].lost == 0
    assert not found["gate_threshold", -30.0].freezes
    assert found["interruption_threshold", -42.0].lost == 0


def test_a_users_own_client_has_no_reported_values():
    assert reported_names(plan_of("gate_threshold=0.01|0.03", client="tests.search.sweep.clients:Gated")) == ()
