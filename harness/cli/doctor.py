"""``stillthere doctor``: what is here of what stillthere needs and can use, and how to get what is missing."""

import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .. import shipped
from ..apps.browser.chromium import FLAGS_VARIABLE, VARIABLE, find_chromium
from ..apps.real_time.pulse_device import missing_programs
from ..completing.scripts import set_up_in
from ..errors import visible
from .completion import shell_here
from .output import HELD
from .run_options import AsJsonOption

PACKAGE = "stillthere"
_OLDEST_PYTHON = (3, 11)
_USUAL_PORT = 8765
_LACKS_CORE = 2
_EXTRAS = {
    "apps": ("time_machine", "time-machine", "asyncio apps in virtual time (`run --app`)"),
    "pytest": ("hypothesis", "hypothesis", "property tests (`stillthere.strategies`)"),
    "plot": ("matplotlib", "matplotlib", "maps of a sweep as pictures (`sweep --out`)"),
    "dask": ("distributed", "distributed", "campaigns on a cluster (`fuzz --executor`)"),
    "webrtc": ("aiortc", "aiortc", "calls over WebRTC"),
}
"""The extras of the package: the module that shows that one is installed, its distribution, and its purpose."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that stillthere needs or can use."""

    name: str
    found: str | None
    """What or where it is; None: it is not here, or does not do."""
    purpose: str
    cure: str
    """How to get it."""
    is_core: bool = False
    """Whether nothing works without it."""

    @property
    def state(self) -> str:
        """Here, missing, or needed: missing although nothing works without it."""
        return "here" if self.found is not None else "needed" if self.is_core else "missing"

    def document(self) -> dict[str, Any]:
        """As it is in the JSON of ``--json``."""
        cure = None if self.found is not None else self.cure
        return {"name": self.name, "state": self.state, "found": self.found, "purpose": self.purpose, "cure": cure}


_SYMBOLS = {"here": ("●", "green"), "needed": ("▲", "bold red"), "missing": ("○", "yellow")}


def needs() -> Iterator[Requirement]:
    """All of them, found or not; first what nothing works without."""
    yield from _core()
    yield from _machine()
    yield from _programs()
    for extra, (module, distribution, purpose) in _EXTRAS.items():
        found = f"{distribution} {_version(distribution) or ''}".strip() if _has_module(module) else None
        yield Requirement(f"[{extra}]", found, purpose, f"pip install '{PACKAGE}[{extra}]'")


def _core() -> Iterator[Requirement]:
    version = platform.python_version()
    oldest = ".".join(map(str, _OLDEST_PYTHON))
    found = version if sys.version_info >= _OLDEST_PYTHON else None
    yield Requirement("Python", found, "everything", f"install Python {oldest} or newer (this is {version})", True)
    wrong = list(_wrong_packages())
    versions = ", ".join(f"{name} {_version(name)}" for name in ("numpy", "pydantic", "websockets", "typer"))
    cure = f"pip install {' '.join(repr(each) for each in wrong)}"
    yield Requirement("packages", None if wrong else versions, "everything", cure, True)
    scenarios = len(list(shipped.scenarios().glob("*.yaml")))
    recordings = (shipped.fixtures_audio() / "MANIFEST.json").is_file()
    files = f"{scenarios} scenarios and the recordings" if scenarios and recordings else None
    yield Requirement("files", files, "shipped scenarios", f"pip install --force-reinstall {PACKAGE}", True)
    folder = tempfile.gettempdir()
    written = folder if _tried(lambda: tempfile.TemporaryFile().close()) else None
    yield Requirement(
        "temporary", written, "runs in processes of their own", "set TMPDIR to a folder to write to", True
    )


def _machine() -> Iterator[Requirement]:
    here = os.getcwd()
    found = here if os.access(here, os.W_OK) else None
    yield Requirement("folder", found, "journals and found scenarios", "go to a folder that you may write to")
    local = _tried(lambda: _bind(0))
    yield Requirement(
        "sockets", "127.0.0.1" if local else None, "`serve`, programs, pages", "allow sockets on 127.0.0.1"
    )
    free = f"{_USUAL_PORT} is free" if _tried(lambda: _bind(_USUAL_PORT)) else None
    yield Requirement("port", free, "`serve` without --port", "give `serve --port 0`: any free port")
    cores = os.cpu_count() or 1
    features = [name for name in ("AVX512F", "AVX2", "FMA3", "ASIMD") if _cpu_features().get(name)]
    cpu = ", ".join([f"{cores} cores" if cores > 1 else "1 core", *features])
    yield Requirement("CPU", cpu, "speed only: results are the same on every machine", "")
    threads = os.environ.get("OPENBLAS_NUM_THREADS")
    one = "one a process" if threads == "1" else None
    yield Requirement("BLAS threads", one, "speed of many processes", "export OPENBLAS_NUM_THREADS=1, or unset it")


def _programs() -> Iterator[Requirement]:
    yield Requirement(
        "Chromium",
        find_chromium(),
        "pages in a real browser (`run --page`)",
        f"apt-get install chromium, or name a Chrome in {VARIABLE}; flags of yours go into {FLAGS_VARIABLE}",
    )
    missing = missing_programs()
    yield Requirement(
        "PulseAudio",
        None if missing else shutil.which("pulseaudio"),
        "a live microphone and speaker (`--device pulse`, `run --page`)",
        f"apt-get install pulseaudio pulseaudio-utils; {', '.join(missing)} is not here",
    )
    yield Requirement(
        "Node", shutil.which("node"), "a worklet of yours offline, programs in Node", "apt-get install nodejs"
    )
    yield Requirement("git", shutil.which("git"), "to keep scenarios beside the client", "apt-get install git")
    shell = shell_here()
    place = set_up_in(shell)
    cure = f"stillthere completion {shell} --install"
    yield Requirement("completion", None if place is None else str(place), f"the Tab key in {shell}", cure)


def _wrong_packages() -> Iterator[str]:
    """The requirements that are not met, as pip takes them."""
    with suppress(importlib.metadata.PackageNotFoundError):
        for line in importlib.metadata.requires(PACKAGE) or ():
            name, _, least = line.partition(">=")
            if ";" not in line and _numbers(_version(name) or "") < _numbers(least):
                yield line


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:3])


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution.strip())
    except importlib.metadata.PackageNotFoundError:
        return None


def _has_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _cpu_features() -> dict[str, bool]:
    try:
        from numpy._core import _multiarray_umath as numpy_core  # type: ignore[attr-defined]
    except ImportError:  # numpy 1
        return {}
    return dict(getattr(numpy_core, "__cpu_features__", {}))


def _tried(what: Callable[[], object]) -> bool:
    try:
        what()
    except OSError:
        return False
    return True


def _bind(port: int) -> None:
    with socket.socket() as tried:
        if os.name == "posix":
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(("127.0.0.1", port))


def doctor(as_json: AsJsonOption = False) -> None:
    """Say what is here of what stillthere needs and can use, and how to get what is missing.

    Exit 0 unless something is missing without which nothing works.
    """
    found = list(needs())
    if as_json:
        print(json.dumps({"needs": [need.document() for need in found]}, indent=2))
    else:
        console = Console()
        console.print(_table(found), highlight=False, markup=False)
        missing = sum(need.state == "missing" for need in found)
        needed = [need.name for need in found if need.state == "needed"]
        console.print(_told(missing, needed), highlight=False, markup=False)
    raise typer.Exit(_LACKS_CORE if any(need.state == "needed" for need in found) else HELD)


def _table(found: list[Requirement]) -> Table:
    """A row for each: what is here, or what it is for and the line that gets it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for need in found:
        what = Text.assemble(visible(need.found or "missing"), (f"  {need.purpose}", "bright_black"))
        if need.found is None:
            what.append(f"\n{visible(need.cure)}", "bold")
        grid.add_row(Text(*_SYMBOLS[need.state]), need.name, what)
    return grid


def _told(missing: int, needed: list[str]) -> str:
    if needed:
        return f"Nothing works without {', '.join(needed)}."
    if not missing:
        return "Everything is here."
    return f"All that is always needed is here. ○: {missing} that only some uses need, as the row says."
