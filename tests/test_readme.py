"""What the README says is so: its client runs, its commands exist, its table is the scenarios' own."""

import re
from pathlib import Path

import pytest

from harness.cli import main
from harness.scenario import load, loads, shipped_scenarios

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_client_of_the_readme_is_short_and_gets_the_verdict_it_says(tmp_path, monkeypatch, capsys):
    (source,) = (block for block in blocks("python") if "class MyClient" in block)
    assert len(source[source.index("class ") :].splitlines()) <= 30
    (tmp_path / "my_client.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for scenario, code in (("server_goes_mute", 1), ("keyboard_in_assistant_tail", 0)):
        monkeypatch.setattr("sys.argv", ["stillthere", "run", scenario, "--client", "my_client:MyClient"])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == code, capsys.readouterr()
    assert "no event of it arrives" in README


def test_the_scenarios_of_the_readme_load():
    whole, script = blocks("yaml")
    assert len(loads(whole).timeline) == 3
    assert len(loads(f"scenario: the script\n{script}").server.replies) == 4


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_the_table_says_what_the_scenario_says(path):
    scenario = load(path)
    row = next(line for line in README.splitlines() if line.startswith(f"| `{path.stem}` |"))
    _, _, reported, resilient, _ = row.split("|")
    for client, cell in (("reported", reported), ("resilient", resilient)):
        outcome = scenario.outcomes[client]
        assert cell.strip().replace("`", "").startswith(outcome), (client, cell, outcome)
