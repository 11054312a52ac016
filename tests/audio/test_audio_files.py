"""Audio files as people have them: any rate and channels, without a header, and broken in the usual ways."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from harness.audio import g711, load_clip
from harness.audio.audio_files import ENCODINGS, RawFormat
from harness.audio.resampling import Resampler
from harness.errors import AudioError
from harness.vad import silero

VOICE = load_clip("speech_en_f_arctic_a0009").samples
TELEPHONE = RawFormat("pcm16", 8_000)


def recorded(rate_hz: int) -> np.ndarray:
    """Real speech at another rate, by an independent resampler; float64 with full scale at 1."""
    return soxr.resample(VOICE / 32768, 24_000, rate_hz, "VHQ")


def probabilities(samples: np.ndarray) -> np.ndarray:
    return silero.probabilities(Resampler(24_000, 16_000).push(samples))


@pytest.mark.parametrize("rate_hz", [11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000])
def test_speech_of_any_rate_is_heard_as_the_speech_it_was(tmp_path: Path, rate_hz: int) -> None:
    voice = recorded(rate_hz)
    soundfile.write(tmp_path / "a.wav", np.stack([voice, voice], axis=1), rate_hz)
    clip = load_clip("a.wav", tmp_path)
    assert abs(clip.samples.size - VOICE.size) <= 2
    expected = VOICE if rate_hz >= 24_000 else soxr.resample(recorded(rate_hz), rate_hz, 24_000, "VHQ") * 32768
    count = min(clip.samples.size, len(expected))
    apart = clip.samples[300 : count - 300] - expected[300 : count - 300]
    assert np.sqrt(np.mean(apart**2.0)) < 0.05 * np.sqrt(np.mean(VOICE.astype(float) ** 2))
    if rate_hz >= 16_000:
        whole = count - count % 768
        frames = np.abs(probabilities(clip.samples[:whole]) - probabilities(VOICE[:whole]))
        assert np.mean(frames <= 0.1) >= 0.95


@pytest.mark.parametrize("file", ["a.flac", "a.ogg", "a.mp3", "a.aiff", "a.au", "a.caf", "a.w64"])
def test_44100_hz_of_many_kinds(tmp_path: Path, file: str) -> None:
    soundfile.write(tmp_path / file, recorded(44_100), 44_100)
    samples = load_clip(file, tmp_path).samples
    assert abs(samples.size - VOICE.size) <= 24_000 // 1000
    assert np.corrcoef(samples[: VOICE.size - 100], VOICE[: samples.size][: VOICE.size - 100])[0, 1] > 0.98


@pytest.mark.parametrize("channels", [1, 3, 6])
def test_channels_are_mixed_whatever_the_rate(tmp_path: Path, channels: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.tile(recorded(44_100)[:, None], channels), 44_100, "FLOAT")
    assert np.abs(load_clip("a.wav", tmp_path).samples[300:70_000].astype(int) - VOICE[300:70_000]).max() < 400


def test_without_a_header_and_with_a_format(tmp_path: Path) -> None:
    samples = (np.arange(-800, 800) * 16).astype("<i2")
    (tmp_path / "a.raw").write_bytes(samples.tobytes())
    assert np.array_equal(load_clip("a.raw", tmp_path, RawFormat("pcm16", 24_000)).samples, samples)
    (tmp_path / "a.pcm").write_bytes(np.repeat(samples, 2).tobytes())
    assert np.array_equal(load_clip("a.pcm", tmp_path, RawFormat("pcm16", 24_000, 2)).samples, samples)
    (tmp_path / "a.ulaw").write_bytes(g711.encode_mu_law(samples))
    decoded = g711.decode_mu_law(g711.encode_mu_law(samples))
    assert np.array_equal(load_clip("a.ulaw", tmp_path, RawFormat("ulaw", 24_000)).samples, decoded)
    (tmp_path / "a.alaw").write_bytes(g711.encode_a_law(samples))
    decoded = g711.decode_a_law(g711.encode_a_law(samples))
    assert np.array_equal(load_clip("a.alaw", tmp_path, RawFormat("alaw", 24_000)).samples, decoded)
    (tmp_path / "b.raw").write_bytes((samples / 32768).astype("<f4").tobytes())
    assert np.array_equal(load_clip("b.raw", tmp_path, RawFormat("float32", 24_000)).samples, samples)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_each_encoding_is_read_at_its_rate(tmp_path: Path, encoding: str) -> None:
    subtype, size, _ = ENCODINGS[encoding]
    soundfile.write(tmp_path / "a.raw", recorded(8_000), 8_000, subtype, "FILE", "RAW")
    assert (tmp_path / "a.raw").stat().st_size == size * len(recorded(8_000))
    samples = load_clip("a.raw", tmp_path, RawFormat(encoding, 8_000)).samples
    assert samples.size == 3 * len(recorded(8_000))


def refused(path: Path, raw: RawFormat | None = None) -> str:
    with pytest.raises(AudioError) as caught:
        load_clip(str(path), raw=raw)
    sentence = str(caught.value)
    assert sentence.startswith(str(path)), "it names the file"
    assert ". " not in sentence.replace(str(path), ""), "it is one sentence"
    return sentence.replace(str(path.parent) + "/", "")


WAV_CURE = "repair it with: ffmpeg -i a.wav out.wav"
CONTENTS = {
    "a.m4a": (b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(500), "is MPEG-4 audio", "ffmpeg -i a.m4a a.wav"),
    "a.mp4": (b"\0\0\0\x18ftypmp42" + bytes(500), "is MPEG-4 audio", "ffmpeg -i a.mp4 a.wav"),
    "a.webm": (b"\x1aE\xdf\xa3" + bytes(500), "is WebM or Matroska", "ffmpeg -i a.webm a.wav"),
    "a.aac": (b"\xff\xf1\x50\x80" + bytes(500), "is bare AAC", "ffmpeg -i a.aac a.wav"),
    "a.amr": (b"#!AMR\n" + bytes(500), "is AMR", "ffmpeg -i a.amr a.wav"),
    "a.flac": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        "is a pointer of Git LFS", "git lfs pull",
    ),
    "b.wav": (b"/annex/objects/SHA256E-s123--4d7a.wav\n", "is a pointer of git-annex", "git annex get"),
    "empty.wav": (b"", "is empty (0 bytes)", "record, export or download it again"),
    "empty.raw": (b"", "is empty (0 bytes)", "record, export or download it again"),
    "c.wav": (b"<!DOCTYPE html><title>404</title>", "is a web page", "download the file itself"),
    "d.wav": ("Grüße\n".encode() * 200, "is text, not a recording", "give a WAV"),
    "e.wav": (b'{"error": "not found"}', "is text, not a recording", "give a WAV"),
    "f.bin": (bytes(range(200, 255)) * 20, "cannot be read as audio", "ffmpeg -i f.bin f.wav"),
    "my own.m4a": (b"\0\0\0\x20ftypM4A " + bytes(500), "is MPEG-4 audio", "-i 'my own.m4a' 'my own.wav'"),
}  # fmt: skip


@pytest.mark.parametrize("file", CONTENTS)
def test_what_is_no_recording_is_named_with_its_cure(tmp_path: Path, file: str) -> None:
    content, name, cure = CONTENTS[file]
    (tmp_path / file).write_bytes(content)
    with pytest.raises(AudioError) as caught:
        load_clip(file, tmp_path)
    sentence = str(caught.value).replace(f"{tmp_path}/", "")
    assert f"{file} {name}" in sentence
    assert cure in sentence


def wav(tmp_path: Path) -> tuple[bytes, int]:
    """A WAV file, and where the size of its sound is."""
    soundfile.write(tmp_path / "whole.wav", VOICE[20_000:30_000], 24_000)
    content = (tmp_path / "whole.wav").read_bytes()
    return content, content.index(b"data") + 4


@pytest.mark.parametrize("size", [0, 5_000, 0x7FFFF000, 0xFFFFFFFF])
def test_a_wav_with_a_wrong_size_of_its_sound(tmp_path: Path, size: int) -> None:
    content, at = wav(tmp_path)
    (tmp_path / "a.wav").write_bytes(content[:at] + size.to_bytes(4, "little") + content[at + 4 :])
    sentence = refused(tmp_path / "a.wav")
    assert f"a.wav is a WAV file with a wrong size in its header ({size} bytes of sound, and 20000 follow)" in sentence
    assert WAV_CURE in sentence


def test_a_wav_of_which_only_the_header_is_there(tmp_path: Path) -> None:
    content, at = wav(tmp_path)
    (tmp_path / "a.wav").write_bytes(content[: at + 4])
    assert "is a WAV file without the sound behind its header" in refused(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_bytes(content[:at] + bytes(4))
    assert "holds no samples" in refused(tmp_path / "b.wav")
    (tmp_path / "c.wav").write_bytes(content[:20])
    assert "ends within its header" in refused(tmp_path / "c.wav")


@pytest.mark.parametrize("file", ["a.wav", "a.aiff", "a.flac", "a.mp3", "a.ogg"])
def test_a_file_that_is_cut_short(tmp_path: Path, file: str) -> None:
    soundfile.write(tmp_path / "whole", recorded(44_100), 44_100, format=Path(file).suffix[1:].upper())
    content = (tmp_path / "whole").read_bytes()
    (tmp_path / file).write_bytes(content[: len(content) * 6 // 10])
    assert "cut short" in refused(tmp_path / file)


def test_what_stands_behind_the_sound_of_a_wav_does_no_harm(tmp_path: Path) -> None:
    content, _ = wav(tmp_path)
    for behind in (b"LIST\4\0\0\0abcd", b"id3 \2\0\0\0ab", b"ID3" + bytes(range(60)), bytes(64), b"x"):
        (tmp_path / "a.wav").write_bytes(content + behind)
        assert load_clip("a.wav", tmp_path).samples.size == 10_000
    for size in (0, 0xFFFFFFFF):  # of the whole file, which nothing depends on
        (tmp_path / "a.wav").write_bytes(content[:4] + size.to_bytes(4, "little") + content[8:])
        assert load_clip("a.wav", tmp_path).samples.size == 10_000


def test_channels_in_opposite_phase_are_not_mixed_to_silence(tmp_path: Path) -> None:
    voice = recorded(44_100)
    soundfile.write(tmp_path / "a.wav", np.stack([voice, -voice], axis=1), 44_100)
    sentence = refused(tmp_path / "a.wav")
    assert "a.wav has channels in opposite phase, which cancel each other" in sentence
    assert 'ffmpeg -i a.wav -af "pan=mono|c0=c0" out.wav' in sentence


def test_other_stereo_is_mixed(tmp_path: Path) -> None:
    voice = recorded(44_100)
    for other in (np.zeros_like(voice), np.roll(voice, 500), -0.5 * voice):
        soundfile.write(tmp_path / "a.wav", np.stack([voice, other], axis=1), 44_100)
        assert load_clip("a.wav", tmp_path).samples.any()


def test_without_a_header_and_without_a_format(tmp_path: Path) -> None:
    (tmp_path / "a.ulaw").write_bytes(bytes(800))
    sentence = refused(tmp_path / "a.ulaw")
    assert "a.ulaw has no header that says what it holds" in sentence
    assert "format: {encoding: ulaw, rate: 8000}" in sentence
    assert "ffmpeg -f mulaw -ar 8000 -ac 1 -i a.ulaw a.wav" in sentence


def test_a_format_that_the_file_does_not_have(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(bytes(801))
    assert "has 801 bytes, which is no whole number of frames of 2 bytes" in refused(tmp_path / "a.raw", TELEPHONE)
    soundfile.write(tmp_path / "a.wav", VOICE, 24_000)
    (tmp_path / "b.raw").write_bytes((tmp_path / "a.wav").read_bytes())
    for file in ("a.wav", "b.raw"):
        assert "is a WAV file, which has a header" in refused(tmp_path / file, TELEPHONE)
    with pytest.raises(AudioError, match="'door_slam' is not an audio file without a header; leave out its format"):
        load_clip("door_slam", raw=TELEPHONE)


def test_a_long_file_without_a_header_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with open(tmp_path / "a.raw", "wb") as file:
        file.truncate(3600 * 16_000)
    assert "lasts 60.0 min" in refused(tmp_path / "a.raw", TELEPHONE)
