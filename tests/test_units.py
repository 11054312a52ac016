import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.units import FULL_SCALE, MS, SECOND, SILENCE_DBFS, amplitude, dbfs, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("0s", 0), ("1us", 1), ("500ms", 500_000), ("1.2s", 1_200_000), ("2min", 120_000_000), ("1.5 min", 90_000_000),
        (" 20ms ", 20_000), ("0.0005ms", 0), ("1.001ms", 1_001),
    ],
)  # fmt: skip
def test_durations_are_written_with_their_unit(text, us):
    assert parse_duration(text) == us


@pytest.mark.parametrize("text", ["", "5", "5 h", "5,5s", "1e3ms", "ms", "5ms5", ".5s", None, 5, 1.5, True])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="500ms") as raised:
        parse_duration(text)
    assert repr(text) in str(raised.value)


def test_a_duration_is_not_negative():
    with pytest.raises(ValueError, match=r"a duration is not negative \(got .-5ms.\)"):
        parse_duration("-5ms")


@given(st.integers(0, 10_000_000 * SECOND))
def test_a_duration_is_read_back_to_the_microsecond(us):
    assert parse_duration(format_duration(us)) == us


@pytest.mark.parametrize(
    ("us", "text"), [(0, "0s"), (500 * MS, "0.5s"), (1_200 * MS, "1.2s"), (90 * SECOND, "90s"), (1_500, "1.5ms")]
)
def test_how_durations_are_written(us, text):
    assert format_duration(us) == text


@pytest.mark.parametrize(
    ("rms_lsb", "level_dbfs"),
    [(FULL_SCALE, 0), (FULL_SCALE / 10, -20), (FULL_SCALE / 1000, -60), (0, SILENCE_DBFS), (1e-9, SILENCE_DBFS)],
)
def test_levels(rms_lsb, level_dbfs):
    """0 dBFS is the RMS of a full-scale square wave; a tenth of it is 20 dB less."""
    assert dbfs(rms_lsb) == pytest.approx(level_dbfs)


@given(st.floats(-100, 20))
def test_amplitude_and_level_are_inverse(level_dbfs):
    assert dbfs(amplitude(level_dbfs) * FULL_SCALE) == pytest.approx(level_dbfs)
