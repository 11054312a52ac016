import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audio.clips import load_clip
from harness.audio.formats import PCM24K, PCMU
from harness.audio.resampling import resample
from harness.world import comparison
from harness.world.comparison import SentAudio, gain_db
from tests.world.testing import WOMAN

VOICE = load_clip(WOMAN).samples
DELTA_MS = 200


def samples(audio):
    return np.frombuffer(audio, "<i2")


def pieces(audio, size):
    return [audio[at : at + size] for at in range(0, len(audio), size)]


def compare(change, *, voice=VOICE, play_ms=DELTA_MS, audio_format=PCM24K, declared=None):
    """The server sends a voice; the client changes it and plays it. Milliseconds sent, recognised, garbled; gain."""
    sent = SentAudio()
    audio = audio_format.encode(voice)
    for delta in pieces(audio, audio_format.bytes_per_sample * audio_format.rate_hz * DELTA_MS // 1_000):
        sent.add("resp", "item", audio_format, delta)
    played = [sent.played(each, "item", "resp", declared) for each in pieces(change(audio), 48 * play_ms)]
    answer, garbled = (
        sum(end - begin for each in played for begin, end in getattr(each, name)) // 1_000
        for name in ("answer", "garbled")
    )
    gain = gain_db(sum(each.energy for each in played), sum(each.sent_energy for each in played))
    return sent.item("item").audible_us // 1_000, answer, garbled, gain


def quieter(audio):
    return np.rint(samples(audio) * 10 ** (-18 / 20)).astype("<i2").tobytes()


def inverted(audio):
    return np.clip(-samples(audio).astype(int), -32_768, 32_767).astype("<i2").tobytes()


def telephone_band(audio):
    spectrum = np.fft.rfft(samples(audio).astype(float))
    hertz = np.fft.rfftfreq(samples(audio).size, 1 / 24_000)
    spectrum[(hertz > 3_400) | (hertz < 300)] = 0
    return np.rint(np.fft.irfft(spectrum, samples(audio).size)).astype("<i2").tobytes()


@pytest.mark.parametrize("play_ms", [20, DELTA_MS, 3_000, 10_000])
def test_the_same_bytes_are_the_answer_however_they_are_cut(play_ms):
    audible, answer, garbled, gain = compare(lambda audio: audio, play_ms=play_ms)
    assert (answer, garbled, gain) == (pytest.approx(audible, abs=30), 0, None)


@pytest.mark.parametrize("play_ms", [20, DELTA_MS, 3_000])
def test_a_quieter_voice_is_recognised_with_its_gain(play_ms):
    _, answer, garbled, gain = compare(quieter, play_ms=play_ms)
    assert answer > 1_500
    assert garbled < 100
    assert gain == pytest.approx(-18, abs=0.5)


def test_an_inverted_voice_sounds_the_same():
    _, answer, garbled, _ = compare(inverted)
    assert answer > 20 * garbled


def test_most_of_a_voice_through_a_telephone_is_recognised():
    """In that band the weak ends of words are not."""
    _, answer, garbled, _ = compare(telephone_band)
    assert answer > 2 * garbled


@pytest.mark.parametrize("play_ms", [20, DELTA_MS])
@pytest.mark.parametrize(
    "change",
    [
        lambda audio: resample(samples(audio), 16_000, 24_000).tobytes(),
        lambda audio: resample(samples(audio), 8_000, 24_000).tobytes(),
        lambda audio: samples(audio)[::2].tobytes(),
        lambda audio: samples(audio).byteswap().tobytes(),
        lambda audio: audio[1:] + b"\0",
        lambda audio: np.repeat(samples(audio), 2).tobytes(),
        lambda audio: (samples(audio) / 32_768).astype("<f4").tobytes(),
    ],
    ids=["16 kHz", "8 kHz", "48 kHz", "byte order", "a byte late", "stereo", "floats"],
)
def test_a_wrong_rate_or_format_is_garbled(change, play_ms):
    _, answer, garbled, _ = compare(change, play_ms=play_ms)
    assert garbled > 10 * answer
    assert garbled > 1_000


def test_mu_law_taken_for_pcm_and_pcm_taken_for_mu_law_are_garbled():
    telephone = resample(VOICE, 24_000, 8_000)
    for result in (
        compare(lambda audio: audio, voice=telephone, audio_format=PCMU, declared="audio/pcm"),
        compare(lambda audio: audio, declared="audio/pcmu"),
    ):
        assert result[1] == 0
        assert result[2] > 400


def test_mu_law_that_the_client_decodes_is_the_answer():
    telephone = resample(VOICE, 24_000, 8_000)
    _, answer, garbled, _ = compare(
        lambda audio: resample(PCMU.decode(audio), 8_000, 24_000).tobytes(),
        voice=telephone,
        audio_format=PCMU,
        declared="audio/pcm",
    )
    assert answer > 20 * garbled


@pytest.mark.parametrize("change", [lambda audio: audio, quieter], ids=["as sent", "quieter"])
def test_an_answer_shorter_than_200_ms_is_recognised(change):
    _, answer, garbled, _ = compare(change, voice=VOICE[8_000 : 8_000 + 24 * 150])
    assert answer >= 100
    assert garbled == 0


@pytest.mark.parametrize("change", [bytes, quieter], ids=["as sent", "quieter"])
def test_audio_that_was_sent_long_ago_takes_no_memory(change, monkeypatch):
    """Found by the soak: a day of answers took 870 MiB, and several times as much if the client changed them."""
    second = PCM24K.encode(VOICE[:24_000])
    monkeypatch.setattr(comparison, "RECOGNISED_BYTES", 10 * len(second))
    sent = SentAudio()
    tracemalloc.start()
    for number in range(40):
        for _ in range(2):
            sent.add("resp", f"item {number}", PCM24K, second)
        sent.finish("resp", f"item {number}", PCM24K)
        assert sent.played(change(second)[24_000:33_600], f"item {number}", "resp").answer
    held_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held_bytes < 2.5 * 2**20  # 10 s are 0.5 MiB, 2 s in the band that is compared 0.8; all would be 3.7 and 29
    assert sent.item("item 0").length_us == 2_000_000
    assert sent.played(second, "item 39", "resp").answer and sent.played(second, "item 36", "resp").answer
    assert sent.played(second, "item 0", "resp").garbled
    assert sent.open_items("resp") == []


def test_an_answer_that_is_still_sent_is_recognised_however_long_it_is(monkeypatch):
    monkeypatch.setattr(comparison, "RECOGNISED_BYTES", 10_000)
    sent, second = SentAudio(), PCM24K.encode(VOICE[:24_000])
    for _ in range(3):
        sent.add("resp", "item", PCM24K, second)
    assert sent.played(second, "item", "resp").answer
    assert sent.open_items("resp") == ["item"]


@given(
    st.lists(st.integers(2, 40), min_size=1, max_size=12), st.lists(st.tuples(st.integers(0, 99), st.integers(1, 60)))
)
def test_property_what_is_played_is_found_however_the_server_and_the_client_cut_it(sent_sizes, played):
    """The server sends a voice in pieces; the client plays spans of it, in any order, or skips to any place."""
    audio = PCM24K.encode(VOICE[4_000:4_200])
    sent, at = SentAudio(), 0
    for size in [*sent_sizes, len(audio)]:
        if audio[at : at + 2 * size]:
            sent.add("resp", "item", PCM24K, audio[at : at + 2 * size])
        at += 2 * size
    item, place = sent.item("item"), 0
    assert not item.holds(b"\x01\x80" * 30)
    for skip, length in played:
        begin = 2 * (skip if skip % 3 == 0 else place)
        piece = audio[begin : begin + 2 * length]
        place = (begin + len(piece)) // 2
        assert item.holds(piece)
