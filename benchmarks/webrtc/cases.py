"""The conversations that are played in virtual time and over aiortc: of the pack, and one for each fault of a call."""

from dataclasses import dataclass
from pathlib import Path

from harness.scenario import load, loads
from harness.scenario.model import Scenario

_PACK = Path(__file__).parent.parent.parent / "scenarios"
_TALK = """
scenario: {name}
transport: webrtc
server:
  reply: {{clip: speech_en_f_tts_hibari, lasts: 3s}}
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
  - at: 9s
    network: {fault}
  - at: 11s
    say: speech_en_m_arctic_a0007
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario and a client."""

    name: str
    client: str
    text: str | None = None
    """YAML; None: the name is that of a scenario of the pack."""

    def scenario(self) -> Scenario:
        """What is played."""
        return load(_PACK / f"{self.name}.yaml") if self.text is None else loads(self.text, self.name)


def _talk(name: str, client: str, fault: str) -> Case:
    return Case(name, client, _TALK.format(name=name, fault=fault))


CASES = (
    Case("webrtc_audio_down_stops", "reported"),
    Case("webrtc_audio_down_stops", "resilient"),
    Case("webrtc_audio_up_stops", "reported"),
    Case("webrtc_audio_up_stops", "resilient"),
    Case("webrtc_capture_without_packets", "reported"),
    Case("webrtc_capture_without_packets", "resilient"),
    Case("webrtc_data_channel_closed", "reported"),
    Case("webrtc_data_channel_stalled", "reported"),
    Case("webrtc_lossy_network", "reported"),
    Case("reported_freeze", "reported"),
    Case("reported_freeze", "resilient"),
    _talk("packets lost in bursts", "reported", "loss-bursts\n    lasts: 10s"),
    _talk("path lost for 8 s", "reported", "ice-lost\n    lasts: 8s"),
    _talk("path lost for 20 s", "resilient", "ice-lost\n    lasts: 20s"),
    _talk("call ended", "resilient", "dtls-closed"),
)
