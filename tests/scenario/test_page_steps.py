"""Steps that act on a page: as files write them, as they are written back, and what is wrong with some."""

import pytest

from harness.errors import InputError
from harness.scenario import loads
from harness.scenario.build import ScenarioBuilder, page, s
from harness.scenario.dump import dump
from harness.scenario.model import PAGE_ACTS, PAGE_ACTS_WITH_TEXT, PageStep


def step(text):
    return loads(f"scenario: A page\ntimeline:\n  - at: 1s\n    page: {text}\n").timeline[0].action


@pytest.mark.parametrize(
    ("written", "does", "text"),
    [
        ('click "Start"', "click", "Start"),
        ("click Start the call", "click", "Start the call"),
        ("press Enter", "press", "Enter"),
        ("run 'start()'", "run", "start()"),
        ("volume -40 dB", "volume", "-40 dB"),
        ("freeze\n    lasts: 4s", "freeze", ""),
    ],
)
def test_a_step_is_a_verb_and_a_text(written, does, text):
    found = step(written)
    assert (found.does, found.text) == (does, text)


@pytest.mark.parametrize("does", PAGE_ACTS)
def test_every_step_is_written_back_as_it_was_read(does):
    text = {"volume": "-40 dB"}.get(does, "Start the call") if does in PAGE_ACTS_WITH_TEXT else ""
    scenario = ScenarioBuilder("A page").at(1 * s, page(does, text, lasts=2 * s)).build()
    assert loads(dump(scenario)).timeline[0].action == PageStep(does, text, 2_000_000)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("clik Start", "unknown act on a page 'clik'; did you mean 'click'"),
        ("click", "'click' needs a text behind it, such as click \"Start\""),
        ("freeze now", "'freeze' has no text behind it"),
        ("volume loud", "write by how much, such as volume -40 dB"),
        ("7", "write what is done to the page"),
    ],
)
def test_what_is_wrong_with_a_step(written, said):
    with pytest.raises(InputError, match=said):
        step(written)
