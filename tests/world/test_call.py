"""Runs over WebRTC: what differs from a WebSocket, and each media fault as a client and its user meet it."""

import pytest

from harness.clients.interface import CallState, ChannelClosed, MediaReport, Opened
from harness.errors import ScenarioError, SettingError
from harness.journal import (
    AudioArrived,
    AudioDelivered,
    CallStateChanged,
    ConnectionClosed,
    ConnectionOpened,
    EventAtClient,
    EventByServer,
    FaultInjected,
    MediaPackets,
    SpeakerEnded,
    SpeakerHeard,
    SpeakerPlaying,
    UplinkAudio,
)
from harness.protocol import events
from harness.scenario import dump, loads
from harness.scenario.model import App, Reply, ServerSetup
from harness.scenario.profiles import PROFILES
from harness.server.policy import ServerPolicy
from harness.units import MS, SECOND
from harness.verdict.judge import judge
from harness.world.play import play
from tests.world.testing import Mute, at, inject, run, say, story, times

CALM = story(say(1), say(9), transport="webrtc")


def over(*steps, **fields):
    return story(say(1), *steps, transport="webrtc", **fields)


def faulty(fault, lasts_us=None, **parameters):
    return over(at(6, inject(fault, lasts_us, **parameters)), say(9))


@pytest.fixture(scope="module")
def calm():
    return run(CALM, "resilient").journal


def test_a_conversation_is_held_over_a_call(calm):
    assert str(judge(calm, CALM)) == "held" and calm.header["transport"] == "webrtc"
    assert len(times(calm, ConnectionOpened)) == 1 and times(calm, CallStateChanged) == []
    assert not list(calm.events(EventAtClient, events.ResponseOutputAudioDelta))
    kinds = {entry.kind for entry in calm.select(EventAtClient)}
    assert {"output_audio_buffer.started", "output_audio_buffer.stopped"} <= kinds
    assert {entry.kind for entry in calm.select(EventAtClient)} >= {"response.output_audio.done"}


def test_what_the_user_hears_is_what_the_server_said_recognised_by_its_bytes(calm):
    ended = list(calm.select(SpeakerEnded))
    assert ended and all(entry.audible_ms > 0.5 * entry.played_ms and not entry.garbled_ms for entry in ended)
    assert all(entry.delivered_ms == entry.sent_ms for entry in calm.select(AudioDelivered))
    heard, playing = times(calm, SpeakerHeard), times(calm, SpeakerPlaying)
    assert all(200 * MS <= end - began < 1_500 * MS for end, began in zip(heard, playing, strict=True))


def test_what_arrives_is_recognised_and_about_100_ms_old(calm):
    arrived = [entry for entry in calm.select(AudioArrived) if isinstance(entry.captured_ms, int)]
    assert arrived
    ages_ms = [entry.t // MS - entry.captured_ms for entry in arrived if entry.t > 2 * SECOND]
    assert all(80 <= age_ms <= 140 for age_ms in ages_ms), "latency, jitter, and a buffer of 60 ms"


def test_a_gate_that_skips_sends_silence_on_a_call():
    """A track has no holes: the audio clock of the server runs, where a WebSocket would leave it standing."""
    skips = {"gate_mode": "skip", "gate_threshold": 0.03}
    call = run(CALM, "reported", **skips).journal
    socket = run(story(say(1), say(9)), "reported", **skips).journal
    during = [[e for e in each.select(UplinkAudio) if 5 * SECOND < e.t < 8 * SECOND] for each in (call, socket)]
    assert during[0] and all(entry.zeros == entry.chunks for entry in during[0]) and not during[1]


def test_packets_are_counted_each_second(calm):
    seconds = list(calm.select(MediaPackets))
    assert all(entry.up_sent in (49, 50, 51) for entry in seconds[1:-1])
    assert sum(entry.up_lost + entry.down_lost + entry.up_made_up for entry in seconds) == 0


def test_a_run_is_the_same_each_time(calm):
    assert list(run(CALM, "resilient").journal.lines()) == list(calm.lines())


class Watching(Mute):
    def __init__(self):
        self.signals = []

    def receive(self, event, now):
        if isinstance(event, Opened | CallState | ChannelClosed):
            self.signals.append((round(now / SECOND, 1), event))
        elif isinstance(event, MediaReport):
            self.reports = getattr(self, "reports", 0) + 1
        return []


@pytest.mark.parametrize(
    ("fault", "lasts_s", "signals"),
    [
        ("ice-lost", 3, []),
        ("ice-lost", 8, [(12.3, "disconnected"), (14.0, "connected")]),
        ("ice-lost", 20, [(12.3, "disconnected"), (23.6, "failed")]),
        ("rtp-stopped", 8, []),
        ("data-channel-stalled", 8, []),
        ("data-channel-closed", None, [(6.0, "closed")]),
        ("dtls-closed", None, [(6.0, "closed"), (12.4, "disconnected"), (23.7, "failed")]),
    ],
)
def test_what_a_client_is_told(fault, lasts_s, signals):
    client = Watching()
    run(over(at(6, inject(fault, None if lasts_s is None else lasts_s * SECOND)), lasts_us=30 * SECOND), client)
    said = [
        (told, getattr(signal, "state", "closed")) for told, signal in client.signals if not isinstance(signal, Opened)
    ]
    within = [each for each in said if each[0] < 25]
    assert [state for _, state in within] == [state for _, state in signals]
    assert all(abs(told - wanted) <= 0.15 for (told, _), (wanted, _) in zip(within, signals, strict=True))
    assert client.signals[0][1] == Opened("webrtc") and client.reports > 10


def test_a_call_that_comes_back_is_the_same_one_and_events_come_late_and_whole():
    journal = run(faulty("ice-lost", 8 * SECOND), "resilient").journal
    assert len(times(journal, ConnectionOpened)) == 1
    assert [entry.state for entry in journal.select(CallStateChanged)] == ["disconnected", "connected"]
    lost = [entry for entry in journal.select(MediaPackets) if entry.up_lost]
    assert 380 <= sum(entry.up_lost for entry in lost) <= 420, "50 a second for 8 s, for good"


def test_a_call_that_the_server_gave_up_is_left_for_a_new_one():
    journal = run(over(at(6, inject("ice-lost", 40 * SECOND)), say(9), recover_s=40), "reported").journal
    assert (
        "given_up" in [entry.state for entry in journal.select(CallStateChanged)]
        or len(times(journal, ConnectionOpened)) > 1
    )
    assert times(journal, SpeakerHeard)[-1] > 46 * SECOND


@pytest.mark.parametrize(
    ("fault", "parameters", "verdict"),
    [
        ("rtp-stopped", {"direction": "down"}, "failed: media_lost"),
        ("rtp-stopped", {"direction": "up"}, "failed: media_lost"),
        ("packet-loss", {"share": 1.0}, "failed: half_open"),
        ("data-channel-stalled", {}, "held"),
    ],
)
def test_the_cause_of_a_silence(fault, parameters, verdict):
    scenario = faulty(fault, **parameters)
    assert str(judge(run(scenario, "development").journal, scenario)) == verdict


@pytest.mark.parametrize("direction", ["up", "down"])
def test_the_kit_notices_audio_that_stops_in_one_direction(direction):
    scenario = over(at(6, inject("rtp-stopped", direction=direction)), say(9), recover_s=60)
    journal = run(scenario, "resilient").journal
    assert str(judge(journal, scenario)) == "held" and len(times(journal, ConnectionOpened)) >= 2


def test_a_barge_in_is_cut_off_by_the_server_and_the_client_sends_nothing():
    server = ServerSetup(reply=Reply(clip="babble", text="a b c d e f g h", lasts_us=8 * SECOND))
    scenario = story(say(1), say(6), transport="webrtc", server=server)
    journal = run(scenario, "resilient").journal
    said = [e.kind for e in journal.select(EventByServer) if 6 * SECOND < e.t < 8 * SECOND]
    start = said.index("input_audio_buffer.speech_started")
    assert said[start + 1 : start + 3] == ["output_audio_buffer.cleared", "conversation.item.truncated"]
    assert not list(journal.events(EventAtClient, events.ConversationItemTruncate, events.ResponseCancel))


def test_a_capture_without_packets_is_silence_or_a_standing_clock():
    ended = {}
    for policy in ("silence", "standing"):
        server = ServerSetup(policy=ServerPolicy(rtp_gap=policy))
        scenario = over(at(2, inject("suspended")), server=server)
        journal = run(scenario, "development").journal
        stops = times(journal, EventByServer, events.InputAudioBufferSpeechStopped)
        ended[policy] = [each for each in stops if each < 6 * SECOND]
    assert ended["silence"] and not ended["standing"]


def test_a_fault_of_the_other_transport_is_refused_with_its_line():
    text = "scenario: s\ntimeline:\n  - {at: 2s, network: packet-loss}\n"
    with pytest.raises(ScenarioError, match=r":3:23: the fault 'packet-loss' happens on a WebRTC call only"):
        loads(text)
    with pytest.raises(ScenarioError, match="the fault 'half-open' happens on a WebSocket only"):
        loads("scenario: s\ntransport: webrtc\ntimeline:\n  - {at: 2s, network: half-open}\n")
    with pytest.raises(SettingError, match="'half-open' happens on a WebSocket only"):
        play(story(say(1), at(2, inject("half-open"))), "reported", transport="webrtc")
    assert loads(dump(CALM)).transport == "webrtc"


def test_a_client_with_a_line_of_its_own_is_refused():
    with pytest.raises(SettingError, match="'telephone' does not speak over webrtc"):
        play(CALM, "telephone")


def test_a_hung_up_call_ends_its_session():
    journal = run(faulty("dtls-closed"), "reported").journal
    (injected, *_) = times(journal, FaultInjected)
    assert injected <= times(journal, ConnectionClosed)[0] < injected + 100 * MS
    assert len(times(journal, ConnectionOpened)) == 2


@pytest.mark.parametrize("profile", PROFILES)
def test_an_app_switch_of_every_profile_is_played_on_a_call(profile):
    switched = over(at(6, App(4 * SECOND, profile=profile)), say(12))
    journal = run(switched, "resilient").journal
    injected = {entry.kind for entry in journal.select(FaultInjected)}
    assert not {"stall", "reset"} & injected, "those are of a WebSocket"
    stopped = PROFILES[profile].timers is not None and PROFILES[profile].timers.value.granule_us is None
    assert ("ice-lost" in injected) == stopped, "a page that stands still sends nothing, and answers no check"
    lost = [entry.t for entry in journal.select(MediaPackets) if entry.down_lost > 40]
    assert bool(lost) == stopped and all(6 * SECOND < t <= 11 * SECOND for t in lost)
    assert times(journal, CallStateChanged) == [], "4 s are too short to be told of"


@pytest.mark.parametrize(("share", "heard"), [(0.4, True), (0.9, False)])
def test_an_answer_of_which_most_is_made_up_is_not_heard(share, heard):
    """With a copy in the next packet, 0.4 and 0.9 of loss leave 0.84 and 0.19 of the audio."""
    journal = run(faulty("packet-loss", share=share, direction="down"), "reported").journal
    later = [entry.t for entry in journal.select(SpeakerHeard) if entry.t > 6 * SECOND]
    assert bool(later) == heard
    verdict = judge(journal, faulty("packet-loss", share=share, direction="down"))
    assert (verdict.name, verdict.cause) == (("held", None) if heard else ("failed", "media_lost"))
