"""What happens to a voice client when its user switches to another app, by kind of client.

``app: background`` with ``as: safari-ios`` compiles to faults by these figures. Each says how it is known: ``measured``
with a real Chromium 156 on Linux, with a scripted microphone, or ``reported`` by others. What is not known stays as in
the foreground.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

from ..faults import SourceFault
from ..faults.burst import Burst
from ..faults.graph_collected import GraphCollected
from ..faults.near_silence import NearSilence
from ..faults.suspended import Suspended
from ..faults.zeroed import Zeroed
from ..units import MS, SECOND

Provenance = Literal["measured", "reported"]
_T_co = TypeVar("_T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Figure(Generic[_T_co]):
    """A value, and its source: the measurement, or ``owner/repo#number``."""

    value: _T_co
    known: Provenance
    where: str


class CaptureChange(NamedTuple):
    """A fault of the capture path: what it delivers in place of the room, and how long."""

    fault: SourceFault
    begins: Literal["switch", "return"] = "switch"
    ends: Literal["return", "reopened"] = "return"


class Timers(NamedTuple):
    """How the timers of an app in the background run."""

    granule_us: int | None
    """They fire at multiples of this only; None: they stop until the return, and so do arriving messages."""
    unless_audible: bool = False
    """Whether timers run normally while the app plays sound."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of client; a figure that is None is not known."""

    device: str
    capture: tuple[Figure[CaptureChange | None], ...]
    """A value of None: it is known that capture continues."""
    playback: Figure[Literal["keeps", "suspended"]] | None = None
    """``suspended``: until the client resumes it."""
    timers: Figure[Timers] | None = None
    socket_dies: Figure[bool] | None = None
    """Whether the connection is found closed, 1006, on the return."""


class CaptureFault(NamedTuple):
    """A fault of the capture path, ``at_us`` after the switch; ``lasts_us`` None: until the capture is reopened."""

    at_us: int
    fault: SourceFault
    lasts_us: int | None


def capture_faults(profile: Profile, away_us: int) -> Iterator[CaptureFault]:
    """The faults of the capture path in a switch that lasts ``away_us``."""
    for figure in profile.capture:
        if figure.value is not None:
            fault, begins, ends = figure.value
            yield CaptureFault(away_us if begins == "return" else 0, fault, away_us if ends == "return" else None)


_HIDDEN = Timers(1 * SECOND, unless_audible=True)
_STOPPED = Timers(None)

PROFILES: dict[str, Profile] = {
    "chrome-desktop": Profile(
        "Chrome on a desktop: another tab in front, or the window minimised",
        capture=(Figure(None, "measured", "tab hidden, window minimised: 50 chunks a second, no gap"),),
        playback=Figure("keeps", "measured", "a hidden page stays audible"),
        timers=Figure(_HIDDEN, "measured", "hidden page with a microphone: 1.0 s; while audible: 100 ms stay 100 ms"),
        socket_dies=Figure(False, "measured", "tab hidden, window minimised: chunks keep arriving"),
    ),
    "chrome-android": Profile(
        "Chrome on a phone: the system stops the page's process",
        capture=(
            Figure(
                CaptureChange(Burst(keeps_us=300 * MS, zeros_us=2_600 * MS)),
                "measured",
                "renderer stopped for 4 s: 129 chunks of zeros, then the last 0.3 s, all at once; then as before",
            ),
        ),
        timers=Figure(_STOPPED, "measured", "renderer stopped: nothing runs in the page"),
        socket_dies=Figure(False, "measured", "renderer stopped for 4 s: the burst arrives on the same connection"),
    ),
    "chrome-context-suspended": Profile(
        "Chrome: the page suspends its AudioContext while it is away, and keeps no reference to the source node",
        capture=(
            Figure(
                CaptureChange(GraphCollected()),
                "measured",
                "away for 50 to 60 s: the source is collected after 28.0 to 28.2 s, then no chunk for ever; "
                "away for 20 s, or with the source in a variable: 50 chunks a second after the return",
            ),
        ),
        socket_dies=Figure(False, "measured", "tab hidden, window minimised: chunks keep arriving"),
    ),
    "safari-ios": Profile(
        "Safari or a web view on an iPhone: the system interrupts the audio session",
        capture=(
            Figure(CaptureChange(Zeroed()), "reported", "twilio/twilio-video.js#941"),
            Figure(
                CaptureChange(Zeroed(), "return", "reopened"),
                "reported",
                "100mslive/web-sdks#3728, GetStream/stream-video-js#2249, webrtc/samples#1019",
            ),
        ),
        playback=Figure("suspended", "measured", "an AudioContext in the state `interrupted`, under Chromium"),
    ),
    "electron": Profile(
        "An Electron app: its page is frozen while it is away",
        capture=(
            Figure(
                CaptureChange(Suspended()),
                "measured",
                "page frozen: no chunk; whole browser stopped for 4 s: a gap of 4.017 s and no burst",
            ),
        ),
        timers=Figure(_STOPPED, "measured", "page frozen: nothing runs in the page"),
        socket_dies=Figure(True, "measured", "page frozen and thawed: the page sees 1006, the server 1001"),
    ),
    "bluetooth-headset": Profile(
        "A Bluetooth headset that another app takes: the input is silently another microphone",
        capture=(
            Figure(
                CaptureChange(NearSilence(), "switch", "reopened"),
                "reported",
                "community 1374520 (41 to 96 LSB); element-hq/element-web#7400 (only a new call helps)",
            ),
        ),
        socket_dies=Figure(False, "measured", "default microphone changed: chunks keep arriving, no event"),
    ),
}
"""The profiles by name."""
