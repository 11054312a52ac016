"""Sessions that only write down (§4.11). Where a test says recorded: probes of the live service, 2026-09."""

import json

import pytest

from harness.audio.clips import load_clip
from harness.server.session import SessionSetup
from harness.server.sessions import make_session
from harness.server.voice import Voice
from tests.server.playbook import (
    CLEAR,
    COMMIT,
    CREATE,
    FINISHES,
    REST,
    VOICE,
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
from tests.server.testing import ADDED, COMMITTED, DONE, STARTED, STOPPED, turn_taken

TURN = speech(3) + silence(7)
DELTA, COMPLETED = (f"conversation.item.input_audio_transcription.{kind}" for kind in ("delta", "completed"))
STREAMING = ("gpt-realtime-whisper", "gpt-live-transcribe")
CLIP = "speech_en_f_arctic_a0009"
LOGPROBS = "item.input_audio_transcription.logprobs"


def session(*transcripts, **options):
    return Playbook(kind="transcription", voice=Voice(VOICE.default, transcripts=transcripts), **options)


def configure(model="gpt-4o-mini-transcribe", include=None, **heard):
    """As openai-agents' voice input and pipecat's speech-to-text do it."""
    fields = {"include": include} if include is not None else {}
    heard = {"transcription": {"model": model}, **heard}
    return sends("session.update", session={"type": "transcription", "audio": {"input": heard}, **fields})


def said(play, event):
    return [each for each in play.said if each["type"] == event]


@pytest.mark.behaviour("transcription-session")
def test_the_session_as_it_is_recorded():
    """All fields of both objects, in a recording: nothing of a conversation, four fields of turn detection."""
    play = session() >> configure(turn_detection={"type": "server_vad"}) << REST
    hears = {
        "format": {"type": "audio/pcm", "rate": 24_000},
        "transcription": None,
        "noise_reduction": None,
        "turn_detection": {
            "type": "server_vad",
            "threshold": 0.5,
            "prefix_padding_ms": 300,
            "silence_duration_ms": 200,
        },
    }
    created, updated = (play.last(f"session.{what}")["session"] for what in ("created", "updated"))
    recorded = {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": created["id"],
        "expires_at": 3600,
        "audio": {"input": hears},
        "include": None,
    }
    assert json.dumps(created) == json.dumps(recorded)
    hears["transcription"] = {"model": "gpt-4o-mini-transcribe", "language": None, "prompt": None}
    assert json.dumps(updated) == json.dumps(recorded)


@pytest.mark.behaviour("transcription-session-order")
def test_a_turn_that_the_client_ends_as_it_is_recorded():
    play = session("Hello from the Gateway Probe.") >> configure(turn_detection={"type": "server_vad"}) << REST
    user = Id()
    play >> append(speech(5)) << says(STARTED, audio_start_ms=0, item_id=user)
    play >> COMMIT << says(COMMITTED, item_id=user, previous_item_id=None)
    shown = {"type": "message", "status": "completed", "role": "user"}
    content = [{"type": "input_audio", "transcript": None}]
    play << says(ADDED, item={"id": user, **shown, "content": content}) << says(DONE, item={"id": user, **shown})
    play >> FINISHES << some(DELTA)
    usage = {"type": "tokens", "input_token_details": {"text_tokens": 0, "audio_tokens": 1}}
    assert play << says(COMPLETED, item_id=user, transcript="Hello from the Gateway Probe.", usage=usage)


@pytest.mark.behaviour("transcription-session-order")
def test_turn_detection_ends_turns_and_nothing_answers_them():
    play = session("One.", "Two.") >> configure() << REST
    first, second = Id(), Id()
    play >> append(TURN) << says(STARTED, item_id=first)
    turn_taken(play, first) >> FINISHES << some(DELTA) << says(COMPLETED, item_id=first, transcript="One.")
    play >> append(TURN) << says(STARTED, item_id=second)
    turn_taken(play, second, first) >> FINISHES << some(DELTA)
    assert play << says(COMPLETED, item_id=second, transcript="Two.")


@pytest.mark.behaviour("transcription-session-silent")
def test_it_answers_nothing_even_if_it_is_asked_to():
    """A client may send ``create_response``: the vendor's types have it."""
    play = session("One.") >> configure(turn_detection={"type": "server_vad", "create_response": True}) << REST
    play >> append(TURN) << REST >> FINISHES << REST
    assert not [name for name in play.types() if name.startswith("response")]
    play >> CREATE << refuses("invalid_value")
    assert play >> sends("response.cancel") << refuses("response_cancel_not_active")


@pytest.mark.behaviour("transcription-session-silent")
def test_a_session_without_a_model_takes_turns_and_says_nothing():
    """Recorded: the update with the model was refused, the audio was taken, and no transcript ever came."""
    play = session("One.") >> append(speech(5)) << says(STARTED)
    play >> COMMIT << some(COMMITTED, ADDED, DONE)
    assert play >> FINISHES


@pytest.mark.behaviour("transcription-session-kinds")
def test_neither_kind_takes_the_other_ones_update():
    """The first sentence is captured, the second reported."""
    there = "Passing a transcription session update event to a realtime session is not allowed."
    here = "Passing a realtime session update event to a transcription session is not allowed."
    assert Playbook() >> configure() << refuses("invalid_value", there, param="session.type")
    play = session() >> update(instructions="Hi.") << refuses("invalid_value", here, param="session.type")
    untyped = sends("session.update", session={"audio": {}})
    play >> untyped << refuses("missing_required_parameter", param="session.type")
    shaped = {"type": "transcription", "model": "gpt-realtime"}
    play >> sends("session.update", session=shaped) << refuses("unknown_parameter", param="session.model")
    assert play


@pytest.mark.behaviour("transcription-session-kinds")
def test_the_betas_update_is_no_event():
    """Recorded: ``invalid_value`` on the type, and the session stays."""
    play = session() >> sends("transcription_session.update", session={"input_audio_format": "pcm16"})
    play << refuses("invalid_value", param="type")
    assert play >> configure() << says("session.updated")


@pytest.mark.behaviour("transcription-session-rate")
def test_16_khz_is_refused_and_with_it_the_whole_update():
    """Recorded: no transcription model is set afterwards."""
    play = session() >> configure(format={"type": "audio/pcm", "rate": 16_000})
    play << refuses("integer_below_min_value", param="session.audio.input.format.rate")
    assert play.session.config.transcription is None
    assert play


@pytest.mark.behaviour("transcription-session-models")
@pytest.mark.parametrize("model", STREAMING)
@pytest.mark.parametrize("detection", [{"type": "server_vad"}, {"type": "semantic_vad"}])
def test_a_model_that_streams_takes_no_turn_detection(model, detection):
    """Reported by eight clients, with the sentence; documented of gpt-realtime-whisper."""
    wrong = refuses(
        "invalid_value",
        "Turn detection is not supported for this transcription model.",
        param="session.audio.input.turn_detection",
    )
    play = session() >> configure(model, turn_detection=detection) << wrong
    null = {"transcription": {"model": model}, "turn_detection": None}
    play >> configure(model) << says("session.updated", session={"audio": {"input": null}})
    audio = {"input": {"turn_detection": detection}}
    assert play >> sends("session.update", session={"type": "transcription", "audio": audio}) << wrong


@pytest.mark.behaviour("transcription-session-models")
def test_an_unknown_model_is_refused():
    sentence = 'Model "gpt-realtime" is not supported in transcription mode.'
    play = session() >> configure("gpt-realtime") << refuses("invalid_model", sentence)
    assert play >> configure("gpt-4o-mini-transcribe-2025-12-15") << says("session.updated")


@pytest.mark.behaviour("transcription-session-url")
def test_a_server_of_any_model_takes_any_that_transcribes():
    """The model of the URL transcribes from the start, and another one may be named."""
    setup = SessionSetup(detector="energy", kind="transcription", model="mine", any_model=True)
    config = make_session(setup, "any").config
    assert config.transcription == {"model": "mine", "language": None, "prompt": None}
    config.update({"type": "transcription", "audio": {"input": {"transcription": {"model": "yours"}}}})
    assert config.model == "yours"


@pytest.mark.behaviour("transcription-session-items")
def test_items_are_those_of_a_conversation():
    play = session("One.") >> configure() << REST >> append(TURN) << REST >> FINISHES << REST
    user = play.last(COMMITTED)["item_id"]
    content = [{"type": "input_audio", "transcript": "One."}]
    play >> sends("conversation.item.retrieve", item_id=user)
    play << says("conversation.item.retrieved", item={"id": user, "content": content})
    assert play >> sends("conversation.item.delete", item_id=user) << says("conversation.item.deleted", item_id=user)


@pytest.mark.behaviour("transcription-session-streams")
@pytest.mark.parametrize("model", STREAMING)
def test_words_stream_before_the_client_commits(model):
    """Documented: deltas as speech arrives, the final transcript when the application commits."""
    play = session("One two three.") >> configure(model) << REST
    user = Id()
    play >> append(silence(5)) >> append(speech(10)) >> passes(1550)
    play << says(DELTA, item_id=user, delta=" One") << says(DELTA, item_id=user, delta=" two")
    play >> append(speech(20)) >> COMMIT << says(COMMITTED, item_id=user) << some(ADDED, DONE)
    play >> FINISHES << says(DELTA, item_id=user, delta=" three.")
    play << says(COMPLETED, item_id=user, transcript="One two three.", usage={"type": "duration", "seconds": 2})
    play >> append(speech(10)) << REST >> COMMIT << REST
    assert play.last(COMMITTED)["item_id"] != user.value


@pytest.mark.behaviour("transcription-session-streams")
@pytest.mark.parametrize("forgotten", [CLEAR, configure("gpt-4o-transcribe", turn_detection={"type": "server_vad"})])
def test_words_of_audio_that_is_cleared_stop(forgotten):
    play = session("One two three.") >> configure("gpt-realtime-whisper") << REST
    play >> append(speech(10)) >> passes(1250) << says(DELTA, delta=" One") >> forgotten << REST
    before = len(said(play, DELTA))
    play >> FINISHES
    assert len(said(play, DELTA)) == before


def paced(play, clip, chunk_ms=100):
    audio = load_clip(clip).samples.astype("<i2").tobytes() + silence(40)
    for start in range(0, len(audio), 48 * chunk_ms):
        play >> append(audio[start : start + 48 * chunk_ms]) >> passes(chunk_ms)
    return play


@pytest.mark.behaviour("transcription-during-speech", "transcription-usage-duration")
@pytest.mark.parametrize("model", STREAMING)
def test_recognised_words_come_while_the_user_speaks_in_a_conversation(model):
    """Recorded with gpt-realtime-whisper (2026-07/08): between started and stopped, under the item of started."""
    play = Playbook(voice=VOICE, strict=False, turn_detection={"silence_duration_ms": 700})
    play >> update(audio={"input": {"transcription": {"model": model}}}) << REST
    paced(play, CLIP) >> FINISHES << REST
    types = play.types()
    started, stopped = types.index(STARTED), types.index(STOPPED)
    early = [each for each in play.said[started:stopped] if each["type"] == DELTA]
    assert len(early) >= 3
    assert {each["item_id"] for each in said(play, DELTA)} == {play.said[started]["item_id"]}
    words = load_clip(CLIP).transcript
    assert "".join(each["delta"] for each in said(play, DELTA)) == f" {words}"
    assert play.last(COMPLETED)["transcript"] == words
    heard_ms = play.said[stopped]["audio_end_ms"] - play.said[started]["audio_start_ms"]
    assert play.last(COMPLETED)["usage"] == {"type": "duration", "seconds": -(-heard_ms // 1000)}
    assert types.index(COMPLETED) > types.index("response.created")


@pytest.mark.behaviour("transcription-after-commit", "transcription-never-early")
@pytest.mark.parametrize(
    ("model", "policy"), [("gpt-4o-transcribe", {}), ("gpt-realtime-whisper", {"transcription": "after_commit"})]
)
def test_words_of_other_models_come_at_once_after_the_commit(model, policy):
    """Reported of gpt-4o-transcribe and its mini: one burst when the speaker has stopped."""
    play = Playbook(voice=VOICE, strict=False, turn_detection={"silence_duration_ms": 700}, policy=policy)
    play >> update(audio={"input": {"transcription": {"model": model}}}) << REST
    paced(play, CLIP) >> FINISHES << REST
    assert play.types().index(DELTA) > play.types().index(COMMITTED)


@pytest.mark.behaviour("transcription-during-speech")
def test_audio_that_is_faster_than_time_is_transcribed_after_the_commit():
    play = Playbook(voice=VOICE, strict=False, turn_detection={"silence_duration_ms": 700})
    play >> update(audio={"input": {"transcription": {"model": "gpt-realtime-whisper"}}}) << REST
    play >> append(load_clip(CLIP).samples.astype("<i2").tobytes() + silence(40)) >> FINISHES << REST
    assert play.types().index(DELTA) > play.types().index(COMMITTED)


@pytest.mark.behaviour("transcription-delay")
@pytest.mark.parametrize(("delay", "first_ms"), [("minimal", 150), ("low", 300), (None, 1200), ("xhigh", 2400)])
def test_delay_is_how_long_it_listens(delay, first_ms):
    """The setting is documented, the times are assumed (§4.11); recorded 2026-07/08: 1.2 s where it is not set."""
    play = session("One two.") >> configure(transcription={"model": "gpt-realtime-whisper", "delay": delay}) << REST
    play >> append(speech(10)) >> passes(first_ms - 1) << REST
    assert not said(play, DELTA)
    assert play >> passes(1) << says(DELTA, delta=" One")


@pytest.mark.behaviour("transcription-usage-duration")
def test_silence_is_billed_too():
    """Reported: whole seconds of each commit, even if the transcript is empty."""
    play = session("") >> configure("gpt-realtime-whisper") << REST
    play >> append(silence(33)) >> COMMIT << some(COMMITTED, ADDED, DONE) >> FINISHES
    assert play << says(COMPLETED, transcript="", usage={"type": "duration", "seconds": 2})


@pytest.mark.behaviour("transcription-logprobs")
def test_logprobs_come_if_they_are_asked_for():
    """Documented: one for each token, of each delta and of the whole."""
    play = session("Hi, all.") >> configure("gpt-4o-transcribe", include=[LOGPROBS]) << REST
    play >> append(TURN) << REST >> FINISHES << REST
    found = [each["logprobs"] for each in said(play, DELTA)]
    assert [[each["token"] for each in logprobs] for logprobs in found] == [["Hi,"], [" all."]]
    assert bytes(found[1][0]["bytes"]).decode() == " all." and found[1][0]["logprob"] <= 0
    assert play.last(COMPLETED)["logprobs"] == [*found[0], *found[1]]


@pytest.mark.behaviour("transcription-logprobs")
def test_nor_logprobs_without_asking():
    play = session("Hi.") >> configure("gpt-4o-transcribe") << REST >> append(TURN) << REST >> FINISHES << REST
    assert "logprobs" not in play.last(COMPLETED)
