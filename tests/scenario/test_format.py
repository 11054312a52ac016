"""The key ``format``: what a file without a header holds."""

from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from harness.audio import g711
from harness.audio.audio_files import RawFormat
from harness.scenario import load, loads
from harness.scenario.build import ScenarioBuilder, noise, raw_format, s, say
from harness.scenario.document import json_schema
from harness.scenario.dump import dump
from harness.world import sounds

from .marks import TIMELINE, problems, unmarked

SAMPLES = (np.arange(-800, 800) * 16).astype("<i2")
FILE = """\
scenario: a telephone
timeline:
  - at: 1s
    say: caller.ulaw
    format: {encoding: ulaw, rate: 8000}
  - at: 3s
    noise: street.pcm
    format: {encoding: pcm16, rate: 24000, channels: 2}
    lasts: 200ms
    peak: 900 LSB
"""


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Path:
    (tmp_path / "caller.ulaw").write_bytes(g711.encode_mu_law(SAMPLES))
    (tmp_path / "street.pcm").write_bytes(np.repeat(SAMPLES, 2).tobytes())
    (tmp_path / "file.yaml").write_text(FILE)
    return tmp_path


def test_the_files_are_read_as_the_format_says(files: Path) -> None:
    scenario = load(files / "file.yaml")
    caller, street = (step.action for step in scenario.timeline)
    assert (caller.format, street.format) == (RawFormat("ulaw", 8_000), RawFormat("pcm16", 24_000, 2))
    assert sounds.speech(caller, files, 0).size == 3 * SAMPLES.size
    assert sounds.speech_us(caller, files) == 200_000
    assert np.abs(sounds.noise(street, files, 0)).max() == pytest.approx(900, abs=1)


def test_it_is_written_and_read_back(files: Path) -> None:
    scenario = load(files / "file.yaml")
    text = dump(scenario)
    assert "format: {encoding: ulaw, rate: 8000}" in text
    assert "format: {encoding: pcm16, rate: 24000, channels: 2}" in text
    assert [step.action for step in loads(text, "s.yaml", files).timeline] == [
        step.action for step in scenario.timeline
    ]


def test_it_is_built_in_python(files: Path) -> None:
    street = raw_format("pcm16", 24_000, channels=2)
    built = (
        ScenarioBuilder("a telephone")
        .at(1 * s, say("caller.ulaw", format=raw_format("ulaw", 8_000)))
        .at(3 * s, noise("street.pcm", lasts=0.2 * s, peak=900, format=street))
        .build(files / "built.yaml")
    )
    assert [step.action for step in built.timeline] == [step.action for step in load(files / "file.yaml").timeline]


def test_the_schema_knows_it() -> None:
    def fits(written: object) -> bool:
        step = {"at": "1s", "say": "a.raw", "format": written}
        return Draft202012Validator(json_schema()).is_valid({"scenario": "a", "timeline": [step]})

    assert fits({"encoding": "alaw", "rate": 8_000})
    assert fits({"encoding": "pcm16", "rate": 44_100, "channels": 2})
    for wrong in (
        {},
        {"rate": 8_000},
        {"encoding": "mp3", "rate": 8_000},
        {"encoding": "alaw", "rate": "8 kHz"},
        "alaw",
    ):
        assert not fits(wrong)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("say: §caller.ulaw", "caller.ulaw has no header that says what it holds; say it with the step's format"),
        ("say: caller.ulaw, format: §{encoding: ulaw}", "the key 'rate' is missing"),
        ("say: caller.ulaw, format: {encoding: §mp3, rate: 8000}", "unknown encoding 'mp3'"),
        ("say: caller.ulaw, format: {encoding: ulaw, rate: §8 kHz}", "give the rate in Hz, a whole number from 1000"),
        ("say: caller.ulaw, format: {encoding: ulaw, rate: 8000, channels: §0}", "give a whole number from 1 to 64"),
        ("say: §caller.ulaw, format: {encoding: pcm24, rate: 8000}", "no whole number of frames of 3 bytes"),
        ("say: §babble, format: {encoding: ulaw, rate: 8000}", "'babble' is not an audio file without a header"),
        ("noise: §hum, lasts: 1s, format: {encoding: ulaw, rate: 8000}", "'hum' is not an audio file without a header"),
        ("network: black-holed, lasts: 1s, §format: {encoding: ulaw, rate: 8000}", "'format' goes with say or noise"),
    ],
)
def test_mistakes_are_reported_once_and_at_their_places(files: Path, step: str, words: str) -> None:
    text, [(line, column)] = unmarked(f"{TIMELINE}  - {{at: 1s, {step}}}\n")
    (problem,) = problems(text, files)
    assert words in problem.message
    assert (problem.line, problem.column) == (line, column)
