"""Whether there is a silence, whose fault it is, and the same by playing."""

import pytest

from harness.journal import ConnectionClosed, ResponseForItem, SpeakerHeard
from harness.scenario.model import Reply, ServerSetup
from harness.verdict.diagnosis import diagnose
from tests.verdict.journals import AUDIO_DONE, COMMITTED, CREATED, STARTED, STOPPED, Tale, utterance
from tests.verdict.utterances import (
    captured,
    cause,
    diagnosis,
    ended,
    healthy,
    honest,
    played,
    whole,
)
from tests.world.testing import SECOND, App, at, inject, run, say, story, verdict

# --- no silence ---


def test_nobody_spoke():
    found = diagnose(Tale().captured(rms=30).end())
    assert (found.state, found.cause, found.evidence) == ("quiet", None, ("nobody spoke",))


def test_an_utterance_that_no_honest_detector_hears_is_quiet():
    tale = Tale().speaks(30, rms=5.0, audible=False)
    assert (diagnosis(tale).state, diagnosis(tale).cause) == ("quiet", None)


def test_a_whisper_that_is_sent_as_it_was_and_heard_by_nobody_is_quiet():
    """4 LSB, -78 dBFS, is far below the level that a dead capture is known by."""
    tale = Tale().speaks(rms=4.0).captured(rms=4).sent(rms=4).arrives()
    assert diagnosis(tale).state == "quiet"


def test_what_was_said_last_was_answered():
    found = diagnose(played(whole()).end())
    assert (found.state, found.cause) == ("answered", None)


def test_who_went_on_speaking_in_an_open_turn_was_answered():
    """A pause of 0.4 s ends no turn: the second sentence belongs to the turn of the first."""
    tale = healthy(Tale().speaks(25, probe=False, length_s=4.6)).server(25.3, STARTED, item_id="u1")
    tale.server(33.2, STOPPED, item_id="u1").server(33.2, COMMITTED, item_id="u1")
    ended(tale.server(33.3, CREATED, response_id="r1").server(34, AUDIO_DONE, response_id="r1"))
    assert diagnose(played(tale).end()).state == "answered"


def test_who_spoke_into_a_turn_that_sound_had_opened_is_answered_by_its_answer():
    """In speech from 29 s, a second before the user; until 36 s, when the sound ends: the turn holds the words."""
    tale = captured().sent().sent(rms=330, begin_s=33, end_s=36).arrives()
    tale.server(29, STARTED, item_id="u1").server(36, STOPPED, item_id="u1").server(36, CREATED, response_id="r1")
    tale.add(36, ResponseForItem, connection=1, response_id="r1", item_id="u1")
    assert diagnose(tale.add(37, SpeakerHeard, response_id="r1").end()).state == "answered"


def test_without_an_utterance_the_last_one_that_had_its_time_is_looked_into():
    """The user speaks again at 38, until 41; the journal ends at 40."""
    found = diagnose(Tale().speaks().captured(rms=30).speaks(38).end(40))
    assert found.cause == "capture_dead"


# --- the first broken link is the cause ---


def test_the_first_link_that_broke_is_the_cause():
    """All broken at once; then mended one after the other, in the order in which an utterance travels."""

    def broken(mended):
        tale = Tale() if mended > 1 else Tale().add(20, ConnectionClosed, connection=1, code=1006)
        tale = captured(tale) if mended > 0 else tale.speaks()
        tale.sent(rms=0, zeros=25).sent(rms=0, zeros=25, begin_s=33, end_s=36)
        tale.arrives(0, 40 if mended > 2 else 12).server(5, CREATED, response_id="r0")
        if mended <= 3:
            tale.server(12, STARTED, item_id="u0")
        if mended <= 4:
            honest(tale)
        if mended > 5:
            ended(tale, at_s=9, response_id="r0")
        return cause(tale)

    assert [broken(mended) for mended in range(7)] == [
        "clock_frozen",
        "client_waiting",
        "half_open",
        "vad_held",
        "vad_deaf",
        "response_stuck",
        "gate_closed",
    ]


# --- the same by playing ---

NO_INTERRUPTION = {"interrupt_response": False}


@pytest.mark.parametrize(
    ("expected", "client", "scenario"),
    [
        ("capture_dead", "development", story(say(1), at(7, inject("near-silent")))),
        ("capture_dead", "development", story(say(1), at(7, inject("zeroed")))),
        ("gate_closed", "reported", story(say(1, level_dbfs=-45.0))),
        ("clock_frozen", "development", story(say(1), at(7, inject("suspended")))),
        (
            "capture_graph_collected",
            "development",
            story(say(1), at(7, inject("graph-collected", 4 * SECOND, after_us=SECOND))),
        ),
        ("vad_held", "development", story(say(1), at(7, inject("held-active")))),
        ("vad_deaf", "development", story(say(1), at(7, inject("held-idle")))),
        ("server_mute", "reported", story(say(1), at(7, inject("mute")))),
        ("half_open", "development", story(say(1), at(7, inject("half-open", SECOND)))),
        (
            "response_stuck",
            "development",
            story(
                say(1), at(2, inject("stalled-reply")), server=ServerSetup(turn_detection=NO_INTERRUPTION), recover_s=30
            ),
        ),
        ("playback_suspended", "development", story(say(1), at(7, App(SECOND, playback="suspended")))),
    ],
)
def test_a_played_fault_has_its_cause(expected, client, scenario):
    found = verdict(scenario, client)
    assert (found.name, found.cause) == ("failed", expected)


@pytest.mark.parametrize("watchdog_ms", [None, 20_000])
def test_a_detector_held_until_the_end_is_held_whether_or_not_a_clear_restarts_the_turn(watchdog_ms):
    scenario = story(say(1), at(8, inject("held-active")), recover_s=60)
    assert verdict(scenario, "reported", watchdog_ms=watchdog_ms).cause == "vad_held"


@pytest.mark.parametrize("watchdog_ms", [2_000, 3_000, 30_000])
def test_a_held_detector_is_held_even_if_the_watchdog_clears_within_the_utterance(watchdog_ms):
    scenario = story(say(1), at(8, inject("held-active")), recover_s=60)
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
    scenario = story(say(1, level_dbfs=-40.0), at(7, inject("near-silent", peak_lsb=(41, 300))))
    assert verdict(scenario).cause == "capture_dead"


# --- answers that are heard, whatever their form ---


@pytest.mark.parametrize("reply", [Reply(clip="babble", lasts_us=SECOND // 8), Reply(lasts_us=2 * SECOND, pace=0.5)])
def test_short_and_slow_answers_are_answers(reply):
    assert verdict(story(say(1), server=ServerSetup(reply=reply))).name == "held"


def test_an_answer_that_has_not_begun_to_be_spoken_was_not_delivered():
    """The server takes 8 s and the user 6: each answer is interrupted before its first audio."""
    found = verdict(story(say(1), server=ServerSetup(reply=Reply(latency_us=8 * SECOND))))
    assert not any("arrived whole" in line for finding in found.findings for line in finding.evidence)


def test_a_mute_server_that_waits_long_for_silence_is_mute_and_not_held():
    patient = ServerSetup(turn_detection={"silence_duration_ms": 3_000})
    assert verdict(story(say(1), at(12, inject("mute")), server=patient)).cause == "server_mute"


def test_the_evidence_of_a_played_run_names_when():
    journal = run(story(say(1), at(7, inject("half-open", SECOND)))).journal
    found = diagnose(journal, utterance(journal))
    assert found.evidence[0].partition("since ")[2] in ("6.000 s", "6.001 s", "7.000 s", "7.001 s")
