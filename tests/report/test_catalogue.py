"""The catalogue tells a newcomer what a fault does, how to inject it, what ends it and where it was seen."""

import re
from itertools import pairwise

import pytest

from harness.causes import CAUSES
from harness.faults import CATALOGUE, parameters
from harness.report.catalogue import details, example, listing, page
from harness.scenario import loads

EVERY = pytest.mark.parametrize("fault", CATALOGUE.values(), ids=CATALOGUE)


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@EVERY
def test_the_listing_says_in_a_whole_sentence_what_a_fault_does(fault):
    (line,) = [line for line in listing().splitlines() if line.split()[:1] == [fault.name]]
    _, _, said = line.strip().partition("  ")
    assert said.strip() == parameters.description(fault)
    assert len(said.split()) >= 8 and said.strip().endswith(".") and "`" not in said


@EVERY
def test_the_details_name_parameters_cure_causes_and_reports(fault):
    text = details(fault.name)
    for name, words in parameters.documentation(fault).items():
        assert f"parameter:      {name}: {words.rstrip('.')}, " in text
    assert re.search(r"^cure:           .*(end|new connection)", text, re.M)
    for cause in fault.causes:
        assert f"silence due to: {cause} ({CAUSES[cause]})" in text
    assert fault.causes or "silence due to: nothing" in text
    assert [line[16:] for line in text.splitlines() if line.startswith("seen in:")] == list(fault.reports)


@EVERY
def test_the_step_that_is_shown_injects_it(fault):
    assert f"in a scenario:  {example(fault)}\n" in details(fault.name)
    (step,) = loads(f"scenario: s\ntransport: {fault.transports[0]}\ntimeline:\n  {example(fault)}\n").timeline
    assert step.action.fault == fault()


@EVERY
def test_the_page_has_a_row_for_it_that_can_be_linked_to(fault):
    (row,) = [line for line in page().splitlines() if f'<a name="{fault.name}"></a>' in line]
    _, does, described, cure, causes, reports = cells(row)
    assert does == parameters.description(fault) and cure
    assert all(f"`{name}`: " in described for name in parameters.kinds(fault))
    assert causes == (", ".join(f"`{cause}`" for cause in fault.causes) or "none")
    for report in fault.reports:
        is_link = "#" in report or report.startswith("community")
        assert (f"[{report}](https://" if is_link else report) in reports


@EVERY
def test_the_details_have_no_markup(fault):
    assert "``" not in details(fault.name)


def test_tables_are_rectangular():
    for before, line in pairwise(page().splitlines()):
        if line.startswith("|") and before.startswith("|"):
            assert len(cells(line)) == len(cells(before))
