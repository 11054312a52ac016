"""The JavaScript kit decides as the Python kit does: the same commands at each call, to the bit of the audio.

Without ``--node`` it is a slice of the pack, and the Node of this machine, if it has one. ``make test-js`` plays all.
"""

import json
import subprocess
from itertools import chain
from typing import get_args

import pytest

from harness.clients.recovery.strategies import StrategyName
from harness.clients.settings import ClientSettings, setting_names
from harness.scenario.loader import load, shipped_scenarios
from harness.search.schedules import for_client, schedule
from tests.js.testing import PLAYER, first_difference, javascript_answers, node_of, record

SLICE = ("reported_freeze", "speech_during_reconnect")
CALLS = ("playback_suspended_mid_reply", "server_goes_mute", "reported_freeze", "tool_call", "reply_stalls_midway")
STRATEGIES = sorted(set(get_args(StrategyName)) - {"off", "ladder"})
SCENARIOS = {path.stem: path for path in shipped_scenarios()}
OTHER_SETTINGS = (
    {"gate_mode": "skip", "gate_hold_ms": 200, "chunk_ms": 100},
    {"chunk_ms": 7, "gate_mode": "off", "silence_duration_ms": 900, "threshold": 0.4},
    {"chunk_ms": 30, "greets": "once", "detectors": "ping, uplink,answer", "capture_dead_dbfs": -47.3},
    {"renew_after_ms": 9_000, "rung_wait_ms": 1_100, "watchdog_ms": 4_000, "interruption_threshold": 0.01},
)


@pytest.fixture(scope="session")
def node(pytestconfig):
    return node_of(pytestconfig)


def same(node, scenario, client, **changes):
    recorded = record(scenario, client, **changes)
    assert first_difference(recorded, javascript_answers(node, recorded)) is None


def pytest_generate_tests(metafunc):
    """All scenarios and seeds only where Node was named."""
    all_of_them = metafunc.config.getoption("node") is not None
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sorted(SCENARIOS) if all_of_them else SLICE)
    if "call" in metafunc.fixturenames:
        metafunc.parametrize("call", CALLS if all_of_them else CALLS[:1])
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(60 if all_of_them else 1))
    if "changes" in metafunc.fixturenames and "says" not in metafunc.fixturenames:
        metafunc.parametrize("changes", OTHER_SETTINGS if all_of_them else OTHER_SETTINGS[:1], ids=next_name)
    if "strategy" in metafunc.fixturenames:
        metafunc.parametrize("strategy", STRATEGIES if all_of_them else STRATEGIES[:1])


def next_name(changes):
    return next(iter(changes))


@pytest.mark.parametrize("client", ["reported", "resilient"])
def test_every_decision_is_the_same_in_the_pack(node, name, client):
    same(node, load(SCENARIOS[name]), client)


@pytest.mark.parametrize("client", ["reported", "resilient"])
def test_every_decision_is_the_same_on_a_call(node, call, client):
    same(node, load(SCENARIOS[call]), client, transport="webrtc")


def test_every_decision_is_the_same_under_schedules_of_faults(node, seed):
    client = ("resilient", "resilient", "reported", "development")[seed % 4]
    same(node, for_client(schedule(seed), client), client, seed=seed)


def test_every_decision_is_the_same_with_other_settings(node, changes):
    same(node, load(SCENARIOS["zeroed_microphone_after_app_switch"]), "resilient", settings=changes)


def test_every_strategy_applies_the_same_remedies(node, strategy):
    same(node, load(SCENARIOS["vad_held_then_cleared"]), "resilient", settings={"recovery": strategy})


# --- what cannot be seen in decisions ---


def in_node(node, script):
    kit = PLAYER.parents[2] / "js" / "kit" / "index.js"
    command = [node, "--input-type=module", "--eval", f"import * as kit from {json.dumps(str(kit))}; {script}"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_settings_have_the_same_names_and_defaults(node):
    done = in_node(node, "console.log(JSON.stringify(kit.DEFAULTS))")
    defaults = ClientSettings()
    assert json.loads(done.stdout) == {name: getattr(defaults, name) for name in setting_names()}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"gate_treshold": 0.1}, "no client setting is called 'gate_treshold'"),
        ({"gate_threshold": 1.5}, "client setting gate_threshold is 1.5; give a value from 0 to 1"),
        ({"watchdog_ms": "30"}, 'client setting watchdog_ms is "30"; give a whole number'),
        ({"recovery": "prayer"}, 'client setting recovery is "prayer"; use one of: off, none, clear,'),
        ({"detectors": "ping,pong"}, 'client setting detectors is "pong"; use all, or some of: assistant_heard,'),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(node, changes, says):
    done = in_node(node, f"kit.referenceClient('resilient', {json.dumps(changes)})")
    assert done.returncode != 0
    assert says in done.stderr


UNREADABLE = (
    {},
    {"type": "constructor"},
    {"type": "response.created"},
    {"type": "response.output_audio.delta", "response_id": "r", "item_id": "i", "delta": "no base64 &"},
    {"type": "response.done", "response": {"id": 5}},
    {"type": "response.done", "response": {"id": "r", "status": "completed", "output": "none"}},
    {"type": "response.done", "response": {"id": "r", "status": "completed", "output": [None]}},
    {"type": "unknown", "signal": "closed"},
    {"type": "error", "error": None},
    {"type": "opened"},
)


def test_an_event_that_cannot_be_read_is_ignored(node):
    script = f"""
        const client = kit.referenceClient("resilient");
        client.receive({{signal: "opened"}}, 0);
        console.log(JSON.stringify({json.dumps(UNREADABLE)}.map((event) => client.receive(event, 1000))));
        console.log(client.connected);
    """
    done = in_node(node, script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [json.dumps([[]] * len(UNREADABLE)).replace(" ", ""), "true"]


def test_it_needs_no_package_and_no_browser():
    """Each module of the kit imports only from its own folder, and names nothing of a page."""
    folder = PLAYER.parents[2] / "js" / "kit"
    lines = chain.from_iterable(path.read_text("utf-8").splitlines() for path in folder.rglob("*.js"))
    imported = [
        line.rpartition('"')[0].rpartition('"')[2] for line in lines if line.startswith(("import ", "export {"))
    ]
    assert imported
    assert all(name.startswith(("./", "../")) and "pages" not in name for name in imported)
