"""What really happens to a voice client when its user switches to another app, by kind of client.

``app: background`` with ``as: safari-ios`` compiles to faults by these figures. Each says how it is known: ``measured``
with a real Chromium 156 on Linux, with a scripted microphone, or ``reported`` by others. What nobody has told stays
as it is in the foreground.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

from harness.faults import SourceFault
from harness.faults.burst import Burst
from harness.faults.near_silence import NearSilence
from harness.faults.suspended import Suspended
from harness.faults.zeroed import Zeroed
from harness.units import MS, SECOND

Known = Literal["measured", "reported"]
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Figure(Generic[T_co]):
    """A value, and where it comes from: what was done, or ``owner/repo#number``."""

    value: T_co
    known: Known
    where: str


class Delivery(NamedTuple):
    """What the capture path delivers in place of the room, and how long."""

    fault: SourceFault
    begins: Literal["switch", "return"] = "switch"
    ends: Literal["return", "reopened"] = "return"


class Timers(NamedTuple):
    """How the timers of an app in the background run."""

    granule_us: int | None
    """They fire at multiples of this only; None: they stand still until the return, and so does all that arrives."""
    unless_audible: bool = False
    """Not while the app plays sound."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of client; a figure that is None is not known."""

    device: str
    capture: tuple[Figure[Delivery | None], ...]
    """A None among them: it is known that all goes on."""
    playback: Figure[Literal["keeps", "suspended"]] | None = None
    """``suspended``: until the client resumes it."""
    timers: Figure[Timers] | None = None
    socket_dies: Figure[bool] | None = None
    """Whether the connection is found closed, 1006, on the return."""


class Delivered(NamedTuple):
    """A fault of the capture path that a switch comes to: when it strikes, counted from the switch."""

    at_us: int
    fault: SourceFault
    lasts_us: int | None


def deliveries(profile: Profile, away_us: int) -> Iterator[Delivered]:
    """What a profile comes to for the capture if the user is away so long."""
    for figure in profile.capture:
        if figure.value is not None:
            fault, begins, ends = figure.value
            yield Delivered(away_us if begins == "return" else 0, fault, away_us if ends == "return" else None)


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
                Delivery(Burst(keeps_us=300 * MS, zeros_us=2_600 * MS)),
                "measured",
                "renderer stopped for 4 s: 129 chunks of zeros, then the last 0.3 s, all at once; then as before",
            ),
        ),
        timers=Figure(_STOPPED, "measured", "renderer stopped: nothing runs in the page"),
        socket_dies=Figure(False, "measured", "renderer stopped for 4 s: the burst arrives on the same connection"),
    ),
    "safari-ios": Profile(
        "Safari or a web view on an iPhone: the system interrupts the audio session",
        capture=(
            Figure(Delivery(Zeroed()), "reported", "twilio/twilio-video.js#941"),
            Figure(
                Delivery(Zeroed(), "return", "reopened"),
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
                Delivery(Suspended()),
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
                Delivery(NearSilence(), "switch", "reopened"),
                "reported",
                "community 1374520 (41 to 96 LSB); element-hq/element-web#7400 (only a new call helps)",
            ),
        ),
        socket_dies=Figure(False, "measured", "default microphone changed: chunks keep arriving, no event"),
    ),
}
"""The profiles by name."""
