import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import soxr

from harness.audio import load_clip
from harness.clients.interface import (
    AppState,
    Closed,
    Connect,
    DialFailed,
    Opened,
    Ping,
    PlaybackEnded,
    Pong,
    ReopenCapture,
    ResumePlayback,
    TalkButton,
)
from harness.journal import AudioArrived, EventByServer, FaultWithoutConnection, SpeakerResumed, StepPlayed, UserSpeaks
from harness.protocol import events
from harness.scenario.model import At, Reply, Say, ServerSetup
from harness.verdict.judge import judge
from harness.verdict.liveness import answered_at
from tests.world.testing import (
    BUSY,
    MAN,
    MS,
    REPLY,
    SECOND,
    After,
    App,
    BeforeEnd,
    Noise,
    Open,
    Step,
    When,
    at,
    inject,
    kinds,
    run,
    say,
    story,
    times,
    verdict,
)  # fmt: skip

HASH = """
from tests.world.testing import BUSY, run
print(run(BUSY, "resilient", detector="{detector}", seed=5).journal.sha256())
"""


def sha_elsewhere(hash_seed, detector="energy"):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", HASH.format(detector=detector)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


# --- same input, same bytes ---


@pytest.mark.slow
def test_the_same_input_gives_the_same_journal_in_every_process():
    here = run(BUSY, "resilient", seed=5).journal
    assert run(BUSY, "resilient", seed=5).journal.sha256() == here.sha256()
    assert here.sha256() == hashlib.sha256(b"".join(here.lines())).hexdigest()
    assert {sha_elsewhere("0"), sha_elsewhere("4711")} == {here.sha256()}


@pytest.mark.slow
def test_the_same_holds_for_the_net():
    assert sha_elsewhere("1", "silero") == run(BUSY, "resilient", detector="silero", seed=5).journal.sha256()


def test_another_seed_client_or_setting_gives_another_journal():
    shas = [
        run(BUSY, client, seed=seed, **settings).journal.sha256()
        for client, seed, settings in (
            ("resilient", 5, {}), ("resilient", 6, {}), ("reported", 5, {}), ("reported", 5, {"gate_threshold": 0.02}),
        )
    ]  # fmt: skip
    assert len(set(shas)) == 4


# --- faults and their draws ---


def heard_between(tested, begin_s, end_s):
    return [samples.tobytes() for now, samples in tested.chunks if begin_s * SECOND < now <= end_s * SECOND]


def near_silence_of(*steps):
    tested = Open()
    run(story(*steps), tested)
    chunks = heard_between(tested, 5, 7)
    assert len(chunks) == 100
    return chunks


DEAD = at(5, inject("near-silent", 2 * SECOND), label="dead")


def test_near_silence_in_the_world_peaks_where_it_was_reported():
    tested = Open()
    run(story(say(1), DEAD), tested)
    peaks = [abs(samples.astype(int)).max() for now, samples in tested.chunks if 5 * SECOND < now <= 7 * SECOND]
    assert max(peaks) <= 96
    assert min(peaks) >= 38
    assert len(set(peaks)) > 20


def test_a_fault_added_behind_does_not_change_the_draws_of_another():
    later = at(8, inject("near-silent", SECOND))
    assert near_silence_of(say(1), DEAD) == near_silence_of(say(1), DEAD, later, at(3, inject("stall", SECOND)))


def test_a_fault_added_in_front_does_not_change_the_draws_of_another():
    assert near_silence_of(say(1), DEAD) == near_silence_of(at(3, inject("stall", SECOND)), say(1), DEAD)


def test_the_room_is_the_same_whatever_happens_in_it():
    plain, eventful = Open(), Open()
    run(story(say(5)), plain)
    run(story(at(3, inject("half-open", SECOND)), say(5)), eventful)
    assert heard_between(plain, 0, 4) == heard_between(eventful, 0, 4)


# --- the network ---


class Pinging(Open):
    """Open, and pings every second."""

    def hear(self, chunk, now):
        ping = [Ping()] if now % SECOND == 0 else []
        return super().hear(chunk, now) + ping

    def pongs(self):
        return self.times_of(Pong)


def test_a_mute_server_answers_pings_and_sends_no_event():
    tested = Pinging()
    run(story(say(1), at(6, inject("mute"))), tested)
    assert len([now for now in tested.pongs() if now > 7 * SECOND]) > 10
    assert not [now for now, event in tested.told if isinstance(event, events.Event) and now > 6_060 * MS]


def test_a_half_open_connection_is_dead_both_ways_and_nobody_is_told():
    tested = Pinging()
    journal = run(story(say(1), at(6, inject("half-open", 2 * SECOND))), tested).journal
    after = [event for now, event in tested.told if now > 6_060 * MS]
    assert [event for event in after if not isinstance(event, PlaybackEnded | TalkButton)] == []
    assert max(times(journal, AudioArrived)) <= 6_060 * MS
    assert kinds(journal, "connection") == ["dial", "open"]


class Redialling(Open):
    """Dials at 8 s, and again as soon as a dial fails."""

    def hear(self, chunk, now):
        return [Connect()] if now == 8 * SECOND else super().hear(chunk, now)

    def receive(self, event, now):
        found = super().receive(event, now)
        return [Connect()] if isinstance(event, DialFailed) else found


def test_dials_fail_while_the_network_is_down_and_succeed_afterwards():
    """Down from 6 to 16 s. The dial at 8 fails after 5 s; that at 13 sends its SYN again at 14 and 16 s (RFC 6298),
    and the last one connects, which takes three latencies."""
    tested = Redialling()
    run(story(say(1), at(6, inject("half-open", 10 * SECOND)), say(17)), tested)
    assert tested.times_of(DialFailed) == [13 * SECOND]
    assert tested.times_of(Opened) == [120 * MS, 16_120 * MS]


def test_a_reset_closes_with_1006_at_once():
    tested = Open()
    journal = run(story(say(1), at(6, inject("reset", SECOND))), tested).journal
    assert [(now, event.code) for now, event in tested.told if isinstance(event, Closed)] == [(6 * SECOND, 1006)]
    assert kinds(journal, "connection") == ["dial", "open", "closed"]


def test_a_stall_holds_everything_and_delivers_it_afterwards():
    """Pings at 7, 8 and 9 s are answered when it ends at 9.5 s, those before and after at once."""
    tested = Pinging()
    run(story(say(1), at(6_500 * MS / SECOND, inject("stall", 3 * SECOND)), say(11)), tested)
    around = [now / SECOND for now in tested.pongs() if 5 * SECOND < now < 11 * SECOND]
    assert around == pytest.approx([5.08, 6.08, 9.58, 9.58, 9.58, 10.08], abs=0.03)


def test_a_fault_without_a_connection_is_a_missing_premise():
    scenario = story(say(1), at(5, inject("reset", SECOND)), at(6, inject("mute"), label="late", line=9))
    found = verdict(scenario, Open())
    assert [(finding.reason, finding.line) for finding in found.findings if finding.name == "premise"] == [
        ("there was no connection for a fault to be injected into", 9)
    ]


def test_a_fault_that_is_over_before_a_connection_opens_has_met_none():
    """Reset at 5 s; mute from 6 to 7 s; dialled again at 8 s."""
    scenario = story(say(1), at(5, inject("reset")), at(6, inject("mute", SECOND)), say(11))
    [unmet] = run(scenario, Redialling()).journal.select(FaultWithoutConnection)
    assert unmet.struck_us == 6 * SECOND
    assert verdict(scenario, Redialling()).name == "vacuous"


def test_a_fault_that_begins_while_no_connection_is_open_applies_to_the_next_one():
    """Reset at 5 s; mute from 6 to 12 s; dialled again at 8 s, open at 8.12 s: not even session.created comes."""
    tested = Redialling()
    journal = run(story(say(1), at(5, inject("reset")), at(6, inject("mute", 6 * SECOND)), say(13)), tested).journal
    assert tested.times_of(Opened) == [120 * MS, 8_120 * MS]
    heard_of = [now for now, event in tested.told if isinstance(event, events.Event) and now > 5 * SECOND]
    assert heard_of and min(heard_of) > 13 * SECOND
    assert times(journal, FaultWithoutConnection) == []


def test_a_mute_server_with_a_length_speaks_again():
    """Mute from 6 to 9 s, and the user speaks at 11 s to the same session."""
    tested = Open()
    journal = run(story(say(1), at(6, inject("mute", 3 * SECOND)), say(11)), tested).journal
    assert [now for now in tested.times_of(events.InputAudioBufferSpeechStarted) if now > 11 * SECOND]
    assert kinds(journal, "connection") == ["dial", "open"]


# --- the app ---

AWAY = story(say(1), Step(BeforeEnd(1, 2 * SECOND), App(4 * SECOND, playback="suspended"), label="away"), server=REPLY)


def test_an_app_switch_suspends_playback_and_no_end_is_ever_reported():
    tested = Open()
    journal = run(AWAY, tested).journal
    assert tested.times_of(PlaybackEnded) == []
    states = [(now, event.foreground) for now, event in tested.told if isinstance(event, AppState)]
    assert [foreground for _, foreground in states] == [False, True]
    assert states[1][0] - states[0][0] == 4 * SECOND
    assert times(journal, SpeakerResumed) == []


def test_the_end_is_reported_once_the_client_resumes_playback():
    class Resuming(Open):
        def receive(self, event, now):
            found = super().receive(event, now)
            return [ResumePlayback()] if isinstance(event, AppState) and event.foreground else found

    tested = Resuming()
    run(AWAY, tested)
    back = next(now for now, event in tested.told if isinstance(event, AppState) and event.foreground)
    assert tested.times_of(PlaybackEnded)[0] == back + 2 * SECOND


def test_an_app_switch_may_suspend_the_capture():
    tested = Open()
    run(story(say(1), at(5, App(4 * SECOND, capture="suspended")), say(10)), tested)
    gap = [now for now, _ in tested.chunks if 5 * SECOND < now <= 9 * SECOND]
    assert gap == []
    assert heard_between(tested, 9, 10)


# --- the capture ---


class Reopening(Open):
    def hear(self, chunk, now):
        return super().hear(chunk, now) + ([ReopenCapture()] if now == 7 * SECOND else [])


def test_a_capture_that_died_for_good_lives_again_when_it_is_reopened():
    scenario = story(at(0, Noise("white", 60 * SECOND, level_dbfs=-40.0)), at(5, inject("zeroed")), say(11))
    tested = Reopening()
    run(scenario, tested)
    assert not any(b"".join(heard_between(tested, 5, 7)))
    assert heard_between(tested, 7, 7.2) == []
    assert any(b"".join(heard_between(tested, 7.2, 8)))


# --- anchors ---


def steps_of(journal):
    return [(entry.step, entry.t) for entry in journal.select(StepPlayed)]


def test_before_the_end_of_an_answer_is_counted_from_what_the_user_hears():
    tested = Open()
    scenario = story(say(1), Step(BeforeEnd(1, SECOND), Noise("white", SECOND), label="tail"), server=REPLY)
    fired = dict(steps_of(run(scenario, tested).journal))
    assert fired["tail"] == tested.times_of(PlaybackEnded)[0] - SECOND


def test_when_fires_after_the_event_reached_the_client():
    tested = Open()
    scenario = story(say(1), say(12), Step(When("speech_started", 2, 100 * MS), Noise("white", SECOND), label="then"))
    fired = dict(steps_of(run(scenario, tested).journal))
    assert fired["then"] == tested.times_of(events.InputAudioBufferSpeechStarted)[1] + 100 * MS


def test_after_follows_the_last_repetition():
    """The clip is 3.095 s long."""
    scenario = story(
        say(1, repeat=2, every_us=9 * SECOND, label="turn"), Step(After("turn", SECOND), Noise("white", SECOND))
    )
    assert steps_of(run(scenario).journal) == [
        ("turn (1)", SECOND), ("turn (2)", 10 * SECOND), ("step 2", 14_095 * MS),
    ]  # fmt: skip


def test_an_anchor_that_never_comes_makes_the_run_vacuous():
    found = verdict(story(say(1), Step(When("error"), Noise("white", SECOND), label="never", line=9)))
    assert found.name == "vacuous"
    assert [(finding.reason, finding.line) for finding in found.findings] == [
        ("never: what it waits for never happened", 9)
    ]


def test_a_false_assumption_makes_the_run_vacuous():
    found = verdict(story(say(1, assume=("assistant is speaking",), label="early")))
    assert str(found) == "vacuous"
    assert found.findings[0].reason == "early: assumed that assistant is speaking, and it was not so"


@pytest.mark.parametrize(
    ("at_s", "assumption"),
    [
        (0.05, None), (1, "connected"), (1, "assistant is silent"), (1, "server hears silence"),
        (2.5, "server hears speech"), (6, "assistant is speaking"),
    ],
)  # fmt: skip
def test_assumptions_are_true_when_they_should_be(at_s, assumption):
    """The user speaks from 1.2 to 4.3 s; the answer plays from about 5 to 8 s; the connection opens at 0.12 s."""
    assume = (assumption,) if assumption else ("assistant is silent",)
    found = verdict(story(say(1.2), at(at_s, Noise("white", SECOND, level_dbfs=-90.0), assume=assume), server=REPLY))
    assert found.name == "held"


def test_not_connected_before_the_first_dial_is_answered():
    found = verdict(story(at(0.05, Noise("white", SECOND), assume=("connected",)), say(1)))
    assert found.name == "vacuous"


# --- the heal ---


def test_a_step_whose_anchor_comes_after_it_was_given_up_does_not_fire():
    """The second speech_started is that of the first probe, after the heal."""
    found = verdict(story(say(1), Step(When("speech_started", 2), inject("mute"))))
    assert (found.name, found.cause) == ("vacuous", None)


def test_a_step_later_than_the_heal_does_not_fire():
    found = verdict(story(say(1), at(14, inject("mute")), lasts_us=10 * SECOND))
    assert found.name == "vacuous"


def test_a_long_recording_of_the_user_is_followed_by_short_probes(tmp_path):
    """A minute in stereo at 44.1 kHz, speech only at its end: what is repeated after the heal has at most 3 s."""
    voice = load_clip("speech_en_m_jfk1961").samples / 32768
    whole = soxr.resample(np.concatenate([np.zeros(50 * 24_000), voice]), 24_000, 44_100)
    soundfile.write(tmp_path / "long.wav", np.stack([whole, whole], axis=1), 44_100)
    scenario = replace(story(Step(At(SECOND), Say("long.wav"))), path=tmp_path / "long.yaml")
    journal = run(scenario).journal
    said = list(journal.select(UserSpeaks))
    assert said[0].length_us == pytest.approx(61 * SECOND, abs=MS)
    assert [entry.length_us for entry in said if entry.probe] == [3 * SECOND] * 3
    assert judge(journal, scenario).name == "held"


def test_the_heal_ends_a_stall_that_would_last_longer():
    """Faults with an end have ended: the first probe, 1 s after the heal at 10 s, is answered."""
    scenario = story(say(1), at(6, inject("stall", 60 * SECOND)), lasts_us=10 * SECOND)
    journal = run(scenario).journal
    assert judge(journal, scenario).name == "held"
    assert answered_at(journal) < 20 * SECOND


def test_the_heal_lets_new_connections_through():
    """The network would be down until 66 s and heals at 10 s: the dial at 8 s sends its SYN again at 9 and at 11 s."""
    tested = Redialling()
    run(story(say(1), at(6, inject("half-open", 60 * SECOND)), lasts_us=10 * SECOND), tested)
    assert tested.times_of(Opened) == [120 * MS, 11_120 * MS]


@pytest.mark.parametrize(
    "faults",
    [
        ("stalled-reply", "stalled-reply"),
        ("held-active", "held-idle"),
    ],
)
def test_two_overlapping_faults_of_the_server_both_end(faults):
    """From 5 to 9 and from 6 to 7 s: at 7 s the first must go on, at 9 s the server must be honest again."""
    longer, shorter = inject(faults[0], 4 * SECOND), inject(faults[1], SECOND)
    scenario = story(
        say(1),
        at(5, longer),
        at(6, shorter),
        say(11, MAN),
        server=ServerSetup(turn_detection={"interrupt_response": False}, reply=Reply(lasts_us=SECOND)),
    )  # fmt: skip
    journal = run(scenario).journal
    assert judge(journal, scenario).name == "held"
    done = [entry for entry in journal.events(EventByServer, events.ResponseDone) if entry.t > 10 * SECOND]
    assert done and done[0].status == "completed"
