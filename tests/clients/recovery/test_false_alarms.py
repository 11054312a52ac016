"""Honest conversations with noise: no remedy may be applied, whatever the room and the user do.

An hour and more by hand: raise :data:`MINUTES`.
"""

import random

import pytest

from tests.world.testing import MAN, SECOND, WOMAN, Noise, at, kinds, remedies, run, say, story

pytestmark = pytest.mark.slow

MINUTES = 4
VOICES = (WOMAN, MAN, "speech_en_m_librivox_0870", "speech_en_m_goforward", "speech_it_m_carlo")
NOISES = ("keyboard", "thocks", "door", "breathing", "hum", "keyboard_typing_anton", "keyboard_keys_mx_blue")


def conversation(seed, level_dbfs, room_dbfs):
    """Turns, noises of 3 to 20 s and pauses of up to 45 s, in any order."""
    draw = random.Random(seed)
    steps, now = [], 3.0
    while now < 60 * MINUTES:
        chance = draw.random()
        if chance < 0.45:
            steps.append(say(now, draw.choice(VOICES), level_dbfs=level_dbfs))
            now += draw.uniform(9, 16)
        elif chance < 0.8:
            lasts_s = draw.uniform(3, 20)
            noise = Noise(draw.choice(NOISES), round(lasts_s * SECOND), level_dbfs=draw.uniform(-56, -38))
            steps.append(at(now, noise))
            now += lasts_s + draw.uniform(0, 4)
        else:
            now += draw.uniform(5, 45)
    return story(*steps, room_dbfs=room_dbfs)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
@pytest.mark.parametrize(("level_dbfs", "room_dbfs"), [(-14.0, -62.0), (-24.0, -62.0), (-20.0, -70.0), (-20.0, -56.0)])
def test_nothing_is_remedied_where_nothing_is_wrong(seed, level_dbfs, room_dbfs):
    journal = run(conversation(seed, level_dbfs, room_dbfs), "resilient", seed=seed).journal
    assert journal.entries[-1].t >= 60 * MINUTES * SECOND - 45 * SECOND
    assert remedies(journal) == []
    assert kinds(journal, "connection") == ["dial", "open"]
