"""``stillthere doctor``: what this machine has of what parts of stillthere need, and how to get the rest."""

import importlib.util
import shutil
from collections.abc import Iterator
from typing import NamedTuple

from ..apps.browser.chromium import FLAGS_VARIABLE, VARIABLE, find_chromium
from ..apps.real_time.pulse_device import missing_programs


class Requirement(NamedTuple):
    """Something that parts of stillthere need."""

    name: str
    found: str | None
    """Where it is; None: it is not here."""
    purpose: str
    cure: str
    """How to get it."""


_EXTRAS = {
    "apps": ("time_machine", "time-machine", "asyncio apps in virtual time (`run --app`)"),
    "pytest": ("hypothesis", "hypothesis", "property tests (`stillthere.strategies`)"),
    "plot": ("matplotlib", "matplotlib", "maps of a sweep (`sweep --plot`)"),
    "dask": ("distributed", "distributed", "campaigns on a cluster"),
    "webrtc": ("aiortc", "aiortc", "calls over WebRTC"),
}
"""The extras of the package: the module that shows that one is installed, its distribution, and its purpose."""


def needs() -> Iterator[Requirement]:
    """All of them, found or not."""
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
    for extra, (module, distribution, purpose) in _EXTRAS.items():
        here = importlib.util.find_spec(module) is not None
        yield Requirement(f"[{extra}]", distribution if here else None, purpose, f"pip install 'stillthere[{extra}]'")


def doctor() -> None:
    """Say what this machine has of what pages, programs and extras need, and how to get the rest."""
    for need in needs():
        name = f"{need.name:<11}"
        if need.found is not None:
            print(f"{name} is here ({need.found}): {need.purpose}")
        else:
            print(f"{name} is missing, for {need.purpose}; get it: {need.cure}")
