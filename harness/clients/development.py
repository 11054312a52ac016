"""The development build of the same client, which the report says does not freeze: no gate, no watchdog."""

from harness.clients.settings import ClientSettings
from harness.clients.voice_client import VoiceClient

SETTINGS = ClientSettings(gate_mode="off", interruption_threshold=0.02)


class Development(VoiceClient):
    """Everything is sent but what is below 0.02 while the assistant speaks."""

    def __init__(self, settings: ClientSettings = SETTINGS) -> None:
        super().__init__(settings)
