import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audio import FORMATS, PCM24K, PCMA, PCMU, sample_count


@given(st.lists(st.integers(-32768, 32767)))
def test_pcm_round_trip_loses_nothing(values: list[int]) -> None:
    assert PCM24K.decode(PCM24K.encode(np.array(values, np.int16))).tolist() == values


def test_pcm_is_little_endian() -> None:
    assert PCM24K.encode(np.array([1, -2, 0x1234], np.int16)) == b"\x01\x00\xfe\xff\x34\x12"
    assert PCM24K.decode(b"\x00\x80\xff\x7f").tolist() == [-32768, 32767]


def test_half_a_sample_is_refused_with_its_length() -> None:
    with pytest.raises(ValueError, match="961 bytes are not a whole number of audio/pcm samples"):
        PCM24K.decode(bytes(961))


@pytest.mark.parametrize("audio_format", [PCMU, PCMA])
def test_g711_takes_any_length(audio_format: object) -> None:
    assert audio_format.decode(bytes(3)).size == 3
    assert audio_format.decode(b"").size == 0


def test_silence_of_each_law() -> None:
    silence = np.zeros(2, np.int16)
    assert (PCMU.encode(silence), PCMU.decode(b"\xff").tolist()) == (b"\xff\xff", [0])
    assert (PCMA.encode(silence), PCMA.decode(b"\xd5").tolist()) == (b"\xd5\xd5", [8])


def test_each_format_has_its_duration() -> None:
    assert PCM24K.duration_us(960) == 20_000
    assert PCMU.duration_us(160) == PCMA.duration_us(160) == 20_000
    assert PCM24K.duration_us(2) == 41
    assert PCM24K.duration_us(48_000 * 3600) == 3_600_000_000


def test_formats_are_found_by_the_names_of_the_protocol() -> None:
    assert {name: (each.rate_hz, each.bytes_per_sample) for name, each in FORMATS.items()} == {
        "audio/pcm": (24_000, 2),
        "audio/pcmu": (8_000, 1),
        "audio/pcma": (8_000, 1),
    }


def test_sample_count_rounds_down() -> None:
    assert (sample_count(20_000), sample_count(41), sample_count(42), sample_count(20_000, 8_000)) == (480, 0, 1, 160)
