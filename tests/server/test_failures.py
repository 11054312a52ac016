"""Failures of the server, on demand (§6.1): turns that are dropped, commits that are ignored, replies that go wrong."""

import base64

import pytest

from harness.audio.babble import babble
from harness.journal import CreateIgnored, MadeToWait, SettingIgnored, TurnClosed
from harness.server.utterance import Utterance
from harness.server.voice import Answer, AnswerRule, ToolCall, Voice
from harness.units import MS
from tests.server.playbook import (
    CANCEL,
    CANCEL_TAKES_MS,
    CLEAR,
    COMMIT,
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
)
from tests.server.testing import (
    ADDED,
    COMMITTED,
    DELTA,
    DONE,
    OPENING,
    STARTED,
    TRANSCRIPT,
    TURN,
    audio_ms,
    talking,
    turn_taken,
)

OFF = update(audio={"input": {"turn_detection": None}})
ON = update(audio={"input": {"turn_detection": {"type": "server_vad"}}})


def lasting(ms):
    return Voice(Answer(Utterance(babble(ms * MS, seed=11), WORDS)))


def pieces(play):
    """The audio of each delta."""
    return [base64.b64decode(event["delta"]) for event in play.said if event["type"] == DELTA]


def committed(play, item):
    return play << says(COMMITTED, item_id=item) << says(ADDED) << says(DONE)


# --- turns ------------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("turn-end-commits", "turn-end-discards", "onset-tells")
def test_the_end_of_a_turn_commits_it_or_drops_it():
    """Reported of LocalAI (§6.1): no stop, no item, no response; the turn's audio is gone, the next start is sent."""
    first, second = Id(), Id()
    play = Playbook() >> append(TURN) << says(STARTED, item_id=first)
    assert turn_taken(play, first) << says("response.created")
    play = Playbook(policy={"turn_end": "discards"}) >> append(TURN) << says(STARTED, item_id=first)
    play >> FINISHES >> COMMIT << refuses("input_audio_buffer_commit_empty")
    assert play.noted(TurnClosed) == [TurnClosed(item_id=first.value, by="discard")]
    assert play >> append(speech(3)) << says(STARTED, item_id=second) and second.value != first.value


@pytest.mark.behaviour("turn-end-discards")
def test_a_dropped_turn_has_interrupted_the_assistant():
    """Assumed (§6.1): only the end is dropped; the start was sent, and had its effects."""
    play = Playbook(policy={"turn_end": "discards"}) >> CREATE << says("response.created")
    play >> append(TURN) << says(STARTED) << says("response.done", response={"status": "cancelled"})
    assert play >> passes(40)


@pytest.mark.behaviour("onset-sticky")
def test_a_sticky_start_behind_a_dropped_turn_is_deafness():
    """Reported of LocalAI (§6.1): the next onset is suppressed, and here each that follows; the shadow hears them."""
    play = Playbook(policy={"turn_end": "discards", "onset": "sticky"}) >> append(TURN) << says(STARTED)
    for _ in range(3):
        assert play >> append(TURN) >> FINISHES
    assert [note.kind for note in play.notes if note.kind == "onset_untold"] == ["onset_untold"] * 3
    assert sum(note.lane == "shadow" and note.kind == "speech_started" for note in play.notes) == 4


@pytest.mark.behaviour("onset-sticky")
def test_a_sticky_start_alone_changes_nothing():
    """§6.1: where every turn ends by its stop or a commit, the events are the same."""
    steps = [append(TURN), FINISHES, append(speech(5)), COMMIT, append(speech(3) + silence(7)), FINISHES, append(TURN)]
    plays = [Playbook(policy={"onset": variant}, strict=False) for variant in ("tells", "sticky")]
    for play in plays:
        for step in steps:
            play >> step
    assert plays[0].said == plays[1].said and plays[0].types().count(STARTED) == 4


@pytest.mark.behaviour("onset-sticky")
@pytest.mark.parametrize("end", [append(silence(7)), append(silence(2))])
def test_a_sticky_start_outlives_a_clear(end):
    """§6.1: a turn whose start is not sent interrupts nothing and has no stop; its audio is kept."""
    play = Playbook(policy={"onset": "sticky"}) >> append(speech(3)) << says(STARTED) >> CLEAR
    play << says("input_audio_buffer.cleared") >> CREATE << says("response.created")
    assert play >> append(speech(4)) >> end
    item, later = Id(), Id()
    committed(play >> COMMIT, item)
    play >> append(silence(9) + speech(3)) << says(STARTED, item_id=later) << says("response.done")
    assert turn_taken(play >> append(silence(7)), later, previous=item) << says("response.created")


@pytest.mark.behaviour("onset-tells")
def test_a_heal_in_mid_turn_does_not_tell_a_stop_without_a_start():
    """§6.1: a start that was not sent is never sent; the next turn has all its events."""
    user = Id()
    play = Playbook(policy={"onset": "sticky"}) >> append(speech(3)) << says(STARTED) >> CLEAR
    play << says("input_audio_buffer.cleared")
    assert play >> append(speech(3))
    play.session.change_policy({"onset": "tells"}, play.now)
    assert play >> append(silence(9))
    assert turn_taken(play >> append(TURN) << says(STARTED, item_id=user), user) << says("response.created")


@pytest.mark.behaviour("onset-sticky")
def test_switching_detection_off_ends_a_sticky_start():
    """Assumed (§6.1): detection that is switched on again starts from nothing."""
    play = Playbook(policy={"turn_end": "discards", "onset": "sticky"}) >> append(TURN) << says(STARTED)
    assert play >> append(TURN)
    play >> OFF << says("session.updated") >> ON << says("session.updated")
    assert play >> append(TURN) << says(STARTED)


@pytest.mark.behaviour("commit-taken", "commit-ignored")
def test_a_commit_may_be_ignored():
    """Reported (§6.1): nothing answers it, even one of an empty buffer; the audio waits for one that is taken."""
    play = Playbook(policy={"manual_commit": "ignored"}) >> OFF << says("session.updated")
    assert play >> COMMIT >> append(speech(10)) >> COMMIT >> FINISHES
    play.session.change_policy({"manual_commit": "taken"}, play.now)
    assert committed(play >> COMMIT, Id())


@pytest.mark.behaviour("create-taken", "create-ignored")
def test_a_response_create_may_be_ignored():
    """Reported (§6.1): nothing answers it; one that is wrong is refused, and a turn is answered all the same."""
    play = Playbook(policy={"manual_create": "ignored"})
    assert play >> CREATE
    assert play.noted(CreateIgnored)
    assert play >> sends("response.create", response={"nonsense": 1}) << refuses("unknown_parameter") >> FINISHES
    assert turn_taken(play >> append(TURN) << says(STARTED, item_id=(user := Id())), user) << says("response.created")
    play >> FINISHES << REST
    play.session.change_policy({"manual_create": "taken"}, play.now)
    assert play >> sends("response.create", response={"nonsense": 1}) << refuses("unknown_parameter")
    assert play >> CREATE << says("response.created")


# --- replies ----------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("reply-text-only")
def test_a_reply_may_be_text_although_audio_was_asked():
    """Reported (§6.1): the response still says that it is audio."""
    play = Playbook(policy={"reply": "text_only"}) >> CREATE
    play << says("response.created", response={"output_modalities": ["audio"]}) >> FINISHES
    play << some(*OPENING, "response.output_text.delta")
    play << says("response.output_text.done", text=WORDS) << says("response.content_part.done", part={"type": "text"})
    play << says(DONE) << says("response.output_item.done", item={"content": [{"type": "output_text", "text": WORDS}]})
    assert play << says("response.done", response={"status": "completed"}) << says("rate_limits.updated")


@pytest.mark.behaviour("reply-endless")
def test_a_reply_may_be_endless_silence():
    """Reported (§6.1): zeros at the voice's pace, one delta of 100 ms each 20 ms, no words, until it is cancelled."""
    play = Playbook(policy={"reply": "endless"}) >> CREATE << says("response.created")
    play >> passes(30_400) << some(*OPENING, DELTA)
    assert TRANSCRIPT not in play.types()
    assert len(pieces(play)) == 1501 and set(pieces(play)) == {bytes(4800)}
    (
        play
        >> CANCEL
        >> passes(CANCEL_TAKES_MS)
        << some("response.output_audio.done", "response.output_audio_transcript.done")
    )
    play << says("response.content_part.done") << says(DONE) << says("response.output_item.done")
    assert play << says("response.done", response={"status": "cancelled"}) >> passes(40)


@pytest.mark.behaviour("reply-endless")
def test_endless_silence_may_begin_in_mid_reply_and_outlasts_the_fault():
    """§6.1: one delta was spoken; a heal does not end it, the user's speech does."""
    play = Playbook() >> CREATE << says("response.created") >> passes(400) << REST
    play.session.change_policy({"reply": "endless"}, play.now)
    play >> passes(20) << says(DELTA, delta=base64.b64encode(bytes(4800)).decode())
    play.session.change_policy({"reply": "speaks"}, play.now)
    play >> passes(1_000) << some(DELTA)
    spoken, *silent = pieces(play)
    assert any(spoken) and len(silent) == 51 and not any(map(any, silent))
    item = play.last(DELTA)["item_id"]
    (
        play
        >> append(speech(1))
        << REST
        >> sends("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=5_200)
    )
    assert play.last("response.done")["response"]["status"] == "cancelled"
    assert play << says("conversation.item.truncated")


@pytest.mark.behaviour("reply-endless")
def test_endless_silence_is_in_the_format_of_the_output():
    """§6.1: of G.711 100 ms are 800 bytes, and silence is 0xFF in μ-law."""
    play = Playbook(policy={"reply": "endless"}) >> update(audio={"output": {"format": {"type": "audio/pcmu"}}}) << REST
    play >> CREATE << REST >> passes(400) << REST
    assert pieces(play) == [b"\xff" * 800]


@pytest.mark.behaviour("reply-endless")
def test_a_reply_in_text_has_no_silent_audio():
    """§6.1: only audio can be endless."""
    play = Playbook(policy={"reply": "endless"}) >> update(output_modalities=["text"]) << REST
    play >> CREATE << REST >> FINISHES
    assert play.last("response.done")["response"]["status"] == "completed" and play << REST


@pytest.mark.behaviour("reply-loses-tail")
@pytest.mark.parametrize(("wanted_ms", "deltas", "sent"), [(REPLY_MS, 4, 3), (100, 1, 0), (1_000, 10, 6)])
def test_a_reply_may_lose_the_tail_of_its_audio(wanted_ms, deltas, sent):
    """Reported (§6.1): the words, the ends and the usage are those of the whole; two fifths of the deltas are not."""
    plays = []
    for reply in ("speaks", "loses_tail"):
        play = Playbook(voice=lasting(wanted_ms), policy={"reply": reply}) >> CREATE << REST >> FINISHES << REST
        plays.append(play)
    whole, cut = plays
    assert len(pieces(whole)) == deltas and pieces(cut) == pieces(whole)[:sent]
    rest = [event["type"] for event in whole.said if event["type"] != DELTA]
    assert [event["type"] for event in cut.said if event["type"] != DELTA] == rest
    for name, field in (("response.output_audio_transcript.done", "transcript"), ("response.done", "response")):
        one, other = whole.last(name)[field], cut.last(name)[field]
        assert one == other or (one["usage"] == other["usage"] and other["status"] == "completed")
    assert whole.said_at[-1] == cut.said_at[-1]


@pytest.mark.behaviour("reply-fails")
def test_a_reply_may_fail():
    """Reported (§6.1): created, then done as failed, with no output; the next one may be whole."""
    error = {"type": "server_error", "code": None}
    play = Playbook(policy={"reply": "fails"}) >> CREATE << says("response.created") >> passes(500)
    failed = {"status": "failed", "status_details": {"type": "failed", "error": error}, "output": []}
    assert play << says("response.done", response=failed) << says("rate_limits.updated")
    play.session.change_policy({"reply": "speaks"}, play.now)
    play >> CREATE << REST >> FINISHES << REST
    assert play.last("response.done")["response"]["status"] == "completed" and audio_ms(play) == REPLY_MS


@pytest.mark.behaviour("reply-fails")
def test_a_reply_may_fail_in_mid_output():
    """§6.1: a fault that is injected then; what is open is closed first."""
    play = Playbook() >> CREATE << says("response.created") >> passes(400) << REST
    play.session.change_policy({"reply": "fails"}, play.now)
    play >> passes(20) << says("response.output_audio.done") << says("response.output_audio_transcript.done")
    play << says("response.content_part.done") << says(DONE, item={"status": "incomplete"})
    play << says("response.output_item.done")
    assert play << says("response.done", response={"status": "failed"}) and audio_ms(play) == 100


@pytest.mark.behaviour("reply-silent")
@pytest.mark.parametrize("name", ["audio/pcm", "audio/pcmu"])
def test_a_reply_may_have_no_amplitude(name):
    """Reported (§6.1): everything but the samples is as ever; zero is 0xff in mu-law (G.711)."""
    plays = []
    for reply in ("speaks", "silent"):
        play = Playbook(policy={"reply": reply}) >> update(audio={"output": {"format": {"type": name}}}) << REST
        plays.append(play >> CREATE << REST >> FINISHES << REST)
    spoken, silent = plays
    assert [event["type"] for event in silent.said] == [event["type"] for event in spoken.said]
    assert [len(piece) for piece in pieces(silent)] == [len(piece) for piece in pieces(spoken)]
    zero = b"\0" if name == "audio/pcm" else b"\xff"
    assert {bytes(piece) for piece in pieces(silent)} == {zero * len(piece) for piece in pieces(spoken)}
    assert silent.last("response.done")["response"]["usage"] == spoken.last("response.done")["response"]["usage"]


# --- tool calls -------------------------------------------------------------------------------------------------------


CALLS = Voice(VOICE.default, (AnswerRule(Answer(calls=(ToolCall("weather"), ToolCall("timer"))), turn=1),))


def called(**policy):
    """A playbook after a response with two calls, and the ids of the calls."""
    play = Playbook(voice=CALLS, policy=policy) >> CREATE << REST >> FINISHES << REST
    return play, [item["call_id"] for item in play.last("response.done")["response"]["output"]]


def result(call_id):
    return sends("conversation.item.create", item={"type": "function_call_output", "call_id": call_id, "output": "{}"})


@pytest.mark.behaviour("create-after-tool-ignored")
def test_only_a_request_after_a_result_may_be_ignored():
    """Reported (§6.1): one before it, or after what the user has said since, is answered."""
    play, (weather, _) = called(manual_create="ignored_after_tool")
    play >> result(weather) << says(ADDED) << says(DONE)
    assert play >> CREATE >> FINISHES
    assert play.noted(CreateIgnored)
    turn_taken(play >> append(TURN) << says(STARTED, item_id=(user := Id())), user, previous=Id())
    play << says("response.created") >> FINISHES << REST
    assert play >> CREATE << says("response.created") >> FINISHES << REST


@pytest.mark.behaviour("create-after-tool-ignored")
def test_a_request_that_is_given_a_result_may_be_ignored():
    play, (weather, _) = called(manual_create="ignored_after_tool")
    output = {"type": "function_call_output", "call_id": weather, "output": "{}"}
    assert play >> sends("response.create", response={"conversation": "none", "input": [output]}) >> FINISHES


@pytest.mark.behaviour("open-calls-speak", "open-calls-mute")
def test_a_model_may_be_mute_until_every_call_has_its_result():
    """Reported (§6.1): neither a turn nor a request is answered before, and no event tells of it."""
    play, (weather, timer) = called(open_calls="mute")
    assert play >> CREATE >> FINISHES
    assert [note.calls for note in play.noted(MadeToWait)] == [[weather, timer]]
    assert turn_taken(play >> append(TURN) << says(STARTED, item_id=(user := Id())), user, previous=Id()) >> FINISHES
    play >> result(weather) << says(ADDED) << says(DONE)
    assert play >> CREATE >> FINISHES
    play >> result(timer) << says(ADDED) << says(DONE)
    assert play >> CREATE << says("response.created") >> FINISHES << REST
    spoken, _ = called()
    assert spoken >> CREATE << says("response.created") >> FINISHES << REST


# --- interruptions ----------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("interruption-ends", "interruption-stays-busy")
def test_an_interrupted_response_may_stay_the_active_one():
    """Reported (§6.1): it sends nothing more; a turn gets no answer, and a request is refused."""
    play = talking(policy={"interruption": "stays_busy"})
    play >> append(speech(3)) << says(STARTED, item_id=(user := Id())) >> FINISHES
    assert turn_taken(play >> append(silence(7)), user, previous=Id()) >> FINISHES
    assert play >> CREATE << refuses("conversation_already_has_active_response")
    play.session.change_policy({"interruption": "ends"}, play.now)
    play >> passes(1) << some("response.output_audio.done") << REST
    assert play.last("response.done")["response"]["status_details"]["reason"] == "turn_detected"
    assert play >> CREATE << says("response.created") >> FINISHES << REST


@pytest.mark.behaviour("interruption-stays-busy")
def test_a_client_can_cancel_the_response_that_stays():
    play = talking(policy={"interruption": "stays_busy"})
    play >> append(TURN) << REST >> CANCEL >> passes(CANCEL_TAKES_MS) << REST
    assert play.last("response.done")["response"]["status_details"]["reason"] == "client_cancelled"
    assert play >> CREATE << says("response.created") >> FINISHES << REST


# --- settings ---------------------------------------------------------------------------------------------------------


def shown(setting, **session):
    """A session that shows a setting and does not use it."""
    play = Playbook(policy={"ignored_setting": setting})
    play >> update(**session) << says("session.updated")
    assert [note.setting for note in play.noted(SettingIgnored)] == [setting]
    return play


@pytest.mark.behaviour("ignored-turn-detection", "settings-in-force")
def test_turn_detection_may_be_shown_as_off_and_be_on():
    """Reported (§6.1); once the switch is set back, the next update is in force as a whole."""
    play = shown("turn_detection", audio={"input": {"turn_detection": None}})
    assert play.last("session.updated")["session"]["audio"]["input"]["turn_detection"] is None
    turn_taken(play >> append(TURN) << says(STARTED, item_id=(user := Id())), user) << says("response.created")
    play >> FINISHES << REST
    play.session.change_policy({"ignored_setting": "none"}, play.now)
    play >> update(instructions="Be kind.") << says("session.updated")
    assert play >> append(TURN)


@pytest.mark.behaviour("ignored-create-response")
def test_create_response_may_be_shown_as_off_and_be_on():
    detection = {"type": "server_vad", "create_response": False}
    play = shown("create_response", audio={"input": {"turn_detection": detection}})
    turn_taken(play >> append(TURN) << says(STARTED, item_id=(user := Id())), user) << says("response.created")
    assert play >> FINISHES << REST


@pytest.mark.behaviour("ignored-interrupt-response")
def test_interrupt_response_may_be_shown_as_off_and_be_on():
    play = talking(policy={"ignored_setting": "interrupt_response"})
    detection = {"type": "server_vad", "interrupt_response": False}
    play >> update(audio={"input": {"turn_detection": detection}}) << says("session.updated")
    play >> append(speech(3)) << REST
    assert play.last("response.done")["response"]["status_details"]["reason"] == "turn_detected"


@pytest.mark.behaviour("ignored-input-format")
def test_the_format_of_the_input_may_be_shown_and_not_used():
    """800 bytes are 100 ms of mu-law and 16.67 ms of PCM: too little to be committed."""
    play = shown("input_format", audio={"input": {"format": {"type": "audio/pcmu"}, "turn_detection": None}})
    assert play >> append(bytes(800)) >> COMMIT << refuses("input_audio_buffer_commit_empty")


@pytest.mark.behaviour("ignored-output-format")
def test_the_format_of_the_output_may_be_shown_and_not_used():
    """What ``response.created`` says is the truth: 350 ms are 16 800 bytes of PCM and 2 800 of mu-law."""
    play = shown("output_format", audio={"output": {"format": {"type": "audio/pcmu"}}})
    assert play.last("session.updated")["session"]["audio"]["output"]["format"] == {"type": "audio/pcmu"}
    play >> CREATE << REST >> FINISHES << REST
    assert play.last("response.created")["response"]["audio"]["output"]["format"]["type"] == "audio/pcm"
    assert sum(map(len, pieces(play))) == 48 * REPLY_MS


@pytest.mark.behaviour("ignored-voice", "ignored-output-modalities", "ignored-instructions")
def test_voice_modalities_and_instructions_may_be_shown_and_not_used():
    play = shown("voice", audio={"output": {"voice": "cedar"}})
    before = Playbook()
    before >> CREATE << REST >> FINISHES << REST
    play >> CREATE << REST >> FINISHES << REST
    voice = before.last("response.done")["response"]["audio"]["output"]["voice"]
    assert voice != "cedar" and play.last("response.done")["response"]["audio"]["output"]["voice"] == voice
    play = shown("output_modalities", output_modalities=["text"]) >> CREATE << REST >> FINISHES << REST
    assert play.last("response.done")["response"]["output_modalities"] == ["audio"] and pieces(play)
    play = shown("instructions", instructions="Be kind.")
    assert play.session.config.in_force["instructions"] != "Be kind." == play.session.config.echo["instructions"]


@pytest.mark.behaviour("ignored-tools")
def test_tools_may_be_shown_and_not_used():
    """The model does not call what it does not know; if a call was its whole answer, it says its usual one."""
    tools = [{"type": "function", "name": name, "parameters": {}} for name in ("weather", "timer")]
    for setting, kinds in (("tools", ["message"]), ("voice", ["function_call", "function_call"])):
        play = Playbook(voice=CALLS, policy={"ignored_setting": setting}) >> update(tools=tools) << REST
        play >> CREATE << REST >> FINISHES << REST
        assert [item["type"] for item in play.last("response.done")["response"]["output"]] == kinds
