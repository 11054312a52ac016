"""Whole applications with devices of their own, in a process each. What they do tells the verdict."""

import functools

import pytest

from harness.apps.play import play_app
from harness.journal import AppEnded, AppFenced, ClientReopensCapture, SpeakerPlaying
from harness.scenario import load
from harness.verdict.judge import judge
from harness.world.play import Run

pytest.importorskip("openai")
pytest.importorskip("time_machine")
pytestmark = pytest.mark.slow


@functools.cache
def played(app: str, scenario: str) -> Run:
    return play_app(load(scenario), f"tests.apps.shims.desk_apps:{app}")


@pytest.mark.parametrize("devices", ["sounddevice", "pyaudio", "stereo"])
def test_an_app_that_does_not_doubt_its_microphone_fails_where_it_dies(devices: str) -> None:
    """It reconnects never and reopens nothing: the founding report's client."""
    run = played(f"{devices}_naive", "reported_freeze")
    verdict = judge(run.journal, run.scenario)
    assert str(verdict).startswith("failed: capture_dead")
    assert not list(run.journal.select(ClientReopensCapture))
    assert not list(run.journal.select(AppFenced))
    items = [entry.item_id for entry in run.journal.select(SpeakerPlaying)]
    assert len(items) == len(set(items)) > 0  # one spoken answer is one entry


@pytest.mark.parametrize("devices", ["sounddevice", "pyaudio", "stereo"])
def test_one_that_opens_it_anew_holds(devices: str) -> None:
    run = played(f"{devices}_careful", "reported_freeze")
    assert str(judge(run.journal, run.scenario)) == "held"
    assert list(run.journal.select(ClientReopensCapture))


def test_a_server_that_goes_mute_is_told_from_a_dead_microphone() -> None:
    naive, careful = (played(f"sounddevice_{each}", "server_goes_mute") for each in ("naive", "careful"))
    assert str(judge(naive.journal, naive.scenario)).startswith("failed: server_mute")
    assert str(judge(careful.journal, careful.scenario)) == "held"


def test_the_same_run_has_the_same_bytes_whatever_the_hash_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three threads: one reads, one writes, one runs the event loop."""
    one = played("pyaudio_naive", "reported_freeze")
    monkeypatch.setenv("PYTHONHASHSEED", "4711")
    two = play_app(load("reported_freeze"), "tests.apps.shims.desk_apps:pyaudio_naive")
    assert one.journal.sha256() == two.journal.sha256()


def test_callbacks_come_and_end_as_those_of_portaudio() -> None:
    run = play_app(load("reported_freeze"), "tests.apps.shims.callback_checks:app")
    (ended,) = run.journal.select(AppEnded)
    assert ended.error == "NotImplementedError: all was checked", (ended.error, ended.place)
