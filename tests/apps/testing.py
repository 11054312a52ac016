"""What the tests of apps share: short scenarios, and an app that is written in the test."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

from harness.apps.play import play_app
from harness.scenario.loader import load
from harness.scenario.model import Scenario
from harness.world.play import Run

URL = "wss://api.openai.com/v1/realtime?model=gpt-realtime"


def scenario(
    folder: Path, timeline: str = "  - at: 2s\n    say: speech_en_f_arctic_a0009\n", more: str = ""
) -> Scenario:
    """A scenario without jitter, 20 ms each way; by default one utterance."""
    file = folder / "it.yaml"
    network = "network: {latency: 20ms, jitter: 0ms}\n"
    file.write_text(f"scenario: It\n{network}{more}timeline:\n{timeline}", encoding="utf-8")
    return load(file)


class Apps:
    """Plays apps that are written in a test, each in a module of its own in ``folder``."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        patch.syspath_prepend(str(folder))
        self._number = 0

    def write(self, source: str, function: str = "app") -> str:
        """Write the module; gives ``module:function``."""
        self._number += 1
        name = f"{self.folder.name.replace('-', '_')}_app{self._number}"
        (self.folder / f"{name}.py").write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")
        return f"{name}:{function}"

    def play(self, source: str, what: Scenario | None = None, **options: Any) -> Run:
        """Play it."""
        return play_app(what or scenario(self.folder), self.write(source), **options)


def line_of(apps: Apps, words: str) -> str:
    """``file.py:12`` of the first line of the newest app that has these words in it."""
    file = sorted(apps.folder.glob("*_app*.py"), key=lambda each: int(each.stem.rpartition("app")[2]))[-1]
    lines = file.read_text(encoding="utf-8").splitlines()
    number = next((number for number, line in enumerate(lines, 1) if words in line), 0)
    return f"{file}:{number}"
