"""What a program writes to a stream, as the world's speaker plays it."""

import pytest

from harness.apps.real_time.output import PlayedStream
from harness.apps.real_time.program_app import ProgramApp
from harness.audio.formats import PCM24K
from harness.journal import AppFenced, Journal, SpeakerEnded, SpeakerPlaying, SpeakerStopped
from harness.protocol.events import ResponseOutputAudioDelta
from harness.scenario import loads
from harness.units import MS
from harness.world.scheduler import Scheduler
from harness.world.sounds import speech
from harness.world.world import World

SCENARIO = loads("{scenario: none, timeline: [{at: 1s, say: speech_en_f_arctic_a0009}]}")
BLOCK = 960
"""20 ms."""
ANSWER = speech(SCENARIO.timeline[0].action, None, 0)[:24_000].tobytes()
"""A second of a voice."""


class VirtualClock(Scheduler):
    """Time passes only in :meth:`until`."""

    is_started = True

    def enter(self):
        pass

    def until(self, time):
        while self.due is not None and self.due <= time:
            self.step()
        self.now = time


class Room:
    """A speaker, and an answer that the server has sent to its program."""

    def __init__(self, answer=ANSWER):
        self.clock, self.journal = VirtualClock(), Journal({})
        made = []
        World(
            SCENARIO,
            lambda around: made.append(ProgramApp(around, lambda timers: None, infers_speaker=False)) or made[0],
            "energy",
            0,
            self.journal,
            chunk_us=20 * MS,
            scheduler=self.clock,
        )
        (self.app,) = made
        self.output = PlayedStream(self.app, self.clock)
        sent = self.app.around.network.sent
        sent.add("resp", "item", PCM24K, answer)
        sent.finish("resp", "item", PCM24K)
        self.app.receives(
            ResponseOutputAudioDelta(
                event_id="e", response_id="resp", item_id="item", output_index=0, content_index=0, delta=answer
            )
        )

    def writes(self, pcm, late_ms=lambda block: 0):
        """The program writes 20 ms at a time, by its device's clock."""
        began = self.clock.now
        for block, at in enumerate(range(0, len(pcm), BLOCK)):
            self.clock.until(began + (20 * block + late_ms(block)) * MS)
            self.output.take(pcm[at : at + BLOCK])

    def played(self):
        self.clock.until(self.clock.now + 3000 * MS)
        self.output.finish()
        return [
            (type(entry).__name__, entry.played_ms) for entry in self.journal.select(SpeakerEnded, SpeakerStopped)
        ], len(list(self.journal.select(SpeakerPlaying)))


@pytest.fixture
def room():
    return Room()


def test_pieces_of_a_pull_speaker_are_one_answer_also_if_some_are_late(room):
    room.writes(ANSWER, late_ms=lambda block: 60 if block % 7 == 3 else 0)
    assert room.played() == ([("SpeakerEnded", 1000)], 1)


def test_an_answer_that_is_written_at_once_is_played_at_the_pace_of_speech(room):
    room.output.take(ANSWER[: 4 * BLOCK + 1])
    room.output.take(ANSWER[4 * BLOCK + 1 :])
    room.clock.until(900 * MS)
    assert not list(room.journal.select(SpeakerEnded))
    assert room.played() == ([("SpeakerEnded", 1000)], 1)


def test_zeros_between_answers_are_not_played(room):
    room.writes(bytes(50 * BLOCK))
    assert not room.app.around.speaker.playing
    room.writes(ANSWER + bytes(50 * BLOCK))
    assert room.played() == ([("SpeakerEnded", 1000)], 1)


def test_zeros_within_an_answer_are_part_of_it():
    answer = ANSWER[: 10 * BLOCK] + bytes(20 * BLOCK) + ANSWER[10 * BLOCK :]
    room = Room(answer)
    room.writes(answer + bytes(50 * BLOCK))
    assert room.played() == ([("SpeakerEnded", 1400)], 1)


def test_what_is_dropped_is_not_played_and_it_is_said_how_much_was(room):
    room.output.take(ANSWER)
    room.clock.until(600 * MS)
    assert room.output.drop() == 500, "the output has a latency of 100 ms"
    assert room.played() == ([("SpeakerStopped", 500)], 1)


def test_a_wrong_rate_is_told(room):
    twice = b"".join(ANSWER[at : at + 2] * 2 for at in range(0, len(ANSWER), 2))
    room.output.take(twice)
    room.played()
    (fence,) = room.journal.select(AppFenced)
    assert "2.00 times as long, as if it were 48 kHz" in fence.what
    assert "16-bit little-endian PCM, mono, 24 kHz" in fence.what


def test_silence_and_the_answer_itself_are_no_wrong_rate(room):
    room.writes(ANSWER + bytes(200 * BLOCK))
    room.played()
    assert not list(room.journal.select(AppFenced))
