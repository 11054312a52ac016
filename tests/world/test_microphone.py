import contextlib
import tracemalloc

import numpy as np
import pytest

from harness.faults import MICROPHONE, ActiveFault
from harness.faults.failed_reopen import FailedReopen
from harness.faults.near_silence import NearSilence
from harness.faults.parameters import make
from harness.faults.slow_reopen import SlowReopen
from harness.faults.suspended import Suspended
from harness.faults.zeroed import Zeroed
from harness.units import MS, SECOND
from harness.world.microphone import Microphone
from harness.world.seeds import generator

TICK = 20 * MS


def microphone(room_dbfs=-120.0):
    """-120 dBFS is 0.03 LSB, which rounds to digital silence."""
    return Microphone(room_dbfs, 0, chunk_us=TICK)


def activated(fault):
    return ActiveFault(fault, generator(0, "fault"))


def one(source, now):
    [chunk] = source.capture(now)
    return chunk


def take(source, begin, end):
    """The samples of the chunks that are delivered after ``begin`` and not after ``end``."""
    return [chunk.samples for now in range(begin + TICK, end + 1, TICK) for chunk in source.capture(now)]


def test_the_rooms_noise_has_its_level():
    heard = np.concatenate(take(microphone(-62.0), 0, 5 * SECOND)).astype(float)
    assert 20 * np.log10(np.sqrt((heard**2).mean()) / 32768) == pytest.approx(-62, abs=0.1)


def test_a_sound_is_heard_sample_by_sample_from_when_it_was_made():
    source, sound = microphone(), np.arange(1, 2401, dtype=np.int16)
    source.sound(SECOND, sound)
    assert not np.concatenate(take(source, 0, SECOND)).any()
    assert np.array_equal(np.concatenate(take(source, SECOND, SECOND + 100 * MS)), sound)
    assert not np.concatenate(take(source, SECOND + 100 * MS, 2 * SECOND)).any()


def test_sounds_are_mixed_and_clip_at_full_scale():
    source = microphone()
    source.sound(0, np.array([100, 30_000, -30_000], np.int16))
    source.sound(0, np.array([-30, 30_000, -30_000], np.int16))
    assert one(source, TICK).samples[:3].tolist() == [70, 32_767, -32_768]


def test_a_late_sound_is_heard_after_minutes():
    source = microphone()
    source.sound(600 * SECOND, np.full(480, 9, np.int16))
    assert one(source, 600 * SECOND + TICK).samples.tolist() == [9] * 480


def test_what_came_before_does_not_depend_on_what_is_said_later():
    """The room grows to hold a sound; the noise already there stays as it was."""
    plain, later = microphone(-50.0), microphone(-50.0)
    later.sound(200 * SECOND, np.full(480, 9, np.int16))
    for begin in (0, 29, 59, 119):
        early = np.concatenate(take(plain, begin * SECOND, (begin + 2) * SECOND))
        assert np.array_equal(early, np.concatenate(take(later, begin * SECOND, (begin + 2) * SECOND)))


def test_a_fault_with_an_end_ends_by_itself():
    source = microphone()
    source.sound(0, np.full(48_000, 9, np.int16))
    source.fail(activated(Zeroed()), until=SECOND)
    assert not np.concatenate(take(source, 0, SECOND)).any()
    assert np.concatenate(take(source, SECOND, 2 * SECOND)).all()


def test_reopening_cures_only_what_lasts_until_reopened():
    source = microphone()
    source.sound(0, np.full(5 * 24_000, 9, np.int16))
    source.fail(activated(Suspended()), until=2 * SECOND)
    source.fail(activated(NearSilence()), until=None)
    source.reopen(SECOND)
    assert take(source, SECOND, 2 * SECOND) == []
    assert np.concatenate(take(source, 2 * SECOND, 3 * SECOND)).tolist() == [9] * 24_000


def test_while_the_capture_is_being_reopened_no_chunk_comes():
    source = microphone()
    source.reopen(SECOND)
    delivered = [now for now in range(SECOND + TICK, 2 * SECOND, TICK) if source.capture(now)]
    assert delivered[0] == SECOND + 220 * MS


def test_the_heal_ends_what_has_an_end_and_leaves_a_dead_capture_dead():
    source = microphone()
    source.sound(0, np.full(5 * 24_000, 9, np.int16))
    source.fail(activated(Suspended()), until=60 * SECOND)
    source.heal()
    assert np.concatenate(take(source, SECOND, 2 * SECOND)).all()
    source.fail(activated(Zeroed()), until=None)
    source.heal()
    assert not np.concatenate(take(source, 2 * SECOND, 3 * SECOND)).any()


def suspended(source, lasts_s, **written):
    """The context of a page is suspended from 1 s on; its source is lost after 3 s of that."""
    fault = make(MICROPHONE["graph-collected"], {"after": "3s", **written})
    source.fail(activated(fault), None if lasts_s is None else (1 + lasts_s) * SECOND)


def chunks_in(source, begin_s, end_s):
    return len(take(source, begin_s * SECOND, end_s * SECOND))


@pytest.fixture
def collections():
    return []


@pytest.fixture
def page(collections):
    source = microphone(-62.0)
    source.on_collected = lambda: collections.append("collected")
    assert chunks_in(source, 0, 1) == 50
    return source


def test_a_page_that_is_back_in_time_keeps_its_source(page, collections):
    suspended(page, 2)
    assert [chunks_in(page, 1, 3), chunks_in(page, 3, 6)] == [0, 150]
    assert not collections


@pytest.mark.parametrize(("delivers", "chunks"), [("nothing", 0), ("zeros", 100)])
def test_a_page_whose_source_was_collected_is_deaf_until_it_opens_the_capture_again(
    page, collections, delivers, chunks
):
    suspended(page, 4, delivers=delivers)
    assert chunks_in(page, 1, 5) == 0
    assert collections == ["collected"]
    page.heal()
    after = take(page, 5 * SECOND, 7 * SECOND)
    assert len(after) == chunks and not any(samples.any() for samples in after)
    page.reopen(7 * SECOND)
    assert chunks_in(page, 7, 8) == 40, "the first 200 ms are lost"
    assert collections == ["collected"]


def test_a_new_capture_in_suspension_has_a_source_that_is_as_old_as_it_is(page, collections):
    suspended(page, 7)
    assert chunks_in(page, 1, 3) == 0
    page.reopen(3 * SECOND)
    assert chunks_in(page, 3, 5) == 0 and not collections
    assert chunks_in(page, 5, 9) == 0 and collections == ["collected"]


def test_a_client_cannot_change_the_room_by_changing_its_chunk():
    source = microphone()
    source.sound(0, np.full(480, 9, np.int16))
    with contextlib.suppress(ValueError):  # read-only is as good as a copy
        one(source, TICK).samples[:] = 0
    assert one(source, TICK).samples.tolist() == [9] * 480


@pytest.mark.parametrize("chunk_ms", [5, 20, 64])
def test_a_chunk_knows_its_level_even_if_a_sound_was_made_after_its_neighbours_were_captured(chunk_ms):
    source = Microphone(-50.0, 3, chunk_us=chunk_ms * MS)
    source.capture(chunk_ms * MS)
    source.sound(3 * chunk_ms * MS + 1_000, np.full(24 * chunk_ms * 40, 2_000, np.int16))
    source.fail(activated(NearSilence()), until=20 * chunk_ms * MS)
    for number in range(2, 60):
        chunk = one(source, number * chunk_ms * MS)
        assert chunk.samples.size == 24 * chunk_ms
        assert chunk.energy == int((chunk.samples.astype(np.int64) ** 2).sum())
        assert chunk.peak == int(np.abs(chunk.samples.astype(np.int32)).max())


def test_a_sound_that_lasts_longer_is_repeated_to_its_end():
    source, sound = microphone(), np.array([1, 2, 3], np.int16)
    source.sound(0, sound, lasts_us=SECOND)
    heard = np.concatenate(take(source, 0, 2 * SECOND))
    assert np.array_equal(heard[:24_000], np.tile(sound, 8_000))
    assert not heard[24_000:].any()


def test_fifty_hours_of_sound_cost_no_more_than_what_is_captured():
    source = microphone()
    tracemalloc.start()
    for number in range(50):
        source.sound(0, np.ones(480, np.int16), lasts_us=3600 * SECOND)
        source.sound(number * 3600 * SECOND, np.ones(480, np.int16))
    assert one(source, 3599 * SECOND).samples.tolist() == [50] * 480
    assert not one(source, 40 * 3600 * SECOND + SECOND).samples.any()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 2**20


def test_sound_that_was_captured_is_forgotten():
    """Found by the soak: an hour of room took 170 MiB for as long as the run lasted."""
    microphone = Microphone(-70.0, 0, chunk_us=100 * MS)
    tracemalloc.start()
    for second in range(1, 1801):
        microphone.capture(second * SECOND)
    held_bytes = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held_bytes < 5 * 2**20  # 30 min of int16 at 24 kHz are 82 MiB


def test_a_capture_that_fails_to_open_is_dead_until_it_is_opened_once_more():
    """The heal ends the fault if it has an end, but opens nothing."""
    source = microphone()
    source.sound(0, np.full(9 * 24_000, 9, np.int16))
    source.fail(activated(Zeroed()), until=None)
    source.fail(activated(FailedReopen()), until=8 * SECOND)
    source.reopen(SECOND)
    source.heal()
    assert take(source, SECOND, 4 * SECOND) == []
    source.reopen(4 * SECOND)
    assert np.concatenate(take(source, 5 * SECOND, 6 * SECOND)).tolist() == [9] * 24_000


def test_a_capture_that_opens_slowly():
    source = microphone()
    source.fail(activated(SlowReopen(takes_us=3 * SECOND)), until=None)
    source.reopen(SECOND)
    delivered = [now for now in range(SECOND + TICK, 6 * SECOND, TICK) if source.capture(now)]
    assert delivered[0] == 4 * SECOND + TICK
    source.reopen(6 * SECOND)
    delivered = [now for now in range(6 * SECOND + TICK, 7 * SECOND, TICK) if source.capture(now)]
    assert delivered[0] == 6 * SECOND + 220 * MS


def test_a_chunk_knows_the_sum_of_its_samples():
    source = microphone(-50.0)
    source.sound(SECOND, np.full(480, 700, np.int16))
    for now in (TICK, SECOND + TICK):
        chunk = one(source, now)
        assert chunk.total == chunk.copy().total == chunk.samples.sum(dtype=np.int64)


def test_who_has_a_copy_of_a_chunk_may_change_it():
    source = microphone(-50.0)
    own = one(source, TICK).copy()
    before = own.samples.tolist()
    own.samples[:] = 7
    assert own.readable.tolist() == own.samples.tolist() == [7] * 480
    assert own.total == 7 * 480
    assert one(source, TICK).samples.tolist() == before


@pytest.mark.parametrize("chunk_ms", [10, 20, 64])
def test_the_room_is_its_noise_that_repeats_every_5_s_and_the_sounds_in_it(chunk_ms):
    """Computed here sample by sample, over quiet blocks and loud ones, near full scale and far from it."""
    source = Microphone(-20.0, 5, chunk_us=chunk_ms * MS)
    sounds = {48_000: np.full(9_000, 500, np.int16), 144_000: np.full(30_000, 32_000, np.int16)}
    for begin, samples in sounds.items():
        source.sound(begin * SECOND // 24_000, samples)
    length = 12 * SECOND // (chunk_ms * MS) * chunk_ms * 24
    noise = generator(5, "room").standard_normal(120_000) * 32768 * 10 ** (-20 / 20)
    expected = np.resize(np.rint(noise).astype(np.int16), length).astype(np.int64)
    for begin, samples in sounds.items():
        expected[begin : begin + samples.size] = np.clip(
            expected[begin : begin + samples.size] + samples, -32768, 32767
        )
    ends = range(chunk_ms * MS, length * SECOND // 24_000 + 1, chunk_ms * MS)
    chunks = [chunk for now in ends for chunk in source.capture(now)]
    heard = np.concatenate([chunk.samples for chunk in chunks]).astype(np.int64)
    assert np.array_equal(heard, expected)
    for chunk in chunks:
        values = chunk.samples.astype(np.int64)
        assert (chunk.energy, chunk.peak) == ((values * values).sum(), np.abs(values).max())
        assert chunk.pcm == chunk.samples.tobytes()
