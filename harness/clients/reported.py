"""The production client of the founding report: gate 0.03, interruption 0.1, a 30 s watchdog that clears."""

from harness.clients.settings import ClientSettings
from harness.clients.voice_client import VoiceClient

SETTINGS = ClientSettings(
    gate_mode="zeros", gate_threshold=0.03, interruption_threshold=0.1, watchdog_ms=30_000, chunk_ms=20
)


class Reported(VoiceClient):
    """What froze (community.openai.com topic 1374520, 2026-02-18)."""

    def __init__(self, settings: ClientSettings = SETTINGS) -> None:
        super().__init__(settings)
