"""Turns: what the server says while the user talks, and the order of a whole exchange."""

import pytest

from harness.journal import ShadowSpeechStarted, ShadowSpeechStopped, TurnClosed, TurnUnanswered
from tests.server.playbook import (
    COMMIT,
    CREATE,
    FINISHES,
    REST,
    WORDS,
    Id,
    Playbook,
    append,
    passes,
    says,
    sends,
    silence,
    some,
    speech,
    update,
)
from tests.server.testing import ADDED, COMMITTED, DONE, STARTED, STOPPED, TURN, turn_taken


def reply_given(play, user, assistant, response, done_after=None):
    """A whole spoken answer, from its first output to the rate limits; ``done_after`` is said when its item is done."""
    where = {"response_id": response, "item_id": assistant, "output_index": 0, "content_index": 0}
    spoken = {"id": assistant, "status": "completed", "content": [{"type": "output_audio", "transcript": WORDS}]}
    return (
        play
        << says("response.output_item.added", response_id=response, item={"id": assistant, "status": "in_progress"})
        << says(ADDED, previous_item_id=user, item={"id": assistant, "status": "in_progress", "content": []})
        << says("response.content_part.added", part={"type": "audio", "transcript": ""}, **where)
        << some("response.output_audio_transcript.delta", "response.output_audio.delta")
        << says("response.output_audio.done", **where)
        << says("response.output_audio_transcript.done", transcript=WORDS, **where)
        << says("response.content_part.done", part={"type": "audio", "transcript": WORDS}, **where)
        << says(DONE, previous_item_id=done_after, item=spoken)
        << says("response.output_item.done", response_id=response, item=spoken)
        << says("response.done", response={"id": response, "status": "completed", "output": [spoken]})
        << says("rate_limits.updated", rate_limits=[{"name": "tokens"}])
    )


@pytest.mark.behaviour(
    "scripted-item-created",
    "part-types",
    "turn-order",
    "reply-order",
    "one-item-id",
    "user-item",
    "previous-item-id",
    "limits-after-done",
)
def test_the_order_of_two_spoken_turns():
    """Recorded (§3.1, §2.3, §4.5), and so is previous_item_id: first null, then the item before, but for the done of
    the second item.

    The numbers: speech in frames 40 to 42, so from 40 * 32 - 300 ms; silence from frame 43, over at the end of 49.
    """
    one, two, first, second, r1, r2 = Id(), Id(), Id(), Id(), Id(), Id()
    play = Playbook() >> append(silence(40)) >> append(speech(2)) << says(STARTED, audio_start_ms=980, item_id=one)
    play = turn_taken(play >> append(speech(1) + silence(7)), one, audio_end_ms=1600)
    play << says("response.created", response={"id": r1, "status": "in_progress", "output": [], "usage": None})
    assert reply_given(play >> FINISHES, one, first, r1)

    play >> append(TURN) << says(STARTED, audio_start_ms=1300, item_id=two)
    turn_taken(play, two, previous=first, audio_end_ms=1920) << says("response.created", response={"id": r2})
    assert reply_given(play >> FINISHES, two, second, r2, done_after=two)
    assert len({each.value for each in (one, two, first, second, r1, r2)}) == 6


@pytest.mark.behaviour("start-before-last-end")
def test_a_turn_may_start_before_the_last_one_ended():
    """Captured three times (§3.1): the padding is not clamped to the last commit."""
    play = Playbook() >> append(silence(40) + TURN + speech(1))
    starts = [event["audio_start_ms"] for event in play.said if event["type"] == STARTED]
    assert play.last(STOPPED)["audio_end_ms"] == 1600 and starts == [980, 1300]


@pytest.mark.behaviour("no-acknowledgement")
def test_appends_are_never_acknowledged():
    """Documented (§3.1)."""
    assert Playbook() >> append(silence(1)) >> append(b"") >> append(silence(100)) >> FINISHES


@pytest.mark.behaviour("frozen-clock")
def test_without_audio_time_stands_still():
    """Inferred (§4.3): a client that stops appending never gets speech_stopped, whatever time passes."""
    play = Playbook() >> append(speech(3)) << says(STARTED)
    assert play >> passes(3_500_000)
    assert turn_taken(play >> append(silence(7)), Id(), audio_end_ms=320) << says("response.created")


@pytest.mark.behaviour("audio-clock")
def test_audio_may_be_cut_anywhere():
    """The clock counts bytes (§4.3), so the client's chunks, odd ones too, change nothing."""
    audio = silence(40) + TURN + silence(3) + TURN
    wanted = Playbook() >> append(audio)
    wanted << REST
    for size in (97, 641, 4801):
        play = Playbook()
        for start in range(0, len(audio), size):
            play >> append(audio[start : start + size]) << REST
        assert [_positions(event) for event in play.said] == [_positions(event) for event in wanted.said], size


def _positions(event):
    return event["type"], event.get("audio_start_ms"), event.get("audio_end_ms")


@pytest.mark.behaviour("rest-stays")
def test_what_follows_a_turn_in_its_append_stays_in_the_buffer():
    """Assumed (§4.4): an append may reach beyond the end of the turn; 10 frames more are 320 ms."""
    play = Playbook(turn_detection={"create_response": False}) >> append(TURN + silence(10)) << says(STARTED)
    user, more = Id(), Id()
    assert turn_taken(play, user) >> COMMIT << says(COMMITTED, item_id=more) << says(ADDED) << says(DONE)
    assert user.value != more.value


@pytest.mark.behaviour("create-response-off")
def test_create_response_off_answers_nothing():
    """Documented (§4.1): the turn is committed, and the client itself must ask for an answer."""
    user, assistant, response = Id(), Id(), Id()
    play = Playbook(turn_detection={"create_response": False}) >> append(TURN) << says(STARTED)
    assert turn_taken(play, user) >> FINISHES
    play >> CREATE << says("response.created", response={"id": response})
    assert reply_given(play >> FINISHES, user, assistant, response)


@pytest.mark.behaviour("silent-turn")
def test_a_turn_during_a_response_that_may_not_be_interrupted_stays_unanswered():
    """Documented (§3.5): 'may fail to create a response if the model is already responding', and no error."""
    first, second, assistant, response = Id(), Id(), Id(), Id()
    play = Playbook(turn_detection={"interrupt_response": False}) >> append(TURN) << says(STARTED)
    turn_taken(play, first) << says("response.created", response={"id": response})
    play >> append(TURN) << says(STARTED, item_id=second)
    play = turn_taken(play, second, previous=first) >> FINISHES
    assert reply_given(play, second, assistant, response, done_after=second)
    assert [note.item_id for note in play.noted(TurnUnanswered)] == [second.value]


@pytest.mark.behaviour("no-prefix")
def test_prefix_in_start_can_be_switched_off():
    """Three captures of 2024-10 to 2025-02 lie on the grid without the padding (§4.2)."""
    assert (
        Playbook(policy={"prefix_in_start": "no"})
        >> append(silence(40) + speech(1))
        << says(STARTED, audio_start_ms=1280)
    )
    play = Playbook()
    play.session.change_policy({"prefix_in_start": "no"}, play.now)
    assert play >> append(silence(40) + speech(1)) << says(STARTED, audio_start_ms=1280)


# --- the connection ---------------------------------------------------------------------------------------------------


@pytest.mark.behaviour(
    "session-created-first", "no-conversation-created", "session-object", "detection-defaults", "silence-default"
)
def test_the_first_event_is_session_created():
    """Captured (§2.1, §2.3): no conversation.created, and the defaults, 200 ms of silence among them (§4.1)."""
    detection = {
        "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200,
        "idle_timeout_ms": None, "create_response": True, "interrupt_response": True,
    }  # fmt: skip
    pcm = {"type": "audio/pcm", "rate": 24000}
    session = {
        "type": "realtime", "object": "realtime.session", "output_modalities": ["audio"], "tools": [],
        "tool_choice": "auto", "max_output_tokens": "inf", "tracing": None, "truncation": "auto",
        "prompt": None, "include": None,
        "audio": {
            "input": {"format": pcm, "transcription": None, "noise_reduction": None, "turn_detection": detection},
            "output": {"format": pcm, "speed": 1.0},
        },
    }  # fmt: skip
    play = Playbook(opened=False) << says("session.created", session=session)
    assert list(play.said[0]["session"]) == [
        "type", "object", "id", "model", "output_modalities", "instructions", "tools", "tool_choice",
        "max_output_tokens", "tracing", "truncation", "prompt", "expires_at", "audio", "include",
    ]  # fmt: skip


@pytest.mark.behaviour("conversation-created")
def test_conversation_created_can_be_switched_on():
    """In the schema, in no GA capture (§2.1). The id is that of every response."""
    conversation = Id()
    play = Playbook(opened=False, policy={"conversation_created": "after_session"}) << says("session.created")
    play << says("conversation.created", conversation={"id": conversation, "object": "realtime.conversation"})
    for _ in range(2):
        play >> CREATE << says("response.created", response={"conversation_id": conversation})
        play >> sends("response.cancel") >> FINISHES
        play << says("response.done", response={"conversation_id": conversation})
    assert play


@pytest.mark.behaviour("event-id")
def test_errors_name_the_event_that_caused_them():
    """Documented (§2.2): error.event_id is the client's event_id, null if it had none."""
    play = Playbook() >> sends("response.cancel", event_id="mine") << says("error", error={"event_id": "mine"})
    play >> sends("response.cancel") << says("error", error={"event_id": None})
    play >> sends("nope", event_id="unknown type") << says("error", error={"event_id": "unknown type"})
    assert play >> update(event_id="bad field", nope=1) << says("error", error={"event_id": "bad field"})


@pytest.mark.behaviour("push-to-talk", "clock-while-off", "null-and-absent")
def test_turn_detection_off_and_on_again():
    """Documented (§3.8, §4.6): null clears; the client commits and asks. The clock goes on meanwhile (§4.3)."""
    play = Playbook() >> update(audio={"input": {"turn_detection": None}})
    play << says("session.updated", session={"audio": {"input": {"turn_detection": None}}})
    assert play >> append(TURN)
    play >> COMMIT << says(COMMITTED) << says(ADDED) << says(DONE)
    play >> update(audio={"input": {"turn_detection": {"type": "server_vad"}}}) << says("session.updated")
    assert play >> append(silence(30) + speech(1)) << says(STARTED, audio_start_ms=40 * 32 - 300)


@pytest.mark.behaviour("push-to-talk")
def test_a_detector_fault_raises_no_turn_while_detection_is_off():
    """Whatever the detector claims, ``turn_detection: null`` means no speech_* events (documented, §3.8)."""
    play = Playbook() >> update(audio={"input": {"turn_detection": None}}) << says("session.updated")
    play.session.hearing.distort = lambda probability: 1.0
    assert play >> append(silence(30))


@pytest.mark.behaviour("off-drops")
def test_turning_detection_off_drops_an_open_turn():
    """Unknown of the service (§4.1); without detection there can be no speech_stopped."""
    play = Playbook() >> append(speech(3)) << says(STARTED)
    play >> update(audio={"input": {"turn_detection": None}}) << says("session.updated")
    assert play >> append(silence(30))
    play >> update(audio={"input": {"turn_detection": {"type": "server_vad"}}}) << says("session.updated")
    assert play >> append(silence(30))
    assert [note.by for note in play.noted(TurnClosed)] == ["session.update"]


@pytest.mark.behaviour("update-keeps", "update-resets")
@pytest.mark.parametrize(("policy", "stops"), [("keep", 1), ("reset", 0)])
def test_changed_detection_keeps_or_drops_an_open_turn(policy, stops):
    """Unknown of the service (§4.1), a switch; an update of something else never touches the turn."""
    play = Playbook(policy={"update_during_speech": policy}) >> append(speech(3)) << says(STARTED)
    play >> update(instructions="Be brief.") << says("session.updated")
    play >> update(audio={"input": {"turn_detection": {"silence_duration_ms": 500}}}) << says("session.updated")
    play >> append(silence(16)) << REST  # 512 ms: over 500 at the end of the 16th
    ends = [event["audio_end_ms"] for event in play.said if event["type"] == STOPPED]
    assert ends == [19 * 32] * stops


def test_the_shadow_says_what_an_honest_server_would_have_decided():
    """The detector is held in speech, so no stop is said; the journal still has it, at the honest place."""
    play = Playbook()
    play.session.hearing.distort = lambda probability: 1.0
    assert play >> append(silence(10) + TURN) << says(STARTED, audio_start_ms=0)
    assert play.noted(ShadowSpeechStarted) == [ShadowSpeechStarted(audio_start_ms=20)]
    assert play.noted(ShadowSpeechStopped) == [ShadowSpeechStopped(audio_end_ms=640)]
