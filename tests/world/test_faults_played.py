"""What each fault of the wire, the detector and the policy does to a conversation that is played."""

import pytest

from harness.clients.interface import Closed, Connect, DialFailed, Disconnect, Opened, Ping, Pong
from harness.errors import SettingError
from harness.faults import CATALOGUE, faults_over
from harness.faults.parameters import make
from harness.journal import (
    ClientUnreadable,
    ConnectionClosed,
    ConnectionOpened,
    EventAtClient,
    EventByServer,
    ShadowSpeechStarted,
)
from harness.protocol import events
from harness.scenario.model import Inject, Noise
from harness.units import MS, SECOND
from tests.world.testing import Open, at, run, say, story, times

STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
COMMITTED, CREATED, DONE = "input_audio_buffer.committed", "response.created", "response.done"


def inject(at_s, name, lasts_s=None, **parameters):
    fault = make(CATALOGUE[name], {key.replace("_", " "): value for key, value in parameters.items()})
    return at(at_s, Inject(fault, None if lasts_s is None else round(lasts_s * SECOND)))


def played(*steps, client=None, lasts_s=10, detector="energy", **fields):
    """Play on a client that sends and plays everything and never tries anything; gives it and the journal."""
    client = client or Open()
    scenario = story(*steps, lasts_us=lasts_s * SECOND, recover_s=1, **fields)
    return client, run(scenario, client, detector=detector).journal


def server(journal):
    """The types of the events that the server sends, in order."""
    return [entry.kind for entry in journal.select(EventByServer)]


def received(client, kind):
    return [event for _, event in client.told if isinstance(event, events.Event) and event_name(event) == kind]


def event_name(event):
    return events.event_type(event)


# --- policy ---------------------------------------------------------------------------------------------------------


def test_discarded_turns_start_and_never_stop():
    _, journal = played(inject(0, "discarded-turns"), say(1), say(6), lasts_s=12)
    said = server(journal)
    assert said.count(STARTED) >= 2
    assert not {STOPPED, COMMITTED, CREATED} & set(said)


def test_a_sticky_start_is_the_last_that_is_told():
    _, journal = played(inject(0, "sticky-start"), say(1), say(6), lasts_s=12)
    assert server(journal).count(STARTED) == 1


def test_a_dropped_response_is_never_begun():
    _, journal = played(inject(0, "dropped-response"), say(1))
    assert COMMITTED in server(journal)
    assert CREATED not in server(journal)


@pytest.mark.parametrize(
    ("of", "turn", "asked"), [("turns", False, True), ("create", True, False), ("all", False, False)]
)
def test_which_responses_are_dropped(of, turn, asked):
    """A turn from 1 s on, and a response.create at 8 s, long after its answer; a dropped one gets no error either."""
    create = CommitsAt(8, events.ResponseCreate())
    client, journal = played(inject(0, "dropped-response", of=of), say(1), client=create, lasts_s=12)
    begun = times(journal, EventByServer, events.ResponseCreated)
    assert [any(at < 8 * SECOND for at in begun), any(at >= 8 * SECOND for at in begun)] == [turn, asked]
    assert not received(client, "error")


def test_a_stalled_reply_goes_on_when_the_fault_ends():
    """The fault begins after the turn was committed, and lasts 16 s; without an end, nothing follows."""
    (committed, *_) = times(played(say(1))[1], EventByServer, events.InputAudioBufferCommitted)
    begins_s = committed / SECOND + 0.1
    whole, _ = played(say(1))
    stalled, journal = played(inject(begins_s, "stalled-reply", 16), say(1), lasts_s=25)
    audio = [[event.delta for event in received(each, "response.output_audio.delta")] for each in (whole, stalled)]
    assert audio[0] == audio[1]
    (done,) = times(journal, EventByServer, events.ResponseDone)
    assert committed + 16.1 * SECOND <= done < committed + 17.1 * SECOND
    assert DONE not in server(played(inject(begins_s, "stalled-reply"), say(1), lasts_s=25)[1])


def test_a_failed_response_ends_at_once():
    client, _ = played(inject(0, "failed-response"), say(1))
    (done,) = received(client, DONE)
    assert done.response.status == "failed"
    assert not received(client, "response.output_audio.delta")


def test_a_text_only_reply_has_no_audio():
    client, _ = played(inject(0, "text-only-reply"), say(1))
    assert received(client, DONE)
    assert received(client, "response.output_text.delta")
    assert not received(client, "response.output_audio.delta")


def test_an_endless_reply_goes_on_in_silence():
    client, journal = played(inject(4.8, "endless-reply"), say(1), lasts_s=25)
    assert DONE not in server(journal)
    audio = [event.delta for event in received(client, "response.output_audio.delta")]
    assert any(audio[0])
    assert len(audio) > 300
    assert not any(map(any, audio[-300:]))


def test_a_lost_tail_is_missing_from_the_audio_alone():
    whole, _ = played(say(1))
    client, _ = played(inject(0, "lost-tail"), say(1))
    lengths = [sum(len(e.delta) for e in received(c, "response.output_audio.delta")) for c in (whole, client)]
    assert 0 < lengths[1] < lengths[0]
    texts = [[e.transcript for e in received(c, "response.output_audio_transcript.done")] for c in (whole, client)]
    assert texts[0] == texts[1] != []


class CommitsAt(Open):
    """Sends one event at a time of its own."""

    def __init__(self, when_s, event):
        super().__init__()
        self._when, self._event = round(when_s * SECOND), event

    def next_wake(self):
        return self._when if self._event else None

    def wake(self, now):
        event, self._event = self._event, None
        return [event]


def test_an_ignored_commit_is_not_answered():
    commit = events.InputAudioBufferCommit()
    assert COMMITTED in server(played(client=CommitsAt(2, commit), lasts_s=3)[1])
    assert COMMITTED not in server(played(inject(0, "ignored-commit"), client=CommitsAt(2, commit), lasts_s=3)[1])


@pytest.mark.parametrize(("variant", "heard_again"), [("reset", True), ("buffer_only", False), ("wedge", False)])
def test_clear_during_speech(variant, heard_again):
    clear = CommitsAt(2, events.InputAudioBufferClear())
    _, journal = played(inject(0, "clear-during-speech", variant=variant), say(1), client=clear, lasts_s=8)
    assert (server(journal).count(STARTED) > 1) is heard_again
    assert (STOPPED in server(journal)) is (variant != "wedge")


@pytest.mark.parametrize(("variant", "starts"), [("idle", 2), ("active", 1)])
def test_commit_during_speech(variant, starts):
    commit = CommitsAt(2, events.InputAudioBufferCommit())
    _, journal = played(inject(0, "commit-during-speech", variant=variant), say(1), client=commit, lasts_s=8)
    assert server(journal).count(STARTED) == starts


def test_of_a_partial_update_the_first_fields_are_in_force():
    update = events.SessionUpdate(
        session={
            "type": "realtime",
            "audio": {"input": {"turn_detection": None}},
            "max_output_tokens": "many",
        }
    )
    honest = server(played(say(3), client=CommitsAt(1, update))[1])
    partial = server(played(inject(0, "partial-update"), say(3), client=CommitsAt(1, update))[1])
    assert "error" in honest and "error" in partial
    assert STARTED in honest
    assert STARTED not in partial


def test_an_expired_session_says_so_and_closes():
    client, _ = played(inject(2, "expired"), say(4))
    (error,) = received(client, "error")
    assert error.error.code == "session_expired"
    assert [message.code for _, message in client.told if isinstance(message, Closed)] == [1001]


# --- detector -------------------------------------------------------------------------------------------------------


def test_scripted_probabilities_are_what_is_heard():
    script = [1.0] * 30 + [0.0]
    _, journal = played(inject(1, "scripted-probabilities", probabilities=script), lasts_s=5)
    assert [kind for kind in server(journal) if ".speech_" in kind] == [STARTED, STOPPED]


def test_deaf_after_noise_misses_one_utterance():
    steps = [inject(0, "deaf-after-noise", noise="3s", speech="5s"), say(4)]
    _, journal = played(*steps, lasts_s=9)
    assert STARTED not in server(journal)
    assert times(journal, ShadowSpeechStarted)


def test_another_detector_decides():
    """The energy detector calls any loud sound speech; Silero does not."""
    noise = at(1, Noise("white", 2 * SECOND, -25.0))
    assert STARTED in server(played(noise)[1])
    _, journal = played(inject(0, "another-detector", detector="silero"), noise)
    assert STARTED not in server(journal)
    assert times(journal, ShadowSpeechStarted)


# --- events on the wire ---------------------------------------------------------------------------------------------


def test_dropped_events_are_said_and_never_arrive():
    client, journal = played(inject(0, "dropped-events", events="response.done"), say(1))
    assert DONE in server(journal)
    assert not received(client, DONE)
    assert received(client, CREATED)


def test_delayed_events_hold_up_what_follows():
    on_time, _ = played(say(1))
    late, _ = played(inject(0, "late-created", delay="2s"), say(1))
    created = on_time.times_of(events.ResponseCreated)[0] + 2 * SECOND
    assert late.times_of(events.ResponseCreated) == [pytest.approx(created, abs=30 * MS)]
    assert late.times_of(events.ResponseOutputAudioDelta)[0] >= created - 30 * MS
    assert late.times_of(events.ResponseDone) > on_time.times_of(events.ResponseDone)
    assert late.times_of(events.InputAudioBufferCommitted) == on_time.times_of(events.InputAudioBufferCommitted)


def test_a_duplicated_session_is_still_one():
    client, journal = played(inject(0, "duplicated-events", events="session.created"), say(1))
    first, second = received(client, "session.created")
    assert first.session["id"] == second.session["id"]
    assert len(times(journal, ConnectionOpened)) == 1
    assert received(client, DONE)


def test_duplicated_appends_are_heard_twice():
    client, _ = played(inject(0, "duplicated-events", direction="up"), say(1))
    heard = received(client, STOPPED)[-1].audio_end_ms - received(client, STARTED)[0].audio_start_ms
    assert heard > 4_500  # the recording is 3.1 s long


def test_reordered_events_change_places():
    client, _ = played(inject(0, "reordered-events", events="response.created"), say(1))
    order = [event_name(event) for _, event in client.told if isinstance(event, events.Event)]
    assert order.index(CREATED) == order.index("response.output_item.added") + 1


def test_corrupted_appends_are_refused():
    client, journal = played(inject(0, "corrupted-events", direction="up", count=3), lasts_s=3)
    assert server(journal).count("error") == 3
    assert {event.error.param for event in received(client, "error")} == {"audio"}


def test_a_truncated_event_of_the_server_cannot_be_read():
    client, journal = played(inject(0, "truncated-events", direction="down", events="response.done"), say(1))
    assert len(times(journal, ClientUnreadable)) == 1
    assert not received(client, DONE)


def test_lost_settings_leave_the_defaults():
    update = events.SessionUpdate(session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    assert STARTED not in server(played(say(3), client=CommitsAt(1, update))[1])
    assert STARTED in server(played(inject(0, "lost-settings"), say(3), client=CommitsAt(1, update))[1])


def test_a_slow_reader_hears_late_and_has_caught_up_when_it_ends():
    on_time, _ = played(say(1), say(8), lasts_s=15)
    slow, _ = played(inject(0.5, "slow-reader", 6, bytes_per_second=20_000), say(1), say(8), lasts_s=15)
    early, late = (client.times_of(events.InputAudioBufferSpeechStarted) for client in (on_time, slow))
    assert late[0] > early[0] + SECOND
    assert late[-1] < early[-1] + 200 * MS


# --- the connection -------------------------------------------------------------------------------------------------


class Redials(Open):
    """Dials again as soon as it has none, and notes how that goes."""

    def receive(self, event, now):
        commands = super().receive(event, now)
        return [*commands, Connect()] if isinstance(event, Closed | DialFailed) else commands


def signals(client, *types):
    return [(now, message) for now, message in client.told if isinstance(message, types)]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 4000])
def test_closed_with_a_code_and_a_reason(code):
    client, _ = played(inject(3, "closed", code=code, reason="so it is"), lasts_s=5, client=Redials())
    ((when, closed),) = signals(client, Closed)
    assert closed == Closed(code, "so it is")
    assert 3 * SECOND < when < 3 * SECOND + 60 * MS
    assert len(signals(client, Opened)) == 2


def test_closed_without_a_code():
    client, journal = played(inject(3, "closed", code=1005), lasts_s=5, client=Redials())
    assert [message for _, message in signals(client, Closed)] == [Closed(1005)]
    assert [entry.code for entry in journal.select(ConnectionClosed)] == [1005]
    assert len(signals(client, Opened)) == 2


def test_a_close_without_a_code_has_no_reason():
    with pytest.raises(SettingError, match=r"no reason either \(got 'so it is'\); leave 'reason' out"):
        inject(3, "closed", code=1005, reason="so it is")


def test_a_close_waits_behind_what_was_said():
    client, _ = played(inject(3, "stall", 2), inject(4, "closed"), lasts_s=7)
    ((when, _),) = signals(client, Closed)
    assert when > 5 * SECOND


def test_a_close_is_lost_on_a_dead_connection():
    client, _ = played(inject(3, "half-open"), inject(4, "closed"), lasts_s=7)
    assert not signals(client, Closed)


def test_closed_before_a_connection_was_open_comes_after_its_session():
    client, _ = played(inject(0, "closed"), lasts_s=3)
    assert [type(message) for _, message in client.told][:3] == [Opened, events.SessionCreated, Closed]


def test_a_black_hole_breaks_off_and_dials_hang():
    client, _ = played(inject(3, "black-holed", 7), lasts_s=12, client=Redials())
    assert [message.code for _, message in signals(client, Closed)] == [1006]
    failed = [(now, message.reason) for now, message in signals(client, DialFailed)]
    assert failed == [(8 * SECOND, "timed out"), (13 * SECOND, "timed out")][: len(failed)]
    assert failed


@pytest.mark.behaviour("black-hole")
@pytest.mark.parametrize(
    ("lasts_s", "opens_s"),
    [(0.3, 4), (1, 4), (1.1, 6), (3, 6), (3.1, None), (4.9, None)],
)
def test_a_dial_into_a_black_hole_that_ends_connects_when_tcp_asks_again(lasts_s, opens_s):
    """RFC 6298: the SYN of 3 s is sent again after 1 and after 3 s; after 5 s without an answer the client gives up."""
    steps = [inject(3, "black-holed", lasts_s)]
    client, _ = played(*steps, lasts_s=20, client=Redials(), latency_us=0, jitter_us=0)
    opened, failed = signals(client, Opened)[1:], signals(client, DialFailed)
    if opens_s is None:
        assert failed == [(8 * SECOND, DialFailed("timed out"))] and opened[0][0] == 8 * SECOND
    else:
        assert [when for when, _ in opened] == [opens_s * SECOND] and not failed


def test_a_dial_that_was_lost_may_be_refused_when_tcp_asks_again():
    client, _ = played(inject(3, "black-holed", 0.5), inject(3.6, "reset", 0.5), lasts_s=12, client=Redials())
    ((when, failed), *_) = signals(client, DialFailed)
    assert failed.reason == "refused" and 4 * SECOND <= when < 4 * SECOND + 100 * MS


def test_of_two_faults_of_dials_the_shorter_does_not_end_the_longer():
    steps = [inject(3, "reset", 6), inject(3.01, "stall", 1)]
    client, _ = played(*steps, lasts_s=12, client=Redials())
    refused = [now for now, message in signals(client, DialFailed) if message.reason == "refused"]
    assert max(refused) > 8 * SECOND


class Leaves(CommitsAt):
    def __init__(self, when_s):
        super().__init__(when_s, Disconnect(1000))


@pytest.mark.parametrize("name", ["no-close-answer", "half-open"])
def test_a_close_that_is_not_answered(name):
    told = signals(played(client=Leaves(3), lasts_s=20)[0], Closed)
    assert told == [(3 * SECOND, Closed(1000))]
    ((when, closed),) = signals(played(inject(1, name), client=Leaves(3), lasts_s=20)[0], Closed)
    assert (when, closed.code) == (13 * SECOND, 1006)


def test_no_pong_and_yet_events():
    def pongs(*steps):
        client, _ = played(*steps, say(3), client=CommitsAt(2, Ping()))
        assert received(client, DONE)
        return len(signals(client, Pong))

    assert pongs() == 1
    assert pongs(inject(1, "no-pong")) == 0


# --- nothing else ---------------------------------------------------------------------------------------------------

OTHERS = sorted(name for name, fault in faults_over("websocket").items() if fault.actor != "microphone")


@pytest.mark.parametrize("name", OTHERS)
def test_after_its_end_a_new_connection_knows_nothing_of_it(name):
    """The fault begins and ends before the client sends anything; then the client dials again and gets its answer."""
    client = CommitsAt(3.5, Connect())
    client, journal = played(inject(1, name, 2), say(5), client=client, lasts_s=14)
    last = max(entry.connection for entry in journal.select(ConnectionOpened))
    answered = [entry.connection for entry in journal.events(EventAtClient, events.ResponseDone)]
    assert last >= 2
    assert answered and set(answered) == {last}
