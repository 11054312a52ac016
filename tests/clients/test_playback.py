from hypothesis import given
from hypothesis import strategies as st

from harness.clients.playback import PlaybackMeter
from harness.units import MS, SECOND


def audio(ms):
    return bytes(48 * ms)


def test_what_was_heard_is_counted_by_the_clock():
    meter = PlaybackMeter()
    assert meter.accept("a", audio(1000), 10 * SECOND)
    assert meter.interrupt(10 * SECOND + 400 * MS) == ("a", 400)
    assert not meter.speaking


def test_a_truncation_never_lies_beyond_what_was_received():
    meter = PlaybackMeter()
    meter.accept("a", audio(100), 0)
    meter.accept("a", audio(100), 500 * MS)
    assert meter.interrupt(60 * SECOND) == ("a", 200)


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 500)), min_size=1, max_size=20), st.integers(0, 60_000))
def test_property_heard_is_between_zero_and_received(bursts, later_ms):
    """Bursts at any pace: (pause before, length), both in milliseconds."""
    meter, now = PlaybackMeter(), 0
    for pause_ms, length_ms in bursts:
        now += pause_ms * MS
        meter.accept("a", audio(length_ms), now)
    item_id, heard_ms = meter.interrupt(now + later_ms * MS)
    assert item_id == "a"
    assert 0 <= heard_ms <= sum(length_ms for _, length_ms in bursts)


def test_late_audio_of_an_interrupted_item_is_not_played_and_that_of_the_next_is():
    meter = PlaybackMeter()
    meter.accept("a", audio(1000), 0)
    meter.interrupt(100 * MS)
    assert not meter.accept("a", audio(100), 200 * MS)
    assert not meter.speaking
    assert meter.accept("b", audio(100), 300 * MS)
    assert meter.speaking
    assert meter.interrupt(350 * MS) == ("b", 50)


def test_nothing_is_interrupted_when_nothing_plays():
    meter = PlaybackMeter()
    assert meter.interrupt(0) is None
    meter.accept("a", audio(100), 0)
    meter.ended()
    assert meter.interrupt(SECOND) is None


def test_a_queued_item_starts_when_the_one_before_it_ends():
    meter = PlaybackMeter()
    meter.accept("a", audio(1000), 0)
    meter.accept("b", audio(1000), 200 * MS)
    assert meter.interrupt(1300 * MS) == ("b", 300)


def test_the_end_is_overdue_from_the_moment_the_audio_should_have_ended():
    meter = PlaybackMeter()
    assert meter.overdue_us(SECOND) == 0
    meter.accept("a", audio(600), 0)
    meter.accept("a", audio(400), 100 * MS)
    assert meter.overdue_us(SECOND) == 0
    assert meter.overdue_us(3 * SECOND) == 2 * SECOND
    meter.ended()
    assert meter.overdue_us(3 * SECOND) == 0
