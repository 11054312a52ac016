"""A session over WebRTC (§4.13): the output buffer plays in real time, and the server truncates by itself."""

import itertools

import pytest

from harness.server.call_session import MediaFrame
from harness.server.outputs import Close
from harness.server.utterance import Utterance
from harness.server.voice import Answer, Voice
from harness.units import MS, SECOND
from tests.server.playbook import CANCEL, CREATE, REPLY_MS, VOICE, Playbook, passes, sends, silence, speech
from tests.server.testing import DELTA, STARTED, STOPPED

FRAME_MS = 20
PLAYS, PLAYED, CUT = "output_audio_buffer.started", "output_audio_buffer.stopped", "output_audio_buffer.cleared"
TRUNCATED, RESPONSE_DONE = "conversation.item.truncated", "response.done"
CLEAR = sends("output_audio_buffer.clear")


def call(**options):
    return Playbook(call=True, strict=False, **options)


def asked(**options):
    """A call in which an answer has begun to play."""
    play = call(**options) >> CREATE
    while PLAYS not in play.types():
        play >> passes(FRAME_MS)
    return play


def spoken(play):
    """The frames that hold audio of an item."""
    return [(at, frame) for at, frame in play.frames if frame.item_id is not None]


def slow(interval_ms):
    """An answer that is generated a delta (100 ms) at a time at this interval."""
    return Voice(Answer(VOICE.default.utterance, pace=100 / interval_ms))


@pytest.mark.behaviour("call-no-audio-events", "call-buffer-events")
def test_an_answer_plays_in_real_time_and_its_events_come_in_order():
    play = call() >> CREATE >> passes(2_000)
    types = play.types()
    assert DELTA not in types and "response.output_audio.done" in types
    order = ["response.content_part.added", PLAYS, RESPONSE_DONE, PLAYED]
    assert sorted(order, key=types.index) == order
    frames = spoken(play)
    assert len(frames) == -(-REPLY_MS // FRAME_MS)
    assert [later - at for (at, _), (later, _) in itertools.pairwise(frames)] == [20 * MS] * (len(frames) - 1)
    said_at = dict(zip(types, play.said_at, strict=True))
    assert said_at[PLAYED] - said_at[PLAYS] == len(frames) * 20 * MS
    assert said_at[RESPONSE_DONE] < said_at[PLAYED], "it was generated faster than it played"


def test_what_plays_is_what_was_generated():
    play = call() >> CREATE >> passes(2_000)
    pcm = b"".join(frame.pcm for _, frame in spoken(play))
    utterance: Utterance = VOICE.default.utterance
    wanted = utterance.samples.astype("<i2").tobytes()
    assert pcm[: len(wanted)] == wanted and not any(pcm[len(wanted) :])


def test_audio_that_is_generated_slower_than_it_plays_has_pauses_and_one_end():
    play = call(voice=slow(300)) >> CREATE >> passes(4_000)
    assert (play.types().count(PLAYS), play.types().count(PLAYED)) == (1, 1)
    assert len(spoken(play)) == -(-REPLY_MS // FRAME_MS)
    assert play.types().index(RESPONSE_DONE) < play.types().index(PLAYED)


@pytest.mark.behaviour("call-server-truncates")
@pytest.mark.parametrize("generated", [True, False])
def test_speech_cuts_off_what_plays_and_the_server_truncates(generated):
    play = asked(voice=VOICE if generated else slow(90))
    while len(spoken(play)) < 6:
        play >> passes(FRAME_MS)
    before = len(play.said)
    play.hears(speech(3))
    said = [event for event in play.said[before:] if not event["type"].startswith("response.output_audio_transcript")]
    types = [event["type"] for event in said]
    begin = types.index(STARTED)
    assert types[begin : begin + 3] == [STARTED, CUT, TRUNCATED]
    played = [frame for at, frame in spoken(play)]
    assert said[begin + 2]["audio_end_ms"] == len(played) * FRAME_MS
    assert said[begin + 2]["item_id"] == played[0].item_id
    assert said[begin + 1]["response_id"] == played[0].response_id
    assert (RESPONSE_DONE in types[begin:]) is not generated
    play >> passes(1_000)
    assert len(spoken(play)) == len(played) and PLAYED not in play.types()


@pytest.mark.behaviour("call-no-interruption")
def test_speech_that_does_not_interrupt_leaves_the_buffer_as_it_is():
    play = asked(turn_detection={"interrupt_response": False})
    play.hears(speech(3))
    play >> passes(1_000)
    assert STARTED in play.types() and CUT not in play.types() and PLAYED in play.types()


@pytest.mark.behaviour("call-clear")
def test_a_client_clears_the_buffer():
    play = asked(voice=slow(90)) >> passes(60) >> CLEAR
    played = len(spoken(play))
    assert [event["type"] for event in play.said if event["type"] in (CUT, TRUNCATED)] == [CUT, TRUNCATED]
    assert play.last(TRUNCATED)["audio_end_ms"] == played * FRAME_MS
    play >> passes(1_000)
    assert len(spoken(play)) == played, "what is generated later does not play"
    count = len(play.said)
    assert len((play >> CLEAR).said) == count, "nothing is there to clear"


def test_the_next_answer_plays_after_a_clear():
    play = asked(voice=slow(90)) >> passes(60) >> CLEAR >> CANCEL >> passes(300)
    before = len(spoken(play))
    play >> CREATE >> passes(2_000)
    assert len(spoken(play)) - before == -(-REPLY_MS // FRAME_MS)
    assert play.types().count(PLAYED) == 1


@pytest.mark.behaviour("call-cancel-alone")
def test_a_cancelled_response_plays_to_the_end_of_what_is_there():
    play = asked() >> CANCEL >> passes(1_000)
    assert play.last(RESPONSE_DONE)["response"]["status"] == "cancelled"
    assert 100 <= len(spoken(play)) * FRAME_MS <= REPLY_MS and PLAYED in play.types()


@pytest.mark.behaviour("call-gap-silence", "call-gap-standing")
@pytest.mark.parametrize("policy", ["silence", "standing"])
def test_a_gap_is_silence_or_no_time_at_all(policy):
    play = call(policy={"rtp_gap": policy})
    play.hears(speech(3)).runs_dry()
    play >> passes(1_000)
    assert (STOPPED in play.types()) is (policy == "silence")
    heard = play.session.hearing.appended_us
    assert heard == (96 + 20 + 1_000 if policy == "silence" else 96) * MS, "from the first packet that is missing on"
    play.hears(silence(1))
    after = play.session.hearing.appended_us
    play >> passes(500)
    assert play.session.hearing.appended_us == after, "packets arrive again, and then nobody says that they stopped"


@pytest.mark.behaviour("call-idle-silence", "call-idle-nothing")
@pytest.mark.parametrize(("policy", "frames"), [("silence", 50), ("nothing", 0)])
def test_what_an_idle_server_sends(policy, frames):
    play = call(policy={"idle_rtp": policy}) >> passes(1_000)
    assert len(play.frames) == frames
    assert not any(any(frame.pcm) for _, frame in play.frames)
    play >> CREATE >> passes(2_000)
    first = spoken(play)[0]
    assert first[1].number * 20 * MS == first[0], "frames are numbered by time, sent or not"


@pytest.mark.behaviour("call-channel-closed", "call-channel-ends")
def test_a_closed_data_channel():
    goes_on, ends = call(), call(policy={"data_channel_closed": "ends_call"})
    frames = goes_on.call.channel_closed(SECOND)
    assert len(frames) == 50 and all(isinstance(each, MediaFrame) for each in frames) and not goes_on.call.closed
    closed = ends.call.channel_closed(20 * MS)
    assert isinstance(closed[-1], Close) and ends.call.closed and ends.call.next_wake is None


@pytest.mark.behaviour("call-format")
def test_another_format_is_heard_through_the_codec():
    play = call()
    audio = {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcma"}}}
    play >> sends("session.update", session={"type": "realtime", "audio": audio})
    play.hears(speech(3) + silence(10))
    assert STARTED in play.types() and STOPPED in play.types()
    play >> passes(3_000)
    assert abs(len(spoken(play)) * FRAME_MS - REPLY_MS) <= 40 and PLAYED in play.types()


def test_a_call_wakes_in_time_or_late_with_the_same_frames():
    punctual, late = call() >> CREATE >> passes(2_000), call() >> CREATE
    late.oversleeps(2_000)
    late.oversleeps(1_000)
    assert [frame.pcm for _, frame in spoken(punctual)] == [frame.pcm for _, frame in spoken(late)]
