"""Band energies in blocks of 10 ms: the same however the stream is cut, and bounded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audio import load_clip, resample
from harness.audio.envelope import BANDS, MAX_BLOCKS, Envelope, band_energies

SPEECH = load_clip("speech_en_f_arctic_a0009").samples


def tone(hz: float, rate_hz: int):
    return np.rint(8000 * np.sin(2 * np.pi * hz * np.arange(rate_hz) / rate_hz)).astype(np.int16)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize(("hz", "band"), [(300, 0), (1500, 1), (3200, 2)])
def test_a_tone_is_loudest_in_its_band(rate_hz, hz, band):
    energies = band_energies(tone(hz, rate_hz), rate_hz)
    assert energies.shape == (100, BANDS)
    assert (energies.argmax(axis=1) == band).all()


def test_a_constant_has_its_own_square():
    assert band_energies(np.full(480, 100, np.int16), 24_000).tolist() == [[10_000.0, 0.0, 0.0]] * 2


def test_telephone_sound_has_the_same_envelope():
    """To 2 dB in nine blocks of ten, where it is loud."""
    wide, narrow = band_energies(SPEECH, 24_000), band_energies(resample(SPEECH, 24_000, 8_000), 8_000)
    loud = wide.sum(axis=1) > 300**2
    difference_db = np.abs(10 * np.log10(wide[: len(narrow)] / narrow))[loud[: len(narrow)]]
    assert np.percentile(difference_db, 90) < 2.0


@given(st.lists(st.integers(0, 20_000), max_size=8))
def test_the_cutting_does_not_matter(cuts):
    envelope = Envelope()
    for piece in np.split(SPEECH, sorted(cuts)):
        envelope.push(piece, 24_000)
    assert np.array_equal(envelope.energies(), band_energies(SPEECH, 24_000))
    assert np.array_equal(envelope.energies(), band_energies(SPEECH, 24_000)), "asking changes nothing"


def test_it_holds_the_last_minute_and_no_more():
    envelope = Envelope()
    for second in range(90):
        envelope.push(np.full(8_000, second, np.int16), 8_000)
    energies = envelope.energies()
    assert energies.shape == (MAX_BLOCKS, BANDS)
    assert (energies[0, 0], energies[-1, 0]) == (30.0**2, 89.0**2)
    assert envelope._done_blocks < MAX_BLOCKS + 200 and envelope._waiting_size < 2**13


def test_another_rate_goes_on_where_the_last_one_ended():
    envelope = Envelope()
    envelope.push(np.full(250, 10, np.int16), 24_000)
    envelope.push(np.full(80, 20, np.int16), 8_000)
    assert envelope.energies()[:, 0].tolist() == [100.0, 400.0]


def test_cleared_and_empty():
    envelope = Envelope()
    assert envelope.energies().shape == (0, BANDS)
    envelope.push(SPEECH, 24_000)
    envelope.clear()
    assert envelope.energies().shape == (0, BANDS)
