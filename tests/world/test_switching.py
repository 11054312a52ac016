"""App switching by profile: what the tapes, the timers and the connection show while away and after the return.

The user asks at 1 s, leaves at 10 s, is back at 14 s and asks again at 16 s. The detector hears volume.
"""

import numpy as np
import pytest

from harness.clients.interface import AppState, Closed, Connect
from harness.faults.held_active import HeldActive
from harness.journal import (
    AudioNodeCollected,
    ClientLog,
    ClientReopensCapture,
    ConnectionClosed,
    ConnectionOpened,
    EventAtClient,
    FaultInjected,
    MicrophoneAudio,
    SpeakerResumed,
    SpeakerSuspended,
    UplinkAudio,
)
from harness.protocol.events import InputAudioBufferSpeechStarted
from harness.scenario.model import App, Inject
from harness.scenario.profiles import PROFILES, Timers
from tests.faults.scenes import MS, SECOND, Open, at, audio, run, say, story, times
from tests.world.testing import Clock

AWAY_S, BACK_S = 10, 14


def switch(profile=None, at_s=AWAY_S, lasts_s=BACK_S - AWAY_S, **behaviour):
    return at(at_s, App(round(lasts_s * SECOND), profile=profile, **behaviour))


def scene(profile=None, **behaviour):
    return story(say(1), switch(profile, **behaviour), say(16))


class Redialling(Open):
    """Dials again when the connection is lost."""

    def receive(self, event, now):
        return [*super().receive(event, now), *([Connect()] if isinstance(event, Closed) else [])]


def heard(client, begin_s, end_s):
    return [samples for now, samples in client.chunks if begin_s * SECOND < now <= end_s * SECOND]


def peaks(client, begin_s, end_s):
    return [int(np.abs(samples.astype(int)).max()) for samples in heard(client, begin_s, end_s)]


def told(client, kind):
    return [now for now, event in client.told if isinstance(event, kind)]


def faults(journal):
    return [(entry.kind, entry.t, entry.length_us) for entry in journal.select(FaultInjected)]


# --- the profiles ---


@pytest.mark.parametrize("profile", PROFILES)
def test_the_client_is_told_that_it_goes_and_comes(profile):
    client = Open()
    journal = run(scene(profile), client)
    assert [(now, event.foreground) for now, event in client.told if isinstance(event, AppState)] == [
        (AWAY_S * SECOND, False),
        (BACK_S * SECOND, True),
    ]
    assert [entry.profile for entry in journal.select(FaultInjected) if entry.kind == "app"] == [profile]


def test_chrome_on_a_desktop_hears_on():
    client = Open()
    journal = run(scene("chrome-desktop"), client)
    assert len(heard(client, AWAY_S, BACK_S)) == 200
    assert audio(journal, UplinkAudio, 1, 18) == audio(run(story(say(1), say(16)), Open()), UplinkAudio, 1, 18)
    assert times(journal, ConnectionClosed) == []


def test_chrome_on_a_phone_brings_2_6_s_of_zeros_and_then_0_3_s_at_once():
    client = Open()
    journal = run(scene("chrome-android"), client)
    assert heard(client, AWAY_S, BACK_S) == []
    assert peaks(client, BACK_S, BACK_S + 0.02)[:130] == [0] * 130
    assert len(heard(client, BACK_S, BACK_S + 0.02)) == 130 + 15 + 1
    assert all(peak > 0 for peak in peaks(client, BACK_S, BACK_S + 1)[130:])
    assert audio(journal, UplinkAudio, BACK_S, BACK_S + 0.5)["zeros"] == 130
    assert times(journal, ConnectionClosed) == []


def test_safari_on_an_iphone_delivers_zeros_for_ever_and_plays_nothing():
    client = Open()
    journal = run(scene("safari-ios"), client)
    assert peaks(client, AWAY_S, 30) == [0] * 50 * (30 - AWAY_S)
    assert min(peaks(client, 1, 9.9)) > 0
    assert times(journal, SpeakerSuspended) == [AWAY_S * SECOND]
    assert times(journal, SpeakerResumed) == []
    assert faults(journal)[1:] == [("zeroed", AWAY_S * SECOND, 4 * SECOND), ("zeroed", BACK_S * SECOND, None)]


def test_safari_on_an_iphone_is_cured_by_a_client_that_reopens_the_capture_after_the_return():
    journal = run(scene("safari-ios"), "resilient")
    reopened = times(journal, ClientReopensCapture)
    assert reopened and reopened[-1] >= BACK_S * SECOND
    assert audio(journal, MicrophoneAudio, reopened[-1] // SECOND + 1, 60)["zeros"] == 0
    assert times(journal, SpeakerResumed)


def test_a_frozen_electron_app_hears_nothing_and_finds_its_connection_closed():
    client = Redialling()
    journal = run(scene("electron"), client)
    assert heard(client, AWAY_S, BACK_S) == []
    assert len(heard(client, BACK_S, 16)) == 100
    assert [(now, event.code) for now, event in client.told if isinstance(event, Closed)] == [(BACK_S * SECOND, 1006)]
    assert times(journal, ConnectionOpened)[1] > BACK_S * SECOND


@pytest.mark.parametrize(("away_s", "chunks"), [(20, 100), (27.9, 100), (28.1, 0), (40, 0)])
def test_a_suspended_page_without_a_reference_to_its_source_is_deaf_for_ever_after_28_s(away_s, chunks):
    """Measured: 50 chunks a second after 20 s in suspension, none after 50 s; collected after 28.0 to 28.2 s."""
    client, back_s = Open(), AWAY_S + away_s
    journal = run(story(say(1), switch("chrome-context-suspended", lasts_s=away_s), say(back_s + 2)), client)
    assert heard(client, AWAY_S, back_s) == []
    assert len(heard(client, back_s, back_s + 2)) == pytest.approx(chunks, abs=1)
    assert len(heard(client, back_s + 8, back_s + 10)) == pytest.approx(chunks, abs=1)
    collected = times(journal, AudioNodeCollected)
    assert collected == ([] if chunks else [pytest.approx((AWAY_S + 28) * SECOND, abs=20 * MS)])
    assert [event for _, event in client.told if isinstance(event, Closed)] == []


def test_a_bluetooth_headset_is_a_far_microphone_until_the_capture_is_reopened():
    client = Open()
    journal = run(scene("bluetooth-headset"), client)
    assert all(38 <= peak <= 96 for peak in peaks(client, AWAY_S, 30))
    assert faults(journal)[1:] == [("near-silent", AWAY_S * SECOND, None)]
    assert times(journal, ConnectionClosed) == []


# --- timers ---


def test_in_a_hidden_page_timers_fire_once_a_second():
    client = Clock()
    run(scene("chrome-desktop"), client)
    assert len(client.between(8, AWAY_S)) == 19
    assert client.between(AWAY_S, BACK_S) == [second * SECOND for second in (11, 12, 13)]
    assert len(client.between(BACK_S, 16)) == 19


def test_in_a_page_that_plays_sound_timers_are_on_time():
    """The answer to the first question plays from 4.6 s to 7.6 s."""
    client = Clock()
    run(story(say(1), switch("chrome-desktop", at_s=5, lasts_s=5)), client)
    assert len(client.between(5.05, 7)) == 19
    assert client.between(8.1, 9.9) == [9 * SECOND]


@pytest.mark.parametrize("profile", ["chrome-android", "electron"])
def test_in_a_stopped_page_no_timer_fires_and_the_overdue_one_fires_on_the_return(profile):
    client = Clock()
    run(scene(profile), client)
    assert client.between(AWAY_S + 0.01, BACK_S) == []
    assert BACK_S * SECOND in client.woken


def test_in_a_stopped_page_nothing_arrives_until_the_return():
    """The user asks at 8 s and leaves at 10 s: the answer waits."""
    scenario = story(say(8), switch("chrome-android", at_s=11.3, lasts_s=6))
    client = Open()
    run(scenario, client)
    away = [now for now, event in client.told if 11.3 * SECOND < now < 17.3 * SECOND]
    assert away == []
    assert [now for now, _ in client.told if now == 17.3 * SECOND]


WATCHDOG_US = 30 * SECOND


def watchdog(profile, lasts_s=40):
    """When speech starts for the client, and when its watchdog of 30 s fires."""
    hold = at(1, Inject(HeldActive()))
    journal = run(story(hold, say(1), switch(profile, at_s=8, lasts_s=lasts_s)), "reported")
    started = times(journal, EventAtClient, InputAudioBufferSpeechStarted)[0]
    return started, times(journal, ClientLog, "watchdog")[0]


def test_a_watchdog_of_30_s_takes_30_s_in_the_foreground_and_where_nothing_is_known():
    for profile in (None, "safari-ios"):
        started, fired = watchdog(profile)
        assert fired == started + WATCHDOG_US


def test_a_hidden_page_stretches_the_watchdog_to_the_next_second():
    started, fired = watchdog("chrome-desktop")
    assert started % SECOND
    assert fired == (started + WATCHDOG_US) // SECOND * SECOND + SECOND


def test_a_stopped_page_stretches_the_watchdog_until_the_return():
    started, fired = watchdog("chrome-android")
    assert started + WATCHDOG_US < 48 * SECOND == fired


# --- what the step itself says ---


def test_the_step_overrides_the_profile():
    client = Open()
    journal = run(scene("safari-ios", capture="keeps", playback="keeps"), client)
    assert 0 not in peaks(client, AWAY_S, 30)
    assert times(journal, SpeakerSuspended) == []
    assert [kind for kind, _, _ in faults(journal)] == ["app"]
    client = Open()
    run(scene("bluetooth-headset", capture="suspended"), client)
    assert heard(client, AWAY_S, BACK_S) == []
    assert max(peaks(client, BACK_S, 20)) > 10_000


def test_a_step_without_a_profile_says_what_it_always_said():
    plain, explicit = run(scene(), Open()), run(scene(capture="keeps", playback="keeps"), Open())
    assert plain.sha256() == explicit.sha256()
    assert [entry.document() for entry in plain.select(FaultInjected)] == [
        {
            "t": AWAY_S * SECOND,
            "lane": "fault",
            "kind": "app",
            "length_us": 4 * SECOND,
            "capture": "keeps",
            "playback": "keeps",
        }
    ]


def test_what_begins_on_the_return_does_not_begin_after_the_heal():
    """Everything heals at 12 s, and the user is back at 14 s."""
    for profile in ("safari-ios", "electron"):
        scenario = story(say(1), switch(profile), lasts_us=12 * SECOND)
        client = Clock()
        journal = run(scenario, client)
        assert faults(journal)[-1][1] == AWAY_S * SECOND
        assert times(journal, ConnectionClosed) == []
        assert len(client.between(12, 13)) == 9
        assert 0 not in peaks(client, 12.1, 15)


@pytest.mark.parametrize("profile", PROFILES)
def test_until_the_switch_the_journal_is_as_without_it(profile):
    with_it, without = run(scene(profile)), run(story(say(1), say(16)))
    before = [[entry for entry in journal.entries if entry.t < AWAY_S * SECOND] for journal in (with_it, without)]
    assert before[0] == before[1]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_same_seed_gives_the_same_journal(profile):
    assert run(scene(profile), "resilient").sha256() == run(scene(profile), "resilient").sha256()


# --- the table ---


def test_every_figure_says_how_it_is_known():
    for profile in PROFILES.values():
        figures = [*profile.capture, profile.playback, profile.timers, profile.socket_dies]
        known = [figure for figure in figures if figure is not None]
        assert known
        for figure in known:
            assert figure.known in ("measured", "reported")
            assert ("#" in figure.where or "community" in figure.where) == (figure.known == "reported")


def test_throttled_timers_are_a_whole_granule_or_stand_still():
    granules = {profile.timers.value for profile in PROFILES.values() if profile.timers}
    assert granules == {Timers(SECOND, unless_audible=True), Timers(None)}
