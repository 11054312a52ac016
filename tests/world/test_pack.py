"""The shipped scenarios: each client ends as the file says, and for the reason that the story tells."""

import re
from functools import lru_cache

import pytest

from harness.scenario import load, shipped_scenarios
from harness.shipped import scenarios
from harness.units import MS, SECOND
from harness.verdict.judge import judge
from harness.verdict.liveness import answered_at
from tests.world.stories import kinds, remedies, run, times

PACK = {path.stem: load(path) for path in shipped_scenarios()}
STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
CLEARED = "input_audio_buffer.cleared"


@lru_cache(maxsize=8)
def played(name, client, seed=0):
    """With the scenario's own detector."""
    return run(PACK[name], client, detector=None, seed=seed).journal


def count(journal, lane, kind):
    return kinds(journal, lane).count(kind)


@pytest.mark.parametrize(
    ("name", "client"), [(name, client) for name, scenario in PACK.items() for client in scenario.outcomes]
)
def test_the_outcome_is_the_one_in_the_file(name, client):
    journal = played(name, client)
    assert str(judge(journal, PACK[name])) == PACK[name].outcomes[client]
    if PACK[name].outcomes[client] == "held":
        (healed,) = times(journal, "world", "heal")
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
    assert count(journal, "connection", "open") == 1
    assert "reopens_capture" in kinds(journal, "client")
    assert "reconnect" not in remedies(journal)


def test_the_reported_freeze_shows_the_lines_of_the_report():
    """After the capture died: silent chunks, at most 96 LSB, while the socket is open and audio arrives."""
    journal = played("reported_freeze", "reported")
    dead = next(entry.t for entry in journal.select("fault", "near-silent"))
    lines = [entry.fields["line"] for entry in journal.select("client", "first_chunk") if entry.t > dead]
    peaks = [int(line.removeprefix("First audio chunk is silent (max: ").removesuffix(")")) for line in lines]
    assert len(peaks) > 50
    assert max(peaks) <= 96
    assert count(journal, "connection", "closed") == 0
    assert times(journal, "server", "audio_arrives")[-1] > dead + 60 * SECOND


def test_a_wedged_session_is_left_for_a_new_one_that_is_told_the_conversation():
    journal = played("vad_held_then_cleared", "resilient")
    assert count(journal, "connection", "open") == 2
    second = times(journal, "connection", "open")[1]
    told = [entry.fields["role"] for entry in journal.select("client", "conversation.item.create") if entry.t > second]
    assert told[:2] == ["user", "assistant"]
    assert remedies(journal)[-1] == "reconnect"


def test_a_flapping_gate_is_opened_and_the_same_session_goes_on():
    journal = played("silero_v4_flapping", "resilient")
    assert "open_gate" in remedies(journal)
    assert not {"end_speech", "reconnect"} & set(remedies(journal))
    assert count(journal, "connection", "open") == 1


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_real_net_takes_the_flapping_gate_for_one_speech(seed):
    """As the story says: one speech_started before the watchdog's first clear, and no speech_stopped at all."""
    journal = played("silero_v4_flapping", "reported", seed)
    starts, clears = times(journal, "server", STARTED), times(journal, "server", CLEARED)
    assert len([start for start in starts if start < clears[0]]) == 1
    assert count(journal, "server", STOPPED) == 0


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_real_net_stays_in_speech_for_most_of_a_minute(seed):
    journal = played("silero_v4_flapping", "reported", seed)
    starts = [(at, True) for at in times(journal, "server", STARTED)]
    ends = [(at, False) for kind in (STOPPED, "turn_closed") for at in times(journal, "server", kind)]
    in_speech, since = 0, None
    for at, begins in [*sorted(starts + ends), (journal.entries[-1].t, False)]:
        if since is not None:
            in_speech += at - since
        since = at if begins else None
    assert in_speech >= 50 * SECOND


def test_the_honest_shadow_is_held_by_the_flapping_signal_too():
    """Nothing is mocked: what the net says is what the automaton was given."""
    journal = played("silero_v4_flapping", "reported")
    assert times(journal, "shadow", "speech_started") == times(journal, "server", STARTED)
    assert times(journal, "shadow", "speech_stopped") == times(journal, "server", STOPPED)


def test_a_frozen_clock_is_cleared_by_the_watchdog_and_the_turn_is_orphaned():
    journal = played("frozen_audio_clock", "reported")
    (orphan,) = journal.select("server", "turn_closed")
    assert orphan.fields["by"] == "clear"
    item_id = orphan.fields["item_id"]
    started = [entry for entry in journal.select("client", STARTED) if entry.fields["item_id"] == item_id]
    assert started[0].t + 30 * SECOND <= orphan.t <= started[0].t + 30_100 * MS
    stopped = [entry.fields["item_id"] for entry in journal.select("server", STOPPED)]
    assert item_id not in stopped


@pytest.mark.parametrize("client", ["reported", "resilient"])
def test_typing_is_heard_while_the_assistant_speaks_and_zeros_close_the_turn(client):
    journal = played("keyboard_in_assistant_tail", client)
    (typing,) = [entry for entry in journal.select("world", "step") if entry.fields["label"] == "typing"]
    heard = [entry for entry in journal.select("server", STARTED) if 0 < entry.t - typing.t < 1_200 * MS]
    assert heard
    playing = [entry.t for entry in journal.select("speaker", "playing") if entry.t < heard[0].t]
    left = [entry.t for entry in journal.select("speaker", "ended", "stopped") if entry.t < heard[0].t]
    assert len(playing) == len(left) + 1
    zeros = [
        entry.fields["zeros"]
        for entry in journal.select("uplink", "audio")
        if typing.t < entry.t < typing.t + 3 * SECOND
    ]
    assert sum(zeros) > 25
    assert [at for at in times(journal, "server", STOPPED) if heard[0].t < at < typing.t + 4 * SECOND]


def test_playback_that_was_suspended_is_resumed_once():
    journal = played("playback_suspended_mid_reply", "resilient")
    assert kinds(journal, "speaker").count("resumed") == 1
    assert "resumed" not in kinds(played("playback_suspended_mid_reply", "reported"), "speaker")


def test_a_mute_server_and_a_half_open_socket_are_left_for_a_new_session():
    """Pings tell the dead socket within 10 s; the mute one answers them, so it takes the whole ladder."""
    dead, mute = played("half_open_socket", "resilient"), played("server_goes_mute", "resilient")
    assert (count(dead, "connection", "open"), count(mute, "connection", "open")) == (2, 2)
    assert remedies(dead)[0] == "reconnect"
    assert [remedy for remedy in remedies(mute) if remedy != "reopen_capture"] == [
        "end_speech",
        "reconnect",
    ]
    symptoms = [entry.fields["symptom"] for entry in dead.select("client", "remedy")]
    assert symptoms[0] == "peer_lost"


def test_a_client_that_asks_again_is_told_of_the_active_response_and_hears_it():
    journal = played("create_while_active", "resilient")
    codes = [entry.fields["code"] for entry in journal.select("client", "error")]
    assert codes == ["conversation_already_has_active_response"]
    assert count(journal, "connection", "open") == 1


def test_an_interrupted_answer_that_was_not_known_yet_is_not_waited_for():
    """response.created arrives after the server has cancelled that response."""
    for client in ("reported", "resilient"):
        journal = played("cancel_before_response_created", client)
        cancelled = [e for e in journal.select("server", "response.done") if e.fields["status"] == "cancelled"]
        told = {e.fields["response_id"]: e.t for e in journal.select("client", "response.created")}
        assert [e for e in cancelled if told[e.fields["response_id"]] > e.t]


def test_the_net_hears_a_turn_in_a_muted_line():
    journal = played("muted_softly_silero_v4", "reported")
    (muted,) = journal.select("fault", "muted-softly")
    spoken = [entry.t for entry in journal.select("user", "speaks")]
    phantom = [at for at in times(journal, "server", STARTED) if muted.t < at < muted.t + 42 * SECOND]
    assert phantom
    assert not [at for at in spoken if muted.t < at < phantom[0]]
