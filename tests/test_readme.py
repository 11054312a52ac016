"""The README is right and short: its client runs; and what was once in it is right where it is now."""

import json
import re
import sys
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from harness.causes import CAUSES
from harness.cli import main
from harness.scenario import load, loads, shipped_scenarios

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = {page.name: page.read_text() for page in (ROOT / "docs").glob("*.md")}


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_it_is_short():
    assert len(README.splitlines()) <= 150


def test_it_has_what_a_newcomer_needs():
    picture = ("demo.svg", "pip install stillthere", "stillthere demo", "stillthere run ", "stillthere serve")
    for needed in (
        *picture,
        "sdk-matrix: begin",
        "class MyClient",
        "pytest.mark.scenarios",
        "docs/tutorial.md",
        "Linux",
    ):
        assert needed in README, needed


def test_ci_runs_what_it_says_tests_it():
    assert "`make lint test` tests every claim on this page" in README
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make lint test"


def test_the_page_of_clients_has_the_client_of_the_readme():
    (source,) = (block for block in blocks("python") if "class MyClient" in block)
    (there,) = (block for block in blocks("python", PAGES["own-client.md"]) if "class MyClient" in block)
    assert there == f"# my_client.py\n{source}"


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
    del sys.modules["my_client"]  # other tests have modules of this name
    assert CAUSES["server_mute"] in README


def test_the_scenarios_of_the_readme_load():
    (whole,) = blocks("yaml")
    assert len(loads(whole).timeline) == 3


def test_the_scenarios_of_the_how_tos_say_what_their_text_says():
    (switch,) = blocks("yaml", PAGES["how-to-browser.md"])
    assert loads(switch).timeline[2].action.profile == "safari-ios"
    (script,) = blocks("yaml", PAGES["how-to-answers.md"])
    assert len(loads(script).server.replies) == 7


def test_the_builder_makes_the_verdict_it_says(capsys):
    (source,) = (block for block in blocks("python", PAGES["own-client.md"]) if "stillthere.builder" in block)
    assert len(source.splitlines()) <= 15
    exec(source, {})
    assert capsys.readouterr().out == "held\n"


async def test_the_live_server_is_there_for_a_client():
    (source,) = (block for block in blocks("python", PAGES["serving.md"]) if "LiveServer" in block)
    received = []

    async def my_client(url):
        async with connect(f"{url}?model=gpt-realtime", additional_headers={"Authorization": "Bearer any"}) as socket:
            received.append(json.loads(await socket.recv())["type"])

    names = {"my_client": my_client}
    exec(source, names)
    await names["test_my_client"]()
    assert received == ["session.created"]


def test_the_page_of_playing_names_every_command_that_searches():
    section = PAGES["running.md"].split("## The commands beside `run`")[1].split("\n## ")[0]
    for command in ("faults", "show", "schema", "diagnose", "fuzz", "coverage", "confusion", "recover"):
        assert f"`stillthere {command}" in section, command


ROWS = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", PAGES["running.md"], re.MULTILINE)


def test_the_table_is_of_some_shipped_scenarios_and_the_page_has_the_others():
    assert len(ROWS) >= 5
    assert {name for name, _, _ in ROWS} < {path.stem for path in shipped_scenarios()}
    assert "(scenario-pack.md)" in PAGES["running.md"]


@pytest.mark.parametrize(("name", "reported", "resilient"), ROWS, ids=[name for name, _, _ in ROWS])
def test_the_table_says_what_the_scenario_says(name, reported, resilient):
    outcomes = load(name).outcomes
    for client, cell in (("reported", reported), ("resilient", resilient)):
        assert cell.strip().replace("`", "").startswith(outcomes[client]), (client, cell, outcomes[client])
