import numpy as np
import pytest

from harness.audio.clips import load_clip
from harness.audio.formats import PCM24K, PCMA, PCMU
from harness.errors import AudioError
from harness.server.utterance import Utterance, deltas, utterance
from harness.server.voice import Answer


def tone(samples):
    return Utterance((8000 * np.sin(np.arange(samples) / 20)).astype(np.int16), "la")


def test_deltas_are_the_samples_in_pieces_of_100_ms():
    spoken = tone(6000)
    assert [len(piece) for piece in deltas(spoken, PCM24K)] == [4800, 4800, 2400]
    assert b"".join(deltas(spoken, PCM24K)) == spoken.samples.astype("<i2").tobytes()
    assert spoken.duration_us == 250_000


@pytest.mark.parametrize("audio_format", [PCMU, PCMA])
def test_g711_is_a_byte_for_three_samples(audio_format):
    """8 bytes a millisecond; decoded it has the tone's loudness."""
    pieces = deltas(tone(6000), audio_format)
    assert [len(piece) for piece in pieces] == [800, 800, 400]
    decoded = audio_format.decode(b"".join(pieces))
    assert abs(np.sqrt(np.mean(decoded.astype(float) ** 2)) / (8000 / np.sqrt(2)) - 1) < 0.05


@pytest.mark.parametrize(("pace", "interval_us"), [(1, 100_000), (5, 20_000), (0.1, 1_000_000), (1e9, 1)])
def test_the_interval_of_deltas(pace, interval_us):
    assert Answer(tone(1), pace=pace).delta_interval_us == interval_us


def test_babble_is_always_the_same():
    assert np.array_equal(utterance("babble", 300_000).samples, utterance("babble", 300_000).samples)
    assert utterance("babble", 300_000).duration_us == 300_000 and utterance("babble").duration_us == 2_000_000


def test_a_recording_with_its_words():
    """The transcript is what the recording says, so that a client can check it."""
    spoken = utterance("speech_en_f_tts_hibari")
    assert np.array_equal(spoken.samples, load_clip("speech_en_f_tts_hibari").samples)
    assert spoken.transcript.startswith("Hello, can you hear me?")
    assert utterance("speech_en_f_tts_hibari", 500_000).duration_us == 500_000


@pytest.mark.parametrize("clip", ["speech_en_f_tts_hibari", "babble"])
def test_a_voice_at_a_level(clip):
    """-75 dBFS are 32768 * 10 ** (-75 / 20) = 5.8 LSB, less what rounding takes; full length, and the same words."""
    usual, quiet = utterance(clip), utterance(clip, level_dbfs=-75)
    assert len(quiet.samples) == len(usual.samples) and quiet.transcript == usual.transcript
    assert 3 < np.sqrt(np.mean(quiet.samples.astype(float) ** 2)) < 7


def test_silence_has_no_level():
    with pytest.raises(AudioError, match="silence is silent"):
        utterance("silence", level_dbfs=-20)


def test_a_missing_recording():
    with pytest.raises(AudioError):
        utterance("no_such_clip")
