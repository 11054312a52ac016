import numpy as np
import pytest

from harness.audio import level_dbfs, peak_lsb
from harness.audio.shaping import Resonance, add_at, at_level, at_peak, band_pass, generator, pink_noise, ring, to_rms


def tone(frequency_hz: float) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * np.arange(24_000) / 24_000)


def test_band_pass_keeps_its_band_and_falls_by_24_db_per_octave() -> None:
    gains_db = {hz: 20 * np.log10(band_pass(tone(hz), 400, 2000).std() / tone(hz).std()) for hz in (100, 900, 8000)}
    assert gains_db[900] == pytest.approx(0, abs=1)
    assert gains_db[100] == pytest.approx(-48, abs=1)
    assert gains_db[8000] == pytest.approx(-48, abs=1)


def test_pink_noise_has_equal_power_in_each_octave() -> None:
    power = np.abs(np.fft.rfft(pink_noise(generator(0), 240_000))) ** 2
    octaves_db = [10 * np.log10(power[10 * hz : 20 * hz].sum()) for hz in (100, 400, 1600, 6000)]
    assert np.ptp(octaves_db) < 1


def test_a_strike_rings_at_its_frequency_and_decays_in_its_time() -> None:
    wave = ring([Resonance(300, 0.1, 1.0)], generator(0), 24_000)
    assert int(np.abs(np.fft.rfft(wave)).argmax()) == pytest.approx(300, abs=1)
    assert np.abs(wave[2400:2500]).max() == pytest.approx(np.abs(wave[:100]).max() / np.e, rel=0.05)


def test_what_does_not_fit_is_lost() -> None:
    wave = np.zeros(2400)
    add_at(wave, np.ones(2400), 0.075)
    add_at(wave, np.ones(10), 5.0)
    assert (wave[:1800].sum(), wave[1800:].sum()) == (0, 600)


def test_levels_and_peaks_are_reached_and_silence_stays_silence() -> None:
    assert level_dbfs(at_level(tone(440), -20)) == pytest.approx(-20, abs=0.01)
    assert peak_lsb(at_peak(-tone(440), 41)) == 41
    assert not at_level(np.zeros(10), -20).any()
    assert not at_peak(np.zeros(10), 41).any()
    assert to_rms(np.zeros(0), 1.0).size == 0
