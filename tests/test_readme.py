"""The README is right: its client runs, its commands exist, its table is the scenarios' own."""

import json
import re
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from harness.causes import CAUSES
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
    assert CAUSES["server_mute"] in README


def test_the_scenarios_of_the_readme_load():
    whole, switch, script = blocks("yaml")
    assert len(loads(whole).timeline) == 3
    assert loads(f"scenario: the switch\ntimeline:\n{switch}").timeline[0].action.profile == "safari-ios"
    assert len(loads(f"scenario: the script\n{script}").server.replies) == 7


def test_the_builder_of_the_readme_makes_the_verdict_it_says(capsys):
    (source,) = (block for block in blocks("python") if "stillthere.builder" in block)
    assert len(source.splitlines()) <= 15
    exec(source, {})
    assert capsys.readouterr().out == "held\n"


async def test_the_live_server_of_the_readme_is_there_for_a_client():
    (source,) = (block for block in blocks("python") if "LiveServer" in block)
    received = []

    async def my_client(url):
        async with connect(f"{url}?model=gpt-realtime", additional_headers={"Authorization": "Bearer any"}) as socket:
            received.append(json.loads(await socket.recv())["type"])

    names = {"my_client": my_client}
    exec(source, names)
    await names["test_my_client"]()
    assert received == ["session.created"]


def test_the_faults_section_names_every_command_that_searches():
    section = README.split("## Faults, and whose fault it is")[1].split("\n## ")[0]
    for command in ("faults", "show", "schema", "diagnose", "fuzz", "coverage", "confusion", "recover"):
        assert f"`stillthere {command}" in section, command


ROWS = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", README, re.MULTILINE)


def test_the_table_is_of_some_shipped_scenarios_and_the_page_has_the_others():
    assert len(ROWS) >= 5
    assert {name for name, _, _ in ROWS} < {path.stem for path in shipped_scenarios()}
    assert "(docs/scenario-pack.md)" in README


@pytest.mark.parametrize(("name", "reported", "resilient"), ROWS, ids=[name for name, _, _ in ROWS])
def test_the_table_says_what_the_scenario_says(name, reported, resilient):
    outcomes = load(name).outcomes
    for client, cell in (("reported", reported), ("resilient", resilient)):
        assert cell.strip().replace("`", "").startswith(outcomes[client]), (client, cell, outcomes[client])
