import hashlib
import json
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.audio import Clip, clip_names, level_dbfs, load_clip
from harness.audio.audio_files import RawFormat
from harness.errors import AudioError
from harness.shipped import fixtures_audio

MANIFEST = json.loads((fixtures_audio() / "MANIFEST.json").read_text(encoding="utf-8"))
SINE = np.rint(8000 * np.sin(2 * np.pi * 440 * np.arange(4800) / 24_000)).astype(np.int16)


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: Path(entry["file"]).stem)
def test_a_shipped_recording_is_what_the_manifest_says(entry: dict[str, object]) -> None:
    clip = load_clip(Path(str(entry["file"])).stem)
    assert hashlib.sha256(clip.samples.astype("<i2").tobytes()).hexdigest() == entry["sha256_pcm"]
    assert abs(clip.duration_us / 1000 - entry["duration_ms"]) <= 1
    assert clip.speech_us == tuple((start * 1000, end * 1000) for start, end in entry.get("speech_ms", []))
    assert entry["licence"]
    assert entry["attribution"]


def test_every_shipped_file_is_in_the_manifest_and_the_readme() -> None:
    files = {path.name for path in fixtures_audio().glob("*.flac")}
    readme = (fixtures_audio() / "README.md").read_text(encoding="utf-8")
    assert files == {entry["file"] for entry in MANIFEST}
    assert set(clip_names()) == {Path(file).stem for file in files}
    for entry in MANIFEST:
        assert f"`{Path(entry['file']).stem}`" in readme
        assert entry["licence"] in readme
        assert entry["attribution"] in readme


def test_a_shipped_recording_is_read_once_and_cannot_be_spoilt() -> None:
    clip = load_clip("door_slam")
    assert load_clip("door_slam") is clip
    with pytest.raises(ValueError, match="read-only"):
        clip.samples[0] = 1


def test_speech_level_is_measured_where_speech_is_labelled() -> None:
    samples = np.zeros(24_000, np.int16)
    samples[12_000:18_000] = 3277
    labelled = Clip("half", samples, speech_us=((500_000, 750_000),))
    assert labelled.speech_level_dbfs == pytest.approx(-20.0, abs=0.01)
    assert Clip("half", samples).speech_level_dbfs == pytest.approx(-26.02, abs=0.01)


@pytest.mark.parametrize("dbfs", [-60.0, -24.0])
def test_at_level_reaches_the_level(dbfs: float) -> None:
    clip = load_clip("speech_en_m_jfk1961")
    louder = Clip("again", clip.at_level(dbfs), clip.speech_us)
    assert louder.speech_level_dbfs == pytest.approx(dbfs, abs=0.05)


def test_at_level_clips_and_does_not_wrap() -> None:
    loud = Clip("sine", SINE).at_level(20.0)
    assert (loud.max(), loud.min()) == (32767, -32768)
    assert np.all(np.sign(loud) == np.sign(SINE))


def test_a_silent_clip_cannot_be_brought_to_a_level() -> None:
    with pytest.raises(AudioError, match="mute is silent and cannot be brought to"):
        Clip("mute", np.zeros(100, np.int16)).at_level(-20)


@pytest.mark.parametrize(
    ("file", "subtype"), [("a.wav", "PCM_16"), ("a.flac", "PCM_16"), ("a.wav", "PCM_24"), ("a.wav", "FLOAT")]
)
def test_files_of_many_kinds_hold_the_same_samples(tmp_path: Path, file: str, subtype: str) -> None:
    soundfile.write(tmp_path / file, SINE / 32768, 24_000, subtype)
    clip = load_clip(file, tmp_path)
    assert np.array_equal(clip.samples, SINE)
    assert (clip.name, clip.duration_us, clip.speech_us) == (file, 200_000, ())


def test_stereo_is_mixed_to_mono(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "two.wav", np.stack([SINE, np.zeros_like(SINE)], axis=1), 24_000)
    assert np.array_equal(load_clip("two.wav", tmp_path).samples, np.rint(SINE / 2).astype(np.int16))


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
def test_other_rates_are_resampled(tmp_path: Path, rate_hz: int) -> None:
    sine = np.rint(8000 * np.sin(2 * np.pi * 440 * np.arange(rate_hz // 5) / rate_hz)).astype(np.int16)
    soundfile.write(tmp_path / "tone.wav", sine, rate_hz)
    samples = load_clip("tone.wav", tmp_path).samples
    assert samples.size == SINE.size
    assert np.abs(samples[300:-300].astype(int) - SINE[300:-300]).max() < 30
    assert level_dbfs(samples) == pytest.approx(level_dbfs(SINE), abs=0.1)


def test_a_path_needs_only_a_slash_and_starts_from_the_base(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    soundfile.write(tmp_path / "sounds" / "tone", SINE, 24_000, format="WAV")
    assert load_clip("sounds/tone", tmp_path).samples.size == SINE.size
    assert load_clip(str(tmp_path / "sounds" / "tone")).samples.size == SINE.size


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(AudioError, match=r"no recording is named 'dor_slam'; did you mean 'door_slam'\?"):
        load_clip("dor_slam")


def test_files_that_are_not_there_not_audio_or_empty(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello")
    (tmp_path / "headless.raw").write_bytes(bytes(100))
    soundfile.write(tmp_path / "empty.wav", np.zeros(0, np.int16), 24_000)
    soundfile.write(tmp_path / "nan.wav", np.array([0.0, np.nan]), 24_000, "FLOAT")
    soundfile.write(tmp_path / "huge.wav", np.full((480, 2), 1e308), 24_000, "DOUBLE")
    for file, words in {
        "missing.wav": r"there is no file .*missing\.wav; check the path",
        ".": "there is no file",
        "text.wav": r"text\.wav is text, not a recording; give a WAV",
        "headless.raw": r"headless\.raw has no header",
        "empty.wav": r"empty\.wav holds no samples",
        "nan.wav": r"nan\.wav holds samples that are not finite",
        "huge.wav": r"huge\.wav holds samples that are not finite numbers, or are far beyond full scale",
    }.items():
        with pytest.raises(AudioError, match=words):
            load_clip(f"./{file}", tmp_path)


def test_a_name_too_long_for_a_file_is_told_like_any_other():
    with pytest.raises(AudioError, match="there is no file"):
        load_clip("x" * 5_000 + ".wav")


def test_a_recording_of_an_hour_is_refused_by_its_header(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "hour.wav", np.zeros(3600 * 8_000, np.int16), 8_000)
    tracemalloc.start()
    with pytest.raises(AudioError) as caught:
        load_clip("hour.wav", tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    file = tmp_path / "hour.wav"
    assert str(caught.value) == (
        f"{file} lasts 60.0 min by its header, and a recording has at most 10 min;"
        f" cut it, for example with: sox {file} out.wav trim 0 60"
    )
    assert peak < 2**20


def test_the_longest_recording_costs_little_more_than_its_samples(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.wav", np.ones(600 * 8_000, np.int16), 8_000)
    tracemalloc.start()
    clip = load_clip("long.wav", tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert clip.duration_us == 600_000_000
    assert peak < 2 * clip.samples.nbytes + 8 * 2**20


def test_a_file_in_pieces_has_the_bits_of_a_file_in_one(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    frames = random.integers(-32768, 32767, (200_001, 2), dtype=np.int16, endpoint=True)
    soundfile.write(tmp_path / "stereo.wav", frames, 24_000)
    mixed = np.rint(frames.astype(float).mean(axis=1)).astype(np.int16)
    assert np.array_equal(load_clip("stereo.wav", tmp_path).samples, mixed)


def test_a_flac_that_claims_to_last_for_days_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "small.flac", SINE, 24_000)
    content = bytearray((tmp_path / "small.flac").read_bytes())
    # "fLaC", a block header of 4 bytes, then STREAMINFO: its total samples are 36 bits that end at its byte 18
    content[21] |= 0x0F
    content[22:26] = b"\xff\xff\xff\xff"
    (tmp_path / "claims.flac").write_bytes(content)
    with pytest.raises(AudioError, match=r"claims\.flac"):
        load_clip("claims.flac", tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "zeros.wav").symlink_to("/dev/zero")
    for name in ("pipe.wav", "folder.wav", "zeros.wav"):
        with pytest.raises(AudioError, match="there is no file"):
            load_clip(name, tmp_path)


@pytest.mark.parametrize(("channels", "rate"), [(64, 24_000), (1, 1), (1, 10_000_000)])
def test_unusual_channels_and_rates(channels: int, rate: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "odd.wav", np.full((500, channels), 64, np.int16), rate)
    if rate == 24_000:
        assert set(load_clip("odd.wav", tmp_path).samples) == {64}
    else:
        with pytest.raises(AudioError, match=f"has a rate of {rate} Hz"):
            load_clip("odd.wav", tmp_path)


def test_a_rate_that_has_hardly_a_divisor_in_common(tmp_path: Path) -> None:
    """767 999 is odd, and no multiple of 3 or 5, which are the prime factors of 24 000."""
    soundfile.write(tmp_path / "odd.wav", np.full(500, 64, np.int16), 767_999)
    (tmp_path / "odd.pcm").write_bytes(bytes(1_000))
    for name, source, options in (("odd.wav", "header", ""), ("odd.pcm", "format", "-f s16le -ar 767999 -ac 1 ")):
        raw = RawFormat("pcm16", 767_999) if name == "odd.pcm" else None
        with pytest.raises(AudioError) as caught:
            load_clip(name, tmp_path, raw=raw)
        said = f"has a rate of 767999 Hz by its {source}, which has too few divisors in common with 24000 Hz"
        assert said in str(caught.value) and f"ffmpeg {options}-i " in str(caught.value)
