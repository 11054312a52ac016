"""The page on how to add a fault, followed once: its file is found, and its scenario plays."""

import importlib
import re
from pathlib import Path

import pytest

from harness.clients.registry import find_client
from harness.faults import CATALOGUE, MICROPHONE, Fault, faults_in
from harness.report.catalogue import details
from harness.scenario import dump, loads
from harness.scenario.model import Scenario
from harness.world.play import play

PAGE = (Path(__file__).parent.parent.parent / "docs" / "adding-a-fault.md").read_text(encoding="utf-8")
(MODULE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(SCENARIO,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def crackling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Fault]:
    """The fault of the page, found in a package of its own and put into the catalogue."""
    folder = tmp_path / "faults_of_the_page"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "crackling.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    (found,) = faults_in("faults_of_the_page", [str(folder)])
    monkeypatch.setitem(CATALOGUE, found.name, found)
    monkeypatch.setitem(MICROPHONE, found.name, found)
    return found


def journal(scenario: Scenario):
    return play(scenario, "development", find_client("development"), detector="energy").journal


def test_discovery_finds_the_file_of_the_page_as_it_finds_those_of_the_catalogue(crackling):
    assert (crackling.name, crackling.seam, crackling.actor) == ("crackling", "source", "microphone")
    shipped = {name: fault for name, fault in CATALOGUE.items() if fault is not crackling}
    folder = Path(importlib.import_module("harness.faults").__file__).parent
    assert {fault.name: fault for fault in faults_in("harness.faults", [str(folder)])} == shipped


def test_the_page_says_what_the_command_tells_of_it(crackling):
    told = details("crackling")
    assert all(text in told for text in ("Some chunks are full-scale noise", "A loose plug", "How many of the chunks"))


def test_the_scenario_of_the_page_strikes_it_and_the_journal_changes(crackling):
    scenario = loads(SCENARIO)
    struck = scenario.timeline[1].action.fault
    assert struck == crackling(share=0.2)
    assert loads(dump(scenario)) == scenario
    quiet = loads(SCENARIO.replace("share: 0.2", "share: 0"))
    with_cracks, without = journal(scenario), journal(quiet)
    assert with_cracks.sha256() != without.sha256()
    assert with_cracks.sha256() == journal(scenario).sha256()
