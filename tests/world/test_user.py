import numpy as np

from harness.journal import Journal, UserSpeaks
from harness.units import SECOND
from harness.world.scheduler import Scheduler
from harness.world.user import PersistentUser

LENGTH_US = 2 * SECOND


def spoken(begin_s, until_s, assistant_speaks=lambda now_s: False):
    """When the user speaks, in seconds, after a heal at ``begin_s``."""
    scheduler, journal, said = Scheduler(), Journal({}), []
    samples = np.full(48_000, 1000, np.int16)
    user = PersistentUser(
        scheduler,
        journal,
        samples,
        lambda at, sound: said.append((at / SECOND, sound)),
        lambda: assistant_speaks(scheduler.now / SECOND),
    )
    scheduler.at(begin_s * SECOND, lambda _: user.begin())
    scheduler.at(until_s * SECOND, lambda _: scheduler.stop())
    scheduler.run()
    assert all(sound is samples for _, sound in said)
    entries = list(journal.select(UserSpeaks))
    assert [entry.t / SECOND for entry in entries] == [at for at, _ in said]
    assert entries == [UserSpeaks(t=entry.t, length_us=LENGTH_US, rms=1000.0, probe=True) for entry in entries]
    assert user.first_at == (said[0][0] * SECOND if said else None)
    return [at for at, _ in said]


def test_the_user_speaks_a_second_after_the_heal_and_six_seconds_after_each_utterance():
    assert spoken(10, 40) == [11, 19, 27, 35]


def test_the_user_lets_the_assistant_finish():
    assert spoken(10, 25, lambda now: 10.5 < now < 14.9) == [15, 23]


def test_but_not_for_ever():
    """12 s after the first attempt, then again 12 s after each time it was due."""
    assert spoken(0, 50, lambda now: True) == [13, 33]


def test_the_user_says_nothing_before_the_heal():
    assert spoken(30, 30) == []
