import pytest

from harness.scenario.model import Microphone, Reply, Server, ServerSetup
from harness.verdict.diagnosis import diagnose
from tests.verdict.journals import Tale, utterance
from tests.world.stories import SECOND, App, Network, at, run, say, story, verdict

STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
COMMITTED = "input_audio_buffer.committed"


def diagnosis(tale):
    journal = tale.end()
    return diagnose(journal, utterance(journal))


def healthy():
    """Spoken, captured, sent and arrived."""
    return Tale().speaks().audio("microphone").sent().arrives()


def heard(tale, at_s=30.3, **fields):
    return tale.server(at_s, STARTED, item_id="u1", **fields)


# --- one broken link each ---


def test_no_chunk_from_the_capture():
    found = diagnosis(Tale().speaks().arrives(0, 29))
    assert found.cause == "clock_frozen"
    assert found.evidence == ("the capture delivered no chunk from 30.000 s to 33.000 s",)


def test_a_capture_that_delivers_noise_of_a_few_lsb():
    """3000 of 32768 is -20.8 dBFS."""
    tale = Tale().speaks().audio("microphone", rms=40, peak=96).sent(rms=40, peak=96).arrives()
    found = diagnosis(tale)
    assert found.cause == "capture_dead"
    assert found.evidence == (
        "the user spoke at -21 dBFS from 30.000 s",
        "the microphone delivered 150 chunks that peak at 96 of 32768",
    )


def test_a_capture_more_than_20_db_too_quiet():
    assert diagnosis(Tale().speaks().audio("microphone", rms=290).sent(rms=290).arrives()).cause == "capture_dead"
    assert diagnosis(Tale().speaks().audio("microphone", rms=310).sent(rms=310).arrives()).cause is None


def test_no_connection():
    found = diagnosis(Tale().add(20, "connection", "closed", connection=1, code=1006).speaks().audio("microphone"))
    assert (found.cause, found.evidence) == ("client_waiting", ("the client has had no connection since 20.000 s",))


def test_nothing_that_is_sent_arrives():
    found = diagnosis(Tale().speaks().audio("microphone").sent().arrives(0, 15))
    assert found.cause == "half_open"
    assert found.evidence == ("150 chunks were sent and none arrived; nothing has arrived since 14.000 s",)


def test_a_server_in_speech_since_before():
    tale = heard(healthy(), 12).add(15, "shadow", "speech_stopped", connection=1)
    found = diagnosis(tale)
    assert found.cause == "vad_held"
    assert found.evidence == (
        "the server has been in speech since 12.000 s",
        "an honest one would have ended it at 15.000 s",
    )
    assert diagnosis(heard(healthy(), 12)).evidence[1] == "an honest one holds it as well"


@pytest.mark.parametrize("ended_by", [STOPPED, "turn_closed"])
def test_a_turn_that_ended_is_not_held(ended_by):
    assert diagnosis(heard(healthy(), 12).add(15, "server", ended_by, connection=1)).cause is None


def test_a_turn_that_ends_soon_after_the_utterance_is_not_held():
    """Within 2 s of its end, at 33 s."""
    assert diagnosis(heard(healthy(), 12).server(34.9, STOPPED, item_id="u1")).cause != "vad_held"
    assert diagnosis(heard(healthy(), 12).server(35.1, STOPPED, item_id="u1")).cause == "vad_held"


def test_a_turn_of_another_session_is_not_held():
    tale = heard(healthy(), 12).add(20, "connection", "dial", connection=2).add(20, "connection", "open", connection=2)
    assert diagnosis(tale).cause is None


def test_events_of_the_server_that_do_not_arrive():
    tale = heard(healthy(), received=False).server(33.2, STOPPED, received=False, item_id="u1")
    found = diagnosis(tale)
    assert found.cause == "server_mute"
    assert found.evidence == (f"the server decided {STARTED} at 30.300 s; none of its events arrived",)


def test_a_server_that_should_have_heard():
    found = diagnosis(healthy().add(30.3, "shadow", "speech_started", connection=1))
    assert found.cause == "server_mute"
    assert found.evidence == ("an honest server would have heard speech at 30.300 s",)


def test_a_turn_without_a_response():
    tale = heard(healthy()).server(33.2, STOPPED, item_id="u1").server(33.2, COMMITTED, item_id="u1")
    found = diagnosis(tale)
    assert (found.cause, found.evidence) == ("server_mute", ("the turn committed at 33.200 s got no response",))


def test_a_response_that_never_ends():
    tale = heard(healthy().server(10, "response.created", response_id="r0")).server(33.2, STOPPED, item_id="u1")
    found = diagnosis(tale)
    assert (found.cause, found.evidence) == ("response_stuck", ("the response begun at 10.000 s has not ended",))


def test_a_response_that_ended_is_not_stuck():
    tale = healthy().server(10, "response.created", response_id="r0").server(14, "response.done", response_id="r0")
    assert diagnosis(tale).cause is None


def test_a_voice_removed_by_the_gate():
    found = diagnosis(Tale().speaks().audio("microphone").sent(rms=0, zeros=25).arrives())
    assert found.cause == "gate_closed"
    assert found.evidence == (
        "the microphone delivered the voice, -21 dBFS",
        "the client sent 100% of its chunks as zeros or not at all",
    )


def test_a_gate_that_sends_nothing():
    assert diagnosis(Tale().speaks().audio("microphone")).cause == "gate_closed"


def test_a_gate_that_takes_less_than_half_is_not_to_blame():
    assert diagnosis(Tale().speaks().audio("microphone").sent(zeros=12).arrives()).cause is None
    assert diagnosis(Tale().speaks().audio("microphone").sent(zeros=13).arrives()).cause == "gate_closed"


def answered():
    tale = heard(healthy()).server(33.2, STOPPED, item_id="u1")
    return tale.server(33.3, "response.created", response_id="r1")


def test_an_answer_that_the_client_does_not_play():
    whole = answered().server(34, "response.output_audio.done", response_id="r1")
    found = diagnosis(whole.server(34, "response.done", response_id="r1"))
    assert found.cause == "client_waiting"
    assert "34.040 s" in found.evidence[0]


def test_an_answer_that_does_not_arrive_is_not_the_clients_to_play():
    lost = answered().server(34, "response.output_audio.done", received=False, response_id="r1")
    assert diagnosis(lost.server(34, "response.done", received=False, response_id="r1")).cause == "server_mute"


def test_a_voice_that_an_honest_server_does_not_hear_is_nobodys_fault():
    found = diagnosis(healthy())
    assert found.cause is None
    assert found.evidence == ("the voice was sent as it was spoken, and an honest server does not hear speech in it",)


# --- the first broken link is the cause ---


def test_the_first_link_that_broke_is_the_cause():
    """All broken at once; then mended one after the other, in the order in which an utterance travels."""

    def broken(mended):
        tale = Tale() if mended > 1 else Tale().add(20, "connection", "closed", connection=1, code=1006)
        tale.speaks()
        if mended > 0:
            tale.audio("microphone")
        tale.sent(rms=0, zeros=25).arrives(0, 40 if mended > 2 else 12)
        tale.server(5, "response.created", response_id="r0")
        if mended <= 3:
            heard(tale, 12)
        if mended <= 4:
            tale.add(30.3, "shadow", "speech_started", connection=1)
        if mended > 5:
            tale.server(9, "response.done", response_id="r0")
        return diagnosis(tale).cause

    assert [broken(mended) for mended in range(7)] == [
        "clock_frozen",
        "client_waiting",
        "half_open",
        "vad_held",
        "server_mute",
        "response_stuck",
        "gate_closed",
    ]


# --- the same by playing ---

NO_INTERRUPTION = {"interrupt_response": False}


@pytest.mark.parametrize(
    ("cause", "client", "scenario"),
    [
        ("capture_dead", "development", story(say(1), at(7, Microphone("near-silent")))),
        ("capture_dead", "development", story(say(1), at(7, Microphone("zeroed")))),
        ("gate_closed", "reported", story(say(1, level_dbfs=-45.0))),
        ("clock_frozen", "development", story(say(1), at(7, Microphone("suspended")))),
        ("vad_held", "development", story(say(1), at(7, Server("held-active")))),
        ("server_mute", "development", story(say(1), at(7, Server("held-idle")))),
        ("server_mute", "reported", story(say(1), at(7, Server("mute")))),
        ("half_open", "development", story(say(1), at(7, Network("half-open", SECOND)))),
        (
            "response_stuck",
            "development",
            story(
                say(1), at(2, Server("stalled-reply")), server=ServerSetup(turn_detection=NO_INTERRUPTION), recover_s=30
            ),
        ),
        ("client_waiting", "development", story(say(1), at(7, App(SECOND, playback="suspended")))),
    ],
)
def test_a_played_fault_has_its_cause(cause, client, scenario):
    found = verdict(scenario, client)
    assert (found.name, found.cause) == ("failed", cause)


@pytest.mark.parametrize("watchdog_ms", [None, 20_000])
def test_a_detector_held_until_the_end_is_held_whether_or_not_a_clear_restarts_the_turn(watchdog_ms):
    scenario = story(say(1), at(8, Server("held-active")), recover_s=60)
    assert verdict(scenario, "reported", watchdog_ms=watchdog_ms).cause == "vad_held"


@pytest.mark.parametrize("watchdog_ms", [2_000, 3_000, 30_000])
def test_a_held_detector_is_held_even_if_the_watchdog_clears_within_the_utterance(watchdog_ms):
    scenario = story(say(1), at(8, Server("held-active")), recover_s=60)
    assert verdict(scenario, "reported", watchdog_ms=watchdog_ms).cause == "vad_held"


@pytest.mark.parametrize("watchdog_ms", [None, 3_000])
def test_a_gate_that_skips_silence_freezes_the_clock(watchdog_ms):
    """No append, no audio time, no speech_stopped: "no audio is appended, so the server's audio clock stands still"."""
    found = verdict(story(say(1), recover_s=40), "reported", gate_mode="skip", watchdog_ms=watchdog_ms)
    assert (found.name, found.cause) == ("failed", "clock_frozen")


# --- a user whom nobody could hear ---


def test_a_user_too_quiet_for_an_honest_server_proves_nothing():
    """18 dB below the room's noise."""
    found = verdict(story(say(1, level_dbfs=-80.0)), "development", detector="silero")
    assert (found.name, found.cause) == ("vacuous", None)
    assert "an honest detector does not take it for speech" in found.findings[0].reason


@pytest.mark.parametrize("client", ["reported", "resilient"])
def test_and_not_the_gate_either(client):
    assert verdict(story(say(1, level_dbfs=-80.0)), client, detector="silero").name == "vacuous"


def test_nor_a_capture_that_delivers_the_whisper_as_it_was():
    assert verdict(story(say(1, level_dbfs=-80.0), room_dbfs=-96.0), detector="silero").name == "vacuous"


@pytest.mark.xfail(strict=True, reason="the level of a dead capture is compared, not its likeness to what was spoken")
def test_a_dead_capture_with_louder_noise_is_dead_to_a_quiet_user():
    """Noise of up to 300 LSB in place of a voice of -40 dBFS, 328 LSB."""
    scenario = story(say(1, level_dbfs=-40.0), at(7, Microphone("near-silent", None, (41, 300))))
    assert verdict(scenario).cause == "capture_dead"


# --- answers that are heard, whatever their form ---


@pytest.mark.parametrize("reply", [Reply(lasts_us=SECOND // 4), Reply(lasts_us=2 * SECOND, pace=0.5)])
def test_short_and_slow_answers_are_answers(reply):
    assert verdict(story(say(1), server=ServerSetup(reply=reply))).name == "held"


def test_an_answer_that_has_not_begun_to_be_spoken_was_not_delivered():
    """The server takes 8 s and the user 6: each answer is interrupted before its first audio."""
    found = verdict(story(say(1), server=ServerSetup(reply=Reply(latency_us=8 * SECOND))))
    assert not any("was delivered" in line for finding in found.findings for line in finding.evidence)


def test_a_mute_server_that_waits_long_for_silence_is_mute_and_not_held():
    patient = ServerSetup(turn_detection={"silence_duration_ms": 3_000})
    assert verdict(story(say(1), at(12, Server("mute")), server=patient)).cause == "server_mute"


def test_the_evidence_of_a_played_run_names_when():
    journal = run(story(say(1), at(7, Network("half-open", SECOND)))).journal
    found = diagnose(journal, utterance(journal))
    assert found.evidence[0].partition("since ")[2] in ("6.000 s", "6.001 s", "7.000 s", "7.001 s")
