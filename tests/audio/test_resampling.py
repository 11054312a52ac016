import math

import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from harness.audio import Resampler, load_clip, resample
from harness.audio.resampling import FILTER, FilterDesign, _MatrixOfBlocks, _RowsOfTaps
from harness.errors import AudioError

RATES_HZ = (8_000, 16_000, 24_000, 48_000)
RATES_OF_FILES_HZ = (11_025, 12_000, 22_050, 32_000, 44_100, 88_200, 96_000, 192_000)
PAIRS = [(source, target) for source in RATES_HZ for target in RATES_HZ]
NOISE = np.random.default_rng(7).integers(-32768, 32768, 3000).astype(np.int16)


def tone(frequency_hz: float, rate_hz: int, amplitude: float = 16_000) -> np.ndarray:
    return np.rint(amplitude * np.sin(2 * np.pi * frequency_hz * np.arange(rate_hz) / rate_hz)).astype(np.int16)


def gain_db(frequency_hz: float, source_hz: int, target_hz: int) -> float:
    before = tone(frequency_hz, source_hz).astype(float)
    after = resample(tone(frequency_hz, source_hz), source_hz, target_hz)[200:-200].astype(float)
    return 10 * math.log10((np.mean(after**2) + 1e-9) / np.mean(before**2))


@given(st.sampled_from(PAIRS), st.lists(st.one_of(st.sampled_from([0, 1, 2]), st.integers(0, 900)), max_size=12))
def test_any_chunking_gives_the_bits_of_one_shot(pair: tuple[int, int], cuts: list[int]) -> None:
    whole, chunked = Resampler(*pair), Resampler(*pair)
    expected = np.concatenate([whole.push(NOISE), whole.flush()])
    pieces = np.split(NOISE, np.minimum(np.cumsum(cuts, dtype=int), NOISE.size))
    got = np.concatenate([*(chunked.push(piece) for piece in pieces), chunked.flush()])
    assert got.dtype == np.float32
    assert got.tobytes() == expected.tobytes()


def test_one_sample_at_a_time_gives_the_bits_of_one_shot() -> None:
    whole, chunked = Resampler(24_000, 16_000), Resampler(24_000, 16_000)
    got = np.concatenate([chunked.push(NOISE[index : index + 1]) for index in range(NOISE.size)])
    assert got.tobytes() == whole.push(NOISE).tobytes()


@pytest.mark.parametrize(
    ("up", "down"), [(2, 3), (3, 2), (3, 1), (1, 3), (2, 1), (1, 2), (6, 1), (1, 6), (80, 147), (320, 147), (1, 32)]
)
def test_every_partial_sum_is_an_integer_that_float64_holds(up: int, down: int) -> None:
    taps = _MatrixOfBlocks(up, down, FILTER).taps
    assert np.array_equal(taps, np.rint(taps))
    assert 2**15 * np.abs(taps).sum(axis=0).max() < 2**53


@pytest.mark.parametrize(("up", "down"), [(2, 3), (3, 1), (1, 4), (80, 147), (320, 147)])
def test_a_matrix_of_blocks_and_rows_of_taps_give_the_same_bits(up: int, down: int) -> None:
    matrix, rows = _MatrixOfBlocks(up, down, FILTER), _RowsOfTaps(up, down, FILTER)
    blocks = (NOISE.size - matrix.span) // down + 1
    samples = np.concatenate((NOISE.astype(float), np.zeros(matrix.beyond)))
    assert matrix.filtered(samples, blocks).tobytes() == rows.filtered(samples, blocks).tobytes()


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("count", [0, 1, 2, 5, 479, 480, 1001])
def test_lengths(pair: tuple[int, int], count: int) -> None:
    source_hz, target_hz = pair
    resampler = Resampler(*pair)
    streamed = resampler.push(NOISE[:count]).size + resampler.flush().size
    assert streamed == math.ceil(count * target_hz / source_hz)
    assert resample(NOISE[:count], *pair).size == round(count * target_hz / source_hz)


@pytest.mark.parametrize("pair", PAIRS)
def test_a_tone_comes_out_where_and_as_loud_as_it_went_in(pair: tuple[int, int]) -> None:
    source_hz, target_hz = pair
    got = resample(tone(1000, source_hz), *pair)[200:-200]
    assert np.abs(got.astype(int) - tone(1000, target_hz)[200:-200]).max() < 16_000 * 0.003


def test_passband_and_alias_rejection_before_the_detector() -> None:
    assert all(abs(gain_db(frequency_hz, 24_000, 16_000)) < 0.1 for frequency_hz in (100, 1000, 4000, 6500, 7200))
    assert all(gain_db(frequency_hz, 24_000, 16_000) < -60 for frequency_hz in (8100, 9000, 10_000, 11_500))


@pytest.mark.behaviour("ear-filter")
def test_half_the_amplitude_is_left_below_the_nyquist_frequency() -> None:
    assert gain_db(7600, 24_000, 16_000) == pytest.approx(-6, abs=0.2)
    assert gain_db(7900, 24_000, 16_000) < -20


def test_telephony_band_and_images() -> None:
    assert all(abs(gain_db(frequency_hz, 24_000, 8_000)) < 0.1 for frequency_hz in (300, 1000, 3400))
    assert all(gain_db(frequency_hz, 24_000, 8_000) < -60 for frequency_hz in (4100, 6000, 11_000))
    spectrum = np.abs(np.fft.rfft(resample(tone(3000, 8_000), 8_000, 24_000) * np.hanning(24_000)))
    assert spectrum[4600:].max() < spectrum[3000] / 100


@pytest.mark.parametrize("rate_hz", RATES_OF_FILES_HZ)
def test_a_tone_of_a_file_of_any_rate_keeps_place_and_level(rate_hz: int) -> None:
    got = resample(tone(1000, rate_hz), rate_hz, 24_000)
    assert got.size == 24_000
    assert np.abs(got.astype(int) - tone(1000, 24_000))[300:-300].max() < 16_000 * 0.003


@pytest.mark.parametrize("rate_hz", RATES_OF_FILES_HZ)
def test_a_file_of_any_rate_sounds_as_after_an_independent_resampler(rate_hz: int) -> None:
    voice = load_clip("speech_en_f_arctic_a0009").samples[24_000:60_000].astype(float)
    recorded = np.rint(soxr.resample(voice, 24_000, rate_hz, "VHQ")).astype(np.int16)
    ours = resample(recorded, rate_hz, 24_000).astype(float)
    theirs = soxr.resample(recorded.astype(float), rate_hz, 24_000, "HQ")[: ours.size]
    assert abs(ours.size - theirs.size) <= 1
    apart = (ours[: theirs.size] - theirs)[200:-200]
    assert np.sqrt(np.mean(apart**2)) < 0.03 * np.sqrt(np.mean(theirs**2))


@pytest.mark.slow
@pytest.mark.parametrize(("rate_hz", "target_hz"), [(44_056, 24_000), (22_254, 24_000), (24_000, 44_101)])
def test_an_unusual_ratio_is_exact_too(rate_hz: int, target_hz: int) -> None:
    got = resample(tone(1000, rate_hz), rate_hz, target_hz)
    assert got.size == target_hz
    assert np.abs(got.astype(int) - tone(1000, target_hz))[300:-300].max() < 16_000 * 0.003
    stream = Resampler(rate_hz, target_hz)
    pieces = [stream.push(piece) for piece in np.array_split(tone(1000, rate_hz), 7)]
    whole = np.concatenate([*pieces, stream.flush()])
    assert np.array_equal(np.clip(np.rint(whole * 32768), -32768, 32767), got)


def test_the_filter_is_one_of_several_that_a_stream_can_have() -> None:
    short = Resampler(24_000, 16_000, FilterDesign(16, 8.0, 0.85))
    assert short.needed(512) < Resampler(24_000, 16_000).needed(512)


@pytest.mark.parametrize("pair", PAIRS)
def test_a_constant_stays_exactly_that_constant(pair: tuple[int, int]) -> None:
    middle = Resampler(*pair).push(np.full(4000, -12_345, np.int16))[300:]
    assert set(middle.tolist()) == {-12_345 / 32_768}


def test_look_ahead_is_three_milliseconds() -> None:
    resampler, given_out = Resampler(24_000, 16_000), 0
    for pushed in range(480, 4801, 480):
        given_out += resampler.push(NOISE[:480]).size
        assert 0 <= pushed * 16_000 / 24_000 - given_out <= 3 * 16 + 2


def test_after_a_flush_a_new_stream_begins() -> None:
    resampler = Resampler(24_000, 16_000)
    first = np.concatenate([resampler.push(NOISE), resampler.flush()])
    second = np.concatenate([resampler.push(NOISE), resampler.flush()])
    assert first.tobytes() == second.tobytes()


def test_equal_rates_change_nothing() -> None:
    assert np.array_equal(Resampler(24_000, 24_000).push(NOISE) * 32_768, NOISE)
    assert np.array_equal(resample(NOISE, 16_000, 16_000), NOISE)


def test_a_clip_beyond_full_scale_is_clipped_and_does_not_wrap() -> None:
    square = np.where(np.arange(2400) // 60 % 2, 32767, -32768).astype(np.int16)
    got = resample(square, 24_000, 48_000)
    assert (got.max(), got.min()) == (32767, -32768)
    assert np.array_equal(np.sign(got[30:-30:60]), np.sign(square[15:-15:30]))


def test_a_long_clip_equals_its_stream() -> None:
    long = np.tile(NOISE, 40)
    stream = Resampler(24_000, 16_000)
    expected = np.concatenate([stream.push(long), stream.flush()])
    assert np.array_equal(resample(long, 24_000, 16_000), np.clip(np.rint(expected * 32768), -32768, 32767))


@pytest.mark.parametrize(("source_hz", "target_hz"), [(999, 24_000), (24_000, 768_001), (0, 24_000)])
def test_rates_that_no_audio_has_are_refused_with_the_cure(source_hz: int, target_hz: int) -> None:
    with pytest.raises(
        AudioError, match=r"to or from \d+ Hz, only 1000 to 768000 Hz; convert the audio, for example to"
    ):
        Resampler(source_hz, target_hz)


def test_two_high_rates_without_a_common_divisor_are_refused_with_the_cure() -> None:
    with pytest.raises(AudioError, match="from 383999 to 24000 Hz, a ratio of 24000 to 383999; convert the audio"):
        Resampler(383_999, 24_000)


@given(
    st.sampled_from(RATES_HZ),
    st.sampled_from(RATES_HZ),
    st.lists(st.integers(0, 2_000), max_size=5),
    st.integers(1, 900),
)
def test_what_is_needed_is_just_enough(source_hz, target_hz, before, outputs):
    resampler = Resampler(source_hz, target_hz)
    for size in before:
        resampler.push(np.zeros(size, np.int16))
    needed = resampler.needed(outputs)
    given_before = resampler.push(np.zeros(needed - 1, np.int16)).size
    assert given_before < outputs <= given_before + resampler.push(np.zeros(1, np.int16)).size
