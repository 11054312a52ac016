"""The scene played in virtual time to a client of a few lines: what is asked of the real ones holds, and can fail."""

from functools import partial

import pytest

from harness.live.journal_lines import JournalLines
from harness.live.journal_writer import JournalWriter
from harness.protocol.events import (
    ConversationItemTruncate,
    InputAudioBufferAppend,
    InputAudioBufferSpeechStarted,
    ResponseCancel,
    ResponseOutputAudioDelta,
)
from harness.scenario import load
from harness.server.session import Session
from harness.units import MS
from tests.clients.real import scene
from tests.clients.real.environments import HERE

CHUNK_US = 20 * MS
CHUNK_BYTES = 960
BYTES_PER_MS = 48
SEMANTIC = {"type": "semantic_vad", "eagerness": "medium"}


def nothing(item_id, received_ms, played_ms):
    return ()


def truncate_to_played(item_id, received_ms, played_ms):
    return (ConversationItemTruncate(item_id=item_id, content_index=0, audio_end_ms=played_ms),)


def truncate_to_received(item_id, received_ms, played_ms):
    return (ConversationItemTruncate(item_id=item_id, content_index=0, audio_end_ms=received_ms),)


def cancel(item_id, received_ms, played_ms):
    return (ResponseCancel(),)


class Conversation:
    """A session, and a client that answers an interruption as ``interrupted`` says."""

    def __init__(self, setup, interrupted):
        self.session = Session(setup, "scene")
        self.interrupted = interrupted
        self.record = JournalWriter(1, JournalLines({}, None))
        self.item_id, self.began, self.received_ms = None, 0, 0

    def play(self, close_code=1000):
        heard = scene.microphone()
        now = 0
        for start in range(0, len(heard), CHUNK_BYTES):
            while self.session.next_wake is not None and self.session.next_wake <= now:
                wake = self.session.next_wake
                self.tell(self.session.wake(wake), wake)
            chunk = InputAudioBufferAppend(audio=heard[start : start + CHUNK_BYTES])
            self.tell(self.session.receive(chunk, now), now)
            now += CHUNK_US
        self.record.close(now, close_code, "", "client")
        return scene.Journal(self.record.lines.entries(0))

    def tell(self, outputs, now):
        for output in outputs:
            self.record.answered(now, output)
            if isinstance(output, ResponseOutputAudioDelta):
                if output.item_id != self.item_id:
                    self.item_id, self.began, self.received_ms = output.item_id, now, 0
                self.received_ms += len(output.delta) // BYTES_PER_MS
        if self.item_id and any(isinstance(output, InputAudioBufferSpeechStarted) for output in outputs):
            played_ms = min((now - self.began) // MS, self.received_ms)
            for event in self.interrupted(self.item_id, self.received_ms, played_ms):
                self.record.received(now, event)
                self.tell(self.session.receive(event, now), now)


@pytest.mark.parametrize("detection", [{}, SEMANTIC], ids=["server_vad", "semantic_vad"])
def test_a_client_that_truncates_passes(detection):
    journal = Conversation(scene.setup(**detection), truncate_to_played).play()
    scene.has_two_turns(journal)
    scene.first_answer_is_cut_short(journal)
    scene.second_answer_begins(journal)
    scene.truncated_to_what_was_played(journal)
    scene.has_no_error_but(journal, frozenset())
    scene.closed_by_the_client(journal)


def test_the_first_answer_alone_is_too_little_audio():
    received = []
    Conversation(scene.setup(), lambda item_id, received_ms, played_ms: received.append(received_ms) or ()).play()
    assert 0 < received[0] < scene.LEAST_AUDIO_MS


NO_ERROR = partial(scene.has_no_error_but, expected=frozenset())


@pytest.mark.parametrize(
    ("setup", "interrupted", "claim"),
    [
        (scene.setup(silence_duration_ms=6_000), nothing, scene.has_two_turns),
        (scene.setup(create_response=False), nothing, scene.has_two_turns),
        (scene.setup(interrupt_response=False), nothing, scene.first_answer_is_cut_short),
        (scene.setup(interrupt_response=False), cancel, scene.first_answer_is_cut_short),
        (scene.setup(pace=50.0), nothing, scene.first_answer_is_cut_short),
        (scene.setup(silence_duration_ms=3_900), nothing, scene.second_answer_begins),
        (scene.setup(), nothing, scene.truncated_to_what_was_played),
        (scene.setup(), truncate_to_received, scene.truncated_to_what_was_played),
        (scene.setup(), cancel, NO_ERROR),
    ],
)
def test_another_conversation_fails(setup, interrupted, claim):
    journal = Conversation(setup, interrupted).play()
    with pytest.raises(AssertionError):
        claim(journal)


COMMITTED, CREATED, DONE = "input_audio_buffer.committed", "response.created", "response.done"
PART, TRUNCATE, TRUNCATED = "response.content_part.added", "conversation.item.truncate", "conversation.item.truncated"


@pytest.fixture(scope="module")
def good():
    return Conversation(scene.setup(), truncate_to_played).play()


@pytest.mark.parametrize(
    ("kind", "place", "changes", "claim"),
    [
        (COMMITTED, 1, None, scene.has_two_turns),
        (CREATED, 1, None, scene.has_two_turns),
        (DONE, 0, {"response_id": "another"}, scene.first_answer_is_cut_short),
        (DONE, 0, {"status": "completed"}, scene.first_answer_is_cut_short),
        (DONE, 0, {"reason": "client_cancelled"}, scene.first_answer_is_cut_short),
        (CREATED, 1, "first", scene.second_answer_begins),
        (PART, 1, {"response_id": "another"}, scene.second_answer_begins),
        (PART, 1, None, scene.second_answer_begins),
        (TRUNCATE, 0, {"item_id": "another"}, scene.truncated_to_what_was_played),
        (TRUNCATE, 0, {"audio_end_ms": 0}, scene.truncated_to_what_was_played),
        (TRUNCATED, 0, {"item_id": "another"}, scene.truncated_to_what_was_played),
        (TRUNCATED, 0, {"audio_end_ms": 1}, scene.truncated_to_what_was_played),
        (TRUNCATED, 0, None, scene.truncated_to_what_was_played),
    ],
)
def test_each_demand_can_fail(good, kind, place, changes, claim):
    """A good journal, in which one entry is missing, changed, or stands first."""
    claim(good)
    entries = list(good.entries)
    at = [index for index, entry in enumerate(entries) if entry["kind"] == kind][place]
    entry = entries.pop(at)
    if changes == "first":
        entries.insert(0, entry)
    elif changes is not None:
        entries.insert(at, {**entry, **changes})
    with pytest.raises(AssertionError):
        claim(scene.Journal(entries))


@pytest.mark.parametrize("code", [1001, 1006, 1011])
def test_an_abort_is_no_close(code):
    journal = Conversation(scene.setup(), nothing).play(code)
    with pytest.raises(AssertionError):
        scene.closed_by_the_client(journal)


def test_the_scenario_of_livekit_s_suite_loads():
    assert load(HERE / "livekit" / "suite.yaml").server.replies
