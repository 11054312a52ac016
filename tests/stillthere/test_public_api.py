"""The front door: what ``import stillthere`` gives, and what it costs."""

import ast
import importlib
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

import stillthere
from stillthere import _api_page
from tests.world.testing import Mute

ROOT = Path(__file__).parent.parent.parent
PROMISED = {"Scenario", "load", "play", "judge", "Client", "Journal", "Verdict", "Finding", "LiveServer"}


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that a statement loads in a new Python."""
    code = f"import sys; before = set(sys.modules)\n{statement}\nprint(*(set(sys.modules) - before))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return {name.split(".")[0].lstrip("_") for name in found.stdout.split()}


def test_every_public_name_can_be_had():
    assert set(stillthere.__all__) >= PROMISED
    for name in stillthere.__all__:
        assert getattr(stillthere, name) is not None
    assert set(stillthere.__all__) <= set(dir(stillthere))


def test_the_list_for_type_checkers_is_the_list():
    tree = ast.parse(Path(stillthere.__file__).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    typed = {alias.asname for node in block.body for alias in node.names}
    assert typed - {"__version__"} == set(stillthere.__all__)
    assert stillthere.__all__ == sorted(stillthere.__all__)


def test_an_unknown_name_says_what_is_meant_or_where_the_names_are():
    with pytest.raises(AttributeError, match=r"module 'stillthere' has no attribute 'plya'; did you mean 'play'\?"):
        stillthere.plya  # noqa: B018
    with pytest.raises(AttributeError, match=r"has no attribute 'xylophone'; docs/api\.md lists what it has"):
        stillthere.xylophone  # noqa: B018


def test_importing_it_is_cheap():
    """It loads itself and ``typing``; no numpy, no YAML, none of ``harness``."""
    assert loaded_by("import stillthere") - loaded_by("import typing") == {"stillthere"}


def test_a_name_loads_what_it_needs():
    assert not loaded_by("from stillthere import Connect, InputError") & {"asyncio", "ruamel", "websockets"}


@pytest.mark.parametrize("name", ["events", "builder", "faults", "kit", "journal"])
def test_submodules_hold_what_they_list(name):
    module = importlib.import_module(f"stillthere.{name}")
    assert getattr(stillthere, name) is module
    for each in module.__all__:
        assert getattr(module, each) is not None


OLD = {
    "harness.clients.interface": "AppState Client Closed Command Connect DialFailed Disconnect Log Opened Ping Play "
    "PlaybackEnded Pong ReopenCapture ResumePlayback Signal StopPlayback TellUser",
    "harness.clients.resilient": "Resilient SETTINGS",
    "harness.protocol.events": "ClientEvent Event InputAudioBufferAppend ResponseDone ServerEvent event_type",
    "harness.protocol.codec": "decode_client_event decode_server_event encode",
    "harness.protocol.objects": "Content Item Part Response StatusDetails Usage",
    "harness.units": "FULL_SCALE MS SECOND amplitude dbfs format_duration parse_duration",
    "harness.audio.g711": "decode_a_law decode_mu_law encode_a_law encode_mu_law",
    "harness.audio.clips": "Clip clip_names load_clip",
    "harness.audio.formats": "AudioFormat FORMATS PCM24K PCMA PCMU SAMPLE_RATE_HZ Samples sample_count",
}


@pytest.mark.parametrize("module", OLD)
def test_what_users_of_0_1_0_import_stays(module):
    for name in OLD[module].split():
        assert hasattr(importlib.import_module(module), name), name


def test_the_page_of_the_api_is_fresh_and_describes_every_name():
    assert (ROOT / "docs" / "api.md").read_text() == _api_page.page().rstrip() + "\n"
    assert _api_page.documented() == set(stillthere.__all__)


def test_no_entry_of_the_page_is_empty():
    lines = [line for line in (ROOT / "docs" / "api.md").read_text().splitlines() if line]
    headings = [(line, after) for line, after in itertools.pairwise(lines) if line.startswith("#")]
    assert len(headings) > 100
    assert [line for line, after in headings if line.startswith("###") and after.startswith("#")] == []
    assert [line for line in lines if line.rstrip().endswith("|  |")] == []


MISUSES = {
    "a scenario's name": (
        lambda: stillthere.play("tool_call", "resilient"),
        r"play\(\) got 'tool_call' as a scenario; give what load\(\) returns, or ScenarioBuilder\.build\(\)",
    ),
    "a builder": (
        lambda: stillthere.play(stillthere.builder.ScenarioBuilder("x"), "resilient"),
        r"play\(\) got <.*> as a scenario; .*ScenarioBuilder\.build\(\)",
    ),
    "a run": (
        lambda: stillthere.judge(stillthere.play(stillthere.load("tool_call"), "reported", detector="energy"), None),
        r"judge\(\) got Run\(.*as a journal; give run\.journal, or read_journal\(path\)",
    ),
    "a time as a text": (
        lambda: stillthere.builder.ScenarioBuilder("x").at("2s", stillthere.builder.say("babble")),
        r"'2s' is not a number; write 2 \* s or 500 \* ms",
    ),
    "a time without its unit": (
        lambda: stillthere.builder.ScenarioBuilder("x").at(2, stillthere.builder.say("babble")),
        r"a step at 2 starts within the first millisecond; write the unit, as in 2 \* s",
    ),
    "an unknown parameter": (
        lambda: stillthere.builder.inject("near-silent", peek=(1, 2)),
        r"the fault 'near-silent' has no parameter 'peek'; ",
    ),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_misuse_is_one_sentence_with_the_value_and_the_cure(misuse):
    attempt, sentence = MISUSES[misuse]
    with pytest.raises((stillthere.SettingError, ValueError, TypeError), match=sentence):
        attempt()


def test_a_class_plays_as_it_is():
    scenario = stillthere.load("tool_call")
    run = stillthere.play(scenario, Mute, detector="energy")
    assert run.client == "tests.world.testing:Mute"
    assert stillthere.judge(run.journal, scenario).name == "failed"
    with pytest.raises(stillthere.ClientError, match="give a class, so that each run gets a new client"):
        stillthere.play(scenario, Mute())
