"""The reported client made resilient: the same gate and thresholds, and the ladder in place of the watchdog."""

from dataclasses import replace

from harness.clients import reported
from harness.clients.settings import ClientSettings
from harness.clients.voice_client import VoiceClient

SETTINGS = replace(reported.SETTINGS, watchdog_ms=None, recovery="ladder")


class Resilient(VoiceClient):
    """Knows what failed and does the least that cures it."""

    def __init__(self, settings: ClientSettings = SETTINGS) -> None:
        super().__init__(settings)
