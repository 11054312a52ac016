"""Near-silence, zeros and suspension: what the microphone delivers in place of the room's sound."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.audio.levels import peak_lsb
from harness.faults.near_silence import NearSilence
from harness.faults.suspended import Suspended
from harness.faults.zeroed import Zeroed

LOUD = np.full(480, 20_000, np.int16)


def delivered_by(fault, chunks, seed=0):
    """The chunks that are delivered in place of these while nothing is played; none when the fault ends."""
    work = fault.begin(np.random.default_rng(seed))
    delivered = [out for samples in chunks for out in work.chunk(samples, np.zeros_like(samples))]
    assert list(work.over()) == []
    return delivered


def test_near_silence_peaks_within_what_was_reported_for_each_chunk():
    """Reported: 41 to 96 of 32768. Of 480 samples the largest is nearly always the drawn peak or just below."""
    peaks = [peak_lsb(samples) for samples in delivered_by(NearSilence(), [LOUD] * 2_000)]
    assert len(peaks) == 2_000
    assert max(peaks) == 96
    assert 38 <= min(peaks) <= 41
    assert len(set(peaks)) > 40


@settings(max_examples=50)
@given(st.integers(0, 32_766), st.integers(0, 500), st.integers(1, 2_000), st.integers(0, 2**32 - 1))
def test_property_near_silence_is_never_louder_than_its_range_and_keeps_the_length(low, width, count, seed):
    high = min(32_767, low + width)
    [delivered] = delivered_by(NearSilence((low, high)), [np.full(count, -32_768, np.int16)], seed)
    assert delivered.dtype == np.int16
    assert len(delivered) == count
    assert peak_lsb(delivered) <= high


def test_near_silence_hides_whatever_is_said():
    silence = np.zeros(480, np.int16)
    assert np.array_equal(delivered_by(NearSilence(), [LOUD], 7), delivered_by(NearSilence(), [silence], 7))


def test_zeros_have_the_length_of_the_chunk():
    assert np.array_equal(delivered_by(Zeroed(), [LOUD]), [np.zeros(480, np.int16)])
    assert LOUD[0] == 20_000


def test_suspended_delivers_no_chunk():
    assert delivered_by(Suspended(), [LOUD]) == []
