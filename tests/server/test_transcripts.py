"""The user's words (§4.8): transcription events, where they stand, and what they cost."""

from functools import partial

import pytest

from harness.audio.clips import load_clip
from harness.server.voice import FAILURES, Answer, AnswerRule, ToolCall, Voice
from tests.server.playbook import (
    COMMIT,
    FINISHES,
    REST,
    VOICE,
    Playbook,
    append,
    passes,
    says,
    sends,
    silence,
    speech,
    update,
)

Playbook = partial(Playbook, strict=False)
TURN = speech(3) + silence(7)
TRANSCRIBED = update(audio={"input": {"transcription": {"model": "gpt-4o-transcribe"}}})
DELTA, COMPLETED, FAILED = (
    f"conversation.item.input_audio_transcription.{kind}" for kind in ("delta", "completed", "failed")
)
SLOW = Answer(VOICE.default.utterance, pace=0.5)


def scripted(*transcripts, **options):
    return Playbook(voice=Voice(SLOW, transcripts=transcripts), **options) >> TRANSCRIBED << REST


@pytest.mark.behaviour("transcription-after-commit", "transcription-usage")
def test_transcription_runs_beside_the_answer():
    """Documented; captured: completed comes in the middle of the reply."""
    play = scripted("Hello, can you hear me?") >> append(TURN) >> FINISHES << REST
    types = play.types()
    assert types.index("input_audio_buffer.committed") < types.index(DELTA) < types.index(COMPLETED)
    assert types.index("response.created") < types.index(COMPLETED) < types.index("response.done")
    user = play.last("input_audio_buffer.committed")["item_id"]
    told = [event for event in play.said if event["type"] == DELTA]
    assert "".join(event["delta"] for event in told) == "Hello, can you hear me?"
    assert {event["item_id"] for event in told} == {user}
    completed = play.last(COMPLETED)
    assert (completed["item_id"], completed["transcript"]) == (user, "Hello, can you hear me?")
    assert completed["usage"]["type"] == "tokens" and completed["usage"]["output_tokens"] == 5


@pytest.mark.behaviour("transcription-times")
def test_how_soon_the_words_come():
    """Assumed (§4.8): 250 ms from the commit to the first delta, then 20 ms to each next event."""
    play = scripted("Hello, you.") >> append(TURN) >> FINISHES << REST
    at_ms = {event["type"]: at / 1000 for event, at in zip(play.said, play.said_at, strict=True)}
    committed_ms = at_ms["input_audio_buffer.committed"]
    assert (at_ms[DELTA], at_ms[COMPLETED]) == (committed_ms + 270, committed_ms + 290)


def transcribed_by(model):
    """A short turn, whose words are as scripted; and when each of its events came, in milliseconds from its commit."""
    play = Playbook(voice=Voice(SLOW, transcripts=("Hello, you.",)))
    play >> update(audio={"input": {"transcription": {"model": model}}}) >> append(TURN) >> FINISHES << REST
    committed_us = play.said_at[play.types().index("input_audio_buffer.committed")]
    return [
        (event["type"], event.get("delta"), (at_us - committed_us) / 1000)
        for event, at_us in zip(play.said, play.said_at, strict=True)
        if "input_audio_transcription" in event["type"]
    ]


@pytest.mark.behaviour("transcription-whole")
def test_one_model_sends_all_words_at_once_and_late():
    """A recording of the service, 2026-07/08: one delta of whisper-1, right before completed, in the next turn."""
    assert transcribed_by("whisper-1") == [(DELTA, "Hello, you.", 2000), (COMPLETED, None, 2000)]


@pytest.mark.behaviour("transcription-leading-space", "transcription-streamed-end")
@pytest.mark.parametrize("model", ["gpt-realtime-whisper", "gpt-live-transcribe"])
def test_a_model_that_streams_leads_with_a_space_and_ends_in_the_reply(model):
    """Recordings of the service, 2026-07/08: " Hello"; completed 565 and 856 ms after the commit; no leading space in
    the transcript."""
    told = transcribed_by(model)
    assert [words for _, words, _ in told] == [" Hello,", " you.", None]
    assert told[-1][0] == COMPLETED and 565 <= told[-1][2] <= 856


@pytest.mark.behaviour("transcription-leading-space")
@pytest.mark.parametrize("model", ["gpt-4o-transcribe", "gpt-4o-mini-transcribe"])
def test_a_model_that_does_not_stream_leads_with_no_space(model):
    """A recording of the service, 2026-07/08: "Hello", and all words before the first output."""
    assert [words for _, words, _ in transcribed_by(model)] == ["Hello,", " you.", None]


@pytest.mark.behaviour("transcription-in-item")
def test_the_item_has_its_words_afterwards():
    """openai-agents in Python and JavaScript retrieve it after each completed."""
    play = scripted("Hello.") >> append(TURN) >> FINISHES << REST
    user = play.last("input_audio_buffer.committed")["item_id"]
    play >> sends("conversation.item.retrieve", item_id=user)
    content = [{"type": "input_audio", "transcript": "Hello."}]
    assert play << says("conversation.item.retrieved", item={"id": user, "content": content})


@pytest.mark.behaviour("transcription-asked")
def test_nobody_asked_and_nothing_is_told():
    play = Playbook(voice=Voice(SLOW, transcripts=("Hello.",))) >> append(TURN) >> FINISHES << REST
    assert not {DELTA, COMPLETED} & {*play.types()}


@pytest.mark.behaviour("transcription-after-commit")
def test_turns_have_their_words_in_order():
    play = scripted("One.", "Two.") >> append(TURN) >> passes(300) >> append(TURN) >> FINISHES << REST
    assert [event["transcript"] for event in play.said if event["type"] == COMPLETED] == ["One.", "Two."]


@pytest.mark.behaviour("transcription-manual")
def test_a_manual_commit_is_transcribed():
    """Documented: commit starts transcription."""
    play = scripted("Push to talk.") >> update(audio={"input": {"turn_detection": None}}) << REST
    play >> append(TURN) >> COMMIT >> FINISHES << REST
    assert play.last(COMPLETED)["transcript"] == "Push to talk."


@pytest.mark.behaviour("transcription-failed")
def test_a_transcription_can_fail():
    """Documented: an event of its own, apart from error."""
    play = scripted(FAILURES["server_error"], "Hello.") >> append(TURN) >> FINISHES << REST
    failed = play.last(FAILED)
    assert failed["item_id"] == play.last("input_audio_buffer.committed")["item_id"]
    assert failed["error"] == {
        "type": "server_error",
        "code": None,
        "message": f"Input transcription failed for item '{failed['item_id']}'.",
        "param": None,
    }
    assert "error" not in play.types()
    play >> append(TURN) >> FINISHES << REST
    assert play.last(COMPLETED)["transcript"] == "Hello."


@pytest.mark.behaviour("transcription-during-speech", "transcription-always-early")
def test_words_may_come_while_the_user_speaks():
    """Captured: deltas between speech_started and speech_stopped, with the item id of speech_started."""
    play = scripted("One two three.", policy={"transcription": "during_speech"}) >> append(speech(3)) << REST
    user = play.last("input_audio_buffer.speech_started")["item_id"]
    play >> passes(1600) << says(DELTA, item_id=user, delta="One") << says(DELTA, item_id=user, delta=" two")
    play >> append(silence(7)) >> FINISHES << REST
    assert [event["delta"] for event in play.said if event["type"] == DELTA] == ["One", " two", " three."]
    assert play.last(COMPLETED)["transcript"] == "One two three."


@pytest.mark.behaviour("transcription-deleted")
def test_a_deleted_item_is_still_told():
    play = scripted("Hello.") >> append(TURN) << REST
    play >> sends("conversation.item.delete", item_id=play.last("input_audio_buffer.committed")["item_id"])
    play << says("conversation.item.deleted") >> FINISHES << REST
    assert play.last(COMPLETED)["transcript"] == "Hello."


@pytest.mark.behaviour("transcription-settings")
@pytest.mark.parametrize(
    ("transcription", "param"),
    [
        ({"model": 3}, "session.audio.input.transcription.model"),
        ({"modle": "whisper-1"}, "session.audio.input.transcription.modle"),
        ("whisper-1", "session.audio.input.transcription"),
    ],
)
def test_a_wrong_transcription_is_refused(transcription, param):
    play = Playbook() >> update(audio={"input": {"transcription": transcription}})
    assert play << says("error", error={"param": param})


def pcm(clip):
    return load_clip(clip).samples.astype("<i2").tobytes()


@pytest.mark.behaviour("transcription-words")
@pytest.mark.parametrize("detection", [{}, {"silence_duration_ms": 900}])
def test_recordings_are_recognised(detection):
    """The words of fixture speech come from its label; a turn that holds a part of it has that part's words."""
    recording = pcm("speech_en_m_arctic_a0007")
    play = Playbook(voice=Voice(SLOW), turn_detection=detection) >> TRANSCRIBED
    for start in range(0, len(recording), 960):
        play >> append(recording[start : start + 960])
    play >> append(silence(40)) >> FINISHES
    heard = [event["transcript"] for event in play.said if event["type"] == COMPLETED]
    assert " ".join(heard) == load_clip("speech_en_m_arctic_a0007").transcript


@pytest.mark.behaviour("transcription-words")
def test_noise_says_nothing():
    play = Playbook(voice=Voice(SLOW)) >> TRANSCRIBED >> append(TURN) >> FINISHES
    assert play.last(COMPLETED)["transcript"] == ""


@pytest.mark.behaviour("script")
def test_a_rule_hears_what_was_said():
    """No transcription is asked for: the script itself (§4.10) needs the words."""
    rules = (AnswerRule(Answer(VOICE.default.utterance, calls=(ToolCall("measure"),)), heard="ten meters"),)
    play = Playbook(voice=Voice(VOICE.default, rules), turn_detection={"silence_duration_ms": 900})
    play >> append(pcm("speech_en_m_goforward")) >> append(silence(40)) >> FINISHES
    assert play.last("response.function_call_arguments.done")["name"] == "measure"
    assert not {DELTA, COMPLETED} & {*play.types()}


@pytest.mark.behaviour("transcription-during-speech")
def test_a_turn_that_is_dropped_has_no_more_words():
    """Words sent while the user speaks end with the turn (§4.4): it becomes no item."""
    play = scripted("One two three four five six", policy={"transcription": "during_speech"})
    play >> append(speech(3)) >> passes(400) << REST >> sends("input_audio_buffer.clear") << REST
    before = play.types()
    assert play >> FINISHES and play.types() == before


@pytest.mark.behaviour("transcription-after-commit")
@pytest.mark.parametrize("words", ["two  spaces", "a line\nand another", " around "])
def test_the_deltas_are_the_transcript(words):
    play = scripted(words) >> append(TURN) >> FINISHES << REST
    assert "".join(event["delta"] for event in play.said if event["type"] == DELTA) == words
