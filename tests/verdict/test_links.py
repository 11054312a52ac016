"""One broken link each, in the order in which an utterance travels, in journals made by hand."""

import pytest

from harness.journal import (
    AudioArrived,
    AudioNodeCollected,
    ClientDisconnects,
    ClientPong,
    ClientReopensCapture,
    ConnectionClosed,
    ConnectionDialFailed,
    ConnectionDialled,
    ConnectionOpened,
    CreateIgnored,
    MadeToWait,
    MicrophoneAudio,
    ResponseAudio,
    ResponseForItem,
    SettingIgnored,
    SpeakerHeard,
    SpeakerResumed,
    SpeakerSuspended,
    TurnClosed,
    TurnUnanswered,
    UplinkAudio,
    UplinkDrained,
    UplinkFull,
)
from harness.protocol.events import (
    ConversationItemCreate,
    InputAudioBufferCleared,
    ResponseCreate,
    ResponseFunctionCallArgumentsDone,
    SessionUpdated,
)
from harness.units import SECOND
from harness.verdict.diagnosis import diagnose
from harness.verdict.links import LIKELY, PERHAPS, SURE
from tests.journal.testing import by_server, entry
from tests.verdict.journals import AUDIO_DONE, COMMITTED, CREATED, STARTED, STOPPED, Tale
from tests.verdict.utterances import (
    begun,
    captured,
    cause,
    diagnosis,
    ended,
    healthy,
    heard,
    honest,
    shadow_starts,
    shadow_stops,
    taken,
    whole,
)


def test_no_chunk_from_the_capture():
    found = diagnosis(Tale().captured(rms=30, begin_s=0, end_s=20).speaks().arrives(0, 29))
    assert (found.cause, found.since_us) == ("clock_frozen", 19_500_000)
    assert found.evidence == ("the capture delivered no chunk from 30.000 s to 33.000 s",)


NODE = "MediaStreamAudioSource"


def collected(*, silent_s=20, left=0, peak=0, **captured):
    """The source is collected at 25 s; the microphone delivers nothing, or what is asked for."""
    tale = Tale().captured(rms=30, begin_s=0, end_s=silent_s).add(25, AudioNodeCollected, node=NODE, left=left).speaks()
    return tale.captured(peak=peak, **captured) if captured else tale


def test_a_source_of_audio_that_was_collected():
    found = diagnosis(collected())
    assert (found.cause, found.since_us, found.confidence) == ("capture_graph_collected", 25 * SECOND, SURE)
    assert found.evidence == (
        "the garbage collector took the page's MediaStreamAudioSource at 25.000 s",
        "the capture delivered no chunks from 30.000 s to 33.000 s",
    )
    assert cause(collected(rms=0, zeros=25)) == "capture_graph_collected"


def test_a_source_that_was_collected_is_not_the_cause_if_another_one_is_left_or_sound_is_sent():
    assert cause(collected(left=1)) == "clock_frozen"
    assert cause(collected(rms=40, peak=96).sent(rms=40, peak=96)) == "capture_dead"


def test_a_source_that_was_collected_behind_a_microphone_that_still_delivers_to_the_browser():
    found = diagnosis(collected(rms=40, peak=96))
    assert found.cause == "capture_graph_collected"
    assert found.evidence[1] == "the page sent no chunks from 30.000 s to 33.000 s"


def test_a_capture_that_was_opened_again_has_a_source_of_its_own():
    assert cause(collected().add(26, ClientReopensCapture)) == "clock_frozen"
    assert cause(collected().add(34, ClientReopensCapture)) == "capture_graph_collected"


def test_a_capture_that_delivers_noise_of_a_few_lsb():
    """3000 of 32768 is -20.8 dBFS."""
    found = diagnosis(Tale().speaks().captured(rms=40, peak=96).sent(rms=40, peak=96).arrives())
    assert (found.cause, found.since_us, found.confidence) == ("capture_dead", 30 * SECOND, SURE)
    assert found.evidence == (
        "the user spoke at -21 dBFS from 30.000 s",
        "the microphone delivered 150 chunks that peak at 96 of 32768",
    )


def test_a_capture_more_than_20_db_too_quiet():
    def quieter(rms):
        return cause(Tale().speaks().captured(rms=rms).sent(rms=rms).arrives())

    assert quieter(290) == "capture_dead"
    assert quieter(310) == "audio_garbled"


def test_a_sound_just_before_the_utterance_does_not_enliven_a_dead_capture():
    tale = Tale().captured(begin_s=28, end_s=30).speaks(30.3)
    tale.captured(rms=40, peak=96, begin_s=30, end_s=34)
    tale.add(30.0, MicrophoneAudio, chunks=15, samples=7_200, rms=4000.0, peak=9_000, zeros=0)
    assert cause(tale.sent(rms=40, end_s=34).arrives()) == "capture_dead"


def test_chunks_of_another_length_hold_another_rate():
    """480 samples a chunk at first, 441 in the utterance."""
    tale = Tale().captured(rms=30, begin_s=0, end_s=30).speaks()
    for half in range(60, 66):
        tale.add(half / 2, MicrophoneAudio, chunks=25, samples=11_025, rms=3000.0, peak=9_000, zeros=0)
    found = diagnosis(tale.sent().arrives())
    assert found.cause == "audio_garbled"
    assert found.evidence[0] == "its chunks hold 441 samples on average, and held 480 at first"


def lost_connection():
    return Tale().add(20, ConnectionClosed, connection=1, code=1006).speaks().captured()


def test_no_connection_and_no_attempt():
    found = diagnosis(lost_connection())
    assert (found.cause, found.since_us) == ("client_waiting", 20 * SECOND)
    assert found.evidence == ("the client has had no connection since 20.000 s", "and does not dial")


def test_the_client_closed_the_connection_itself():
    tale = Tale().add(20, ClientDisconnects, code=1000).add(20, ConnectionClosed, connection=1, code=1000)
    found = diagnosis(tale.speaks().captured())
    assert (found.cause, found.since_us) == ("client_left", 20 * SECOND)


def test_no_connection_in_spite_of_attempts():
    tale = lost_connection()
    for at_s in (21, 23, 27):
        tale.add(at_s, ConnectionDialled, connection=2).add(at_s + 1, ConnectionDialFailed, connection=2)
    found = diagnosis(tale)
    assert (found.cause, found.since_us) == ("unreachable", 20 * SECOND)
    assert found.evidence[1] == "it has dialled 3 times since, in vain"


def test_nothing_that_is_sent_arrives():
    found = diagnosis(captured().sent().arrives(0, 15))
    assert (found.cause, found.since_us) == ("half_open", 14 * SECOND)
    assert found.evidence == ("150 chunks were sent with the utterance, and nothing has arrived since 14.000 s",)


def test_a_connection_that_takes_nothing_more_is_dead():
    """Its client sends nothing, and that is not the client's gate."""
    tale = captured().arrives(0, 15).add(16.5, UplinkFull, connection=1)
    found = diagnosis(tale)
    assert (found.cause, found.since_us) == ("half_open", 14 * SECOND)
    assert found.evidence[1] == "the connection has taken nothing more of the app since 16.500 s: the buffers are full"
    assert diagnosis(tale.add(20, UplinkDrained, connection=1)).cause != "half_open"


def test_appends_that_are_lost_on_a_connection_that_lives():
    found = diagnosis(captured().sent().arrives(0, 15).add(31, ClientPong, connection=1))
    assert found.cause == "events_lost"
    assert found.evidence[1] == "and yet the server answered with pong at 31.000 s: the connection lives"


def test_a_connection_that_breaks_as_the_user_begins_to_speak():
    """A pong of just before proves nothing."""
    tale = captured().sent().arrives(0, 31).add(30.2, ClientPong, connection=1)
    found = diagnosis(tale.sent(rms=30, begin_s=33, end_s=35))
    assert (found.cause, found.since_us) == ("half_open", 30 * SECOND)


def test_audio_that_arrives_seconds_late():
    """Sent without a pause from 0 to 33 s; at 32 s the server has had 26 s of it."""
    tale = captured().sent(rms=30, begin_s=0, end_s=30).sent()
    for second in range(1, 33):
        tale.add(second, AudioArrived, connection=1, arrived_ms=max(1000, (second - 6) * 1000))
    found = diagnosis(tale)
    assert (found.cause, found.since_us) == ("uplink_late", 27 * SECOND)


def test_audio_that_arrives_a_second_after_it_was_sent_is_not_late():
    """Sent without a pause from 0 to 33 s; at 33 s the server has had 32 s of it."""
    tale = captured().sent(rms=30, begin_s=0, end_s=30).sent().sent(rms=30, begin_s=33, end_s=36)
    for second in range(1, 40):
        tale.add(second, AudioArrived, connection=1, arrived_ms=(second - 1) * 1_000)
    assert cause(honest(tale)) == "vad_deaf"


def test_events_of_the_server_that_do_not_arrive():
    tale = heard(received=False).server(33.2, STOPPED, received=False, item_id="u1")
    found = diagnosis(tale)
    assert (found.cause, found.since_us) == ("server_mute", 30_300_000)
    assert found.evidence == (
        "the server decided input_audio_buffer.speech_started at 30.300 s; none of its events arrived",
    )


def test_a_server_in_speech_since_before_is_held():
    tale = shadow_stops(healthy().server(12, STARTED, item_id="u1"), 15)
    found = diagnosis(tale)
    assert (found.cause, found.since_us, found.confidence) == ("vad_held", 12 * SECOND, SURE)
    assert found.evidence == (
        "the server has been in speech since 12.000 s",
        "an honest one would have ended it at 15.000 s",
    )


def test_without_an_honest_end_it_is_likely_held():
    found = diagnosis(healthy().server(12, STARTED, item_id="u1"))
    assert (found.cause, found.confidence) == ("vad_held", LIKELY)


def test_sound_that_does_not_end_holds_any_detector():
    """-40 dBFS after the utterance, in which an honest detector is in speech as well."""
    tale = captured().sent().sent(rms=330, begin_s=33, end_s=36).arrives()
    found = diagnosis(shadow_starts(tale.server(12, STARTED, item_id="u1"), 12))
    assert found.cause == "endless_sound"
    assert found.evidence[-1] == "after the utterance what is sent is as loud as -40 dBFS"


def test_an_honest_turn_that_ends_as_the_next_begins_is_not_this_ones_end():
    """Both in the microsecond in which a chunk arrives that holds the end and the beginning."""
    tale = captured().sent().sent(rms=330, begin_s=33, end_s=36).arrives()
    assert cause(shadow_stops(tale.server(12, STARTED, item_id="u1"), 12)) == "endless_sound"


def test_sound_that_ended_when_the_client_mended_it_had_held_the_turn_all_the_same():
    """In speech from 12 to 34 s, long before the user spoke; an honest detector as well."""
    tale = captured().sent().sent(rms=330, begin_s=33, end_s=35).arrives()
    tale.server(12, STARTED, item_id="u1").server(34, STOPPED, item_id="u1")
    found = diagnosis(shadow_stops(tale, 34))
    assert (found.cause, found.since_us) == ("endless_sound", 12 * SECOND)
    assert found.evidence[0] == "the server was in speech from 12.000 s to 34.000 s"


def test_a_client_that_sends_no_silence_stops_the_clock():
    tale = captured().sent().arrives().server(30.3, STARTED, item_id="u1")
    found = diagnosis(shadow_starts(tale, 30.3))
    assert (found.cause, found.since_us) == ("clock_frozen", 30_300_000)


def test_a_turn_that_ends_late_was_held_unless_the_server_was_told_to_wait():
    """The utterance ends at 33 s, and the turn at 36.2: 3 s of silence."""
    late = healthy().server(30.3, STARTED, item_id="u1").server(36.2, STOPPED, item_id="u1")
    assert cause(shadow_stops(late, 33.5)) == "vad_held"
    patient = healthy().server(30.3, STARTED, item_id="u1").server(36.2, STOPPED, item_id="u1")
    assert cause(shadow_stops(patient, 36.2)) == "turn_lost"


@pytest.mark.parametrize(
    "end",
    [
        by_server(15, STOPPED, item_id="u1"),
        entry(15, TurnClosed, connection=1, item_id="u1", by="clear"),
        by_server(15, COMMITTED, item_id="u1"),
    ],
)
def test_a_turn_that_ended_before_is_not_held(end):
    tale = honest(healthy().server(12, STARTED, item_id="u1"))
    tale.journal.add(end)
    assert cause(tale) == "vad_deaf"


def test_a_turn_of_another_session_is_not_held():
    tale = Tale().server(12, STARTED, item_id="u1").add(20, ConnectionDialled, connection=2)
    tale.add(21, ConnectionOpened, connection=2)
    captured(tale).sent(connection=2).arrives().server(30.3, STARTED, item_id="u2", connection=2)
    tale.server(33.2, STOPPED, item_id="u2", connection=2)
    tale.sent(rms=30, begin_s=33, end_s=36, connection=2)
    assert cause(tale) == "turn_lost"


def test_a_server_that_should_have_heard():
    found = diagnosis(honest(healthy()))
    assert (found.cause, found.since_us) == ("vad_deaf", 30_300_000)
    assert found.evidence == ("an honest server would have heard speech at 30.300 s",)


def test_an_honest_detector_that_is_in_speech_already_hears_as_well():
    """Echo before the utterance: the honest turn goes on with the user's."""
    assert cause(shadow_stops(shadow_starts(healthy(), 28), 33.2)) == "vad_deaf"


def test_a_turn_that_the_client_committed_in_mid_speech_was_heard():
    """It opened at 28 s; the server closes it at 29 and waits for silence before it takes another."""
    tale = healthy().server(28, STARTED, item_id="u1").server(29, COMMITTED, item_id="u1")
    assert cause(shadow_stops(shadow_starts(tale, 28), 33.2)) != "vad_deaf"


def test_a_voice_removed_by_the_gate():
    found = diagnosis(captured().sent(rms=0, zeros=25).arrives())
    assert found.cause == "gate_closed"
    assert found.evidence == (
        "the microphone delivered the voice, -21 dBFS",
        "the client sent 100% of its chunks as zeros or not at all",
    )


def test_a_gate_that_sends_nothing():
    """It did before."""
    assert cause(captured().sent(begin_s=10, end_s=12).arrives()) == "gate_closed"


def test_a_client_that_never_sends_anything_has_no_gate_that_could_be_seen():
    assert cause(captured().arrives()) == "clock_frozen"


def test_a_client_that_gave_up_dialling_waits():
    """The last of its dials failed 20 s before the user speaks."""
    tale = Tale().add(5, ConnectionClosed, connection=1, code=1006).speaks().captured()
    tale.add(6, ConnectionDialled, connection=2).add(10, ConnectionDialFailed, connection=2)
    found = diagnosis(tale)
    assert (found.cause, found.evidence[1]) == ("client_waiting", "and has not dialled since 10.000 s")


def test_a_gate_that_takes_less_than_half_is_not_to_blame():
    assert cause(captured().sent(zeros=12).arrives()) == "audio_garbled"
    assert cause(captured().sent(zeros=13).arrives()) == "gate_closed"


def test_a_voice_in_which_an_honest_server_hears_none_is_garbled():
    found = diagnosis(healthy())
    assert (found.cause, found.confidence) == ("audio_garbled", LIKELY)
    assert found.evidence[0] == "what was sent is as loud as -21 dBFS"


def test_a_connection_opened_in_mid_utterance_took_only_its_end():
    """The first 2.8 s of 3 are lost, and nobody sent them again."""
    tale = Tale().add(20, ConnectionClosed, connection=1, code=1006).add(31, ConnectionDialled, connection=2)
    captured(tale.add(32.8, ConnectionOpened, connection=2))
    tale.sent(begin_s=32, end_s=33, connection=2)
    found = diagnosis(tale.add(33, AudioArrived, connection=2, arrived_ms=200))
    assert (found.cause, found.since_us, found.confidence) == ("client_waiting", 32_800_000, PERHAPS)
    assert "opened at 32.800 s" in found.evidence[0]


def test_a_turn_without_a_response():
    found = diagnosis(taken())
    assert (found.cause, found.since_us) == ("turn_lost", 33_200_000)
    assert found.evidence == ("the turn that ended at 33.200 s got no response",)


def test_a_turn_without_a_response_because_another_one_has_not_ended():
    """An answer that was interrupted, 3 s ago, and stays the active one."""
    tale = taken(healthy().server(27, CREATED, response_id="r0"))
    found = diagnosis(tale.add(33.2, TurnUnanswered, connection=1, item_id="u1", active="r0"), at_s=36)
    assert (found.cause, found.since_us) == ("response_stuck", 33_200_000)
    assert found.evidence[-1] == "because r0 has not ended"
    over = ended(taken(healthy().server(27, CREATED, response_id="r0")), at_s=33.4, response_id="r0")
    assert cause(over.add(33.2, TurnUnanswered, connection=1, item_id="u1", active="r0")) == "turn_lost"


def test_a_turn_without_a_response_because_a_call_has_no_result():
    """The client's part if it sent none; one that it sent was lost on the way."""
    waits = {"connection": 1, "calls": ["call_1", "call_2"]}
    found = diagnosis(taken().add(33.2, MadeToWait, **waits))
    assert found.cause == "client_waiting" and "the result of call_1, call_2" in found.evidence[1]
    output = {"item_type": "function_call_output"}
    tale = healthy().client(20, ConversationItemCreate, call_id="call_1", **output)
    found = diagnosis(taken(tale).add(33.2, MadeToWait, **waits))
    assert found.cause == "client_waiting" and found.evidence[1].endswith("the result of call_2")
    tale.client(21, ConversationItemCreate, call_id="call_2", **output)
    assert cause(tale) == "events_lost"


def test_a_request_that_was_ignored_right_after_the_commit():
    """A client with push to talk sends both at once, so that its request is older than the server's commit."""
    tale = taken(healthy().client(33.1, ResponseCreate))
    assert cause(tale.add(33.2, CreateIgnored, connection=1)) == "turn_lost"


def test_what_is_shown_and_not_in_force_is_in_the_evidence():
    tale = taken(healthy().add(1, SettingIgnored, connection=1, setting="create_response"))
    tale.add(1.5, SettingIgnored, connection=2, setting="voice")
    assert diagnosis(tale).evidence == (
        "the turn that ended at 33.200 s got no response",
        "session.updated showed create_response as the client had asked, and the session did not use it",
    )


def test_a_trickle_of_chunks_is_a_clock_that_stands():
    """Two chunks of 20 ms in the two seconds after the utterance, which are all that the microphone delivered."""
    tale = Tale().captured(rms=30, begin_s=0, end_s=30).speaks().captured().sent().arrives()
    few = {"chunks": 1, "samples": 480, "rms": 30.0, "peak": 90, "zeros": 0}
    for at_s in (33.5, 34.5):
        tale.add(at_s, MicrophoneAudio, **few).add(at_s, UplinkAudio, connection=1, **few)
    assert cause(shadow_starts(tale, 30.3).server(30.3, STARTED, item_id="u1")) == "clock_frozen"


@pytest.mark.parametrize(("by", "expected"), [("discard", "turn_lost"), ("clear", "client_waiting")])
def test_a_turn_that_was_dropped(by, expected):
    found = diagnosis(heard().add(33.2, TurnClosed, connection=1, item_id="u1", by=by))
    assert (found.cause, found.evidence) == (expected, (f"the turn was dropped at 33.200 s ({by})",))


def test_a_connection_that_is_closed_before_the_response():
    found = diagnosis(taken().add(33.5, ConnectionClosed, connection=1, code=1001))
    assert (found.cause, found.since_us) == ("client_waiting", 33_500_000)
    assert cause(begun().add(34, ConnectionClosed, connection=1, code=1001)) == "client_waiting"


def test_a_response_that_was_begun_long_before_and_never_ends():
    tale = taken(healthy().server(10, CREATED, response_id="r0"))
    found = diagnosis(tale)
    assert (found.cause, found.since_us, found.confidence) == ("response_stuck", 10 * SECOND, SURE)
    assert found.evidence == ("the response begun at 10.000 s has not ended",)


def test_a_response_that_ended_is_not_stuck_whatever_began_since():
    """Two responses at once: the older ends after the newer was begun."""
    tale = healthy().server(10, CREATED, response_id="r0").server(11, CREATED, response_id="o")
    ended(ended(tale, at_s=12, response_id="o"), at_s=14, response_id="r0")
    assert cause(taken(tale)) == "turn_lost"
    tale = healthy().server(10, CREATED, response_id="r0").server(11, CREATED, response_id="o")
    assert diagnosis(taken(ended(tale, at_s=12, response_id="o"))).since_us == 10 * SECOND


def test_the_utterances_response_that_never_ends():
    found = diagnosis(begun())
    assert (found.cause, found.confidence) == ("response_stuck", LIKELY)  # 6.7 s are not ten
    assert diagnosis(begun(), at_s=50).confidence == SURE


@pytest.mark.parametrize("status", ["failed", "incomplete"])
def test_a_response_that_fails(status):
    found = diagnosis(ended(begun(), status))
    assert (found.cause, found.since_us) == ("response_failed", 33_300_000)
    assert found.evidence == (f"the response begun at 33.300 s ended as {status} at 34.500 s",)


def test_a_response_without_audio():
    found = diagnosis(ended(begun()))
    assert found.cause == "reply_inaudible"
    assert found.evidence == ("the response begun at 33.300 s was completed without any audio",)


def test_a_response_that_asks_for_a_tool_waits_for_the_client():
    tale = begun().server(34, ResponseFunctionCallArgumentsDone, response_id="r1", item_id="f1")
    found = diagnosis(ended(tale))
    assert found.cause == "client_waiting"
    assert "asks for a tool" in found.evidence[0]


def test_after_a_tool_the_second_response_counts():
    tale = begun().server(34, ResponseFunctionCallArgumentsDone, response_id="r1", item_id="f1")
    assert cause(ended(tale).server(34.7, CREATED, response_id="r2")) == "response_stuck"


def test_a_response_that_was_cancelled():
    found = diagnosis(ended(begun(), "cancelled", reason="client_cancelled"))
    assert (found.cause, found.confidence) == ("client_waiting", PERHAPS)
    assert "was cancelled at 34.500 s (client_cancelled)" in found.evidence[0]


def test_a_turn_cut_in_two_by_a_pause_is_judged_by_its_second_half():
    """The first half's response is interrupted by the second, which gets none."""
    tale = honest(healthy()).server(30.3, STARTED, item_id="u1").server(31, STOPPED, item_id="u1")
    tale.server(31, CREATED, response_id="r1").server(31.5, STARTED, item_id="u2")
    ended(tale, "cancelled", at_s=31.5, reason="turn_detected").server(33.3, STOPPED, item_id="u2")
    found = diagnosis(tale)
    assert (found.cause, found.since_us) == ("turn_lost", 33_300_000)


def test_an_answer_whose_end_does_not_arrive():
    tale = begun().server(34, AUDIO_DONE, received=False, response_id="r1")
    found = diagnosis(ended(tale, received=False))
    assert (found.cause, found.since_us) == ("events_lost", 34 * SECOND)


def test_an_answer_that_suspended_playback_swallows():
    found = diagnosis(whole().add(25, SpeakerSuspended))
    assert (found.cause, found.since_us) == ("playback_suspended", 25 * SECOND)
    assert cause(whole().add(25, SpeakerSuspended).add(26, SpeakerResumed)) == "client_waiting"


def test_an_answer_that_the_client_does_not_play():
    found = diagnosis(whole())
    assert (found.cause, found.since_us, found.confidence) == ("client_waiting", 34_040_000, LIKELY)


def test_the_end_of_an_older_answer_is_not_this_ones():
    """The answer to what was said before arrives as the user begins, and is heard."""
    tale = healthy().server(30.1, AUDIO_DONE, response_id="r0")
    assert cause(ended(begun(tale))) == "reply_inaudible"


@pytest.mark.parametrize(
    ("status", "cause", "said"),
    [
        ("completed", "reply_inaudible", "the 100 ms of audio in the response begun at 33.300 s are silence"),
        ("incomplete", "response_failed", "the response begun at 33.300 s ended as incomplete at 34.500 s"),
        ("cancelled", "client_waiting", "the response begun at 33.300 s was cancelled at 34.500 s (turn_detected)"),
    ],
)
def test_a_short_answer_in_which_nothing_can_be_heard(status, cause, said):
    """Only of one that was cancelled it is not known whether it would have been heard."""
    tale = begun().server(34, AUDIO_DONE, response_id="r1")
    tale.add(34.4, ResponseAudio, connection=1, response_id="r1", item_id="i1", audio_ms=100, audible_ms=0)
    found = diagnosis(ended(tale, status, reason="turn_detected"))
    assert (found.cause, found.evidence[0]) == (cause, said)


def test_an_event_that_is_lost_on_the_way():
    """Told to ask for its responses itself, the client waits for the commit that it never gets."""
    tale = healthy().server(1, SessionUpdated, turn_detection=None).server(33.2, COMMITTED, received=False)
    tale.server(33.1, InputAudioBufferCleared).server(33.3, CREATED, response_id="r1")
    tale = ended(tale, status=None)
    found = diagnosis(tale)
    assert (found.cause, found.confidence) == ("events_lost", LIKELY)
    assert found.evidence == ("the server's input_audio_buffer.committed of 33.200 s did not arrive",)


# --- clients without turn detection ---


def push_to_talk():
    return healthy().server(1, SessionUpdated, turn_detection=None)


def test_who_turns_detection_off_has_to_commit():
    found = diagnosis(push_to_talk())
    assert found.cause == "client_waiting"
    assert found.evidence == ("turn detection is off, and the client did not commit what the user said",)


@pytest.mark.parametrize("detection", [None, {"type": "server_vad", "create_response": False}])
def test_who_makes_its_own_responses_has_to_ask_for_them(detection):
    tale = taken(healthy().server(1, SessionUpdated, turn_detection=detection)) if detection else (
        push_to_talk().server(33.4, COMMITTED, item_id="u1")
    )  # fmt: skip
    found = diagnosis(tale)
    assert found.cause == "client_waiting"
    assert "the client is to ask for it" in found.evidence[1]


def test_a_push_to_talk_answer_that_fails_or_is_heard():
    tale = push_to_talk().server(33.4, COMMITTED, item_id="u1").server(33.5, CREATED, response_id="r1")
    assert cause(ended(tale, "failed")) == "response_failed"
    tale = push_to_talk().server(33.4, COMMITTED, item_id="u1").server(33.5, CREATED, response_id="r1")
    tale.add(33.5, ResponseForItem, connection=1, response_id="r1", item_id="u1")
    ended(tale.server(34, AUDIO_DONE, response_id="r1")).add(34.3, SpeakerHeard, response_id="r1")
    assert diagnose(tale.end()).state == "answered"


def two_connections(tale):
    """The client dials anew before it leaves the connection that it has."""
    tale.add(20, ConnectionDialled, connection=2).add(20.1, ConnectionOpened, connection=2)
    return tale.add(21, ConnectionClosed, connection=1, code=1000)


def test_the_end_of_an_old_connection_is_not_the_end_of_the_new_one():
    tale = two_connections(Tale()).captured(rms=30, begin_s=0, end_s=30).speaks().captured()
    found = diagnosis(tale.captured(rms=30, begin_s=33, end_s=36).sent(connection=2).arrives(0, 29))
    assert found.cause == "half_open"


def test_a_dial_beside_an_open_connection_is_not_its_end():
    found = diagnosis(healthy().add(32, ConnectionDialled, connection=2))
    assert found.cause == diagnosis(healthy()).cause != "client_waiting"


def test_of_two_open_connections_the_one_that_is_used_is_judged():
    tale = Tale().add(20, ConnectionDialled, connection=2).add(20.1, ConnectionOpened, connection=2)
    assert diagnosis(shadow_starts(healthy(tale), 30.5)).cause == "vad_deaf"
