"""The reference clients: one class, :class:`VoiceClient`, with three sets of settings, one with a talk button, and one
on a telephone line.

``reported`` is the production client of the founding report (community.openai.com topic 1374520, 2026-02-18): gate
0.03, interruption 0.1, and a watchdog that clears after 30 s. ``development`` is its development build, which the
report says does not freeze: no gate, no watchdog. ``resilient`` has the gate and thresholds of ``reported``, and the
recovery ladder in place of the watchdog. ``push_to_talk`` (:mod:`harness.clients.push_to_talk`) takes the turns itself,
and ``telephone`` (:mod:`harness.clients.telephone`) is a bridge to a line; both have the ladder too.
"""

from collections.abc import Callable
from dataclasses import replace

from .push_to_talk import PUSH_TO_TALK_SETTINGS, PushToTalk
from .settings import ClientSettings
from .telephone import TELEPHONE_SETTINGS, Telephone
from .voice_client import VoiceClient

REPORTED_SETTINGS = ClientSettings(
    gate_mode="zeros", gate_threshold=0.03, interruption_threshold=0.1, watchdog_ms=30_000, chunk_ms=20
)
"""The production build of the founding report."""
DEVELOPMENT_SETTINGS = ClientSettings(gate_mode="off", interruption_threshold=0.02)
"""Its development build: no gate and no watchdog."""
RESILIENT_SETTINGS = replace(REPORTED_SETTINGS, watchdog_ms=None, recovery="ladder")
"""The production build with the recovery ladder in place of the watchdog."""


class Reported(VoiceClient):
    """The client that froze."""

    def __init__(self, settings: ClientSettings = REPORTED_SETTINGS) -> None:
        super().__init__(settings)


class Development(VoiceClient):
    """Sends everything, except what is below 0.02 while the assistant speaks."""

    def __init__(self, settings: ClientSettings = DEVELOPMENT_SETTINGS) -> None:
        super().__init__(settings)


class Resilient(VoiceClient):
    """Detects what failed and applies the cheapest remedy first."""

    def __init__(self, settings: ClientSettings = RESILIENT_SETTINGS) -> None:
        super().__init__(settings)


REFERENCE_CLIENTS: dict[str, tuple[Callable[[ClientSettings], VoiceClient], ClientSettings]] = {
    "reported": (Reported, REPORTED_SETTINGS),
    "development": (Development, DEVELOPMENT_SETTINGS),
    "resilient": (Resilient, RESILIENT_SETTINGS),
    "push_to_talk": (PushToTalk, PUSH_TO_TALK_SETTINGS),
    "telephone": (Telephone, TELEPHONE_SETTINGS),
}
"""Class and settings by the name that ``--client`` takes."""
