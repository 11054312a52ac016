"""One response (§4.5): its pace, its modalities, and every way in which it can end."""

import base64
from functools import partial

import pytest

from harness.audio.babble import babble
from harness.server.utterance import Utterance
from harness.server.voice import Answer, AnswerRule, ToolCall, Voice
from harness.units import MS
from tests.server.playbook import (
    CANCEL,
    CANCEL_TAKES_MS,
    CREATE,
    FINISHES,
    REPLY_MS,
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
from tests.server.testing import ADDED, DELTA, DONE, STARTED, STOPPED, TRANSCRIPT, TURN, audio_ms, talking

Loose = partial(Playbook, strict=False)
NOTHING_USED = {
    "total_tokens": 0, "input_tokens": 0, "output_tokens": 0,
    "input_token_details": {
        "text_tokens": 0, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0,
        "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
    },
    "output_token_details": {"text_tokens": 0, "audio_tokens": 0},
}  # fmt: skip


def cancelled(reason, output):
    details = {"type": "cancelled", "reason": reason}
    return says("response.done", response={"status": "cancelled", "status_details": details, "output": output})


# --- a whole response -------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("words-ahead", "speech", "reply-speaks")
def test_the_deltas_hold_the_whole_utterance():
    """All audio (§4.10) and all words, the words ahead of the audio (captured, §3.1), to the end (documented, §6.1)."""
    play = Playbook() >> CREATE << says("response.created") >> FINISHES
    assert audio_ms(play) == REPLY_MS
    assert "".join(event["delta"] for event in play.said if event["type"] == TRANSCRIPT) == WORDS
    kinds = [kind for kind in play.types() if kind in (TRANSCRIPT, DELTA)]
    assert (kinds[0], kinds[-1]) == (TRANSCRIPT, DELTA)
    samples = b"".join(base64.b64decode(event["delta"]) for event in play.said if event["type"] == DELTA)
    assert samples == VOICE.default.utterance.samples.tobytes()


@pytest.mark.behaviour("faster", "pace")
@pytest.mark.parametrize(("pace", "interval_ms"), [(5.0, 20), (1.0, 100), (0.5, 200)])
def test_the_pace_of_audio(pace, interval_ms):
    """Faster than real time is documented (§4.5); a delta holds 100 ms, so it comes every 100 ms / pace."""
    play = (
        Playbook(voice=Voice(Answer(VOICE.default.utterance, latency_us=700_000, pace=pace)))
        >> CREATE
        << says("response.created")
    )
    play >> FINISHES
    at_ms = [at / 1000 for event, at in zip(play.said, play.said_at, strict=True) if event["type"] == DELTA]
    assert at_ms == [700 + interval_ms * index for index in range(4)]


@pytest.mark.behaviour("pace")
def test_the_usual_pace():
    """Assumed (§4.5): the first output after 400 ms, then 100 ms of audio every 20 ms."""
    play = Playbook() >> CREATE << says("response.created") >> FINISHES
    at_ms = [at / 1000 for event, at in zip(play.said, play.said_at, strict=True) if event["type"] == DELTA]
    assert at_ms == [400, 420, 440, 460] and audio_ms(play) == REPLY_MS


@pytest.mark.behaviour("words-by-word")
def test_the_words_end_before_the_audio():
    """Recorded (§3.1): three words before the first audio. Assumed: a word in a delta, and the last three without."""
    words = "one two three four five six seven"
    voice = Voice(Answer(Utterance(babble(1000 * MS, seed=1), words)))
    play = Playbook(voice=voice) >> CREATE << says("response.created") >> FINISHES
    kinds = "".join({TRANSCRIPT: "t", DELTA: "d"}.get(kind, "") for kind in play.types())
    assert kinds == "tttddd" + "td" * 4 + "ddd"


@pytest.mark.behaviour("obfuscation", "obfuscation-length")
def test_words_are_padded_and_audio_is_not():
    """Captured (§2.3), but for how long the padding is."""
    play = Playbook() >> CREATE << says("response.created") >> FINISHES
    words = [event for event in play.said if event["type"] == TRANSCRIPT]
    assert words and all((len(event["delta"]) + len(event["obfuscation"])) % 16 == 0 for event in words)
    assert not any("obfuscation" in event for event in play.said if event["type"] == DELTA)


@pytest.mark.behaviour("late-shell")
def test_a_late_wake_brings_all_that_was_due():
    """A busy shell may come late; at once it gets all that it would have got, in the same order."""
    on_time, late = (Playbook() >> CREATE << says("response.created") for _ in range(2))
    on_time >> FINISHES
    late.oversleeps(60_000) << REST
    assert late.types()[-1] == "response.done"
    late >> FINISHES
    assert late.types() == on_time.types()


@pytest.mark.behaviour("usage-audio")
def test_usage_follows_the_cost_guide():
    """§4.5: a token for 100 ms of user audio, one for 50 ms of assistant audio. The turn has 320 ms, the reply 350."""
    play = talking() >> FINISHES
    usage = play.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["audio_tokens"] == 3 and usage["output_token_details"]["audio_tokens"] == 7
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


@pytest.mark.behaviour("usage-of-context")
def test_usage_grows_with_the_conversation():
    """Cost guide (§4.5): all that was said goes in again, here two turns and the answer between them."""
    play, used = Playbook(strict=False), []
    for _ in range(2):
        play >> append(silence(20) + TURN) >> FINISHES << REST
        used.append(play.last("response.done")["response"]["usage"])
    assert used[0]["input_tokens"] == 6  # 320 ms, and 300 ms of padding
    assert used[1]["input_tokens"] == 6 + (7 + 5) + 6 and used[1]["output_tokens"] == 7 + 5


@pytest.mark.behaviour("part-types", "text-turn")
def test_a_text_turn():
    """Captured (§3.3; parts: §2.3): item, added, done, response.create, then text events in place of the audio's."""
    user, assistant, response = Id(), Id(), Id()
    where = {"response_id": response, "item_id": assistant}
    written = {"id": assistant, "status": "completed", "content": [{"type": "output_text", "text": WORDS}]}
    play = Playbook() >> update(output_modalities=["text"]) << says("session.updated")
    play >> user_says("hello") << says(ADDED, item={"id": user, "status": "completed"}) << says(DONE)
    play >> CREATE << says("response.created", response={"id": response, "output_modalities": ["text"]})
    assert (
        play
        >> FINISHES
        << says("response.output_item.added", response_id=response, item={"id": assistant})
        << says(ADDED, previous_item_id=user, item={"id": assistant, "status": "in_progress"})
        << says("response.content_part.added", part={"type": "text", "text": ""}, **where)
        << some("response.output_text.delta")
        << says("response.output_text.done", text=WORDS, **where)
        << says("response.content_part.done", part={"type": "text", "text": WORDS}, **where)
        << says(DONE, item=written)
        << says("response.output_item.done", item=written)
        << says("response.done", response={"id": response, "status": "completed", "output": [written]})
        << says("rate_limits.updated")
    )
    assert "".join(event["delta"] for event in play.said if event["type"] == "response.output_text.delta") == WORDS


@pytest.mark.behaviour("always-done")
def test_an_utterance_without_audio_still_ends():
    """response.done is always emitted (documented, §2.3)."""
    empty = Voice(Answer(Utterance(VOICE.default.utterance.samples[:0], "")))
    play = Playbook(voice=empty) >> CREATE << says("response.created") >> FINISHES
    assert play.last("response.done")["response"]["status"] == "completed"


@pytest.mark.behaviour("limits-after-done", "limits-after-created", "limits-recorded")
@pytest.mark.parametrize(
    ("position", "after"),
    [("recorded", "response.done"), ("after_done", "response.done"), ("after_created", "response.created")],
)
def test_where_rate_limits_stand(position, after):
    """Captured: beta right after response.created, GA 43 ms after response.done."""
    play = Playbook(policy={"rate_limits": position}) >> CREATE
    play << REST >> FINISHES << REST
    types = play.types()
    assert types.count("rate_limits.updated") == 1 and types[types.index("rate_limits.updated") - 1] == after
    wait_us = 0 if position == "after_created" else 43_000
    assert play.said_at[types.index("rate_limits.updated")] - play.said_at[types.index(after)] == wait_us


@pytest.mark.behaviour("limits-recorded")
@pytest.mark.parametrize(("policy", "times"), [({}, 1), ({"rate_limits": "after_done"}, 3)])
def test_rate_limits_come_once_in_a_tool_round_and_not_after_a_cancelled_response(policy, times):
    """Recordings of the service, 2026-07/08: of two responses in a tool round at most one has them."""
    voice = Voice(VOICE.default, (AnswerRule(Answer(calls=(ToolCall("weather"),)), turn=1),))
    play = Loose(voice=voice, policy=policy) >> CREATE >> FINISHES << REST
    call_id = play.last("response.done")["response"]["output"][0]["call_id"]
    output = {"type": "function_call_output", "call_id": call_id, "output": "3 degrees"}
    play >> sends("conversation.item.create", item=output) >> CREATE >> FINISHES << REST
    play >> user_says("And now?") >> CREATE >> passes(450) >> CANCEL >> FINISHES << REST
    statuses = [event["response"]["status"] for event in play.said if event["type"] == "response.done"]
    assert statuses == ["completed", "completed", "cancelled"]
    assert play.types().count("rate_limits.updated") == times


@pytest.mark.behaviour("limits-never")
def test_rate_limits_may_be_missing():
    """Captured: missing in some turns."""
    play = Playbook(policy={"rate_limits": "never"}) >> CREATE
    play << REST >> FINISHES << REST
    assert "rate_limits.updated" not in play.types() and play.types()[-1] == "response.done"


@pytest.mark.behaviour("limits-figures")
def test_rate_limits_are_always_the_same():
    """Assumed (§4.5): whatever was used, as much is left."""
    play = Playbook(strict=False) >> CREATE >> FINISHES << REST
    first = play.last("rate_limits.updated")["rate_limits"]
    play >> CREATE >> FINISHES << REST
    assert play.types().count("rate_limits.updated") == 2
    assert play.last("rate_limits.updated")["rate_limits"] == first


# --- one at a time ----------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("single-active")
def test_a_second_response_is_refused():
    """Reported verbatim (§4.5): the text names the active one, and nothing is created."""
    response = Id()
    play = Playbook() >> CREATE << says("response.created", response={"id": response}) >> CREATE
    message = (
        f"Conversation already has an active response in progress: {response.value}. "
        "Wait until the response is finished before creating a new one."
    )
    play << refuses("conversation_already_has_active_response", message, param=None, type="invalid_request_error")
    play >> FINISHES
    assert play.types().count("response.created") == play.types().count("response.done") == 1


@pytest.mark.behaviour("cancel-nothing")
def test_nothing_to_cancel():
    """Reported verbatim (§4.5): before, after, and under another response's id."""
    refused = refuses("response_cancel_not_active", "Cancellation failed: no active response found", param=None)
    play = Playbook() >> CANCEL << refused >> CREATE << says("response.created")
    play >> sends("response.cancel", response_id="resp_other") << refused
    play << REST >> FINISHES << REST
    assert play >> CANCEL << refused


@pytest.mark.behaviour("client-cancel")
@pytest.mark.parametrize("named", [False, True])
def test_the_client_cancels_before_any_output(named):
    """Documented (§3.5, client cancel): only response.done, cancelled."""
    response = Id()
    play = Playbook() >> CREATE << says("response.created", response={"id": response}) >> passes(399)
    play >> (sends("response.cancel", response_id=response) if named else CANCEL) >> passes(CANCEL_TAKES_MS)
    assert play << cancelled("client_cancelled", []) >> FINISHES
    assert play >> CREATE << says("response.created")


# --- barge-in ---------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("barge-in-before-output", "usage-details")
def test_barge_in_before_any_output():
    """Captured (§3.5): speech_started, response.done cancelled with no output and no usage, then the turn goes on."""
    first, second, response = Id(), Id(), Id()
    play = Playbook() >> append(TURN) << says(STARTED, item_id=first)
    play << some(STOPPED, "input_audio_buffer.committed", ADDED, DONE)
    play << says("response.created", response={"id": response}) >> passes(100) >> append(speech(3))
    play << says(STARTED, item_id=second) << cancelled("turn_detected", [])
    usage = play.last("response.done")["response"]["usage"]
    assert usage == NOTHING_USED
    play >> append(silence(7)) << says(STOPPED, item_id=second)
    play << says("input_audio_buffer.committed", previous_item_id=first) << says(ADDED) << says(DONE)
    play << says("response.created")
    assert play


@pytest.mark.behaviour("barge-in-mid-output")
def test_barge_in_in_mid_output_closes_everything_first():
    """Documented that the parts are closed; the inner order is inferred from normal completion (§3.5)."""
    assistant, response = Id(), Id()
    play = talking() >> append(speech(1))
    words = "".join(event["delta"] for event in play.said if event["type"] == TRANSCRIPT)
    partial = {"id": assistant, "status": "incomplete", "content": [{"type": "output_audio", "transcript": words}]}
    assert (
        play
        << says(STARTED)
        << says("response.output_audio.done", item_id=assistant, response_id=response)
        << says("response.output_audio_transcript.done", transcript=words)
        << says("response.content_part.done", part={"type": "audio", "transcript": words})
        << says(DONE, item=partial)
        << says("response.output_item.done", item=partial)
        << cancelled("turn_detected", [partial])
        >> FINISHES
    )
    assert 0 < len(words) < len(WORDS) and audio_ms(play) == 100


@pytest.mark.behaviour("cancel-done-only")
def test_barge_in_may_send_response_done_alone():
    """Unknown of the service (§3.5), a switch."""
    play = talking(policy={"cancel_chain": "done_only"}) >> append(speech(1)) << says(STARTED)
    assert play << cancelled("turn_detected", [{"status": "incomplete"}]) >> FINISHES


@pytest.mark.behaviour("client-cancel")
def test_the_client_cancels_in_mid_output():
    """Documented (§3.5); the session answers the next turn as ever."""
    play = talking() >> CANCEL >> passes(CANCEL_TAKES_MS)
    play << some("response.output_audio.done", "response.output_audio_transcript.done")
    play << says("response.content_part.done") << says(DONE) << says("response.output_item.done")
    assert play << cancelled("client_cancelled", [{"status": "incomplete"}])


@pytest.mark.behaviour("create-during-cancel")
def test_how_long_a_cancel_takes_is_the_script_s():
    slow = Voice(Answer(VOICE.default.utterance, cancelled_after_us=2000 * MS))
    play = Playbook(voice=slow) >> CREATE << says("response.created") >> CANCEL >> passes(1999) >> CREATE
    play << refuses("conversation_already_has_active_response") >> passes(1)
    assert play << cancelled("client_cancelled", []) >> CREATE << says("response.created")


@pytest.mark.behaviour("reasoning-tokens")
@pytest.mark.parametrize("tokens", [0, 17])
def test_thought_is_counted_with_the_text_and_named_if_there_is_any(tokens):
    """Recordings of gpt-realtime-2.1, 2026-07/08: once in two."""
    voice = Voice(Answer(VOICE.default.utterance, reasoning_tokens=tokens))
    play = Loose(voice=voice) >> CREATE >> FINISHES << REST
    usage = play.last("response.done")["response"]["usage"]
    details = usage["output_token_details"]
    assert details.get("reasoning_tokens", 0) == tokens and ("reasoning_tokens" in details) is (tokens > 0)
    assert details["text_tokens"] == len(WORDS.split()) + tokens
    assert usage["output_tokens"] == details["text_tokens"] + details["audio_tokens"]


@pytest.mark.behaviour("create-during-cancel")
def test_a_create_right_behind_a_cancel_is_refused():
    """Reported (§3.5): the cancelled response is still active, but no audio follows; a later create is taken."""
    play = talking() >> CANCEL >> CREATE << refuses("conversation_already_has_active_response")
    play >> passes(CANCEL_TAKES_MS - 1) >> CREATE << refuses("conversation_already_has_active_response")
    before = play.types().count(DELTA)
    play >> passes(1) << REST
    assert play.last("response.done")["response"]["status_details"]["reason"] == "client_cancelled"
    assert play.types().count(DELTA) == before
    assert play >> CREATE << says("response.created")


@pytest.mark.behaviour("create-during-cancel", "cancel-nothing")
def test_a_second_cancel_finds_nothing():
    """Assumed (§3.5)."""
    assert talking() >> CANCEL >> CANCEL << refuses("response_cancel_not_active")


@pytest.mark.behaviour("create-behind-cancel")
def test_a_create_right_behind_a_cancel_may_be_taken():
    """A switch (§3.5)."""
    play = talking(policy={"create_during_cancel": "accepted"}) >> CANCEL << REST
    assert play.last("response.done")["response"]["status"] == "cancelled"
    assert play >> CREATE << says("response.created")


@pytest.mark.behaviour("speech-during-cancel")
def test_speech_right_behind_a_cancel_ends_the_response():
    """Assumed (§3.5): it was the client that cancelled it, and response.done comes once."""
    play = talking() >> CANCEL >> append(speech(1)) << says(STARTED) << REST >> FINISHES << REST
    (done,) = [event["response"] for event in play.said if event["type"] == "response.done"]
    assert done["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}


@pytest.mark.behaviour("speech-during-cancel")
def test_a_turn_that_ends_right_behind_a_cancel_is_answered():
    """Assumed (§3.5): with interrupt_response off, a turn that ends during an answer gets none; this one does."""
    play = Loose(turn_detection={"interrupt_response": False}) >> CREATE >> passes(420) << REST
    play >> append(speech(9)) << says(STARTED) >> CANCEL >> append(silence(9)) << REST >> FINISHES << REST
    assert play.types().count("response.created") == play.types().count("response.done") == 2
    assert play.last("response.done")["response"]["status"] == "completed"


@pytest.mark.behaviour("barge-in-after-output")
def test_barge_in_after_the_last_event_says_nothing_else():
    """Reported by many (§3.5): the client still plays, for the server there is nothing left to interrupt."""
    play = talking()
    play << REST >> FINISHES << REST
    assert play >> append(speech(1)) << says(STARTED)
    assert play >> CANCEL << refuses("response_cancel_not_active")


@pytest.mark.behaviour("item-deleted")
def test_a_deleted_answer_stays_deleted():
    """Assumed (§4.9): deleted while it is spoken, an item does not come back when its response ends; it still ends."""
    play = talking()
    item = play.last("response.output_item.added")["item"]["id"]
    play >> sends("conversation.item.delete", item_id=item) << says("conversation.item.deleted", item_id=item)
    play << REST >> FINISHES << REST
    assert play.last("response.done")["response"]["status"] == "completed"
    play << REST
    play >> sends("conversation.item.retrieve", item_id=item) << refuses("item_retrieve_invalid_item_id")
    assert play >> sends("conversation.item.delete", item_id=item) << refuses("item_delete_invalid_item_id")


# --- replies that fail ------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("reply-stalls")
def test_a_reply_may_stall():
    """Reported (§6.1): deltas stop in mid-reply and no end comes; the response stays the active one."""
    play = Playbook(policy={"reply": "stalls"}) >> CREATE << says("response.created") >> passes(3_500_000)
    assert "response.done" not in play.types() and 0 < audio_ms(play) < REPLY_MS
    play << REST
    assert play >> CREATE << refuses("conversation_already_has_active_response")


@pytest.mark.behaviour("reply-stalls")
def test_a_stalled_reply_goes_on_where_it_was():
    """Reported (§6.1): after 16 s the rest comes at the voice's pace, nothing is lost and nothing comes twice."""
    play = Playbook(policy={"reply": "stalls"}) >> CREATE << says("response.created") >> passes(2_000) << REST
    sent_ms = audio_ms(play)
    assert play >> passes(16_000)
    play.session.change_policy({"reply": "speaks"}, play.now)
    assert 0 < sent_ms < REPLY_MS
    assert play >> passes(19)
    play >> passes(1) << some(TRANSCRIPT, DELTA)
    assert audio_ms(play) == sent_ms + 100
    play >> FINISHES << REST
    samples = b"".join(base64.b64decode(event["delta"]) for event in play.said if event["type"] == DELTA)
    assert samples == VOICE.default.utterance.samples.tobytes()
    done = play.last("response.done")["response"]
    assert done["status"] == "completed" and done["output"][0]["content"][0]["transcript"] == WORDS


@pytest.mark.behaviour("reply-stalls")
def test_a_reply_of_one_piece_stalls_before_its_end():
    """§6.1: its only delta was sent, and its end comes when it goes on."""
    voice = Voice(Answer(Utterance(babble(100 * MS, seed=11), "Yes.")))
    play = Loose(voice=voice, policy={"reply": "stalls"}) >> CREATE >> FINISHES << REST
    assert play.types().count(DELTA) == 1 and "response.done" not in play.types()
    play.session.change_policy({"reply": "speaks"}, play.now)
    play >> FINISHES << REST
    assert play.types().count(DELTA) == 1 and play.last("response.done")["response"]["status"] == "completed"


@pytest.mark.behaviour("reply-stalls")
def test_a_stalled_reply_that_is_cancelled_does_not_go_on():
    """§6.1: speech and the client end it as ever."""
    play = Loose(policy={"reply": "stalls"}) >> CREATE >> passes(2_000) >> CANCEL >> FINISHES << REST
    assert play.last("response.done")["response"]["status"] == "cancelled"
    play.session.change_policy({"reply": "speaks"}, play.now)
    assert play >> FINISHES


@pytest.mark.behaviour("reply-never-starts")
def test_a_reply_may_never_start():
    """Reported (§6.1): the turn is committed, and that is all; an explicit response.create still works."""
    play = Playbook(policy={"reply": "never_starts"}) >> append(TURN)
    play << some(STARTED, STOPPED, "input_audio_buffer.committed", ADDED, DONE) >> FINISHES
    assert play >> CREATE << says("response.created")


@pytest.mark.behaviour("reply-stalls")
def test_a_policy_can_change_during_a_response():
    """A fault (§6.1) may be injected in mid-reply."""
    play = talking()
    play.session.change_policy({"reply": "stalls"}, play.now)
    play >> FINISHES
    assert "response.done" not in play.types()


@pytest.mark.behaviour("usage-audio")
def test_a_committed_buffer_costs_its_audio():
    """One token for 100 ms of user audio (§4.5), however the turn was ended, and once."""
    off = update(audio={"input": {"turn_detection": None}})
    play = Loose() >> off << REST >> append(speech(100)) >> sends("input_audio_buffer.commit") << REST
    play >> CREATE >> FINISHES << REST
    usage = play.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["audio_tokens"] == 32 and usage["input_token_details"]["text_tokens"] == 0


def test_a_turn_that_stays_open_after_a_commit_counts_only_what_follows():
    """A policy (§3.6): of 100 and 7 frames the second item has 7 and the silence, 448 ms."""
    play = Loose(policy={"commit_during_speech": "active"}) >> append(speech(100))
    play >> sends("input_audio_buffer.commit") >> append(speech(7) + silence(7)) >> FINISHES << REST
    usage = play.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["audio_tokens"] == 32 + 4
