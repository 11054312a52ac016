"""How the faults of the capture path change samples; the expected samples are computed here in another way."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.audio.g711 import decode_a_law, decode_mu_law
from harness.faults import MICROPHONE
from harness.faults.parameters import make
from harness.faults.seams import Reopening
from harness.units import SECOND

CHUNK = 480


def at_work(name, **written):
    fault = make(MICROPHONE[name], {spelling.replace("_", " "): value for spelling, value in written.items()})
    return fault.begin(np.random.default_rng(5))


def delivered(name, chunks, playing=None, **written):
    """The chunks that are delivered in place of ``chunks`` while the fault lasts."""
    work = at_work(name, **written)
    silence = np.zeros(CHUNK, np.int16)
    played = playing or [silence] * len(chunks)
    return [out for chunk, sound in zip(chunks, played, strict=True) for out in work.chunk(chunk, sound)]


def stream(name, samples, **written):
    """The same for one array, cut into chunks and joined again."""
    return np.concatenate(delivered(name, np.split(samples, range(CHUNK, len(samples), CHUNK)), **written))


def of(*samples):
    return np.array(samples, np.int16)


def ramp(count, start=0):
    return np.arange(start, start + count, dtype=np.int16)


def tone(hz, seconds, rate_hz=24_000, peak=10_000):
    return np.rint(peak * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.int16)


def pitch_hz(samples, rate_hz=24_000):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return np.argmax(spectrum) * rate_hz / samples.size


# --- louder, softer, coarser ---


def test_muted_softly_is_34_db_down_and_whole():
    """10^(-34/20) is 0.01995: one LSB is left of 50, of 96 two, and nothing of 25 and less."""
    assert stream("muted-softly", of(10_000, -10_000, 96, 50, 26, 25, -41, 0)).tolist() == [
        200,
        -200,
        2,
        1,
        1,
        0,
        -1,
        0,
    ]


def test_muted_softly_by_its_parameter():
    assert stream("muted-softly", of(32_000, -320), gain="-20 dB").tolist() == [3_200, -32]


def test_clipped_is_50_times_louder_within_full_scale():
    """34 dB are a factor of 50.119."""
    assert stream("clipped", of(10, -10, 600, 655, -655, 0)).tolist() == [501, -501, 30_071, 32_767, -32_768, 0]


def test_offset_is_added_to_every_sample_within_full_scale():
    """0.05 of 32768 is 1638.4."""
    assert stream("offset", of(0, 1, -1_638, 32_000)).tolist() == [1_638, 1_639, 0, 32_767]
    assert stream("offset", of(0, -32_000), fraction=-0.5).tolist() == [-16_384, -32_768]


def test_coarse_keeps_sixteen_levels_and_a_quiet_room_is_silent():
    assert stream("coarse", of(0, 2_047, 2_049, -2_049, 10_000, 32_767, -32_768)).tolist() == [
        0, 0, 4_096, -4_096, 8_192, 28_672, -32_768,
    ]  # fmt: skip
    assert len(np.unique(stream("coarse", np.arange(-32_768, 32_768).astype(np.int16)))) == 16


@pytest.mark.parametrize("bits", range(1, 17))
def test_coarse_has_as_many_levels_as_its_bits_make(bits):
    levels = np.unique(stream("coarse", np.arange(-32_768, 32_768).astype(np.int16), bits=bits))
    assert len(levels) == 2**bits
    assert 0 in levels


# --- late and missing ---


def test_burst_delivers_nothing_and_then_all_in_order():
    work = at_work("burst")
    chunks = [ramp(CHUNK, CHUNK * n) for n in range(5)]
    assert [list(work.chunk(chunk, chunk)) for chunk in chunks] == [[]] * 5
    assert np.array_equal(np.concatenate(work.over()), ramp(5 * CHUNK))


def test_burst_as_measured_has_2_6_s_of_zeros_and_the_last_0_3_s():
    """A renderer stopped for 4 s: 200 chunks of 20 ms become 130 of zeros and the last 15."""
    work = at_work("burst", keeps="300ms", zeros="2.6s")
    for number in range(200):
        work.chunk(np.full(CHUNK, number + 1, np.int16), np.zeros(CHUNK, np.int16))
    assert [(chunk.size, chunk[0]) for chunk in work.over() if chunk.size] == [(CHUNK, 0)] * 130 + [
        (CHUNK, number) for number in range(186, 201)
    ]


def test_a_burst_that_held_nothing_up_brings_nothing():
    assert at_work("burst", zeros="2.6s").over() == ()


def test_dropped_chunks_are_missing_and_the_others_whole():
    chunks = [np.full(CHUNK, number, np.int16) for number in range(4_000)]
    passed = delivered("dropped-chunks", chunks, probability=0.25)
    numbers = [int(chunk[0]) for chunk in passed]
    assert all(np.array_equal(chunk, chunks[number]) for chunk, number in zip(passed, numbers, strict=True))
    assert numbers == sorted(set(numbers))
    assert len(numbers) == pytest.approx(3_000, abs=4 * 27.4)  # four standard deviations of a binomial


@pytest.mark.parametrize(("probability", "passed"), [(0, 50), (1, 0)])
def test_dropped_chunks_at_the_ends_of_the_range(probability, passed):
    assert len(delivered("dropped-chunks", [ramp(CHUNK)] * 50, probability=probability)) == passed


# --- repeated and shifted ---


@pytest.mark.parametrize(("loop", "length"), [("200ms", 4_800), ("10ms", 240), ("25ms", 600), ("20ms", 480), ("0s", 1)])
def test_looped_repeats_the_first_moment_for_ever(loop, length):
    samples = ramp(20 * CHUNK)
    expected = np.tile(samples[:length], 20 * CHUNK // length + 1)[: 20 * CHUNK]
    assert np.array_equal(stream("looped", samples, loop=loop), expected)


def test_looped_repeats_200_ms_by_default():
    assert np.array_equal(stream("looped", ramp(9_600)), np.tile(ramp(4_800), 2))


def test_misaligned_joins_the_high_byte_of_one_sample_and_the_low_byte_of_the_next():
    assert stream("misaligned", of(0x0102, 0x0304, 0x7F06)).tolist() == [0x0200, 0x0401, 0x0603]


def test_misaligned_makes_a_roar_of_a_whisper():
    """Its low byte, 0 to 41 or 215 to 255, becomes the high byte: up to 41 * 256 LSB."""
    whisper = np.random.default_rng(1).integers(-41, 42, 24_000).astype(np.int16)
    assert np.abs(stream("misaligned", whisper).astype(int)).max() >= 41 * 256


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=9), min_size=1, max_size=6))
def test_property_misaligned_is_the_stream_behind_one_stray_byte(chunks):
    out = delivered("misaligned", [of(*chunk) for chunk in chunks], playing=[of(*chunk) for chunk in chunks])
    assert [chunk.size for chunk in out] == [len(chunk) for chunk in chunks]
    flat = [sample for chunk in chunks for sample in chunk]
    shifted = b"\0" + struct.pack(f"<{len(flat)}h", *flat)
    assert np.concatenate(out).tolist() == list(struct.unpack(f"<{len(flat)}h", shifted[:-1]))


# --- another format, another rate ---


@pytest.mark.parametrize(("law", "decode"), [("mu-law", decode_mu_law), ("A-law", decode_a_law)])
def test_wrong_format_is_the_telephone_audio_byte_by_byte(law, decode):
    """Read as what it is, it is the tone at 8 kHz; read as PCM it lasts a sixth of the time.

    The last 6 ms wait in the resampler: 24 of the 4000 samples.
    """
    pcm = stream("wrong-format", tone(440, 1), law=law)
    assert pcm.size == 4_000 - 24
    telephone = decode(pcm.astype("<i2").tobytes())
    assert pitch_hz(telephone[100:], 8_000) == pytest.approx(440, abs=2)
    assert np.abs(telephone[200:]).max() == pytest.approx(10_000, rel=0.05)


def test_wrong_format_is_loud_whatever_is_said():
    """Silence in mu-law is the byte 0xFF; the softest noise flips its sign bit, and then it is 0x7FFF."""
    room = np.random.default_rng(2).integers(-41, 42, 24_000).astype(np.int16)
    assert np.abs(stream("wrong-format", room).astype(int)).max() > 20_000


@pytest.mark.parametrize(("rate", "factor"), [("8 kHz", 1 / 3), ("16 kHz", 2 / 3), ("48 kHz", 2)])
def test_wrong_rate_changes_pitch_and_length_together(rate, factor):
    changed = stream("wrong-rate", tone(600, 2), rate=rate)
    assert changed.size == pytest.approx(48_000 * factor, abs=100)
    assert pitch_hz(changed[200:-200]) == pytest.approx(600 / factor, rel=0.005)


# --- the assistant's voice ---


def test_echo_is_what_plays_60_ms_later_and_20_db_softer():
    silence = np.zeros(CHUNK, np.int16)
    spoken = [np.full(CHUNK, 10 * number, np.int16) for number in range(1, 8)]
    echo = np.concatenate(delivered("echo", [silence] * 7, playing=spoken))
    assert echo.tolist() == [0] * 3 * CHUNK + [number for number in range(1, 5) for _ in range(CHUNK)]


def test_echo_is_mixed_with_what_the_user_says_and_clips():
    said, spoken = of(100, -100, 30_000), of(1_000, 1_000, 30_000)
    assert delivered("echo", [said], [spoken], loss="0 dB", delay="0s")[0].tolist() == [1_100, 900, 32_767]


def test_echo_goes_on_after_the_assistant_has_stopped():
    silence, spoken = np.zeros(CHUNK, np.int16), np.full(CHUNK, 500, np.int16)
    echo = delivered("echo", [silence] * 3, playing=[spoken, silence, silence], loss="0 dB", delay="30ms")
    assert np.concatenate(echo).tolist() == [0] * 720 + [500] * CHUNK + [0] * 240


# --- all of them ---


@pytest.mark.parametrize("name", MICROPHONE)
def test_no_fault_changes_the_chunk_that_it_is_given(name):
    """The room is shared with faults that start later."""
    chunk = ramp(CHUNK, 77)
    chunk.flags.writeable = False
    work = at_work(name)
    for _ in range(5):
        out = list(work.chunk(chunk, chunk))
        assert all(each.dtype == np.int16 and each.ndim == 1 for each in out)
    assert np.array_equal(chunk, ramp(CHUNK, 77))


@pytest.mark.parametrize("name", MICROPHONE)
def test_the_same_draws_give_the_same_chunks(name):
    chunks = [ramp(CHUNK, number) for number in range(30)]
    assert all(np.array_equal(a, b) for a, b in zip(delivered(name, chunks), delivered(name, chunks), strict=True))


@pytest.mark.parametrize("name", MICROPHONE)
def test_a_fault_says_what_it_is_and_where_it_was_seen(name):
    fault = MICROPHONE[name]
    assert fault.__doc__.splitlines()[0].endswith(".")
    assert fault.reports


# --- lines ---


def test_a_fast_capture_delivers_each_chunk_so_often():
    first, second = ramp(CHUNK), ramp(CHUNK, 1_000)
    twice = delivered("fast-capture", [first, second])
    assert [chunk[0] for chunk in twice] == [0, 0, 1_000, 1_000]
    assert len(delivered("fast-capture", [first], times=5)) == 5


def test_no_packets_come_in_silence():
    """-50 dBFS is an RMS of 103.6 LSB; 100 ms of what is quieter are five chunks of 20 ms."""
    loud, quiet = np.full(CHUNK, 104, np.int16), np.full(CHUNK, 103, np.int16)
    assert [chunk[0] for chunk in delivered("no-packets-in-silence", [loud, *[quiet] * 20, loud])] == [
        104, *[103] * 5, 104,
    ]  # fmt: skip


def test_one_packet_comes_now_and_then():
    """In 10 s of silence after the hangover: one each 2 s."""
    quiet = np.zeros(CHUNK, np.int16)
    assert len(delivered("no-packets-in-silence", [quiet] * 505, every="2s")) == 5 + 5


def test_a_telephone_line_is_narrow():
    """8 kHz hold nothing above 4 kHz; mu-law has a resolution of a few percent at any level."""
    samples = stream("telephone-line", tone(1_000, 1) + tone(6_000, 1), loss=0, jitter="0s")[2_400:-2_400]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    at = lambda hz: spectrum[round(hz * samples.size / 24_000)]  # noqa: E731
    assert at(6_000) < at(1_000) / 100
    assert 9_000 < 2 * np.sqrt(2) * np.sqrt(np.mean(samples.astype(float) ** 2)) / 2 < 11_000


def test_a_telephone_line_loses_packets_and_delays_others_without_changing_their_order():
    chunks = [np.full(CHUNK, 8 * number, np.int16) for number in range(1, 1_001)]
    work = at_work("telephone-line", loss=0.1, jitter="100ms")
    bursts = [work.chunk(chunk, chunk) for chunk in chunks]
    arrived = [chunk for burst in [*bursts, work.over()] for chunk in burst]
    assert 860 < len(arrived) < 940
    assert {len(burst) for burst in bursts} >= {0, 1, 2, 3}
    middles = [int(chunk[chunk.size // 2]) for chunk in arrived]
    assert np.diff(middles).min() > -2  # the steps between the chunks ring a little


# --- opening again ---


def test_a_capture_fails_to_open_as_often_as_it_says():
    work = at_work("failed-reopen", times=2)
    assert [work.reopen() for _ in range(3)] == [
        Reopening(fails=True, ends=False),
        Reopening(fails=True, ends=False),
        Reopening(),
    ]


def test_a_capture_takes_its_time_to_open():
    work = at_work("slow-reopen", takes="4s")
    assert work.reopen().takes_us == 4 * SECOND and not work.reopen().fails


@pytest.mark.parametrize("name", ["failed-reopen", "slow-reopen"])
def test_until_it_is_opened_again_nothing_is_wrong(name):
    chunk = ramp(CHUNK)
    assert delivered(name, [chunk])[0] is chunk
