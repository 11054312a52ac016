"""How a client cuts its audio into appends changes nothing that a session says (§4.3: the clock is appended audio)."""

from functools import partial

import numpy as np
import pytest

from harness.audio.clips import load_clip
from tests.server.playbook import CREATE, FINISHES, REST, Playbook, append, passes, silence, speech, update

Playbook = partial(Playbook, strict=False)
IDLE = {"idle_timeout_ms": 6000}
TIMED_OUT = "input_audio_buffer.timeout_triggered"
CHUNKS_MS = [20, 100, 1_000, 60_000]
PREPARED = update(audio={"input": {"transcription": {"model": "whisper-1"}}})


def appended(play, audio, chunk_ms):
    """The audio in appends of this length, all at one moment."""
    size = 48 * chunk_ms
    for start in range(0, len(audio), size):
        play >> append(audio[start : start + size])
    return play


@pytest.mark.behaviour("any-chunks")
@pytest.mark.parametrize("chunk_ms", CHUNKS_MS)
def test_an_idle_timeout_is_on_the_grid(chunk_ms):
    """Documented (§3.7): the example's 6016 ms are 6000 ms, rounded up to a frame."""
    play = Playbook(turn_detection=IDLE) >> append(speech(3) + silence(7)) >> passes(900) << REST
    appended(play, silence(250), chunk_ms)
    timeout = play.last(TIMED_OUT)
    assert timeout["audio_end_ms"] - timeout["audio_start_ms"] == 6016


@pytest.mark.behaviour("any-chunks")
@pytest.mark.parametrize("chunk_ms", CHUNKS_MS)
def test_a_timeout_comes_before_the_speech_that_follows_it(chunk_ms):
    play = Playbook(turn_detection=IDLE) >> append(speech(3) + silence(7)) >> passes(900) << REST
    before = len(play.types())
    appended(play, silence(250) + speech(3), chunk_ms)
    said = [kind for kind in play.types()[before:] if kind in (TIMED_OUT, "input_audio_buffer.speech_started")]
    assert said == [TIMED_OUT, "input_audio_buffer.speech_started"]


@pytest.mark.behaviour("any-chunks")
@pytest.mark.parametrize("chunk_ms", CHUNKS_MS)
def test_a_barge_in_that_is_over_at_once_does_not_start_the_idle_time(chunk_ms):
    """The user has just spoken, and is not answered: the idle timer does not run (§3.7)."""
    play = Playbook(turn_detection={**IDLE, "create_response": False}) >> CREATE >> passes(430) << REST
    appended(play, speech(3) + silence(7), chunk_ms)
    assert play.last("response.done")["response"]["status"] == "cancelled"
    assert TIMED_OUT not in appended(play >> passes(900), silence(300), chunk_ms).types()


@pytest.mark.behaviour("transcription-words")
@pytest.mark.parametrize("chunk_ms", CHUNKS_MS)
def test_each_turn_has_its_own_words(chunk_ms):
    """Two recordings with a pause between them, even if one append holds both (§4.8)."""
    clips = ["speech_en_m_goforward", "speech_en_f_arctic_a0009"]
    pause = np.zeros(48_000, np.int16)
    audio = np.concatenate([part for clip in clips for part in (load_clip(clip).samples, pause)]).tobytes()
    play = Playbook(turn_detection={"create_response": False, "silence_duration_ms": 1_000}) >> PREPARED << REST
    appended(play, audio, chunk_ms) >> FINISHES
    completed = "conversation.item.input_audio_transcription.completed"
    words = [event["transcript"] for event in play.said if event["type"] == completed]
    assert words == [load_clip(clip).transcript for clip in clips]
