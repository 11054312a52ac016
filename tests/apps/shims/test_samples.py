from typing import Any

import numpy as np
import pytest

from harness.apps.shims.samples import SAMPLE_BYTES, FromFrames, Layout, ToFrames
from harness.errors import AudioError

from .testing import voice


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize("sample_format", ["int16", "int24", "int32", "float32"])
def test_at_24_khz_every_wide_format_gives_back_the_same_samples(sample_format: str, channels: int) -> None:
    layout, audio = Layout(24_000, channels, sample_format), voice(480)
    frames = ToFrames(layout)(audio)
    assert len(frames) == 480 * channels * SAMPLE_BYTES[sample_format]
    assert np.array_equal(FromFrames(layout)(frames), audio)


@pytest.mark.parametrize("sample_format", ["int8", "uint8"])
def test_eight_bits_keep_the_upper_byte(sample_format: str) -> None:
    layout, audio = Layout(24_000, 1, sample_format), voice(480)
    assert np.array_equal(FromFrames(layout)(ToFrames(layout)(audio)), audio >> 8 << 8)


def test_silence_is_silence_in_every_format() -> None:
    for sample_format in SAMPLE_BYTES:
        layout = Layout(24_000, 2, sample_format)
        assert not FromFrames(layout)(layout.silence(48)).any(), sample_format


def test_float_at_full_scale_is_clipped_not_wrapped() -> None:
    frames = np.array([1.0, -1.0, 2.0, np.nan], np.float32).tobytes()
    assert FromFrames(Layout(24_000, 1, "float32"))(frames).tolist() == [32_767, -32_768, 32_767, 0]


def test_what_is_heard_is_the_mean_of_the_channels() -> None:
    frames = np.array([[1000, 3000], [-500, 500]], np.int16).tobytes()
    assert FromFrames(Layout(24_000, 2, "int16"))(frames).tolist() == [2000, 0]


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
def test_another_rate_is_the_same_tone_without_clicks(rate_hz: int) -> None:
    """A tone of 440 Hz at the other rate, after the first few ms, computed and not resampled."""

    def tone(hz: int) -> "np.ndarray[Any, np.dtype[np.float64]]":
        return 8_000 * np.sin(2 * np.pi * 440 * np.arange(hz) / hz)

    convert = ToFrames(Layout(rate_hz, 1, "int16"))
    source = tone(24_000).round().astype(np.int16)
    got = np.frombuffer(b"".join(convert(source[at : at + 480]) for at in range(0, 24_000, 480)), np.int16)
    settled = slice(rate_hz // 50, got.size)
    assert got.size > rate_hz * 0.98
    assert np.abs(got[settled] - tone(rate_hz)[settled]).max() < 8_000 * 0.003


def test_a_rate_beyond_all_devices_is_refused() -> None:
    with pytest.raises(AudioError, match="12 Hz"):
        ToFrames(Layout(12, 1, "int16"))
