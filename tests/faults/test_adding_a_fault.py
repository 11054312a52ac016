"""The page on how to add a fault, followed once: its file registers the fault, and both its scenarios play."""

import importlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.faults import CATALOGUE, MICROPHONE, Fault, SourceFault, faults_in, register
from harness.report.catalogue import details
from harness.scenario import dump, loads
from harness.scenario.model import Scenario
from harness.world.play import play

PAGE = (Path(__file__).parent.parent.parent / "docs" / "adding-a-fault.md").read_text(encoding="utf-8")
MODULE, BUILT = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(SCENARIO,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def crackling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Fault]:
    """The fault of the page, imported from a file of the user's."""
    (tmp_path / "crackling.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "crackling", raising=False)
    for faults in (CATALOGUE, MICROPHONE):
        monkeypatch.setitem(faults, "crackling", Fault)  # taken out again after the test, with what replaces it
        del faults["crackling"]
    found: type[Fault] = importlib.import_module("crackling").Crackling
    return found


def journal(scenario: Scenario):
    return play(scenario, "development", detector="energy").journal


def test_importing_the_file_registers_the_fault(crackling):
    assert (crackling.name, crackling.seam, crackling.actor) == ("crackling", "source", "microphone")
    assert CATALOGUE["crackling"] is MICROPHONE["crackling"] is crackling


def test_a_fault_in_the_folder_of_the_catalogue_needs_no_registration(tmp_path, monkeypatch):
    folder = tmp_path / "faults_of_the_page"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "crackling.py").write_text(MODULE.replace("@register\n", "").replace('"crackling"', '"crackling-too"'))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    (found,) = faults_in("faults_of_the_page", [str(folder)])
    assert found.name == "crackling-too"


def test_the_catalogue_finds_every_fault_of_its_folder():
    folder = Path(importlib.import_module("harness.faults").__file__).parent
    assert {fault.name: fault for fault in faults_in("harness.faults", [str(folder)])} == CATALOGUE


def test_a_name_is_one_fault(crackling):
    with pytest.raises(ValueError, match=r"crackling has a fault called 'crackling' already; give yours another name"):
        register(type("Other", (crackling,), {"name": "crackling"}))
    with pytest.raises(ValueError, match=r"Nameless has no name; give its class one, such as name = 'crackling'"):
        register(type("Nameless", (crackling,), {}))
    assert register(crackling) is crackling


@dataclass(frozen=True)
class Half(SourceFault):
    """Has a field that is no parameter."""

    name = "half"
    reports = ()
    causes = ()
    share: float = 0.5


@pytest.mark.parametrize(
    ("thing", "sentence"),
    [
        ("crackling", "'crackling' is no fault; decorate a dataclass that inherits from one of SourceFault, "),
        (None, "None is no fault; "),
        (Fault, "is no fault; "),
        (type("Causeless", (Half,), {"name": "causeless", "causes": None}), "'causeless' lacks causes; give its class"),
        (type("Silent", (Half,), {"name": "silent"}), "'silent' lacks a docstring of its module or class"),
        (Half, r"the field 'share' of 'half' is no parameter; write it with parameter\(…\)"),
    ],
)
def test_what_is_no_whole_fault_is_one_sentence_and_is_not_registered(thing, sentence):
    before = dict(CATALOGUE)
    with pytest.raises(ValueError, match=sentence):
        register(thing)
    assert before == CATALOGUE


def test_the_page_says_what_the_command_shows(crackling):
    shown = details("crackling")
    assert all(text in shown for text in ("Some chunks are full-scale noise", "A loose plug", "How many of the chunks"))


def test_the_scenario_of_the_page_injects_it_and_the_journal_changes(crackling):
    scenario = loads(SCENARIO)
    injected = scenario.timeline[1].action.fault
    assert injected == crackling(share=0.2)
    assert loads(dump(scenario)) == scenario
    quiet = loads(SCENARIO.replace("share: 0.2", "share: 0"))
    with_cracks, without = journal(scenario), journal(quiet)
    assert with_cracks.sha256() != without.sha256()
    assert with_cracks.sha256() == journal(scenario).sha256()


def test_the_python_of_the_page_plays(crackling):
    names: dict[str, object] = {}
    exec(BUILT, names)
    assert names["run"].journal.sha256() == play(loads(SCENARIO), "resilient").journal.sha256()


def test_the_command_line_finds_it_by_the_module_of_the_client(tmp_path, monkeypatch, capsys):
    from harness.cli import main

    (tmp_path / "loose.py").write_text(MODULE.replace('"crackling"', '"crackling-cli"'))
    methods = (
        "hear(self, chunk, now): return []",
        "receive(self, event, now): return []",
        "wake(self, now): return []",
    )
    deaf = "".join(f"    def {method}\n" for method in (*methods, "next_wake(self): return None"))
    (tmp_path / "own.py").write_text(f"import loose\n\nclass Mine:\n{deaf}")
    (tmp_path / "plug.yaml").write_text(SCENARIO.replace("crackling", "crackling-cli"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("sys.argv", ["stillthere", "run", "plug.yaml", "--client", "own:Mine", "--detector", "energy"])
    try:
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 1, capsys.readouterr()
        assert "microphone crackling-cli" in capsys.readouterr().out
    finally:
        CATALOGUE.pop("crackling-cli", None), MICROPHONE.pop("crackling-cli", None)


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        ("raise SystemExit(0)", "leaves_at_once", "--import leaves_at_once: SystemExit: 0; mend the module"),
        (
            "import di",
            "dives",
            "--import dives: ModuleNotFoundError: No module named 'di'; install it where stillthere is installed, or "
            "mend the module",
        ),
        ("1 / 0", "divides", "--import divides: ZeroDivisionError: division by zero; mend the module"),
        ("", "plug.py", "--import plug.py names a file; name its module: plug"),
        ("", "nowhere", "--import nowhere: ModuleNotFoundError: No module named 'nowhere'; name a module that Python"),
    ],
)
@pytest.mark.parametrize("command", [["run", "tool_call"], ["check", "tool_call"], ["show", "tool_call"], ["faults"]])
def test_a_module_that_cannot_be_imported_is_never_a_pass(tmp_path, monkeypatch, capsys, command, text, name, sentence):
    from harness.cli import main

    if text:
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("sys.argv", ["stillthere", *command, "--import", name])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert (stopped.value.code, capsys.readouterr().err[:12]) == (2, "stillthere: ")
    with pytest.raises(SystemExit):
        main()
    assert sentence in capsys.readouterr().err
