from dataclasses import replace

import numpy as np
import pytest

from harness.audio.chunk import Chunk
from harness.clients.interface import (
    Closed,
    Connect,
    DialFailed,
    Log,
    Opened,
    Ping,
    Play,
    PlaybackEnded,
    Pong,
    ReopenCapture,
    ResumePlayback,
    StopPlayback,
    TellUser,
)  # fmt: skip
from harness.clients.reference import REPORTED_SETTINGS, RESILIENT_SETTINGS, Development, Reported, Resilient
from harness.protocol import events
from harness.units import MS, SECOND
from tests.clients.testing import (
    CHUNK_US,
    chunk,
    cleared,
    conversation,
    created,
    delta,
    of_type,
    room,
    started,
    stopped,
)  # fmt: skip

Append, Clear = events.InputAudioBufferAppend, events.InputAudioBufferClear


def connected(client, now=0):
    client.receive(Opened(), now)
    client.receive(created(), now)
    return client


def listen(client, lsb, begin, seconds, *, ask=None):
    """Chunks of this level, and the wake-ups between them; gives (time, command) of all but appends."""
    found, now = [], begin
    while now < begin + seconds * SECOND:
        now += CHUNK_US
        while client.next_wake() is not None and client.next_wake() <= now:
            due = client.next_wake()
            for command in client.wake(due):
                found.append((due, command))
                if isinstance(command, Ping):
                    client.receive(Pong(), due)
        found += [(now, command) for command in client.hear(room(lsb, now // CHUNK_US), now)]
    return [(at, command) for at, command in found if not isinstance(command, (Append, Ping))]


# --- the gate in the client ---


def test_the_gate_sends_zeros_of_the_same_length():
    client = connected(Reported())
    assert of_type(client.hear(chunk(983), 0), Append)[0].audio == bytes(960)
    loud = chunk(984)
    assert of_type(client.hear(loud, CHUNK_US), Append)[0].audio == loud.pcm


def test_skip_sends_nothing_and_off_sends_the_noise():
    quiet = chunk(30)
    skips = connected(Reported(REPORTED_SETTINGS.changed(gate_mode="skip")))
    assert of_type(skips.hear(quiet, 0), Append) == []
    assert of_type(connected(Development()).hear(quiet, 0), Append)[0].audio == quiet.pcm


def test_nothing_is_appended_before_the_connection_is_open_or_after_it_closed():
    client = Reported()
    assert of_type(client.hear(chunk(3000), 0), Append) == []
    connected(client)
    assert of_type(client.hear(chunk(3000), CHUNK_US), Append) != []
    client.receive(Closed(1006), 2 * CHUNK_US)
    assert of_type(client.hear(chunk(3000), 3 * CHUNK_US), Append) == []


def test_while_the_assistant_is_believed_to_speak_the_interruption_threshold_gates():
    """0.1 of full scale is 3276.8 LSB."""
    client = connected(Reported())
    client.receive(delta(1000), 0)
    assert of_type(client.hear(chunk(3276), 0), Append)[0].audio == bytes(960)
    assert any(of_type(client.hear(chunk(3277), CHUNK_US), Append)[0].audio)
    client.receive(PlaybackEnded(), 2 * CHUNK_US)
    assert any(of_type(client.hear(chunk(1000), 3 * CHUNK_US), Append)[0].audio)


def test_the_first_chunk_line_of_the_report():
    client = connected(Reported())
    samples = np.zeros(480, np.int16)
    samples[100] = -41
    assert of_type(client.hear(Chunk.of(samples), 0), Log) == [
        Log("first_chunk", {"line": "First audio chunk is silent (max: 41)"})
    ]


# --- barge-in ---


def interrupted(client, lsb=6000):
    client.receive(delta(2000), 0)
    client.hear(chunk(lsb), 480 * MS)
    return client.receive(started(), 500 * MS)


def test_an_interruption_stops_playback_and_truncates_at_what_was_heard():
    assert interrupted(connected(Reported())) == [
        StopPlayback(),
        events.ConversationItemTruncate(item_id="answer_1", content_index=0, audio_end_ms=500),
    ]


def test_a_truncation_is_no_longer_than_what_was_received():
    client = connected(Reported())
    client.receive(delta(300), 0)
    client.hear(chunk(6000), 5 * SECOND)
    assert client.receive(started(), 5 * SECOND)[1].audio_end_ms == 300


def test_late_audio_of_the_interrupted_item_is_not_played():
    client = connected(Reported())
    interrupted(client)
    assert client.receive(delta(100), 600 * MS) == []
    assert of_type(client.receive(delta(100, "answer_2", "resp_2"), 2 * SECOND), Play) != []


def test_speech_below_the_interruption_threshold_interrupts_nothing():
    assert interrupted(connected(Reported()), lsb=1000) == []


# --- the watchdog ---


def test_the_watchdog_clears_every_thirty_seconds_until_speech_stops():
    client = connected(Reported())
    client.receive(started(), SECOND)
    sent = [at for at, command in listen(client, 0, SECOND, 100) if isinstance(command, Clear)]
    assert sent == [31 * SECOND, 61 * SECOND, 91 * SECOND]
    client.receive(stopped(), 101 * SECOND)
    assert client.next_wake() is None


def test_cleared_does_not_end_speech_for_the_reported_client():
    client = connected(Reported())
    client.receive(started(), 0)
    client.wake(30 * SECOND)
    client.receive(cleared(), 30 * SECOND + 80 * MS)
    assert client.next_wake() == 60 * SECOND


# --- recovery ---


def test_resilient_ends_stuck_speech_by_its_own_clear():
    """The gate first, three seconds later the clear, whose ``cleared`` ends speech: no third rung follows."""
    client = connected(Resilient())
    client.receive(started(), 0)
    logs = [command.fields for _, command in listen(client, 30, 0, 8) if isinstance(command, Log)]
    remedies = [fields["remedy"] for fields in logs if "remedy" in fields]
    assert remedies == ["open_gate"]
    found = listen(client, 30, 8 * SECOND, 2)
    assert [type(command) for _, command in found if isinstance(command, Clear)] == [Clear]
    sent = [command for _, command in found if isinstance(command, events.SessionUpdate)][:2]
    assert [update.session["audio"]["input"]["turn_detection"] for update in sent] == [None, {"type": "server_vad"}]
    client.receive(cleared(), 10 * SECOND)
    later = [command.fields for _, command in listen(client, 30, 10 * SECOND, 30) if isinstance(command, Log)]
    assert "speech_stuck" not in [fields.get("symptom") for fields in later]


def test_a_foreign_cleared_does_not_end_speech_for_resilient():
    client = connected(Resilient())
    client.receive(started(), 0)
    client.receive(cleared(), 100 * MS)
    logs = [command.fields for _, command in listen(client, 30, 0, 8) if isinstance(command, Log)]
    assert {"symptom": "speech_stuck", "remedy": "open_gate"} in logs


def test_ending_speech_keeps_the_clients_own_turn_detection():
    client = connected(Resilient(RESILIENT_SETTINGS.changed(silence_duration_ms=500, threshold=0.7)))
    client.receive(started(), 0)
    updates = [command for _, command in listen(client, 30, 0, 20) if isinstance(command, events.SessionUpdate)]
    asked = [update.session["audio"]["input"]["turn_detection"] for update in updates]
    own = {"type": "server_vad", "threshold": 0.7, "silence_duration_ms": 500}
    assert asked[asked.index(None) + 1] == own


def test_own_turn_detection_is_sent_when_the_session_begins_and_not_otherwise():
    client = Reported(REPORTED_SETTINGS.changed(silence_duration_ms=500))
    client.receive(Opened(), 0)
    (update,) = client.receive(created(), 0)
    assert update.session["audio"]["input"]["turn_detection"] == {"type": "server_vad", "silence_duration_ms": 500}
    plain = Reported()
    plain.receive(Opened(), 0)
    assert plain.receive(created(), 0) == []


def test_only_resilient_replays_the_conversation_into_a_new_session():
    replayed = conversation(connected(Resilient()))
    assert [(event.item.role, event.item.content[0].text) for event in replayed] == [
        ("user", "(spoken, without transcript)"),
        ("assistant", "Hello."),
    ]
    assert conversation(connected(Reported())) == []


@pytest.mark.parametrize("client", [Reported, Development, Resilient])
def test_a_closed_connection_is_dialled_again_with_backoff(client):
    tested = connected(client())
    tested.receive(Closed(1006), 10 * SECOND)
    dialled, now = [], 10 * SECOND
    for _ in range(4):
        while not of_type(tested.wake(now), Connect):
            now += 100 * MS
        dialled.append(now / SECOND)
        tested.receive(DialFailed("refused"), now)
    assert dialled == [10.5, 11.5, 13.5, 17.5]


def test_resilient_tells_the_user_every_fourth_failed_dial_and_goes_on():
    client = Resilient()
    told = [index for index in range(1, 13) if of_type(client.receive(DialFailed("x"), index * SECOND), TellUser)]
    assert told == [4, 8, 12]
    assert of_type(client.wake(60 * SECOND), Connect) != []


def test_resilient_leaves_a_peer_that_answers_no_ping():
    """Pinged every 5 s from the opening on, given 5 s: at 10 s."""
    client = connected(Resilient())
    now, dialled = 0, None
    while dialled is None:
        now += 50 * MS
        client.hear(chunk(30), now)
        if client.next_wake() <= now and of_type(client.wake(now), Connect):
            dialled = now
    assert 10 * SECOND <= dialled <= 10_300 * MS


def test_resilient_reopens_a_capture_that_stopped():
    client = connected(Resilient())
    client.hear(chunk(30), SECOND)
    found = [(now, of_type(client.wake(now), ReopenCapture)) for now in range(SECOND, 4 * SECOND, 250 * MS)]
    assert next(now for now, commands in found if commands) == 2_500 * MS


def test_resilient_reopens_a_capture_that_never_began():
    client = connected(Resilient())
    woken = [command for now in range(0, 60 * SECOND, 250 * MS) for command in client.wake(now)]
    assert of_type(woken, ReopenCapture) != []


def test_resilient_resumes_playback_whose_end_is_overdue():
    client = connected(Resilient())
    client.receive(delta(1000), 0)
    found = listen(client, 30, 0, 4)
    assert [at for at, command in found if isinstance(command, ResumePlayback)] == [2_500 * MS]


def test_reported_never_resumes_playback():
    client = connected(Reported())
    client.receive(delta(1000), 0)
    assert not any(isinstance(command, ResumePlayback) for _, command in listen(client, 30, 0, 60))


def test_an_unknown_event_is_ignored():
    client = connected(Resilient())
    assert client.receive(events.OutputAudioBufferClear(), 0) == []


def test_a_greeting_is_asked_for_once():
    """In the first session, after the client's own settings; not again in the next one."""
    client = Reported(replace(REPORTED_SETTINGS, greets="once", threshold=0.6))
    client.receive(Opened(), 0)
    update, request = client.receive(created(), 0)
    assert isinstance(update, events.SessionUpdate) and isinstance(request, events.ResponseCreate)
    client.receive(Closed(1006), SECOND)
    client.receive(Opened(), 2 * SECOND)
    assert [type(command) for command in client.receive(created(), 2 * SECOND)] == [events.SessionUpdate]
