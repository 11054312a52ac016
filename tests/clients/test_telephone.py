"""The client on a telephone line."""

import numpy as np

from harness.audio.formats import PCMU
from harness.clients.interface import MarkPlayback, MarkPlayed, Opened, Play, PlaybackEnded, ReopenCapture, StopPlayback
from harness.clients.telephone import Telephone
from harness.journal import ClientReopensCapture, EventAtClient, SpeakerStopped
from harness.protocol import events
from harness.protocol.objects import Response
from harness.scenario.model import Reply, ServerSetup
from harness.units import MS, SECOND
from tests.clients.testing import CHUNK_US, created, of_type, room, started
from tests.world.testing import MAN, at, inject, run, say, story, verdict

Append, Update = events.InputAudioBufferAppend, events.SessionUpdate
LINE = {"type": "audio/pcmu"}


def update_of(client, now=0):
    client.receive(Opened(), now)
    [update] = of_type(client.receive(created(), now), Update)
    return update


def confirmed(session):
    return events.SessionUpdated(event_id="e", session=session)


def on_the_line():
    """A client whose session has the line's format."""
    client = Telephone()
    client.receive(confirmed(update_of(client).session), 0)
    return client


def hears(client, chunks, begin=0):
    heard = [client.hear(room(3000, index), begin + (index + 1) * CHUNK_US) for index in range(chunks)]
    return [command for commands in heard for command in commands if isinstance(command, Append)]


def answers(client, pieces=3, now=0, item_id="item_a", response_id="resp_a", name="audio/pcmu"):
    response = Response(id=response_id, status="in_progress", audio={"output": {"format": {"type": name}}})
    client.receive(events.ResponseCreated(event_id="e", response=response), now)
    delta = events.ResponseOutputAudioDelta(
        event_id="e", response_id=response_id, item_id=item_id, output_index=0, content_index=0,
        delta=PCMU.encode(np.full(800, 4000, np.int16)),
    )  # fmt: skip
    return [command for _ in range(pieces) for command in client.receive(delta, now)]


def test_it_asks_for_mu_law_in_both_directions():
    audio = update_of(Telephone()).session["audio"]
    assert audio["input"]["format"] == audio["output"]["format"] == LINE


def test_the_caller_s_audio_is_held_until_the_format_is_confirmed():
    client = Telephone()
    update = update_of(client)
    assert hears(client, 10) == []
    [held] = of_type(client.receive(confirmed(update.session), 11 * CHUNK_US), Append)
    assert len(held.audio) in (1440, 1600), "200 ms, but for a packet that is not whole"
    assert {len(append.audio) for append in hears(client, 50)} == {160}


def test_a_session_that_confirms_another_format_gets_pcm_after_a_second():
    client = Telephone()
    update_of(client)
    client.receive(confirmed({"audio": {"input": {"format": {"type": "audio/pcm", "rate": 24_000}}}}), 0)
    assert hears(client, 49) == []
    [first, second] = hears(client, 2, begin=SECOND - CHUNK_US)
    assert len(first.audio) == 50 * 960 and len(second.audio) == 960


def test_answers_go_to_the_line_in_packets_and_each_piece_has_a_mark():
    commands = answers(on_the_line())
    assert [type(command) for command in commands] == 3 * (5 * [Play] + [MarkPlayback])
    assert {(len(each.audio), each.format) for each in of_type(commands, Play)} == {(160, "audio/pcmu")}


def test_it_clears_the_line_and_truncates_to_what_the_marks_say():
    client = on_the_line()
    marks = of_type(answers(client), MarkPlayback)
    hears(client, 5)
    client.receive(MarkPlayed(marks[0].name), 100 * MS)
    stop, truncate = client.receive(started(), 5 * SECOND)[:2]
    assert stop == StopPlayback()
    assert (truncate.item_id, truncate.audio_end_ms) == ("item_a", 100)
    assert client.receive(MarkPlayed(marks[1].name), 5 * SECOND) == []
    assert of_type(client.receive(started("item_2"), 6 * SECOND), events.ConversationItemTruncate) == []


def test_playback_is_over_with_the_last_mark_alone():
    client = on_the_line()
    marks = of_type(answers(client), MarkPlayback)
    client.receive(PlaybackEnded(), 0)
    assert client.playback.speaking
    for mark in marks:
        client.receive(MarkPlayed(mark.name), 0)
    assert not client.playback.speaking


def test_a_conversation_and_a_barge_in():
    """Played with the server: the second answer is cut short, and the caller is answered again."""
    scene = story(say(1), say(9, MAN), server=ServerSetup(reply=Reply("speech_en_m_jfk1961", pace=10.0)))
    journal = run(scene, "telephone", detector="silero").journal
    updated = next(entry for entry in journal.select(EventAtClient) if entry.is_a(events.SessionUpdate))
    assert updated.fields["settings"] == {"input_format": "audio/pcmu", "output_format": "audio/pcmu"}
    stopped = next(iter(journal.select(SpeakerStopped)))
    truncate = next(entry for entry in journal.select(EventAtClient) if entry.is_a(events.ConversationItemTruncate))
    assert 0 <= stopped.played_ms - truncate.fields["audio_end_ms"] < 100, "the piece that was playing was not whole"
    assert str(verdict(scene, "telephone", detector="silero")) == "held"


def test_it_reopens_no_capture():
    """The caller's microphone is not its own: it says that it cannot hear."""
    journal = run(story(say(1), at(4, inject("suspended"))), "telephone", detector="silero").journal
    assert [*journal.select(ClientReopensCapture)] == []
    assert all(not isinstance(command, ReopenCapture) for command in on_the_line().wake(60 * SECOND))
