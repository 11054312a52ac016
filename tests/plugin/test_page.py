"""docs/testing-with-pytest.md is right: its test files pass, and its tables have all that there is."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from harness.plugin import runs  # noqa: F401 (pytester forgets what is loaded within a run)
from harness.plugin.realtime import RealtimeServer, ServerOptions
from harness.plugin.stage import ScenarioStage

from .testing import CLIENT, OPTIONS, outcomes, text

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parent.parent.parent / "docs" / "testing-with-pytest.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.slow
def test_the_test_files_of_the_page_pass(pytester):
    pytester.makepyfile(my_client=CLIENT)
    (pytester.mkdir("scenarios") / "ours.yaml").write_text(
        "scenario: ours\ntimeline:\n  - {at: 2s, say: speech_en_f_arctic_a0009}\ntags: [checkout, wire]\n"
    )
    simplest = [block.replace("max_examples=10", "max_examples=1") for block in BLOCKS]  # what is found is no matter
    pytester.makepyfile(**{f"test_{number}": block for number, block in enumerate(simplest)})
    result = pytester.runpytest_inprocess(*OPTIONS, "--strict-markers")
    found = outcomes(result)
    assert found.keys() == {"passed"} and found["passed"] > len(BLOCKS), text(result)


def test_the_tables_have_what_there_is():
    for name in inspect.signature(ScenarioStage.plays).parameters.keys() - {"self", "scenario", "app_or_client"}:
        assert f"`{name}=`" in PAGE, name
    for option in fields(ServerOptions):
        assert f"`{option.name}=" in PAGE, option.name
    for name in vars(RealtimeServer):
        assert name.startswith("_") or f"`.{name}" in PAGE, name
