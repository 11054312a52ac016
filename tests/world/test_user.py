import numpy as np

from harness.journal import (
    AudioArrived,
    ConnectionOpened,
    Journal,
    ResponseForItem,
    SpeakerHeard,
    TurnTaken,
    UserSpeaks,
)
from harness.units import SECOND
from harness.world.scheduler import Scheduler
from harness.world.user import PersistentUser

LENGTH_US = 2 * SECOND
WITHIN_US = 12 * SECOND


class Conversation:
    """A user whose n-th utterance, from 0, is answered so many seconds after its end, if ``answers`` has it."""

    def __init__(self, begin_s, until_s, assistant_speaks=lambda now_s: False, answers=()):
        self.scheduler, self.journal, self.said, self.over = Scheduler(), Journal({}), [], []
        self.answers = dict(answers)
        self.journal.add(ConnectionOpened(t=0, connection=1))
        samples = np.full(48_000, 1000, np.int16)
        self.user = PersistentUser(
            self.scheduler,
            self.journal,
            samples,
            self.say,
            lambda: assistant_speaks(self.scheduler.now / SECOND),
            lambda: self.over.append(self.scheduler.now / SECOND),
            within_us=WITHIN_US,
        )
        self.scheduler.at(begin_s * SECOND, lambda _: self.user.begin())
        self.scheduler.at(until_s * SECOND, lambda _: self.scheduler.stop())
        self.scheduler.run()
        entries = list(self.journal.select(UserSpeaks))
        assert [entry.t / SECOND for entry in entries] == self.said
        assert entries == [UserSpeaks(t=e.t, length_us=LENGTH_US, rms=1000.0, probe=True) for e in entries]

    def say(self, at, samples):
        number = len(self.said)
        self.said.append(at / SECOND)
        if number in self.answers:
            self.scheduler.at(at + LENGTH_US + round(self.answers[number] * SECOND), self.answer, (number, at))

    def answer(self, said):
        """The turn of an utterance, from its begin to its end on a connection whose audio clock is the time."""
        (number, at), now = said, self.scheduler.now
        item, response = f"item_{number}", f"resp_{number}"
        begin, end = at // 1000, (at + LENGTH_US) // 1000
        self.journal.add(arrived(now, end))
        self.journal.add(TurnTaken(t=now, connection=1, item_id=item, from_ms=begin, to_ms=end, speech_ms=1_500))
        self.journal.add(ResponseForItem(t=now, connection=1, response_id=response, item_id=item))
        self.journal.add(SpeakerHeard(t=now, response_id=response))
        self.user.heard()


def arrived(t, end_ms):
    return AudioArrived(t=t, connection=1, arrived_ms=end_ms, captured_ms=end_ms)


def spoken(*args, **options):
    return Conversation(*args, **options).said


def test_the_user_speaks_a_second_after_the_heal_and_six_seconds_after_each_utterance():
    assert spoken(10, 40) == [11, 19, 27, 35]


def test_the_user_lets_the_assistant_finish():
    assert spoken(10, 25, lambda now: 10.5 < now < 14.9) == [15, 23]


def test_but_not_for_ever():
    """12 s after the first attempt, then again 12 s after each time it was due."""
    assert spoken(0, 50, lambda now: True) == [13, 33]


def test_the_user_says_nothing_before_the_heal():
    assert spoken(30, 30) == []


def test_three_utterances_are_a_conversation_and_then_it_is_over():
    """Answered at 14, 23 and 32 s: six seconds of silence after each answer."""
    conversation = Conversation(10, 90, answers={0: 1, 1: 1, 2: 1})
    assert conversation.said == [11, 20, 29]
    assert conversation.over == [32]


def test_the_silence_begins_when_the_assistant_has_finished():
    """Answered at 14 s; the assistant speaks until 18 s."""
    assert spoken(10, 30, lambda now: 14 < now < 18, answers={0: 1})[:2] == [11, 23.75]


def test_a_later_utterance_is_said_once_and_given_up_after_its_bound():
    """The second is said at 20 s and given up at 34 s; the third six seconds later."""
    conversation = Conversation(10, 90, answers={0: 1})
    assert conversation.said == [11, 20, 40]
    assert conversation.over == [54]


def test_a_user_who_is_never_answered_never_ends():
    assert Conversation(10, 90).over == []
