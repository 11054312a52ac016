"""One choice tape: whoever decides, the same numbers make the same thing."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.search.tape import Replay, Seeded, Source, enumerated
from harness.units import MS, SECOND


def something(source: Source) -> list[object]:
    """Uses each kind of choice."""
    return [
        source.below(7),
        source.between(-3, 3),
        source.chance(30),
        source.one_of("abc"),
        source.weighted((("often", 9), ("seldom", 1))),
        source.some_of(range(5), 3),
        source.duration(200 * MS, 20 * SECOND),
        source.every(5),
        source.dealt(3, 5),
    ]


@given(st.integers(0, 10**9))
def test_a_tape_replays_what_a_seed_made(seed):
    seeded = Seeded(seed, "x")
    made = something(seeded)
    replay = Replay(seeded.tape)
    assert something(replay) == made and replay.tape == seeded.tape


def test_the_name_makes_generators_independent_and_the_seed_decides():
    tapes = {(seed, name): Seeded(seed, name) for seed in (1, 2) for name in "ab"}
    made = {key: str(something(source)) for key, source in tapes.items()}
    assert len(set(made.values())) == 4
    assert str(something(Seeded(1, "a"))) == made[1, "a"]


@given(st.lists(st.integers(-5, 10**6), max_size=30))
def test_any_numbers_are_a_tape(tape):
    """What is missing is 0, and what is too large is the largest; the tape that was used makes the same."""
    replay = Replay(tape)
    made = something(replay)
    assert something(Replay(replay.tape)) == made
    assert -3 <= made[1] <= 3 and made[3] in "abc" and len(set(made[5])) == 3


def test_a_tape_of_nothing_makes_the_plainest():
    assert something(Replay(())) == [0, -3, False, "a", "often", [0, 1, 2], 200 * MS, False, 0]


@given(st.lists(st.integers(0, 240), min_size=1, max_size=1))
def test_a_duration_is_whole_milliseconds_within_its_ends(tape):
    assert 200 * MS <= Replay(tape).duration(200 * MS, 20 * SECOND) <= 20 * SECOND
    assert Replay(tape).duration(200 * MS, 20 * SECOND) % MS == 0


@given(st.integers(0, 10**7), st.integers(2, 20), st.integers(2, 9))
def test_seeds_in_a_row_are_dealt_everything_in_turn(first, period, options):
    """Of so many seeds in a row exactly one has it, and so many that have it get all the options there are."""
    seeds = range(first, first + period * options)
    having = [seed for seed in seeds if Seeded(seed, "x").every(period)]
    assert [seed - having[0] for seed in having] == [period * n for n in range(options)]
    assert {Seeded(seed, "x").dealt(options, period) for seed in having} == set(range(options))


def test_chances_and_weights_are_as_often_as_they_say():
    """Of 4000 choices; four standard deviations are 3 percent."""
    source = Seeded(5, "often")
    assert abs(sum(source.chance(30) for _ in range(4000)) / 4000 - 0.3) < 0.03
    assert abs(sum(source.weighted(((1, 1), (0, 3))) for _ in range(4000)) / 4000 - 0.25) < 0.03


def test_everything_small_is_enumerated_once_the_plainest_first():
    def pair(source: Source) -> tuple[int, ...]:
        """0 to 2 numbers below 3: 1 + 3 + 9."""
        return tuple(source.below(3) for _ in range(source.below(3)))

    made = [each for _, each in enumerated(pair)]
    assert made[0] == () and len(made) == len(set(made)) == 13
    assert all(pair(Replay(tape)) == each for tape, each in enumerated(pair))


def test_an_enumeration_is_made_as_it_is_asked_for():
    assert list(islice(enumerated(lambda source: [source.below(10**6) for _ in range(9)]), 2))[1][1][-1] == 1


@pytest.mark.parametrize("count", [0, 2, 9])
def test_some_are_different_ones(count):
    found = Seeded(3, "some").some_of("abcd", count)
    assert len(set(found)) == len(found) == min(count, 4)
