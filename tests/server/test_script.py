"""Scripted answers (§4.10): by turn, by the user's words, tool calls, failures, incomplete ones."""

import json
from functools import partial

import pytest

from harness.errors import SettingError
from harness.server.asked import Asked
from harness.server.utterance import WORD_US, utterance
from harness.server.voice import FAILURES, Answer, AnswerRule, ToolCall, Voice
from harness.units import MS, SECOND
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
    some,
    speech,
    update,
    user_says,
)
from tests.server.testing import ADDED, DONE

Playbook = partial(Playbook, strict=False)
TURN = speech(3) + silence(7)
TRANSCRIBED = update(audio={"input": {"transcription": {"model": "gpt-4o-transcribe"}}})
WEATHER = ToolCall("get_weather", json.dumps({"city": "Reykjavík", "unit": "celsius"}, ensure_ascii=False))


def says_text(text):
    return Answer(utterance(text=text))


def answered(play):
    """The words of the last answer."""
    return play.last("response.done")["response"]["output"][0]["content"][0]["transcript"]


@pytest.mark.behaviour("script")
def test_answers_by_turn():
    voice = Voice(VOICE.default, (AnswerRule(says_text("One."), turn=1), AnswerRule(says_text("Three."), turn=3)))
    play, heard = Playbook(voice=voice), []
    for _ in range(4):
        play >> append(TURN) >> FINISHES << REST
        heard.append(answered(play))
    assert heard == ["One.", WORDS, "Three.", WORDS]


@pytest.mark.behaviour("script")
def test_answers_by_what_was_said():
    voice = Voice(VOICE.default, (AnswerRule(says_text("Half past two."), heard=r"what time\b"),))
    play = Playbook(voice=voice) >> user_says("WHAT TIME is it?") << REST >> CREATE >> FINISHES << REST
    assert answered(play) == "Half past two."
    play >> user_says("Thanks.") << REST >> CREATE >> FINISHES << REST
    assert answered(play) == WORDS


@pytest.mark.behaviour("script")
def test_answers_to_a_scripted_transcript():
    voice = Voice(
        VOICE.default, (AnswerRule(says_text("Booked."), heard="table"),), transcripts=("A table for two.", "Bye.")
    )
    play = Playbook(voice=voice) >> append(TURN) >> FINISHES << REST
    assert answered(play) == "Booked."
    play >> append(TURN) >> FINISHES << REST
    assert answered(play) == WORDS


def test_a_rule_may_ask_for_turn_and_words():
    rule = AnswerRule(VOICE.default, turn=2, heard="yes")
    asked = (Asked(2, "Yes!"), Asked(1, "yes"), Asked(2, "no"))
    assert [rule.answer_to(each) for each in asked] == [VOICE.default, None, None]


@pytest.mark.behaviour("speech")
def test_synthesised_speech_has_the_length_of_its_words():
    spoken = utterance(text="one two three four")
    assert spoken.duration_us == 4 * WORD_US and spoken.transcript == "one two three four"
    assert abs(spoken.samples.astype(int)).max() > 1000
    assert not utterance("silence", 2 * SECOND).samples.any()
    assert utterance("silence", 2 * SECOND, text="…").duration_us == 2 * SECOND


@pytest.mark.behaviour("tool-round", "tool-silence", "tool-output")
def test_a_tool_round():
    """Captured (§3.4): the order of a function call, and the client's output answered by added and done."""
    voice = Voice(VOICE.default, (AnswerRule(Answer(calls=(WEATHER,)), turn=1),))
    call, item, response = Id(), Id(), Id()
    play = Playbook(voice=voice) >> CREATE << says("response.created", response={"id": response}) >> FINISHES
    play << says("response.output_item.added", response_id=response, item={"id": item, "type": "function_call"})
    play << says(ADDED, item={"id": item, "status": "in_progress", "name": "get_weather", "call_id": call})
    play << some("response.function_call_arguments.delta")
    whole = {"call_id": call, "name": "get_weather", "arguments": WEATHER.arguments, "item_id": item}
    play << says("response.function_call_arguments.done", **whole)
    play << says(DONE, item={"id": item, "status": "completed", "arguments": WEATHER.arguments})
    play << says("response.output_item.done", item={"id": item, "call_id": call})
    play << says("response.done", response={"output": [{"type": "function_call", "id": item}], "status": "completed"})
    play << says("rate_limits.updated")
    deltas = [each["delta"] for each in play.said if each["type"] == "response.function_call_arguments.delta"]
    assert "".join(deltas) == WEATHER.arguments and len(deltas) > 1
    output = {"type": "function_call_output", "call_id": call.value, "output": "3 degrees"}
    play >> sends("conversation.item.create", item=output)
    play << says(ADDED, item={"type": "function_call_output"}) << says(DONE)
    assert play >> passes(60_000)  # documented: nothing comes until the client creates a response
    assert play >> CREATE >> FINISHES << REST


@pytest.mark.behaviour("words-then-call", "several-calls")
def test_words_and_then_a_call():
    """Documented (§3.4): 'at least one Item, and may have two, in which case the second will be a function call'."""
    voice = Voice(Answer(VOICE.default.utterance, calls=(WEATHER, ToolCall("now"))))
    play = Playbook(voice=voice) >> CREATE >> FINISHES << REST
    done = play.last("response.done")["response"]
    assert [(item["type"], item["status"]) for item in done["output"]] == [
        ("message", "completed"),
        ("function_call", "completed"),
        ("function_call", "completed"),
    ]
    assert [each["output_index"] for each in play.said if each["type"] == "response.output_item.added"] == [0, 1, 2]
    assert done["output"][2]["arguments"] == "{}" and done["usage"]["output_tokens"] > 0


CALLS = ("response.function_call_arguments.delta", "response.function_call_arguments.done")


@pytest.mark.behaviour("phases", "words-closed-late")
def test_a_message_of_2_1_says_what_it_is_and_is_closed_after_the_arguments_of_the_call():
    """A recording of the service, gpt-realtime-2.1, 2026-07: the order of all events, and phase as the last field."""
    asked, words, call, response = Id(), Id(), Id(), Id()
    voice = Voice(Answer(VOICE.default.utterance, calls=(ToolCall("weather", '{"city": "Oslo, by the sea"}'),)))
    play = Playbook(voice=voice, model="gpt-realtime-2.1") >> user_says("How is the weather?")
    (
        play
        << says(ADDED, item={"id": asked})
        << REST
        >> sends("response.create", response={"output_modalities": ["text"]})
    )
    play << says("response.created", response={"id": response}) >> FINISHES
    spoken = {"id": words, "role": "assistant", "phase": "commentary"}
    (
        play
        << says("response.output_item.added", item={**spoken, "content": []})
        << says(ADDED, previous_item_id=asked, item=spoken)
    )
    play << says("response.content_part.added", item_id=words) << some("response.output_text.delta")
    play << says("response.output_item.added", item={"id": call}, output_index=1)
    play << says(ADDED, previous_item_id=words, item={"id": call}) << says(CALLS[0]) << says(CALLS[0])
    play << says("response.output_text.done", item_id=words) << says("response.content_part.done")
    play << says(DONE, previous_item_id=None, item={**spoken, "status": "completed"})
    play << says("response.output_item.done", item={**spoken, "status": "completed"})
    play << says(CALLS[1], item_id=call) << says(DONE, previous_item_id=words, item={"id": call})
    play << says("response.output_item.done", item={"id": call})
    play << says("response.done", response={"output": [{"id": words, "phase": "commentary"}, {"id": call}]})
    play << says("rate_limits.updated")
    assert play
    message, called = play.last("response.done")["response"]["output"]
    assert list(message) == ["id", "type", "status", "role", "content", "phase"]
    assert list(called) == ["id", "type", "status", "name", "call_id", "arguments"]


@pytest.mark.behaviour("phases")
@pytest.mark.parametrize(("model", "phase"), [("gpt-realtime", None), ("gpt-realtime-2.1-mini", "final_answer")])
def test_the_phase_of_an_answer_without_calls(model, phase):
    play = Playbook(model=model) >> CREATE >> FINISHES << REST
    assert play.last("response.output_item.done")["item"].get("phase") == phase


@pytest.mark.behaviour("phase-kept")
def test_the_phase_that_a_client_sends_is_kept():
    """Recordings of the service, 2026-07/08: clients send the history with it."""
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]}
    play = Playbook() >> sends("conversation.item.create", item={**item, "phase": "commentary"})
    play << says(ADDED, item={"phase": "commentary"}) << says(DONE, item={"phase": "commentary"})
    play >> sends("conversation.item.create", item={**item, "phase": "aside"})
    assert play << refuses("invalid_value", param="item.phase")


@pytest.mark.parametrize("chain", ["full", "done_only"])
def test_a_message_that_is_not_closed_yet_is_complete_though_its_call_is_cancelled(chain):
    voice = Voice(Answer(VOICE.default.utterance, calls=(ToolCall("long", "x" * 400),)))
    play = Playbook(voice=voice, model="gpt-realtime-2.1", policy={"cancel_chain": chain}, strict=False) >> CREATE
    while CALLS[0] not in play.types():
        play >> passes(10)
    play >> CANCEL >> FINISHES
    output = play.last("response.done")["response"]["output"]
    assert [item["status"] for item in output] == ["completed", "incomplete"]
    closed = [each["item"]["status"] for each in play.said if each["type"] == DONE]
    assert closed == (["completed", "incomplete"] if chain == "full" else [])


@pytest.mark.behaviour("several-calls")
def test_arguments_come_in_pieces():
    """Assumed (§3.4): 16 characters at a time; empty arguments are one piece."""
    voice = Voice(Answer(calls=(ToolCall("long", "x" * 40), ToolCall("short", ""))))
    play = Playbook(voice=voice) >> CREATE >> FINISHES << REST
    deltas = [each["delta"] for each in play.said if each["type"] == "response.function_call_arguments.delta"]
    assert [len(delta) for delta in deltas] == [16, 16, 8, 0]


@pytest.mark.behaviour("call-interrupted")
def test_a_call_that_is_interrupted():
    """Inferred (§3.4)."""
    voice = Voice(Answer(calls=(ToolCall("slow", "x" * 200),), pace=0.5))
    play = Playbook(voice=voice) >> CREATE >> passes(700) << REST
    play >> CANCEL >> passes(CANCEL_TAKES_MS) << REST
    done = play.last("response.done")["response"]
    assert done["status"] == "cancelled" and done["output"][0]["status"] == "incomplete"
    assert 0 < len(done["output"][0]["arguments"]) < 200
    assert play >> FINISHES << REST


@pytest.mark.behaviour("failed", "cut-answers")
@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_before_any_output(name):
    """Reported (§4.5): inside response.done, not as an error event."""
    play = Playbook(voice=Voice(Answer(VOICE.default.utterance, failure=FAILURES[name]))) >> CREATE >> FINISHES << REST
    done = play.last("response.done")["response"]
    assert (done["status"], done["output"], done["status_details"]["type"]) == ("failed", [], "failed")
    assert done["status_details"]["error"]["type"] == FAILURES[name].type
    assert "error" not in play.types() and "response.output_item.added" not in play.types()


@pytest.mark.behaviour("server-error-text")
def test_a_server_error_names_the_session():
    """Reported verbatim (§4.7)."""
    failing = Answer(VOICE.default.utterance, failure=FAILURES["server_error"])
    play = Playbook(voice=Voice(failing)) >> CREATE >> FINISHES << REST
    message = play.last("response.done")["response"]["status_details"]["error"]["message"]
    session = play.last("session.created")["session"]["id"]
    assert message.startswith("The server had an error while processing your request. Sorry about that!")
    assert f"(include session ID in your message: {session})" in message


@pytest.mark.behaviour("always-done", "cut-answers")
def test_a_failure_in_mid_output_closes_what_is_open():
    """Documented (§2.3): the done events come no matter how it ends."""
    failing = Answer(VOICE.default.utterance, failure=FAILURES["server_error"], cut_after_us=200 * MS)
    play = Playbook(voice=Voice(failing)) >> CREATE >> FINISHES << REST
    assert play.types().count("response.output_audio.delta") == 2
    done = play.last("response.done")["response"]
    assert done["status"] == "failed" and done["output"][0]["status"] == "incomplete"
    assert play.last("response.content_part.done") and play.last("response.output_item.done")


@pytest.mark.behaviour("failed")
def test_the_session_goes_on_after_a_failure():
    """Reported (§4.5)."""
    voice = Voice(VOICE.default, (AnswerRule(Answer(failure=FAILURES["rate_limit_exceeded"]), turn=1),))
    play = Playbook(voice=voice) >> append(TURN) >> FINISHES << REST >> append(TURN) >> FINISHES << REST
    assert play.last("response.done")["response"]["status"] == "completed"


@pytest.mark.behaviour("status-details", "incomplete", "cut-answers")
@pytest.mark.parametrize("reason", ["max_output_tokens", "content_filter"])
def test_an_incomplete_answer(reason):
    """Documented (§2.3, §4.5): the reasons."""
    play = Playbook(voice=Voice(Answer(VOICE.default.utterance, incomplete=reason))) >> CREATE >> FINISHES << REST
    done = play.last("response.done")["response"]
    assert done["status_details"] == {"type": "incomplete", "reason": reason}
    assert play.types().count("response.output_audio.delta") == 2


@pytest.mark.behaviour("empty-answer")
def test_an_answer_without_anything():
    play = Playbook(voice=Voice(Answer())) >> CREATE >> FINISHES << REST
    assert play.last("response.done")["response"]["output"] == []


def test_an_answer_that_cannot_be_spoken():
    with pytest.raises(SettingError, match=r"pace of 0\.0"):
        Answer(VOICE.default.utterance, pace=0.0)


@pytest.mark.behaviour("script")
def test_a_tool_s_output_is_answered_by_words():
    """Documented (§3.4): after the output the client asks for a response, and gets an answer, not the call again."""
    voice = Voice(VOICE.default, (AnswerRule(Answer(calls=(WEATHER,)), heard="weather"),))
    play = Playbook(voice=voice) >> user_says("How is the weather?") >> CREATE >> FINISHES << REST
    call = play.last("response.done")["response"]["output"][0]
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
    play >> sends("conversation.item.create", item=output) >> CREATE >> FINISHES << REST
    assert answered(play) == WORDS


@pytest.mark.behaviour("script")
def test_a_response_out_of_band_is_no_turn_of_the_script():
    voice = Voice(VOICE.default, (AnswerRule(says_text("Two."), turn=2),))
    play = Playbook(voice=voice) >> CREATE >> FINISHES << REST
    play >> sends("response.create", response={"conversation": "none"}) >> FINISHES << REST
    assert answered(play) == WORDS
    play >> CREATE >> FINISHES << REST
    assert answered(play) == "Two."


@pytest.mark.behaviour("token-limit")
@pytest.mark.parametrize(("limit", "status"), [(1, "incomplete"), (8, "incomplete"), (10_000, "completed")])
def test_calls_count_as_output(limit, status):
    """Documented (§4.5): the limit includes tool calls."""
    calls = (ToolCall("note", json.dumps({"text": "x" * 400})),)
    play = Playbook(voice=Voice(Answer(calls=calls)))
    play >> sends("response.create", response={"max_output_tokens": min(limit, 4096)}) >> FINISHES << REST
    done = play.last("response.done")["response"]
    assert done["status"] == status
    if status == "incomplete":
        assert done["usage"]["output_tokens"] <= limit + 4, "one delta of arguments is 16 characters"
