"""``session.update`` (§4.6): what merges, what is refused, and that a refused one changes nothing."""

import pytest

from harness.errors import ProtocolError
from harness.server.config import INSTRUCTIONS, SessionConfig
from harness.server.policy import ServerPolicy
from harness.server.request import request_of
from tests.server.playbook import CREATE, FINISHES, REST, Playbook, refuses, says, sends, update

TURN_DETECTION_OFF = {"input": {"turn_detection": None}}


def config(**turn_detection):
    return SessionConfig("sess_1", "gpt-realtime", turn_detection, 3600)


def detection_after(made, **changes):
    made.update({"type": "realtime", "audio": {"input": {"turn_detection": changes}}})
    return made.turn_detection


@pytest.mark.behaviour("atomic", "pcm-rate", "field-ranges", "wrong-type")
@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"nope": 1}, "unknown_parameter", "session.nope"),
        ({"audio": {"nope": 1}}, "unknown_parameter", "session.audio.nope"),
        ({"audio": {"input": {"turn_detection": {"nope": 1}}}}, "unknown_parameter",
         "session.audio.input.turn_detection.nope"),
        ({"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}}, "integer_below_min_value",
         "session.audio.input.format.rate"),
        ({"audio": {"input": {"format": {"type": "audio/opus"}}}}, "invalid_value", "session.audio.input.format.type"),
        ({"audio": {"input": {"format": {"type": "audio/pcm", "bits": 8}}}}, "unknown_parameter",
         "session.audio.input.format.bits"),
        ({"audio": {"input": {"format": "pcm16"}}}, "invalid_type", "session.audio.input.format"),
        ({"audio": None}, "invalid_type", "session.audio"),
        ({"audio": {"input": {"turn_detection": "off"}}}, "invalid_type", "session.audio.input.turn_detection"),
        ({"audio": {"input": {"turn_detection": {"threshold": 1.5}}}}, "decimal_above_max_value",
         "session.audio.input.turn_detection.threshold"),
        ({"audio": {"input": {"turn_detection": {"threshold": True}}}}, "invalid_type",
         "session.audio.input.turn_detection.threshold"),
        ({"audio": {"input": {"turn_detection": {"idle_timeout_ms": 4999}}}}, "integer_below_min_value",
         "session.audio.input.turn_detection.idle_timeout_ms"),
        ({"audio": {"input": {"turn_detection": {"silence_duration_ms": 200.5}}}}, "invalid_type",
         "session.audio.input.turn_detection.silence_duration_ms"),
        ({"audio": {"output": {"speed": 2}}}, "decimal_above_max_value", "session.audio.output.speed"),
        ({"output_modalities": ["audio", "text"]}, "invalid_value", "session.output_modalities"),
        ({"instructions": 5}, "invalid_type", "session.instructions"),
        ({"tools": {}}, "invalid_type", "session.tools"),
        ({"tools": [5]}, "invalid_type", "session.tools[0]"),
        ({"max_output_tokens": 4097}, "integer_above_max_value", "session.max_output_tokens"),
        ({"audio": {"output": {"voice": None}}}, "invalid_type", "session.audio.output.voice"),
    ],
)  # fmt: skip
def test_one_bad_field_discards_the_whole_update(changes, code, param):
    """Captured: atomic. The good fields around the bad one have no effect, and the next update shows it.

    Of wrong types and of values above a maximum the codes are assumed (§4.7).
    """
    good = {"instructions": "Be brief.", "output_modalities": ["text"]}
    play = Playbook(opened=False) << REST
    before = play.last("session.created")["session"]
    play >> update(event_id="bad", **{**good, **changes})
    play << refuses(code, param=param, event_id="bad", type="invalid_request_error")
    assert play >> update() << says("session.updated", session=before)
    play >> update(**good) << says("session.updated", session=good)
    assert play


@pytest.mark.behaviour("unknown-field")
def test_an_unknown_parameter_is_named():
    """Captured: the text, and that it names the path."""
    assert (
        Playbook()
        >> update(turn_detection=None)
        << refuses("unknown_parameter", "Unknown parameter: 'session.turn_detection'.")
    )


@pytest.mark.behaviour("type-required")
def test_the_session_must_name_its_type():
    """Required since the GA; the text is reported verbatim."""
    play = Playbook() >> sends("session.update", session={"instructions": "Be brief."})
    message = "Missing required parameter: 'session.type'."
    assert play << refuses("missing_required_parameter", message, param="session.type")


@pytest.mark.behaviour("no-transcription-session")
def test_a_transcription_session_is_refused():
    """Captured (§4.6)."""
    message = "Passing a transcription session update event to a realtime session is not allowed."
    play = Playbook() >> sends("session.update", session={"type": "transcription"})
    assert play << says("error", error={"message": message, "type": "invalid_request_error"})


@pytest.mark.behaviour("voice-lock", "voice-lock-what")
def test_the_voice_is_locked_by_assistant_audio():
    """Reported verbatim (§4.6); the same voice again, or other fields, are allowed."""
    play = Playbook() >> update(audio={"output": {"voice": "cedar"}})
    play << says("session.updated", session={"audio": {"output": {"voice": "cedar"}}})
    play >> CREATE << REST >> FINISHES << REST
    play >> update(instructions="Be brief.", audio={"output": {"voice": "marin"}})
    play << refuses("cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.")
    play >> update(audio={"output": {"voice": "cedar"}})
    echoed = {"instructions": INSTRUCTIONS, "audio": {"output": {"voice": "cedar"}}}
    assert play << says("session.updated", session=echoed)


@pytest.mark.behaviour("voice-lock-what")
def test_a_text_answer_does_not_lock_the_voice():
    """The error speaks of assistant *audio* (§4.6)."""
    play = Playbook() >> update(output_modalities=["text"]) << REST >> CREATE << REST >> FINISHES << REST
    assert play >> update(audio={"output": {"voice": "cedar"}}) << says("session.updated")


@pytest.mark.behaviour("voice-lock")
def test_an_answer_out_of_band_locks_the_voice_too():
    """Documented (§4.6): not 'once the model has responded with audio at least once'."""
    play = Playbook() >> sends("response.create", response={"conversation": "none"}) << REST >> FINISHES << REST
    assert play >> update(audio={"output": {"voice": "cedar"}}) << refuses("cannot_update_voice")


@pytest.mark.behaviour("instructions", "voice-default")
def test_a_new_session_has_a_voice_and_instructions():
    """The voice is captured; that there are default instructions is documented, their words are ours (§4.6)."""
    session = Playbook().last("session.created")["session"]
    assert session["audio"]["output"]["voice"] == "alloy" and session["instructions"]


@pytest.mark.behaviour("model-ignored")
def test_the_model_cannot_be_changed():
    """Ignored, not refused (§4.6)."""
    assert Playbook() >> update(model="other") << says("session.updated", session={"model": "gpt-realtime"})


@pytest.mark.behaviour("full-echo", "deep-merge")
def test_the_answer_shows_the_whole_configuration():
    """Captured: session.updated holds the full effective configuration."""
    play = Playbook(opened=False) << REST >> update(instructions="Be brief.") << REST
    before, after = play.last("session.created")["session"], play.last("session.updated")["session"]
    assert after == {**before, "instructions": "Be brief."}


@pytest.mark.behaviour("detection-partial")
def test_a_partial_turn_detection_keeps_the_rest():
    """Captured (§4.1): absent fields come from the values in force."""
    made = config(silence_duration_ms=500)
    assert detection_after(made, type="server_vad", threshold=0.7) == {
        "type": "server_vad", "threshold": 0.7, "prefix_padding_ms": 300, "silence_duration_ms": 500,
        "idle_timeout_ms": None, "create_response": True, "interrupt_response": True,
    }  # fmt: skip
    assert detection_after(made, type="server_vad")["threshold"] == 0.7


@pytest.mark.behaviour("detection-partial")
def test_turn_detection_comes_back_with_its_defaults():
    """Captured (§4.1): after null there is nothing in force, so the session's defaults fill in."""
    made = config(silence_duration_ms=500)
    detection_after(made, threshold=0.7)
    made.update({"type": "realtime", "audio": TURN_DETECTION_OFF})
    assert made.turn_detection is None
    assert made.turn_settings(ServerPolicy()).silence_duration_ms == 500
    back = detection_after(made, type="server_vad")
    assert (back["threshold"], back["silence_duration_ms"]) == (0.5, 500)


@pytest.mark.behaviour("null-and-absent")
def test_an_absent_turn_detection_stays_as_it_is():
    """Captured (§4.6): null clears, absent keeps."""
    play = Playbook() >> update(audio=TURN_DETECTION_OFF) << REST >> update(audio={"input": {"noise_reduction": None}})
    assert play << says("session.updated", session={"audio": {"input": {"turn_detection": None}}})


@pytest.mark.behaviour("formats")
def test_formats_by_their_names():
    """Documented (§4.3)."""
    made = config()
    sound = {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcma"}}}
    made.update({"type": "realtime", "audio": sound})
    assert made.input_format.name == "audio/pcmu"
    assert request_of(made, None).audio_format.name == "audio/pcma"
    made.update({"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcm"}}}})
    assert made.echo["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24_000}


def test_an_echo_is_never_changed_afterwards():
    """An event that holds it may still be on its way."""
    made = config()
    first = made.echo
    detection_after(made, threshold=0.9)
    assert first["audio"]["input"]["turn_detection"]["threshold"] == 0.5 and made.echo is not first


def test_deep_values_can_be_stored_and_merged():
    """What a client puts into its tools is its own affair; a later update must not stumble over it."""
    deep = {}
    for _ in range(600):
        deep = {"properties": deep}
    made, tool = config(), {"type": "function", "name": "f", "parameters": deep}
    for _ in range(2):
        made.update({"type": "realtime", "tools": [tool]})
    assert made.echo["tools"][0]["parameters"] is deep


@pytest.mark.behaviour("no-prefix")
def test_turn_settings_take_the_policy():
    """A policy (§4.2)."""
    assert config().turn_settings(ServerPolicy(prefix_in_start="no")).prefix_in_start is False
    assert config(prefix_padding_ms=120).turn_settings(ServerPolicy()).prefix_padding_ms == 120


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1, 10**400])
def test_no_number_gets_past_its_limits(number):
    with pytest.raises(ProtocolError):
        detection_after(config(), threshold=number)


@pytest.mark.behaviour("deep-merge")
def test_what_an_update_leaves_out_stays_as_it_was():
    """Documented of a noise reduction's strength (§4.6), and taken to hold for a transcription too."""
    play = Playbook() >> update(audio={"input": {"noise_reduction": {"type": "near_field", "strength": 0.4}}}) << REST
    play >> update(audio={"input": {"noise_reduction": {"type": "far_field"}}})
    kept = {"type": "far_field", "strength": 0.4}
    play << says("session.updated", session={"audio": {"input": {"noise_reduction": kept}}})
    play >> update(audio={"input": {"transcription": {"model": "whisper-1", "language": "en"}}}) << REST
    play >> update(audio={"input": {"transcription": {"prompt": "tech"}}})
    kept = {"model": "whisper-1", "language": "en", "prompt": "tech"}
    assert play << says("session.updated", session={"audio": {"input": {"transcription": kept}}})


@pytest.mark.behaviour("transcription-echo")
def test_a_transcription_is_shown_with_what_was_not_given():
    """Recordings of the service, 2026-07/08: language and prompt are null, and stand behind the model."""
    play = Playbook() >> update(audio={"input": {"transcription": {"model": "gpt-realtime-whisper"}}}) << REST
    shown = play.last("session.updated")["session"]["audio"]["input"]["transcription"]
    assert list(shown.items()) == [("model", "gpt-realtime-whisper"), ("language", None), ("prompt", None)]
    play >> update(audio={"input": {"transcription": None}})
    assert play << says("session.updated", session={"audio": {"input": {"transcription": None}}})


@pytest.mark.behaviour("transcription-echo")
def test_only_one_model_is_shown_with_its_languages():
    """Recordings of the service, 2026-07/08: `languages` is null with gpt-live-transcribe, absent with all others."""
    play = Playbook() >> update(audio={"input": {"transcription": {"model": "gpt-live-transcribe"}}}) << REST
    shown = play.last("session.updated")["session"]["audio"]["input"]["transcription"]
    given = [("model", "gpt-live-transcribe"), ("language", None), ("languages", None), ("prompt", None)]
    assert list(shown.items()) == given
    play >> update(audio={"input": {"transcription": {"model": "whisper-1"}}}) << REST
    shown = play.last("session.updated")["session"]["audio"]["input"]["transcription"]
    assert list(shown.items()) == [("model", "whisper-1"), ("language", None), ("prompt", None)]


@pytest.mark.behaviour("instructions-empty", "echo-order")
def test_how_an_update_is_shown():
    """Recordings of the service, 2026-07/08."""
    tool = {"type": "function", "parameters": {"type": "object"}, "name": "weather", "description": "Tells it."}
    play = Playbook() >> update(instructions="Be brief.", tools=[tool], reasoning={"effort": "low"}) << REST
    shown = play.last("session.updated")["session"]
    assert list(shown["tools"][0]) == ["type", "name", "description", "parameters"] and shown["tools"][0] == tool
    names = list(shown)
    assert names[names.index("prompt") :][:3] == ["prompt", "reasoning", "expires_at"]
    play >> update(instructions="") << REST
    first, last = (play.last(f"session.{event}")["session"]["instructions"] for event in ("created", "updated"))
    assert first == last != "Be brief."


@pytest.mark.behaviour("truncation-echo")
def test_the_truncation_is_always_shown():
    """Recordings of the service, 2026-07/08."""
    play = Playbook() >> update(instructions="Be brief.") << REST
    for event in ("created", "updated"):
        shown = list(play.last(f"session.{event}")["session"].items())
        assert shown[shown.index(("tracing", None)) + 1 :][:2] == [("truncation", "auto"), ("prompt", None)]
    play >> update(truncation="disabled") << REST
    assert play.last("session.updated")["session"]["truncation"] == "disabled"


def test_the_model_s_silence_is_the_default_of_server_vad_whatever_was_before():
    made = SessionConfig("sess_1", "gpt-realtime-2.1-mini", {"type": "semantic_vad"}, 3600)
    assert detection_after(made, type="server_vad")["silence_duration_ms"] == 500


@pytest.mark.behaviour("modalities-text")
def test_what_is_wrong_with_modalities_and_formats():
    """The text on modalities is the beta's (§2.4), with the values of the GA (§4.6)."""
    play = Playbook() >> update(output_modalities=["audio", "text"])
    message = "Invalid modalities: ['audio', 'text']. Supported combinations are: ['text'] and ['audio']."
    play << refuses("invalid_value", message, param="session.output_modalities")
    play >> update(audio={"input": {"format": {"rate": 24_000}}})
    assert play << refuses("missing_required_parameter", param="session.audio.input.format.type")
