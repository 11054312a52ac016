"""Nothing that an app waits with, tells the time by or draws from escapes the virtual clock: :mod:`.escapes` tries."""

import json
import os
from pathlib import Path

import pytest

from harness.apps.play import play_app
from harness.journal import AppFenced
from harness.world.play import Run

from ..testing import scenario
from .escapes import CHECKS

LONG = "  - at: 600s\n    say: speech_en_f_arctic_a0009\n"

pytestmark = pytest.mark.slow


class Tried:
    """One run of all checks."""

    def __init__(self, folder: Path) -> None:
        file = folder / "found.json"
        os.environ["STILLTHERE_CHECKS"] = str(file)
        try:
            self.run: Run = play_app(scenario(folder, LONG), "tests.apps.virtual.escapes:app")
        finally:
            del os.environ["STILLTHERE_CHECKS"]
        self.found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        self.drawn = Path(f"{file}.drawn").read_text(encoding="utf-8")

    def fences(self) -> list[str]:
        return [entry.what for entry in self.run.journal.select(AppFenced)]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    return Tried(tmp_path_factory.mktemp("tried"))


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_escapes_the_clock(tried: Tried, check: str) -> None:
    assert tried.found.get(check, "it was not reached") == ""


def test_what_cannot_be_honoured_is_a_fence_once_a_kind(tried: Tried) -> None:
    fences = tried.fences()
    assert len(fences) == len(set(fences))
    for words in (
        "a busy wait for the clock in",
        "the event loop was blocked in",
        "the process ['true'] was refused",
        "a file descriptor was refused",
        "a connection of a blocking socket to 127.0.0.1:9 was refused",
        "a blocking look-up of the host example.com was refused",
        "a timer signal was refused",
        "a connection to voice.example:443 was refused: no such host is simulated",
    ):
        assert any(words in fence for fence in fences), (words, fences)


def test_two_runs_are_the_same_whatever_the_hash_seed(
    tried: Tried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    again = Tried(tmp_path)
    assert again.drawn == tried.drawn
    assert again.fences() == tried.fences()
    assert again.run.journal.sha256() == tried.run.journal.sha256()
