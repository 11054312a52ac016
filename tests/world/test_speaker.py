from harness.clients.interface import Play
from harness.journal import Journal, SpeakerEnded, SpeakerStopped
from harness.units import MS, SECOND
from harness.world.scheduler import Scheduler
from harness.world.speaker import Speaker
from tests.world.testing import kinds


class Room:
    """A speaker, and what it reports with the time in milliseconds."""

    def __init__(self):
        self.scheduler = Scheduler()
        self.journal = Journal({})
        self.ended, self.heard, self.began = [], [], []
        self.speaker = Speaker(
            self.scheduler,
            self.journal,
            lambda _: self.ended.append(self._ms()),
            lambda response_id: self.heard.append((self._ms(), response_id)),
            lambda response_id, began: self.began.append((response_id, began // MS)),
        )

    def _ms(self):
        return self.scheduler.now // MS

    def play(self, at_ms, length_ms, answer="a"):
        audio = bytes(48 * length_ms)
        self.scheduler.at(at_ms * MS, lambda _: self.speaker.play(Play(audio, f"item_{answer}", f"resp_{answer}")))

    def at(self, at_ms, action):
        self.scheduler.at(at_ms * MS, lambda _: action())

    def run(self):
        self.scheduler.run()
        return self


def test_audio_plays_in_real_time_and_its_end_is_reported_once():
    room = Room()
    for at_ms in (1000, 1020, 1040):
        room.play(at_ms, 100)
    assert room.run().ended == [1300]
    assert [entry.played_ms for entry in room.journal.select(SpeakerEnded)] == [300]


def test_an_answer_is_heard_after_300_ms_of_it():
    room = Room()
    room.play(1000, 1000)
    assert room.run().heard == [(1300, "resp_a")]


def test_less_than_300_ms_is_not_heard_if_it_is_stopped():
    room = Room()
    room.play(1000, 1000)
    room.at(1290, room.speaker.stop)
    assert room.run().heard == []
    assert room.ended == []
    assert [entry.played_ms for entry in room.journal.select(SpeakerStopped)] == [290]


def test_a_short_answer_is_heard_when_it_has_been_played_to_its_end():
    room = Room()
    room.play(1000, 250)
    assert room.run().heard == [(1250, "resp_a")]


def test_an_answer_that_trickles_in_is_heard_once():
    """100 ms of audio every 200 ms: each burst is all there is when it ends."""
    room = Room()
    for at_ms in range(1000, 3000, 200):
        room.play(at_ms, 100)
    assert room.run().heard == [(1100, "resp_a")]


def test_a_queued_answer_plays_when_the_one_before_it_has_ended():
    room = Room()
    room.play(0, 1000, "a")
    room.play(100, 500, "b")
    room.run()
    assert room.began == [("resp_a", 0), ("resp_b", 1000)]
    assert room.ended == [1500]
    assert [answer for _, answer in room.heard] == ["resp_a", "resp_b"]


def test_suspended_output_plays_nothing_and_reports_no_end_until_it_is_resumed():
    room = Room()
    room.play(0, 1000)
    room.at(200, room.speaker.suspend)
    room.at(60_000, room.speaker.resume)
    room.run()
    assert room.heard == [(60_100, "resp_a")]
    assert room.ended == [60_800]


def test_suspended_for_ever_is_silent_for_ever():
    room = Room()
    room.at(0, room.speaker.suspend)
    room.play(100, 1000)
    room.run()
    assert (room.heard, room.ended, room.began) == ([], [], [])
    assert not room.speaker.playing


def test_playing_is_what_the_user_hears():
    room, seen = Room(), []
    room.play(0, 1000)
    for at_ms in (1, 300, 500, 999, 1701, 1900):
        room.at(at_ms, lambda: seen.append(room.speaker.playing))
    room.at(200, room.speaker.suspend)
    room.at(900, room.speaker.resume)
    room.run()
    assert seen == [True, False, False, True, False, False]
    assert room.ended == [1700]


def test_stop_drops_what_is_queued():
    room = Room()
    room.play(0, 1000, "a")
    room.play(0, 1000, "b")
    room.at(500, room.speaker.stop)
    room.play(2 * SECOND // MS, 400, "c")
    room.run()
    assert kinds(room.journal, "speaker") == ["playing", "heard", "stopped", "playing", "heard", "ended"]
    assert room.ended == [2400]
