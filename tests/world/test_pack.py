"""The shipped scenarios: each client ends as the file says, and for the reason that the story tells."""

import re
from functools import lru_cache

import pytest

from harness.journal import (
    AudioArrived,
    ClientLog,
    ClientReopensCapture,
    ConnectionClosed,
    ConnectionOpened,
    EventAtClient,
    EventByServer,
    FaultInjected,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    SpeakerEnded,
    SpeakerPlaying,
    SpeakerResumed,
    SpeakerStopped,
    StepPlayed,
    TurnClosed,
    UplinkAudio,
    UserSpeaks,
    WorldHealed,
)
from harness.protocol.events import (
    ConversationItemCreate,
    ErrorEvent,
    InputAudioBufferCleared,
    ResponseCreated,
    ResponseDone,
)
from harness.protocol.events import InputAudioBufferSpeechStarted as STARTED
from harness.protocol.events import InputAudioBufferSpeechStopped as STOPPED
from harness.scenario import load, shipped_scenarios
from harness.shipped import scenarios
from harness.units import MS, SECOND
from harness.verdict.judge import judge
from harness.verdict.liveness import answered_at
from tests.world.testing import logged, remedies, run, times

PACK = {path.stem: load(path) for path in shipped_scenarios()}


@lru_cache(maxsize=8)
def played(name, client, seed=0):
    """With the scenario's own detector."""
    return run(PACK[name], client, detector=None, seed=seed).journal


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "client"), [(name, client) for name, scenario in PACK.items() for client in scenario.outcomes]
)
def test_the_outcome_is_the_one_in_the_file(name, client):
    journal = played(name, client)
    assert str(judge(journal, PACK[name])) == PACK[name].outcomes[client]
    if PACK[name].outcomes[client] == "held":
        (healed,) = times(journal, WorldHealed)
        assert answered_at(journal) - healed < PACK[name].recover_within_us


def test_the_pack_is_large_and_tells_of_both_clients():
    assert len(PACK) >= 34
    assert all({"reported", "resilient"} <= set(scenario.outcomes) for scenario in PACK.values())


@pytest.mark.parametrize("name", PACK)
def test_a_scenario_has_a_story_and_a_source(name):
    scenario = PACK[name]
    assert 2 <= len(re.findall(r"[.!?](?:\s|$)", scenario.story)) <= 5
    assert scenario.source
    line = re.search(r"^source: (.*)$", scenario.path.read_text(encoding="utf-8"), re.MULTILINE)
    assert " #" not in line[1], "what follows a blank and a # is a comment"


def test_fragments_are_no_scenarios():
    fragments = {path.stem for path in (scenarios() / "common").glob("*.yaml")}
    assert fragments
    assert not fragments & {path.stem for path in shipped_scenarios()}


WORDS = (
    "include: common/", "any:", "all:", "never:", "premises:", "expect:", "assume:", "repeat:", "every:",
    "when:", "before end of:", "after:", "as:", "with:", "event:", "lasts:", "recover within:",
)  # fmt: skip


def test_the_pack_uses_the_whole_language():
    texts = [path.read_text(encoding="utf-8") for path in shipped_scenarios()]
    unused = [words for words in WORDS if not any(re.search(rf"^[\s-]*{words}", text, re.MULTILINE) for text in texts)]
    assert unused == []
    assert any("at least: " in text for text in texts)
    assert any(re.search(r": \d\w*\.\.\d", text) for text in texts)


def test_the_reported_freeze_is_recovered_from_without_a_new_session():
    journal = played("reported_freeze", "resilient")
    assert len(times(journal, ConnectionOpened)) == 1
    assert times(journal, ClientReopensCapture)
    assert "reconnect" not in remedies(journal)


def test_the_reported_freeze_shows_the_lines_of_the_report():
    """After the capture died: silent chunks, at most 96 LSB, while the socket is open and audio arrives."""
    journal = played("reported_freeze", "reported")
    (dead,) = times(journal, FaultInjected, "near-silent")
    logs = [entry for entry in journal.select(ClientLog) if entry.kind == "first_chunk"]
    lines = [entry.fields["line"] for entry in logs if entry.t > dead]
    peaks = [int(line.removeprefix("First audio chunk is silent (max: ").removesuffix(")")) for line in lines]
    assert len(peaks) > 50
    assert max(peaks) <= 96
    assert times(journal, ConnectionClosed) == []
    assert times(journal, AudioArrived)[-1] > dead + 60 * SECOND


def test_a_wedged_session_is_left_for_a_new_one_that_is_told_the_conversation():
    journal = played("vad_held_then_cleared", "resilient")
    assert len(times(journal, ConnectionOpened)) == 2
    second = times(journal, ConnectionOpened)[1]
    created = journal.events(EventAtClient, ConversationItemCreate)
    told = [entry.fields["role"] for entry in created if entry.t > second]
    assert told[:2] == ["user", "assistant"]
    assert remedies(journal)[-1] == "reconnect"


def test_a_flapping_gate_is_opened_and_the_same_session_goes_on():
    journal = played("silero_v4_flapping", "resilient")
    assert "open_gate" in remedies(journal)
    assert not {"end_speech", "reconnect"} & set(remedies(journal))
    assert len(times(journal, ConnectionOpened)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_real_net_takes_the_flapping_gate_for_one_speech(seed):
    """As the story says: one speech_started before the watchdog's first clear, and no speech_stopped at all."""
    journal = played("silero_v4_flapping", "reported", seed)
    starts, clears = times(journal, EventByServer, STARTED), times(journal, EventByServer, InputAudioBufferCleared)
    assert len([start for start in starts if start < clears[0]]) == 1
    assert times(journal, EventByServer, STOPPED) == []


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_real_net_stays_in_speech_for_most_of_a_minute(seed):
    journal = played("silero_v4_flapping", "reported", seed)
    starts = [(at, True) for at in times(journal, EventByServer, STARTED)]
    ends = [(at, False) for at in (*times(journal, EventByServer, STOPPED), *times(journal, TurnClosed))]
    in_speech, since = 0, None
    for at, begins in [*sorted(starts + ends), (journal.entries[-1].t, False)]:
        if since is not None:
            in_speech += at - since
        since = at if begins else None
    assert in_speech >= 50 * SECOND


def test_the_honest_shadow_is_held_by_the_flapping_signal_too():
    """Nothing is mocked: what the net says is what the automaton was given."""
    journal = played("silero_v4_flapping", "reported")
    assert times(journal, ShadowSpeechStarted) == times(journal, EventByServer, STARTED)
    assert times(journal, ShadowSpeechStopped) == times(journal, EventByServer, STOPPED)


def test_a_frozen_clock_is_cleared_by_the_watchdog_and_the_turn_is_orphaned():
    journal = played("frozen_audio_clock", "reported")
    (orphan,) = journal.select(TurnClosed)
    assert orphan.by == "clear"
    item_id = orphan.item_id
    started = [entry for entry in journal.events(EventAtClient, STARTED) if entry.item_id == item_id]
    assert started[0].t + 30 * SECOND <= orphan.t <= started[0].t + 30_100 * MS
    assert item_id not in [entry.item_id for entry in journal.events(EventByServer, STOPPED)]


@pytest.mark.parametrize("client", ["reported", "resilient"])
def test_typing_is_heard_while_the_assistant_speaks_and_zeros_close_the_turn(client):
    journal = played("keyboard_in_assistant_tail", client)
    (typing,) = [entry.t for entry in journal.select(StepPlayed) if entry.label == "typing"]
    heard = [at for at in times(journal, EventByServer, STARTED) if 0 < at - typing < 1_200 * MS]
    assert heard
    playing = [at for at in times(journal, SpeakerPlaying) if at < heard[0]]
    left = [entry for entry in journal.select(SpeakerEnded, SpeakerStopped) if entry.t < heard[0]]
    assert len(playing) == len(left) + 1
    zeros = [entry.zeros for entry in journal.select(UplinkAudio) if typing < entry.t < typing + 3 * SECOND]
    assert sum(zeros) > 25
    assert [at for at in times(journal, EventByServer, STOPPED) if heard[0] < at < typing + 4 * SECOND]


def test_playback_that_was_suspended_is_resumed_once():
    journal = played("playback_suspended_mid_reply", "resilient")
    assert len(times(journal, SpeakerResumed)) == 1
    assert times(played("playback_suspended_mid_reply", "reported"), SpeakerResumed) == []


def test_a_mute_server_and_a_half_open_socket_are_left_for_a_new_session():
    """Pings tell the dead socket within 10 s; the mute one answers them, so it takes the whole ladder."""
    dead, mute = played("half_open_socket", "resilient"), played("server_goes_mute", "resilient")
    assert [len(times(journal, ConnectionOpened)) for journal in (dead, mute)] == [2, 2]
    assert remedies(dead)[0] == "reconnect"
    assert [remedy for remedy in remedies(mute) if remedy != "reopen_capture"] == [
        "end_speech",
        "reconnect",
    ]
    assert logged(dead, "remedy")[0]["symptom"] == "peer_lost"


def test_a_client_that_asks_again_is_told_of_the_active_response_and_hears_it():
    journal = played("create_while_active", "resilient")
    codes = [entry.fields["code"] for entry in journal.events(EventAtClient, ErrorEvent)]
    assert codes == ["conversation_already_has_active_response"]
    assert len(times(journal, ConnectionOpened)) == 1


def test_an_interrupted_answer_that_was_not_known_yet_is_not_waited_for():
    """response.created arrives after the server has cancelled that response."""
    for client in ("reported", "resilient"):
        journal = played("cancel_before_response_created", client)
        cancelled = [entry for entry in journal.events(EventByServer, ResponseDone) if entry.status == "cancelled"]
        told = {entry.response_id: entry.t for entry in journal.events(EventAtClient, ResponseCreated)}
        assert [entry for entry in cancelled if told[entry.response_id] > entry.t]


def test_the_net_hears_a_turn_in_a_muted_line():
    journal = played("muted_softly_silero_v4", "reported")
    (muted,) = times(journal, FaultInjected, "muted-softly")
    phantom = [at for at in times(journal, EventByServer, STARTED) if muted < at < muted + 42 * SECOND]
    assert phantom
    assert not [at for at in times(journal, UserSpeaks) if muted < at < phantom[0]]
