"""The lanes of the shadow, the turns, a call and a page."""

from harness.journal import (
    AudioNodeCollected,
    CallStateChanged,
    ConnectionClosed,
    ConnectionDialled,
    ConnectionOpened,
    PageContext,
    PageLifecycle,
    PageTrack,
    ResponseForItem,
    RunEnded,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    TurnTaken,
)
from harness.picture.lanes import lanes
from harness.protocol.events import InputAudioBufferSpeechStarted
from harness.units import SECOND
from tests.report.testing import add, cured, journal, opened, server


def seen(of, lane):
    return [(span.start_us / SECOND, span.end_us / SECOND, span.label) for span in lanes(of)[lane].spans]


def test_the_shadow_hears_until_it_stops_or_the_connection_does():
    made = opened()
    add(made, 1, ShadowSpeechStarted, connection=1, audio_start_ms=900)
    add(made, 3, ShadowSpeechStopped, connection=1, audio_end_ms=2_900)
    add(made, 5, ShadowSpeechStarted, connection=1, audio_start_ms=4_900)
    add(made, 6, ConnectionClosed, connection=1, code=1006)
    add(made, 9, RunEnded)
    assert seen(made, "shadow") == [(1, 3, "speech"), (5, 6, "speech")]


def test_a_turn_lasts_to_its_commit_and_says_whether_it_gets_a_response():
    made = opened()
    server(made, 1, InputAudioBufferSpeechStarted, item_id="item_1")
    add(made, 4, TurnTaken, connection=1, item_id="item_1", from_ms=700, to_ms=3_800, speech_ms=2_500)
    add(made, 4, ResponseForItem, connection=1, response_id="resp_1", item_id="item_1")
    add(made, 9, TurnTaken, connection=1, item_id="item_2", from_ms=6_000, to_ms=8_500, speech_ms=0)
    server(made, 12, InputAudioBufferSpeechStarted, item_id="item_3")
    add(made, 40, RunEnded)
    assert seen(made, "turns") == [
        (1, 4, "turn with 2.5 s of speech, gets a response"),
        (6.5, 9, "turn with 0 s of speech, gets no response"),  # by hand: 2.5 s of audio that end at the commit
        (12, 40, "open for 28 s"),
    ]


def test_a_turn_of_an_old_journal_ends_at_its_commit_too():
    assert seen(cured(), "turns") == [(2.5, 4, "turn, gets a response"), (21.5, 23, "turn, gets a response")]


def test_a_turn_that_its_connection_leaves_was_never_committed():
    made = opened()
    server(made, 1, InputAudioBufferSpeechStarted, item_id="item_1")
    add(made, 3, ConnectionClosed, connection=1, code=1006)
    add(made, 9, RunEnded)
    assert seen(made, "turns") == [(1, 3, "never committed")]


def test_a_call_has_its_states_and_a_websocket_none():
    made = journal()
    add(made, 0, ConnectionDialled, connection=1)
    add(made, 1, ConnectionOpened, connection=1)
    add(made, 5, CallStateChanged, connection=1, state="disconnected")
    add(made, 15, CallStateChanged, connection=1, state="failed")
    add(made, 20, ConnectionClosed, connection=1, code=1006)
    add(made, 30, RunEnded)
    assert seen(made, "call") == [(1, 5, "call connected"), (5, 15, "call disconnected"), (15, 20, "call failed")]
    assert not seen(cured(), "call")


def test_a_page_shows_its_contexts_its_tracks_and_when_it_is_hidden():
    made = opened()
    add(made, 0, PageContext, context=1, state="running")
    add(made, 5, PageLifecycle, event="hidden")
    add(made, 5, PageContext, context=1, state="interrupted")
    add(made, 6, PageTrack, event="mute", label="Microphone")
    add(made, 8, PageTrack, event="unmute", label="Microphone")
    add(made, 9, PageLifecycle, event="visible")
    add(made, 10, AudioNodeCollected, node="MediaStreamAudioSource")
    add(made, 20, RunEnded)
    assert seen(made, "page") == [
        (0, 5, "context 1 running"),
        (5, 9, "hidden"),
        (5, 20, "context 1 interrupted"),
        (6, 8, "track muted"),
        (10, 10, "MediaStreamAudioSource collected"),
    ]
