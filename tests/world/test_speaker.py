import numpy as np

from harness.audio.formats import PCM24K, SAMPLE_RATE_HZ
from harness.clients.interface import MarkPlayed, Play
from harness.journal import Journal, SpeakerEnded, SpeakerHeard, SpeakerStopped
from harness.units import MS, SECOND
from harness.world.comparison import SentAudio
from harness.world.scheduler import Scheduler
from harness.world.speaker import Speaker
from tests.world.testing import kinds


def tone(length_ms, amplitude=3000, hz=400):
    samples = amplitude * np.sin(2 * np.pi * hz * np.arange(length_ms * SAMPLE_RATE_HZ // 1000) / SAMPLE_RATE_HZ)
    return samples.astype("<i2").tobytes()


class Room:
    """A speaker, and what it reports with the time in milliseconds. The server sends what the client plays."""

    def __init__(self):
        self.scheduler = Scheduler()
        self.journal = Journal({})
        self.sent = SentAudio()
        self.ended, self.began, self.marks = [], [], []
        self.speaker = Speaker(
            self.scheduler,
            self.journal,
            self.sent,
            self._told,
            lambda: None,
            lambda response_id, began: self.began.append((response_id, began // MS)),
        )

    def _told(self, signal):
        if isinstance(signal, MarkPlayed):
            self.marks.append((self._ms(), signal.name))
        else:
            self.ended.append(self._ms())

    def mark(self, at_ms, name):
        self.at(at_ms, lambda: self.speaker.mark(name))

    @property
    def heard(self):
        return [(entry.t // MS, entry.response_id) for entry in self.journal.select(SpeakerHeard)]

    def _ms(self):
        return self.scheduler.now // MS

    def play(self, at_ms, length_ms, answer="a", *, sent=None, played=None):
        """At a time, audio of this length; ``sent`` and ``played`` are the server's and the client's, if not alike."""
        audio = tone(length_ms)
        self.sent.add(f"resp_{answer}", f"item_{answer}", PCM24K, audio if sent is None else sent)
        play = Play(audio if played is None else played, f"item_{answer}", f"resp_{answer}")
        self.scheduler.at(at_ms * MS, lambda _: self.speaker.play(play))

    def whole(self, answer="a"):
        """The server sends no more of it."""
        self.sent.finish(f"resp_{answer}", f"item_{answer}", PCM24K)

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


def test_an_answer_is_heard_after_200_ms_of_it():
    room = Room()
    room.play(1000, 1000)
    assert room.run().heard == [(1200, "resp_a")]


def test_less_than_200_ms_is_not_heard_if_it_is_stopped():
    room = Room()
    room.play(1000, 1000)
    room.at(1190, room.speaker.stop)
    assert room.run().heard == []
    assert room.ended == []
    assert [(entry.played_ms, entry.audible_ms) for entry in room.journal.select(SpeakerStopped)] == [(190, 190)]


def test_a_short_answer_is_heard_when_all_of_it_has_been_played():
    room = Room()
    room.play(1000, 150)
    room.whole()
    assert room.run().heard == [(1150, "resp_a")]


def test_the_first_part_of_a_longer_answer_is_not_all_of_it():
    room = Room()
    room.play(1000, 150)
    assert room.run().heard == []


def test_an_answer_that_trickles_in_is_heard_once():
    """100 ms of audio every 200 ms: half of each time is silent."""
    room = Room()
    for at_ms in range(1000, 3000, 200):
        room.play(at_ms, 100)
    assert room.run().heard == [(1300, "resp_a")]


def test_silence_is_not_heard():
    room = Room()
    room.play(1000, 1000, sent=bytes(48_000), played=bytes(48_000))
    assert room.run().heard == []
    assert [(entry.played_ms, entry.audible_ms) for entry in room.journal.select(SpeakerEnded)] == [(1000, 0)]


def test_what_is_below_minus_50_dbfs_is_not_heard():
    """A sine of 140 LSB has -50.4 dBFS, one of 150 LSB -49.8."""
    for amplitude, heard in ((140, []), (150, [(1200, "resp_a")])):
        room = Room()
        audio = tone(1000, amplitude)
        room.play(1000, 1000, sent=audio, played=audio)
        assert room.run().heard == heard


def test_only_what_is_above_it_counts():
    """100 ms of a tone, 500 ms of silence, and the tone again: 200 ms of it end at 700 ms."""
    room = Room()
    audio = tone(100) + bytes(48 * 500) + tone(400)
    room.play(1000, 1000, sent=audio, played=audio)
    assert room.run().heard == [(1700, "resp_a")]


def test_other_sound_than_the_server_sent_is_not_heard_as_an_answer():
    noise = np.random.default_rng(1).integers(-8000, 8000, 24_000).astype("<i2").tobytes()
    room = Room()
    room.play(1000, 1000, played=noise)
    assert room.run().heard == []
    (ended,) = room.journal.select(SpeakerEnded)
    assert (ended.audible_ms, ended.garbled_ms) == (0, 1000)


def test_an_answer_that_is_played_quieter_is_heard_and_its_gain_is_known():
    room = Room()
    room.play(1000, 1000, sent=tone(1000, 8000), played=tone(1000, 1000))
    assert room.run().heard == [(1200, "resp_a")]
    (ended,) = room.journal.select(SpeakerEnded)
    assert ended.gain_db == -18.1


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
    room.at(150, room.speaker.suspend)
    room.at(60_000, room.speaker.resume)
    room.run()
    assert room.heard == [(60_050, "resp_a")]
    assert room.ended == [60_850]


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


# --- marks: documented of Twilio Media Streams, "mark" and "clear" ---


def test_a_mark_comes_back_when_all_before_it_was_played():
    room = Room()
    room.play(100, 500)
    room.mark(100, "half")
    room.play(200, 500)
    room.mark(200, "whole")
    room.play(300, 400, "b")
    room.mark(300, "next")
    room.run()
    assert room.marks == [(600, "half"), (1100, "whole"), (1500, "next")]


def test_a_mark_behind_nothing_comes_back_at_once():
    room = Room()
    room.mark(50, "first")
    room.play(100, 200)
    room.mark(700, "late")
    room.run()
    assert room.marks == [(50, "first"), (700, "late")]


def test_stopping_brings_all_marks_back():
    room = Room()
    room.play(100, 500)
    room.mark(100, "a")
    room.play(100, 500, "b")
    room.mark(100, "b")
    room.at(300, room.speaker.stop)
    room.run()
    assert room.marks == [(300, "a"), (300, "b")]


def test_a_suspended_output_holds_its_marks():
    room = Room()
    room.play(100, 500)
    room.mark(100, "a")
    room.at(300, room.speaker.suspend)
    room.at(900, room.speaker.resume)
    room.run()
    assert room.marks == [(1200, "a")]


def test_a_client_that_answers_a_mark_with_more_audio_is_played():
    room = Room()
    room.play(100, 200)
    room.mark(100, "a")
    told = room._told

    def asks_for_more(signal):
        told(signal)
        if signal == MarkPlayed("a"):
            room.play(room.scheduler.now // MS, 300, "b")

    room.speaker._tell = asks_for_more
    room.run()
    assert room.marks == [(300, "a")] and room.ended[-1] == 600
