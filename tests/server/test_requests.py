"""``response.create`` and its fields, out-of-band responses, cancel races (§4.5)."""

from functools import partial

import pytest

from harness.server.replies import MAX_PARALLEL
from harness.server.voice import Answer, AnswerRule, Voice
from tests.server.playbook import (
    CANCEL,
    CANCEL_TAKES_MS,
    CREATE,
    FINISHES,
    REST,
    VOICE,
    WORDS,
    Id,
    Playbook,
    append,
    passes,
    refuses,
    says,
    sends,
    silence,
    speech,
    update,
    user_says,
)

Playbook = partial(Playbook, strict=False)
TURN = speech(3) + silence(7)
REFERENCE = {"type": "item_reference", "id": "item_x"}
ADDED, DONE = "conversation.item.added", "conversation.item.done"


def create(**response):
    return sends("response.create", response=response)


@pytest.mark.behaviour("metadata")
def test_metadata_is_echoed():
    """Documented; LiveKit and Pydantic AI correlate by it."""
    play = Playbook() >> create(metadata={"client_event_id": "e1"})
    play << says("response.created", response={"metadata": {"client_event_id": "e1"}})
    play >> FINISHES << REST
    assert play.last("response.done")["response"]["metadata"] == {"client_event_id": "e1"}


@pytest.mark.behaviour("response-fields")
def test_a_response_may_be_written_in_a_session_that_speaks():
    """Documented: the fields override the session's for this response alone."""
    play = Playbook() >> create(output_modalities=["text"]) >> FINISHES << REST
    assert play.last("response.output_text.done")["text"] == WORDS
    assert "response.output_audio.delta" not in play.types()
    play >> CREATE >> FINISHES << REST
    assert "response.output_audio.delta" in play.types()


@pytest.mark.behaviour("text-has-audio")
def test_a_response_in_text_shows_the_audio_that_it_does_not_have():
    """Recordings of the service, 2026-07/08 (9 of 9): in response.created and response.done."""
    play = Playbook() >> create(output_modalities=["text"]) >> FINISHES << REST
    shown = {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy"}}
    assert [play.last(f"response.{event}")["response"]["audio"] for event in ("created", "done")] == [shown, shown]


@pytest.mark.behaviour("response-fields")
def test_a_format_and_a_voice_of_its_own():
    asked = {"output": {"format": {"type": "audio/pcmu"}, "voice": "cedar"}}
    play = Playbook() >> create(audio=asked) << says("response.created", response={"audio": asked})
    assert play >> FINISHES << REST


@pytest.mark.behaviour("response-wrong-field", "metadata")
@pytest.mark.parametrize(
    ("response", "code", "param"),
    [
        ({"temperature": 1}, "unknown_parameter", "response.temperature"),
        ({"output_modalities": ["audio", "text"]}, "invalid_value", "response.output_modalities"),
        ({"max_output_tokens": 0}, "integer_below_min_value", "response.max_output_tokens"),
        ({"max_output_tokens": 5000}, "integer_above_max_value", "response.max_output_tokens"),
        ({"conversation": "other"}, "invalid_value", "response.conversation"),
        ({"metadata": {"a": 1}}, "invalid_type", "response.metadata.a"),
        ({"metadata": {str(i): "" for i in range(17)}}, "object_above_max_properties", "response.metadata"),
        ({"input": [{"type": "letter"}]}, "invalid_value", "response.input[0].type"),
        ({"input": [{"type": "item_reference"}]}, "missing_required_parameter", "response.input[0].id"),
        ({"input": [REFERENCE]}, "item_retrieve_invalid_item_id", "response.input[0].id"),
        ({"input": ["hello"]}, "invalid_type", "response.input[0]"),
        ({"input": [{"role": "user"}]}, "missing_required_parameter", "response.input[0].type"),
        ({"metadata": {"k" * 65: ""}}, "string_above_max_length", "response.metadata"),
        ({"metadata": {"k": "v" * 513}}, "string_above_max_length", "response.metadata"),
    ],
)
def test_a_wrong_field_makes_no_response(response, code, param):
    assert Playbook() >> create(**response) << refuses(code, param=param) >> FINISHES


@pytest.mark.behaviour("response-fields")
def test_null_means_the_session_s_own():
    """Documented: every field is nullable."""
    nothing = dict.fromkeys(("output_modalities", "max_output_tokens", "metadata", "audio", "input", "conversation"))
    play = Playbook() >> create(**nothing) << says("response.created", response={"output_modalities": ["audio"]})
    assert play >> FINISHES << REST


@pytest.mark.behaviour("no-trace")
def test_an_out_of_band_response_leaves_no_trace_in_the_conversation():
    """Documented: it writes nothing to the default conversation."""
    play = Playbook() >> create(conversation="none") << says("response.created", response={"conversation_id": None})
    play >> FINISHES << REST
    assert ADDED not in play.types() and DONE not in play.types()
    done = play.last("response.done")["response"]
    assert done["conversation_id"] is None and done["output"][0]["content"][0]["transcript"] == WORDS
    assert (
        play
        >> sends("conversation.item.retrieve", item_id=done["output"][0]["id"])
        << refuses("item_retrieve_invalid_item_id")
    )


@pytest.mark.behaviour("out-of-band")
def test_responses_out_of_band_run_in_parallel():
    """Documented (§4.5)."""
    default, one, two = Id(), Id(), Id()
    play = Playbook() >> CREATE << says("response.created", response={"id": default})
    play >> create(conversation="none") << says("response.created", response={"id": one})
    play >> create(conversation="none") << says("response.created", response={"id": two})
    play >> FINISHES << REST
    done = [event["response"]["id"] for event in play.said if event["type"] == "response.done"]
    assert sorted(done) == sorted((default.value, one.value, two.value))
    for response in done:
        deltas = [event["delta"] for event in play.said if event.get("response_id") == response and "delta" in event]
        assert len(deltas) == len(WORDS.split()) + 4


@pytest.mark.behaviour("single-active")
def test_a_rejected_response_is_never_created():
    """Reported verbatim (§4.5): an error, and neither response.created nor response.done."""
    active = Id()
    play = Playbook() >> CREATE << says("response.created", response={"id": active})
    play >> create(metadata={"second": "yes"})
    play << refuses(
        "conversation_already_has_active_response",
        f"Conversation already has an active response in progress: {active.value}. "
        "Wait until the response is finished before creating a new one.",
    )
    play >> FINISHES << REST
    assert play.types().count("response.done") == 1


@pytest.mark.behaviour("most-parallel")
def test_the_number_of_parallel_responses_is_bounded():
    """Ours (§5)."""
    play = Playbook()
    for _ in range(MAX_PARALLEL):
        play >> create(conversation="none") << REST
    assert play >> create(conversation="none") << refuses("too_many_active_responses")


@pytest.mark.behaviour("out-of-band-uninterrupted")
def test_speech_interrupts_the_default_conversation_only():
    """Documented (§3.5): 'any ongoing response with output to the default conversation'."""
    play = Playbook() >> create(conversation="none") << REST >> append(speech(3)) >> FINISHES << REST
    assert play.last("response.done")["response"]["status"] == "completed"


@pytest.mark.behaviour("cancel-by-id")
def test_a_response_is_cancelled_by_its_id():
    aside = Id()
    play = Playbook() >> create(conversation="none") << says("response.created", response={"id": aside})
    play >> CANCEL << refuses("response_cancel_not_active")  # without an id, the default conversation is meant
    play >> sends("response.cancel", response_id=aside) >> passes(CANCEL_TAKES_MS)
    assert play << says("response.done", response={"id": aside, "status": "cancelled"}) << REST >> FINISHES << REST


@pytest.mark.behaviour("cancel-too-early", "late-created")
def test_a_cancel_before_response_created_is_lost():
    """Reported (§4.5, and §6.1 of the late event): it finds nothing to cancel, and the response comes all the same."""
    late = Voice(Answer(VOICE.default.utterance, created_after_us=300_000))
    play = (
        Playbook(voice=late)
        >> CREATE
        >> CANCEL
        << refuses("response_cancel_not_active", "Cancellation failed: no active response found")
    )
    play >> passes(299) >> passes(1) << says("response.created")
    play >> FINISHES << REST
    assert play.last("response.done")["response"]["status"] == "completed"


@pytest.mark.behaviour("always-done", "speech-before-created")
def test_speech_before_a_late_response_created_still_ends_it():
    """The contract of response.done (§2.3) holds at barge-in too (§3.5): what was created is done."""
    late = Voice(Answer(VOICE.default.utterance, created_after_us=300_000))
    play = Playbook(voice=late) >> CREATE >> append(speech(3)) << says("input_audio_buffer.speech_started")
    play << says("response.created") << says("response.done", response={"status": "cancelled"})
    assert play >> FINISHES << REST


@pytest.mark.behaviour("token-limit")
def test_max_output_tokens_cut_an_answer():
    """Documented: incomplete, reason max_output_tokens."""
    play = Playbook() >> create(max_output_tokens=6) >> FINISHES << REST
    done = play.last("response.done")["response"]
    assert done["status"] == "incomplete"
    assert done["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert done["output"][0]["status"] == "incomplete" and done["max_output_tokens"] == 6
    assert play.last("response.output_item.done")["item"]["status"] == "incomplete"


@pytest.mark.behaviour("response-input")
def test_the_input_of_a_response_is_what_it_answers():
    """Documented: arbitrary input, raw items and references."""
    rules = (AnswerRule(VOICE.default, heard="never said"), AnswerRule(Answer(calls=()), heard="weather"))
    play = Playbook(voice=Voice(VOICE.default, rules)) >> user_says("How is the weather?", item={"id": "item_1"})
    play << REST >> create(conversation="none", input=[{"type": "item_reference", "id": "item_1"}]) >> FINISHES << REST
    assert play.last("response.done")["response"]["output"] == []
    text = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
    play >> create(conversation="none", input=[text]) >> FINISHES << REST
    assert len(play.last("response.done")["response"]["output"]) == 1


@pytest.mark.behaviour("usage-text")
def test_what_a_text_turn_uses():
    """Assumed: a token for each word of input and output, one for 50 ms of speech (cost guide)."""
    play = Playbook() >> user_says("How are you today?") >> CREATE >> FINISHES
    usage = play.last("response.done")["response"]["usage"]
    assert usage["input_token_details"] == {
        "text_tokens": 4,
        "audio_tokens": 0,
        "image_tokens": 0,
        "cached_tokens": 0,
        "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
    }
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] == 4 + 7 + 5


@pytest.mark.behaviour("token-limit")
@pytest.mark.parametrize(("limit", "status", "words"), [(4, "incomplete", 4), (5, "completed", 5), (6, "completed", 5)])
def test_an_answer_of_just_the_limit_is_complete(limit, status, words):
    """The limit cuts what would be left (§4.5): five words are no more than five tokens."""
    play = Playbook() >> create(output_modalities=["text"], max_output_tokens=limit) >> FINISHES << REST
    done = play.last("response.done")["response"]
    assert done["status"] == status and done["usage"]["output_tokens"] == words
    assert len(done["output"][0]["content"][0]["text"].split()) == words


@pytest.mark.behaviour("voice-lock")
def test_another_voice_is_refused_once_the_assistant_has_spoken():
    """Documented (§4.6): for one response as for the session, even if what was said is gone."""
    play = Playbook() >> CREATE >> FINISHES << REST
    spoken = play.last("response.output_item.added")["item"]["id"]
    play >> sends("conversation.item.delete", item_id=spoken) << REST
    play >> create(audio={"output": {"voice": "cedar"}}) << refuses("cannot_update_voice")
    assert play >> create(audio={"output": {"voice": "alloy"}}) << says("response.created")


@pytest.mark.behaviour("voice-lock")
def test_the_first_voice_stays_the_voice():
    """Documented (§4.6): it cannot change once the assistant has spoken, so a plain response has it too."""
    play = Playbook() >> create(audio={"output": {"voice": "cedar"}}) >> FINISHES << REST
    play >> CREATE << says("response.created", response={"audio": {"output": {"voice": "cedar"}}})
    play >> FINISHES << REST >> create(audio={"output": {"voice": "cedar"}})
    assert play << says("response.created")


def test_of_two_voices_at_once_the_first_that_is_heard_stays():
    """Ours (§4.6): a response out of band may have started in another voice before any audio was sent."""
    play = Playbook() >> create(conversation="none", audio={"output": {"voice": "cedar"}}) >> passes(200) << REST
    play >> CREATE >> FINISHES << REST >> create(audio={"output": {"voice": "marin"}}) << refuses("cannot_update_voice")
    assert play >> create(audio={"output": {"voice": "cedar"}}) << says("response.created")


@pytest.mark.behaviour("custom-voice")
def test_a_custom_voice_is_told_as_it_was_sent():
    """Ours (§4.5): the vendor's type of a response has a name there, and an answer says what it was asked for."""
    play = Playbook() >> update(audio={"output": {"voice": {"id": "voice_1"}}}) << REST >> CREATE
    assert play << says("response.created", response={"audio": {"output": {"voice": {"id": "voice_1"}}}})
