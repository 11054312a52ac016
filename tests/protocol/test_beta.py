"""The beta dialect (§2.4): whole conversations through a session, each event shown to the vendor's beta types."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.beta import ABSENT, CLIENT_EVENT_TYPES, RENAMED, Beta
from harness.protocol.events import (
    ServerEvent,
    SessionUpdate,
    SessionUpdated,
)
from harness.server.voice import Answer, ToolCall, Voice
from tests.protocol.beta_playbook import BetaPlaybook, told_by, update
from tests.protocol.beta_vendor import MODELS
from tests.server.playbook import (
    CREATE,
    FINISHES,
    REST,
    WORDS,
    Id,
    append,
    passes,
    refuses,
    says,
    sends,
    silence,
    some,
    speech,
    user_says,
)

TURN = speech(3) + silence(7)


# --- names ------------------------------------------------------------------------------------------------------------


def test_the_twelve_client_events():
    """Documented (§2.4): the GA's eleven and transcription_session.update."""
    assert len(set(CLIENT_EVENT_TYPES)) == 12 and "transcription_session.update" in CLIENT_EVENT_TYPES


def test_every_ga_server_event_is_one_of_the_beta_or_is_left_out():
    """Documented (§2.4): 34 server events. The last one of the beta is the update of a transcription session."""
    ga = {event.__struct_config__.tag for event in get_args(ServerEvent)}
    beta = {RENAMED.get(event, event) for event in ga - ABSENT}
    assert beta | {"transcription_session.updated"} == set(MODELS)
    assert len(MODELS) == 34
    assert not ABSENT & set(MODELS) and ga > ABSENT


# --- whole conversations ----------------------------------------------------------------------------------------------


def test_the_order_of_a_spoken_turn():
    """Captured (§3.2): one conversation.item.created for each item, rate limits behind response.created (§4.5)."""
    user, assistant, response = Id(), Id(), Id()
    where = {"response_id": response, "item_id": assistant, "output_index": 0, "content_index": 0}
    spoken = {"id": assistant, "status": "completed", "content": [{"type": "audio", "transcript": WORDS}]}
    assert (
        BetaPlaybook()
        >> update(turn_detection={"type": "server_vad"})
        << says("session.updated")
        >> append(TURN)
        << says("input_audio_buffer.speech_started", item_id=user)
        << says("input_audio_buffer.speech_stopped", item_id=user)
        << says("input_audio_buffer.committed", item_id=user)
        << says(
            "conversation.item.created",
            item={"id": user, "object": "realtime.item", "role": "user", "status": "completed"},
        )
        << says("response.created", response={"id": response, "status": "in_progress", "output": []})
        << says("rate_limits.updated", rate_limits=[{"name": "requests"}, {"name": "tokens"}])
        >> FINISHES
        << says("response.output_item.added", response_id=response, item={"id": assistant, "status": "in_progress"})
        << says("conversation.item.created", previous_item_id=user, item={"id": assistant, "status": "in_progress"})
        << says("response.content_part.added", part={"type": "audio", "transcript": ""}, **where)
        << some("response.audio_transcript.delta", "response.audio.delta")
        << says("response.audio.done", **where)
        << says("response.audio_transcript.done", transcript=WORDS, **where)
        << says("response.content_part.done", part={"type": "audio", "transcript": WORDS}, **where)
        << says("response.output_item.done", response_id=response, item=spoken)
        << says("response.done", response={"id": response, "status": "completed", "output": [spoken]})
    )


def test_a_text_turn():
    item = {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    text = {"type": "text", "text": WORDS}
    play = BetaPlaybook() >> update(modalities=["text"]) << says("session.updated", session={"modalities": ["text"]})
    assert (
        play
        >> user_says("Hi")
        << says("conversation.item.created", item=item)
        >> CREATE
        << says("response.created", response={"modalities": ["text"], "voice": "alloy", "output_audio_format": "pcm16"})
        << says("rate_limits.updated")
        >> FINISHES
        << says("response.output_item.added")
        << says("conversation.item.created", item={"role": "assistant"})
        << says("response.content_part.added", part={"type": "text", "text": ""})
        << some("response.text.delta")
        << says("response.text.done", text=WORDS)
        << says("response.content_part.done", part=text)
        << says("response.output_item.done", item={"content": [text]})
        << says("response.done", response={"output": [{"content": [text]}], "voice": "alloy"})
    )


def test_a_tool_call():
    """Documented (§3.4); the name is in the item, not in arguments.done."""
    call, item = Id(), Id()
    asked = {"type": "function_call", "name": "lookup", "call_id": call, "arguments": '{"city":"Bern"}'}
    tools = [{"type": "function", "name": "lookup", "parameters": {"type": "object"}}]
    play = BetaPlaybook(voice=Voice(Answer(calls=(ToolCall("lookup", '{"city":"Bern"}'),))))
    play = play >> update(tools=tools) << says("session.updated", session={"tools": tools}) >> user_says("Where?")
    play = (
        play << says("conversation.item.created") >> CREATE << says("response.created") << says("rate_limits.updated")
    )
    assert (
        play
        >> FINISHES
        << says("response.output_item.added", item={"type": "function_call", "name": "lookup", "id": item})
        << says("conversation.item.created", item={"id": item})
        << some("response.function_call_arguments.delta")
        << says("response.function_call_arguments.done", arguments='{"city":"Bern"}', call_id=call)
        << says("response.output_item.done", item=asked)
        << says("response.done", response={"output": [asked]})
        >> sends("conversation.item.create", item={"type": "function_call_output", "call_id": call, "output": "sunny"})
        << says("conversation.item.created", previous_item_id=item, item={"output": "sunny"})
    )


def test_barge_in_in_mid_output():
    """§3.5: the user's onset, then the cancelled response with what was said so far."""
    play = BetaPlaybook() >> append(TURN) << REST >> passes(430) << REST >> append(speech(2))
    assert (
        play
        << says("input_audio_buffer.speech_started")
        << says("response.audio.done")
        << says("response.audio_transcript.done")
        << says("response.content_part.done", part={"type": "audio"})
        << says("response.output_item.done", item={"status": "incomplete"})
        << says("response.done", response={"status": "cancelled", "status_details": {"reason": "turn_detected"}})
    )


def test_the_user_transcribed():
    play = BetaPlaybook(voice=Voice(Answer(), transcripts=("Good morning",)))
    (
        play
        >> update(input_audio_transcription={"model": "whisper-1"})
        << says("session.updated", session={"input_audio_transcription": {"model": "whisper-1"}})
    )
    play >> append(TURN) << REST >> FINISHES
    done = "conversation.item.input_audio_transcription.completed"
    assert play.last(done)["transcript"] == "Good morning"
    assert "conversation.item.input_audio_transcription.delta" in play.types()
    assert play << REST


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_new_session_as_captured():
    """Captured (2025-12), but for ``truncation``, which the GA shows only once it is set."""
    session = BetaPlaybook().said[0]["session"]
    assert list(session) == [
        "object", "id", "model", "modalities", "instructions", "voice", "output_audio_format", "tools", "tool_choice",
        "temperature", "max_response_output_tokens", "turn_detection", "speed", "tracing", "prompt", "expires_at",
        "input_audio_noise_reduction", "input_audio_format", "input_audio_transcription", "client_secret", "include",
    ]  # fmt: skip
    assert session["modalities"] == ["audio", "text"]
    assert (session["voice"], session["temperature"], session["speed"]) == ("alloy", 0.8, 1.0)
    assert (session["input_audio_format"], session["output_audio_format"]) == ("pcm16", "pcm16")
    assert (session["max_response_output_tokens"], session["tool_choice"]) == ("inf", "auto")
    detection = session["turn_detection"]
    assert (detection["threshold"], detection["prefix_padding_ms"], detection["silence_duration_ms"]) == (0.5, 300, 200)


FORMATS = st.sampled_from(["pcm16", "g711_ulaw", "g711_alaw"])
UPDATES = st.fixed_dictionaries(
    {},
    optional={
        "modalities": st.sampled_from([["text"], ["text", "audio"], ["audio", "text"]]),
        "instructions": st.text(max_size=9),
        "voice": st.sampled_from(["alloy", "ash", "verse"]),
        "speed": st.floats(0.25, 1.5),
        "input_audio_format": FORMATS,
        "output_audio_format": FORMATS,
        "input_audio_transcription": st.none() | st.just({"model": "whisper-1"}),
        "input_audio_noise_reduction": st.none() | st.just({"type": "far_field"}),
        "turn_detection": st.none()
        | st.fixed_dictionaries({"type": st.just("server_vad"), "threshold": st.floats(0, 1)}),
        "tools": st.just([{"type": "function", "name": "f", "parameters": {}}]),
        "tool_choice": st.sampled_from(["auto", "none", "required"]),
        "temperature": st.floats(0.6, 1.2),
        "max_response_output_tokens": st.integers(1, 4096) | st.just("inf"),
    },
)


@given(st.lists(UPDATES, min_size=1, max_size=3))
def test_the_session_shows_what_was_asked_for(updates):
    """Property: what a beta client sets, it is shown; what it does not set, stays."""
    play = BetaPlaybook()
    shown = play.said[0]["session"]
    for changes in updates:
        play >> update(**changes) << says("session.updated")
        before, shown = shown, play.said[-1]["session"]
        for name, value in shown.items():
            wanted = changes.get(name, before[name])
            if name == "turn_detection" and wanted is not None:
                assert wanted.items() <= value.items()
            else:
                assert value == wanted, name


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"type": "realtime"}, "unknown_parameter", "session.type"),
        ({"output_modalities": ["text"]}, "unknown_parameter", "session.output_modalities"),
        ({"audio": {}}, "unknown_parameter", "session.audio"),
        ({"input_audio_format": "audio/pcm"}, "invalid_value", "session.input_audio_format"),
        ({"output_audio_format": 5}, "invalid_value", "session.output_audio_format"),
        ({"temperature": 0.5}, "decimal_below_min_value", "session.temperature"),
        ({"temperature": 1.3}, "decimal_above_max_value", "session.temperature"),
        ({"temperature": True}, "invalid_type", "session.temperature"),
        ({"turn_detection": {"threshold": 2}}, "decimal_above_max_value", "session.turn_detection.threshold"),
        ({"turn_detection": {"nope": 2}}, "unknown_parameter", "session.turn_detection.nope"),
        ({"voice": 5}, "invalid_type", "session.voice"),
        ({"voice": {"id": "voice_1"}}, "invalid_type", "session.voice"),
        ({"speed": 9}, "decimal_above_max_value", "session.speed"),
        ({"max_response_output_tokens": 0}, "integer_below_min_value", "session.max_response_output_tokens"),
        ({"input_audio_transcription": 5}, "invalid_type", "session.input_audio_transcription"),
        ({"tools": [{"type": "mcp"}]}, "invalid_value", "session.tools[0].type"),
        ({"tools": 5}, "invalid_type", "session.tools"),
    ],
)
def test_a_wrong_update_is_refused_with_the_paths_of_the_beta(changes, code, param):
    """The whole update is discarded (captured of the GA), with what the dialect remembers."""
    play = BetaPlaybook() >> update(**{"temperature": 0.7, **changes})
    play = play << refuses(code, param=param)
    assert f"'{param}'" in play.said[-1]["error"]["message"] or code == "invalid_value"
    play >> update(instructions="x") << says("session.updated", session={"temperature": 0.8, "instructions": "x"})
    assert play


@pytest.mark.parametrize("modalities", [["audio"], [], ["text", "text"], "audio", [5]])
def test_modalities_are_text_or_both(modalities):
    """The text is reported, of ``['audio']``."""
    play = BetaPlaybook() >> update(modalities=modalities) << refuses("invalid_value", param="session.modalities")
    supported = "Supported combinations are: ['text'] and ['audio', 'text']."
    assert play.said[-1]["error"]["message"] == f"Invalid modalities: {modalities!r}. {supported}"


def test_the_voice_cannot_change_once_it_was_heard():
    """Reported; the field is refused by the session, and the update with it."""
    play = BetaPlaybook() >> append(TURN) << REST >> FINISHES << REST >> update(voice="ash", temperature=1.0)
    assert play << refuses("cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.")
    assert play >> update() << says("session.updated", session={"voice": "alloy", "temperature": 0.8})


def test_the_model_and_the_client_secret_in_an_update_are_ignored():
    changes = {"model": "gpt-4o-realtime-preview", "client_secret": {"expires_after": {"anchor": "created_at"}}}
    assert BetaPlaybook() >> update(**changes) << says("session.updated", session={"client_secret": None})


def test_a_transcription_session_is_not_one_of_speech():
    """Captured text (§4.6)."""
    message = "Passing a transcription session update event to a realtime session is not allowed."
    asked = sends("transcription_session.update", session={"input_audio_format": "g711_ulaw"})
    assert BetaPlaybook() >> asked << refuses("invalid_value", message)


def test_a_transcription_session_in_ga_words_and_back():
    asked = {
        "input_audio_format": "g711_alaw",
        "input_audio_transcription": {"model": "gpt-4o-transcribe"},
        "input_audio_noise_reduction": {"type": "near_field"},
        "turn_detection": {"type": "server_vad", "threshold": 0.6},
        "include": ["item.input_audio_transcription.logprobs"],
    }
    text = json.dumps(
        {"type": "transcription_session.update", "event_id": "mine", "session": {**asked, "modalities": []}}
    )
    event = Beta().decode(text)
    assert isinstance(event, SessionUpdate) and event.event_id == "mine"
    assert event.session["type"] == "transcription"
    assert event.session["audio"]["input"]["format"] == {"type": "audio/pcma"}
    told = told_by(Beta(), SessionUpdated(event_id="e", session={**event.session, "id": "sess_1"}))
    assert told["type"] == "transcription_session.updated"
    assert told["session"] == {"object": "realtime.transcription_session", "id": "sess_1", **asked}
