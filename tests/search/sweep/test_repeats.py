"""Where the world finds audio that was captured several times: the journal of :mod:`harness.world.arrivals` says it."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audio.chunk import Chunk
from harness.audio.formats import PCM24K
from harness.journal import AudioArrived, Journal
from harness.search.sweep.exact.recording import NotPlain, Recording
from harness.search.sweep.exact.repeats import Repeats
from harness.units import MS
from harness.world.arrivals import Arrivals
from harness.world.captured import Captured

CHUNK_US = 20 * MS
SAMPLES = 480


def captured(sounds: list[int]) -> list[Chunk]:
    """A chunk for each number; equal numbers are equal sounds, and 0 is silence."""
    return [
        Chunk.of((np.random.default_rng(sound).integers(-99, 99, SAMPLES) * (sound > 0)).astype(np.int16))
        for sound in sounds
    ]


def recording(chunks: list[Chunk], chunk_us: int = CHUNK_US) -> Recording:
    """What :class:`Repeats` reads of a recording of these chunks."""
    made = SimpleNamespace(
        pcm=[chunk.pcm for chunk in chunks],
        peaks=[chunk.peak for chunk in chunks],
        sizes=[chunk.size for chunk in chunks],
        captured_us=[(number + 1) * chunk_us for number in range(len(chunks))],
    )
    return cast(Recording, made)


def are_found(chunks: list[Chunk], passed: list[bool]) -> bool:
    """Whether all entries of arrivals tell the true time of capture."""
    journal, known = Journal({}), Captured()
    arrivals = Arrivals(1, known, journal)
    for number, (chunk, passes) in enumerate(zip(chunks, passed, strict=True)):
        now = (number + 1) * CHUNK_US
        if chunk.peak:
            known.add(chunk, now)
        arrivals.add(chunk.pcm if passes else bytes(2 * SAMPLES), PCM24K, now)
    told = list(journal.select(AudioArrived))
    return all(not isinstance(each.captured_ms, int) or each.captured_ms == each.arrived_ms for each in told)


def certain(chunks: list[Chunk], passed: list[bool]) -> bool:
    recognised = np.array([passed]) & np.array([chunk.peak > 0 for chunk in chunks])
    return bool(Repeats(recording(chunks)).certain(recognised, np.arange(len(chunks)))[0])


def test_a_sound_that_is_taken_for_the_one_after_the_last_that_passed() -> None:
    """The gate lets 99 pass, then removes 1 to 24; when 1 comes again, the world finds it right after 99."""
    chunks = captured([99, *range(1, 25), *range(1, 25)])
    passed = [True, *[False] * 24, True, *[False] * 23]
    assert not are_found(chunks, passed)
    assert not certain(chunks, passed)


@given(st.lists(st.booleans(), min_size=90, max_size=90), st.sets(st.integers(1, 29), max_size=5))
def test_what_is_certain_is_found(passed: list[bool], silent: set[int]) -> None:
    chunks = captured([99] + [0 if sound in silent else sound for sound in range(1, 31)] * 3)
    passed = [True, *passed]
    assert are_found(chunks, passed) or not certain(chunks, passed)


def test_sounds_that_begin_alike_within_a_quarter_of_a_second_are_not_told_apart() -> None:
    chunks = captured([*range(1, 31), *range(1, 31)])
    Repeats(recording(chunks))
    with pytest.raises(NotPlain):
        Repeats(recording(chunks, 5 * MS))


def test_the_first_chunk_that_passes_must_be_the_only_one_of_its_kind() -> None:
    assert Repeats(recording(captured([*range(1, 31), 7]))).unique.tolist() == [n != 7 for n in range(1, 31)] + [False]
