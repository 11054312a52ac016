"""A scenario made of a log: played, it fails with what was diagnosed, and nothing of what was said is in it."""

import io
import wave

import pytest

from harness.errors import SettingError
from harness.logs.answer import LogDiagnosis, Suspect
from harness.logs.diagnosis import diagnose_log
from harness.logs.importing import scenario_of
from harness.logs.read import read_log
from harness.logs.replayed_faults import REPLAYS
from harness.scenario.dump import dump
from harness.scenario.loader import loads
from harness.scenario.model import At, Inject, Say
from harness.verdict.judge import judge
from harness.world.play import play

from .sessions import Log
from .testing import FIXTURES

HARS = ("mute", "held_active", "dropped_response", "stalled_reply", "failed_response", "capture_dead", "clock_frozen")


def conversation():
    return Log().conversation().stream(10, voices=[2.0], room=60)


def verdict_of(scenario):
    read = loads(dump(scenario))
    return judge(play(read, "reported", detector="energy").journal, read)


@pytest.mark.parametrize("cause", REPLAYS)
def test_each_cause_is_replayed(cause):
    found = LogDiagnosis("silent", ("said",), (Suspect(cause, "likely", "why"),))
    made = scenario_of(conversation().session(), found, name="log")
    assert made.cause == cause
    expected = {"capture_graph_collected": "clock_frozen"}.get(cause, cause)
    assert verdict_of(made.scenario).cause == expected, "a graph that is collected delivers nothing, as a suspended one"


@pytest.mark.parametrize("name", HARS)
def test_a_har_of_chromium_fails_with_one_of_its_causes(name):
    log = read_log(FIXTURES / "chromium" / f"{name}.har.gz")
    found = diagnose_log(log)
    assert verdict_of(scenario_of(log, found, name="log").scenario).cause in found.causes


def test_a_conversation_without_a_silence_has_no_fault_and_is_held():
    log = conversation().session()
    made = scenario_of(log, diagnose_log(log), name="log")
    assert made.cause is None
    assert not any(isinstance(step.action, Inject) for step in made.scenario.timeline)
    assert verdict_of(made.scenario).name == "held"


def test_who_spoke_when_and_the_settings_are_those_of_the_log():
    log = conversation().session()
    made = scenario_of(log, diagnose_log(log), name="log").scenario
    (step,) = made.timeline
    assert isinstance(step.trigger, At)
    assert abs(step.trigger.at_us - 2_300_000) < 400_000, "the voice begins at 2 s, with some silence"
    assert made.server.turn_detection == {"type": "server_vad", "threshold": 0.5}
    assert made.server.reply.lasts_us == 1_200_000, "the answer has 1 s; less of a recording may be silent"
    assert made.server.reply.latency_us == 490_000, "from the commit at 5.51 s to the audio at 6.0 s"


def test_the_same_log_makes_the_same_scenario():
    log = Log().conversation().stream(16, voices=[2.0, 9.0], room=60).session()
    texts = {dump(scenario_of(log, diagnose_log(log), name="log").scenario) for _ in range(2)}
    assert len(texts) == 1


def test_no_words_of_the_log_are_in_it():
    log = conversation().at(7, "response.output_audio_transcript.done", response_id="resp_1", transcript="my secret")
    log.at(0.01, "session.update", client=True, session={"instructions": "hush hush"})
    made = scenario_of(log.session(), diagnose_log(log.session()), name="log")
    assert "secret" not in dump(made.scenario) and "hush" not in dump(made.scenario)
    assert made.audio == {}


def test_the_users_voice_only_if_it_is_asked_for():
    log = conversation().session()
    made = scenario_of(log, diagnose_log(log), name="log", keep_audio=True)
    assert list(made.audio) == ["log-1.wav"]
    with wave.open(io.BytesIO(made.audio["log-1.wav"])) as file:
        assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
        assert 2.5 < file.getnframes() / 24_000 < 4
    (step,) = made.scenario.timeline
    assert step.action == Say("log-1.wav")


def test_another_cause_of_the_set_can_be_chosen():
    log = Log().conversation().stream(16, voices=[2.0, 9.0], room=60).session()
    found = diagnose_log(log)
    assert scenario_of(log, found, name="log", cause="half_open").cause == "half_open"
    with pytest.raises(SettingError, match="--cause capture_dead does not fit this log; choose one of vad_deaf"):
        scenario_of(log, found, name="log", cause="capture_dead")
