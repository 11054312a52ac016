"""The table of faults in a browser: its scenarios can be read, and its page is of the cells that are kept."""

from benchmarks.browser_tables import page as tables
from benchmarks.browser_tables.cells import kept
from benchmarks.browser_tables.play import plan
from benchmarks.browser_tables.rows import FAULTS, LABEL, TRANSPORTS


def test_each_row_breaks_something_on_a_transport_of_its_own():
    assert len(FAULTS) >= 12
    for row in FAULTS:
        played = {transport: row.scenario(transport) for transport in TRANSPORTS}
        assert any(played.values())
        for transport, scenario in played.items():
            if scenario is not None:
                assert scenario.transport == transport
                assert [step.label for step in scenario.timeline].count(LABEL) == 1


def test_a_place_is_planned_once():
    places = [place for place, _ in plan()]
    assert len(places) == len(set(places))


def test_the_kept_page_is_of_the_kept_cells():
    assert tables.PAGE.read_text() == tables.page(), "write it again: python -m benchmarks.browser_tables page"
    assert {each.scenario for each in kept().values()} >= {row.name for row in FAULTS[:12]}
