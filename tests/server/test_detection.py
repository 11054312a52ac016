"""``turn_detection`` (§4.1): both kinds, their merging, and when semantic detection ends a turn."""

import pytest

from harness.server.config import SessionConfig
from harness.server.detection import LONGEST_WAIT_MS, TURN_DETECTION, merged, turn_settings
from harness.server.models import is_known_model
from harness.server.policy import ServerPolicy
from tests.server.playbook import REST, Playbook, append, refuses, says, silence, speech, update

STOPPED = "input_audio_buffer.speech_stopped"


def detecting(**detection):
    return update(audio={"input": {"turn_detection": detection}})


def echo(play):
    return play.last("session.updated")["session"]["audio"]["input"]["turn_detection"]


@pytest.mark.behaviour("detection-other-type")
def test_semantic_detection_is_echoed_with_its_defaults():
    """Documented (§4.1)."""
    play = Playbook() >> detecting(type="semantic_vad") << REST
    assert echo(play) == {
        "type": "semantic_vad", "eagerness": "auto", "create_response": True, "interrupt_response": True,
    }  # fmt: skip


@pytest.mark.behaviour("detection-other-type")
def test_another_type_replaces_and_the_same_type_merges():
    """Clients count on create_response and interrupt_response being filled in."""
    play = Playbook(turn_detection={"threshold": 0.7}) >> detecting(type="semantic_vad", eagerness="low") << REST
    play >> detecting(create_response=False) << REST
    assert echo(play)["eagerness"] == "low" and echo(play)["create_response"] is False
    play >> detecting(type="server_vad", prefix_padding_ms=0) << REST
    assert echo(play) == {**TURN_DETECTION, "threshold": 0.7, "prefix_padding_ms": 0}


@pytest.mark.behaviour("semantic-longest", "semantic-complete", "semantic-start")
@pytest.mark.parametrize("eagerness", LONGEST_WAIT_MS)
@pytest.mark.parametrize(("policy", "share"), [("waits_longest", 1), ("complete", 8)])
def test_how_long_it_waits(eagerness, policy, share):
    """Documented: at most 8, 4 and 2 s, auto as medium; how long otherwise is assumed."""
    play = Playbook(policy={"semantic_end": policy}) >> detecting(type="semantic_vad", eagerness=eagerness) << REST
    play >> append(speech(10)) << says("input_audio_buffer.speech_started", audio_start_ms=0)
    wait_ms = LONGEST_WAIT_MS[eagerness] / share
    frames = -(-wait_ms // 32)
    assert play >> append(silence(frames - 1))
    assert play >> append(silence(1)) << says(STOPPED, audio_end_ms=(10 + frames) * 32) << REST


@pytest.mark.behaviour("semantic-complete")
def test_a_pause_does_not_end_a_semantic_turn():
    play = Playbook() >> detecting(type="semantic_vad", eagerness="low") << REST >> append(speech(10)) << REST
    assert play >> append(silence(20)) >> append(speech(10)) >> append(silence(20))


@pytest.mark.behaviour("detection-ranges")
@pytest.mark.parametrize(
    ("detection", "code", "param"),
    [
        ({"type": "psychic_vad"}, "invalid_value", "type"),
        ({"type": "semantic_vad", "threshold": 0.5}, "unknown_parameter", "threshold"),
        ({"type": "semantic_vad", "idle_timeout_ms": 6000}, "unknown_parameter", "idle_timeout_ms"),
        ({"type": "semantic_vad", "eagerness": "keen"}, "invalid_value", "eagerness"),
        ({"idle_timeout_ms": 4999}, "integer_below_min_value", "idle_timeout_ms"),
        ({"idle_timeout_ms": 30001}, "integer_above_max_value", "idle_timeout_ms"),
        ({"threshold": 1.1}, "decimal_above_max_value", "threshold"),
    ],
)
def test_wrong_detection(detection, code, param):
    play = Playbook() >> detecting(**detection)
    assert play << refuses(code, param=f"session.audio.input.turn_detection.{param}")


@pytest.mark.behaviour("detection-our-ranges")
@pytest.mark.parametrize(("name", "most"), [("prefix_padding_ms", 10_000), ("silence_duration_ms", 60_000)])
def test_bounds_that_are_ours(name, most):
    """Assumed (§4.1): the documents name no bounds."""
    play = Playbook() >> detecting(**{name: most}) << says("session.updated")
    play >> detecting(**{name: most + 1}) << refuses("integer_above_max_value")
    assert play >> detecting(**{name: -1}) << refuses("integer_below_min_value")


@pytest.mark.behaviour("update-keeps")
def test_a_turn_goes_on_under_the_other_kind():
    """Unknown of the service, a policy: by default the open turn is kept."""
    play = Playbook() >> append(speech(5)) << REST >> detecting(type="semantic_vad") << REST
    play >> append(silence(10)) >> append(silence(6)) << says(STOPPED) << REST
    assert play


def test_null_and_partial():
    assert merged(None, "path", TURN_DETECTION, [TURN_DETECTION]) is None
    assert merged({"threshold": 0.2}, "path", None, [TURN_DETECTION]) == {**TURN_DETECTION, "threshold": 0.2}
    assert turn_settings(TURN_DETECTION, ServerPolicy()).silence_duration_ms == 200


@pytest.mark.behaviour("silence-default", "silence-of-2-1", "voice-default")
@pytest.mark.parametrize(
    ("model", "silence_ms", "voice"),
    [
        ("gpt-realtime", 200, "alloy"),
        ("gpt-realtime-2025-08-28", 200, "alloy"),
        ("gpt-realtime-2", 200, "alloy"),
        ("gpt-realtime-2.1", 500, "marin"),
        ("gpt-realtime-2.1-mini", 500, "marin"),
    ],
)
def test_the_defaults_depend_on_the_model(model, silence_ms, voice):
    """Recordings of the service, 2026-07/08: gpt-realtime and gpt-realtime-2.1; the rest is assumed."""
    session = SessionConfig("sess_1", model, {}, 3600).echo
    assert session["audio"]["input"]["turn_detection"]["silence_duration_ms"] == silence_ms
    assert session["audio"]["output"]["voice"] == voice


@pytest.mark.parametrize(
    ("model", "known"),
    [
        *((name, True) for name in ("gpt-realtime", "gpt-realtime-2.1-mini", "gpt-4o-realtime-preview-2024-12-17")),
        *((name, False) for name in ("gpt-realtimes", "gpt-4o", "", "whisper-1")),
    ],
)
def test_known_models(model, known):
    assert is_known_model(model) is known
