"""Writes the HAR files in ``fixtures/logs/chromium/``: a page in a real Chromium talks with ``stillthere serve``.

    make hars

Each has a fault from 8 or 9 s on, and the user speaks at 1 s and at 10 s. Playwright and the DevTools protocol record
the same conversation. Needs Chromium, Node and npm; playwright-core is installed in a temporary folder.
"""

import argparse
import base64
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.audio.babble import babble

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "fixtures" / "logs" / "chromium"
PLAYWRIGHT = "playwright-core@1.65.1"
SECONDS = 20
_SCENARIO = """scenario: short answers
server: {reply: {text: "Yes.", latency: 300ms}}
timeline: [{at: 1s, say: babble}]
"""


@dataclass(frozen=True)
class Recorded:
    """A conversation: the fault of the server, and what the capture of the page does from 9 s on."""

    fault: str | None = None
    capture: str = "ok"
    content: str = "embed"
    """How Playwright keeps the messages: in the HAR, or in a file beside it."""


CASES = {
    "none": Recorded(),
    "mute": Recorded("mute:after=8s"),
    "half_open": Recorded("half-open:after=8s"),
    "held_active": Recorded("held-active:after=8s"),
    "held_idle": Recorded("held-idle:after=8s"),
    "dropped_response": Recorded("dropped-response:after=8s", content="attach"),
    "stalled_reply": Recorded("stalled-reply:after=8s"),
    "silent_reply": Recorded("silent-reply:after=8s"),
    "failed_response": Recorded("failed-response:after=8s"),
    "capture_dead": Recorded(capture="dead"),
    "gate_closed": Recorded(capture="gate"),
    "clock_frozen": Recorded(capture="frozen"),
}


def serve(folder: Path, recorded: Recorded) -> tuple[subprocess.Popen[str], str]:
    """A server with a fault, and its address."""
    scenario = folder / "short.yaml"
    scenario.write_text(_SCENARIO)
    fault = ["--fault", recorded.fault] if recorded.fault else []
    command = [sys.executable, "-m", "harness", "serve", "--port", "0", "--scenario", str(scenario), *fault]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert server.stdout is not None
    for line in server.stdout:
        if "ws://" in line:
            address = line[line.index("ws://") :].split()[0]
            return server, f"{address}?model=gpt-realtime"
    raise SystemExit(f"the server did not start: {' '.join(command)}")


def record(folder: Path, names: list[str], chromium: str) -> None:
    """Have the conversations recorded into a folder."""
    subprocess.run(["npm", "install", "--silent", "--no-fund", "--prefix", str(folder), PLAYWRIGHT], check=True)
    for each in ("record.mjs", "page.html"):
        shutil.copy(HERE / each, folder / each)
    servers = {name: serve(folder, CASES[name]) for name in names}
    try:
        voice = babble(1_200_000, 3, level_dbfs=-20).tobytes()
        plan: dict[str, Any] = {
            "page": str(folder / "page.html"),
            "chromium": chromium,
            "out": str(folder),
            "seconds": SECONDS,
            "voice": base64.b64encode(voice).decode(),
            "at_once": 3,
            "cases": [
                {"name": name, "url": url, "capture": CASES[name].capture, "content": CASES[name].content}
                for name, (_, url) in servers.items()
            ],
        }
        (folder / "plan.json").write_text(json.dumps(plan))
        limit_s = 60 + (SECONDS + 10) * len(names)
        subprocess.run(["node", "record.mjs", "plan.json"], cwd=folder, check=True, timeout=limit_s)
    finally:
        for server, _ in servers.values():
            server.terminate()
            server.wait(10)


def keep(folder: Path, names: list[str]) -> None:
    """Pack what was recorded into the fixtures."""
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name in names:
        packed = gzip.compress((folder / f"{name}.devtools.har").read_bytes(), 9, mtime=0)
        (FIXTURES / f"{name}.har.gz").write_bytes(packed)
        print(f"{name}: {len(packed) / 1000:.0f} kB")


def main() -> None:
    """Record the conversations that are named, or all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", choices=[*CASES, []], help="which conversations; default: all")
    options.add_argument("--chromium", default="/usr/bin/chromium")
    options.add_argument("--into", type=Path, help="a folder for everything that is recorded, instead of the fixtures")
    given = options.parse_args()
    names = given.names or list(CASES)
    if given.into is not None:
        given.into.mkdir(parents=True, exist_ok=True)
        record(given.into.resolve(), names, given.chromium)
        return
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder), names, given.chromium)
        keep(Path(folder), names)


if __name__ == "__main__":
    main()
