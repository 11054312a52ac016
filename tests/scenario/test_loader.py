"""A good file gives the objects it describes, a file is found by name, and YAML 1.2 has no surprises."""

from pathlib import Path

import pytest

from harness import shipped
from harness.errors import InputError, ScenarioError
from harness.faults.half_open import HalfOpen
from harness.faults.held_active import HeldActive
from harness.faults.near_silence import NearSilence
from harness.faults.reset import Reset
from harness.faults.suspended import Suspended
from harness.scenario import load, loads, shipped_scenarios
from harness.scenario.model import (
    After,
    App,
    At,
    BeforeEnd,
    Expect,
    Inject,
    Noise,
    Reply,
    Say,
    Scenario,
    ServerSetup,
    Step,
    When,
)
from harness.server.policy import ServerPolicy
from harness.units import MS, SECOND

GOOD = Path(__file__).with_name("good.yaml")
STEP = "  - {at: 1s, say: babble}\n"


def test_a_good_file_gives_what_it_says() -> None:
    assert load(GOOD) == Scenario(
        name="Keyboard noise in the assistant's tail",
        story="The user types while the third answer fades out.",
        source="community.openai.com topic 1374520",
        room_dbfs=-60.0,
        latency_us=50 * MS,
        jitter_us=20 * MS,
        server=ServerSetup(
            detector="energy",
            turn_detection={
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": 200,
                "create_response": True,
                "interrupt_response": False,
                "idle_timeout_ms": None,
            },
            policy=ServerPolicy(clear_during_speech="wedge", prefix_in_start="no"),
            reply=Reply("speech_en_m_jfk1961", lasts_us=3 * SECOND, latency_us=300 * MS, pace=4.0),
        ),
        client={"gate_threshold": 0.0008, "watchdog_ms": 30_000},
        lasts_us=60 * SECOND,
        answer_within_us=15 * SECOND,
        properties={"words_lost": "off", "truncates_right": "fail"},
        recover_within_us=50 * SECOND,
        timeline=(
            Step(
                At(2 * SECOND),
                Say("speech_en_f_arctic_a0009", -20.0, 1_500 * MS),
                label="greeting",
                repeat=3,
                every_us=12 * SECOND,
                line=20,
            ),
            Step(
                BeforeEnd(3, 800 * MS),
                Noise("thocks", 1_200 * MS, peak_lsb=12_000),
                assume=("assistant is speaking",),
                because="free text",
                line=27,
            ),
            Step(After("greeting", 500 * MS), App(5 * SECOND, capture="suspended", playback="keeps"), line=34),
            Step(When("speech_started"), Inject(Suspended(), 40 * SECOND), line=40),
            Step(When("response.done", 2, 100 * MS), Noise("door", 1 * SECOND, level_dbfs=-30.0), line=44),
            Step(
                At(48 * SECOND),
                Inject(NearSilence((20, 80))),
                assume=("connected", "server hears silence"),
                line=49,
            ),
            Step(At(50 * SECOND), Inject(HalfOpen(), 20 * SECOND), line=54),
            Step(At(51 * SECOND), Inject(Reset()), line=57),
            Step(At(60 * SECOND), Inject(HeldActive()), line=59),
        ),
        expect=(
            Expect("speech_started", "greeting", 500 * MS, line=64),
            Expect("answer", "greeting", 6 * SECOND, line=65),
        ),
        outcomes={"reported": "failed: capture_dead", "resilient": "held"},
        tags=("keyboard", "barge-in"),
        path=GOOD,
    )


def test_steps_and_expectations_know_their_lines() -> None:
    scenario = load(GOOD)
    lines = [step.line for step in scenario.timeline]
    assert lines == sorted(lines) and lines[0] == 22 and lines[-1] == 61
    assert [expect.line for expect in scenario.expect] == [64, 65]


def test_what_is_not_written_has_the_defaults_of_the_model() -> None:
    assert loads(f"scenario: s\ntimeline:\n{STEP}") == Scenario("s", (Step(At(SECOND), Say("babble"), line=3),))


def test_an_alias_repeats_a_step() -> None:
    scenario = loads("scenario: s\ntimeline:\n  - &one {at: 1s, say: babble}\n  - *one\n")
    assert [step.line for step in scenario.timeline] == [3, 3]


@pytest.mark.parametrize("word", ["off", "on", "yes", "no", "1:00", "2026-02-18", "0b1", "1_000", "'3'"])
@pytest.mark.parametrize("head", ["", "%YAML 1.1\n---\n"])
def test_words_that_yaml_1_1_would_turn_into_something_else_stay_words(word: str, head: str) -> None:
    scenario = loads(f"{head}scenario: {word}\ntimeline:\n{STEP}outcomes: {{{word}: held}}\n")
    assert scenario.name == word.strip("'")
    assert scenario.outcomes == {word.strip("'"): "held"}


@pytest.mark.parametrize(("text", "value"), [("010", 10), ("+5", 5), ("5000", 5000)])
def test_whole_numbers_are_decimal(text: str, value: int) -> None:
    assert loads(f"scenario: s\ntimeline:\n{STEP}client: {{watchdog_ms: {text}}}").client == {"watchdog_ms": value}


@pytest.mark.parametrize("text", ["0.5", ".5", "5e-1", "+0.5"])
def test_numbers(text: str) -> None:
    assert loads(f"scenario: s\ntimeline:\n{STEP}client: {{threshold: {text}}}").client == {"threshold": 0.5}


def test_audio_files_are_relative_to_the_base(tmp_path: Path) -> None:
    scenario = loads(f"scenario: s\ntimeline:\n{STEP}", "mine.yaml", tmp_path)
    assert scenario.base == tmp_path
    assert loads(f"scenario: s\ntimeline:\n{STEP}").base is None


@pytest.fixture
def shipped_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "reported_freeze.yaml").write_text(f"scenario: shipped\ntimeline:\n{STEP}")
    (folder / "a_second.yaml").write_text(f"scenario: second\ntimeline:\n{STEP}")
    monkeypatch.setattr("harness.scenario.loader.scenarios", lambda: folder)
    return folder


def test_a_bare_name_is_a_shipped_scenario(shipped_folder: Path) -> None:
    assert load("reported_freeze").path == shipped_folder / "reported_freeze.yaml"
    assert shipped_scenarios() == [shipped_folder / "a_second.yaml", shipped_folder / "reported_freeze.yaml"]


@pytest.mark.parametrize("name", ["reported_frezee", "reported_frezee.yaml", "scenarios/reported_freezes.yaml"])
def test_a_file_that_does_not_exist(shipped_folder: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        load(name)
    assert str(caught.value) == f"no scenario file {name!r}; did you mean 'reported_freeze'?"


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path} is a folder; name a scenario file in it"


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "closed.yaml"
    path.write_text("scenario: s")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value) == f"{path} cannot be read (Permission denied); give a readable file"


def test_a_binary_file(tmp_path: Path) -> None:
    path = tmp_path / "clip.yaml"
    path.write_bytes(b"scenario: s\nab\xff\x00\x01")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert str(caught.value) == f"{path}:2:3: this is not text in UTF-8; a scenario is a YAML file"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_text(f"scenario: s\ntimeline:\n{STEP}", encoding="utf-8-sig")
    assert load(path).name == "s"


def test_every_shipped_scenario_loads() -> None:
    assert [load(path).path for path in shipped_scenarios()] == sorted(shipped.scenarios().glob("*.yaml"))


def test_a_file_beside_it_that_is_nearly_called_so(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text("scenario: s")
    with pytest.raises(InputError, match="did you mean 'first'"):
        load(tmp_path / "frist.yaml")


def test_a_name_like_no_other_gets_no_wall_of_names(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path / "zzzzzz.yaml")
    assert str(caught.value).endswith("; `stillthere list` shows those that are here, and the shipped ones")
