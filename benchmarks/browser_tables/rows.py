"""The rows of the table: faults, each done for real, and each over both transports."""

from dataclasses import dataclass
from typing import Literal

from harness.scenario import loads
from harness.scenario.model import Scenario

Transport = Literal["websocket", "webrtc"]
TRANSPORTS: tuple[Transport, ...] = ("websocket", "webrtc")
LABEL = "fault"
"""The label of the step that breaks something."""
PAGE = "js/pages/client.html"
"""The reference pages, from the root of the repository."""
_TEMPLATE = """
scenario: {name}
story: "{title}."
transport: {transport}
server: {{detector: energy, reply: {{clip: speech_en_f_tts_hibari, lasts: 3s}}}}
timeline:
  - at: 1s
    say: speech_en_f_arctic_a0009
{steps}
recover within: 15s
"""
_FAULT = """\
  - at: 10s
    label: fault
{fault}
  - at: 12s
    say: speech_en_m_arctic_a0007"""
_IN_ANSWER = """\
  - when: response.created 1
    by: 1s
    label: fault
{fault}
  - at: 12s
    say: speech_en_m_arctic_a0007"""


@dataclass(frozen=True, slots=True)
class BrowserFault:
    """One row: a fault, done for real, 10 s after the first step."""

    name: str
    title: str
    """What happens, as a sentence without its full stop."""
    websocket: tuple[str, ...]
    """The step's lines; none where this transport has no such fault."""
    webrtc: tuple[str, ...]
    in_answer: bool = False
    """Whether it comes while the first answer is played."""

    def scenario(self, transport: Transport) -> Scenario | None:
        """The scenario that is played over a transport."""
        lines = self.websocket if transport == "websocket" else self.webrtc
        if not lines:
            return None
        steps = (_IN_ANSWER if self.in_answer else _FAULT).format(fault="\n".join(f"    {line}" for line in lines))
        text = _TEMPLATE.format(name=self.name, title=self.title, steps=steps, transport=transport)
        return loads(text, f"<browser tables: {self.name}>")


def _on_both(name: str, title: str, *lines: str, in_answer: bool = False) -> BrowserFault:
    return BrowserFault(name, title, lines, lines, in_answer)


FAULTS = (
    _on_both("tab-hidden", "Another tab is in front for 6 s", "page: hide", "lasts: 6s"),
    _on_both("minimised", "The window is minimised for 6 s", "page: minimise", "lasts: 6s"),
    _on_both("page-frozen", "The browser freezes the page for 6 s", "page: freeze", "lasts: 6s"),
    _on_both("renderer-stopped", "The page's process stands still for 6 s", "page: stop", "lasts: 6s"),
    _on_both("contexts-suspended", "Every AudioContext is suspended for 6 s", "page: suspend", "lasts: 6s"),
    _on_both(
        "output-suspended", "The output is suspended while an answer plays, until the page resumes it",
        "app: background", "playback: suspended", "lasts: 1s", in_answer=True,
    ),
    _on_both("track-muted", "The system mutes the microphone for 6 s", "microphone: zeroed", "lasts: 6s"),
    _on_both("source-suspended", "The system suspends the microphone for 6 s", "microphone: suspended", "lasts: 6s"),
    _on_both(
        "microphone-swapped", "The system moves the capture to another microphone, which hears a quiet room",
        "microphone: near-silent", "until: reopened",
    ),
    _on_both("volume-cut", "The system turns the microphone down by 40 dB", "page: volume -40 dB"),
    _on_both("unplugged", "The microphone is unplugged", "page: unplug"),
    _on_both("tracks-stopped", "The page's own code stops the captured track", "page: stop-tracks"),
    _on_both(
        "permission-withdrawn", "The permission for the microphone is withdrawn for 6 s", "page: deny", "lasts: 6s",
    ),
    _on_both("audio-process-killed", "The browser's audio process dies", "page: kill-audio"),
    BrowserFault(
        "network-stalls", "Nothing passes for 8 s, then what TCP has kept does",
        ("network: stall", "lasts: 8s"), ("network: ice-lost", "lasts: 8s"),
    ),
    BrowserFault(
        "network-gone", "Nothing passes any more on this connection, and nobody says so",
        ("network: half-open",), ("network: ice-lost", "lasts: 60s"),
    ),
    BrowserFault("socket-closed", "The server closes with 1011", ("server: closed", "with: {code: 1011}"), ()),
    BrowserFault(
        "events-stall", "The data channel alone stands still for 8 s",
        (), ("network: data-channel-stalled", "lasts: 8s"),
    ),
    BrowserFault("channel-closed", "The data channel alone is closed", (), ("network: data-channel-closed",)),
    BrowserFault("audio-down-stops", "No packet of audio reaches the page any more", (), ("network: rtp-stopped",)),
    BrowserFault("call-ended", "The server ends the call", (), ("network: dtls-closed",)),
    _on_both("server-mute", "The server says nothing any more", "server: mute"),
)  # fmt: skip
