"""The faults of the matrix, each as a short scenario: one answered turn, the fault, one more utterance, and the user
who speaks again and again once the fault is over."""

from dataclasses import dataclass

from harness.scenario import loads
from harness.scenario.model import Scenario
from harness.units import MS

FAULT_AT_US = 12_010 * MS
"""When a fault is injected, unless it waits for an event: between two chunks of the microphone, each of 20 ms."""
RECOVER_WITHIN_S = 60
LABEL = "fault"
"""The label of the step that injects it."""
_TEMPLATE = """
scenario: {name}
story: "{title}."
server: {{detector: energy, reply: {{clip: speech_en_f_tts_hibari, {answer}}}}}
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
{steps}
recover within: {within}s
"""
_FAULT = """
  - at: 12010ms
    label: fault
{fault}
  - at: 14s
    say: speech_en_m_arctic_a0007
"""


@dataclass(frozen=True, slots=True)
class MatrixFault:
    """One row of the matrix."""

    name: str
    title: str
    """What happens, as a sentence without its full stop."""
    seam: str
    """Where: source, detector, policy or wire; none for the row without a fault."""
    steps: str
    """The steps after the first turn, as YAML."""
    answer: str = "lasts: 3s"
    """How answers are, as in a scenario."""

    def scenario(self) -> Scenario:
        """The scenario that is played."""
        text = _TEMPLATE.format(
            name=self.name, title=self.title, answer=self.answer, steps=self.steps.strip("\n"), within=RECOVER_WITHIN_S
        )
        return loads(text, f"<the matrix: {self.name}>")


def _at_12(name: str, seam: str, title: str, *lines: str) -> MatrixFault:
    return MatrixFault(name, title, seam, _FAULT.format(fault="\n".join(f"    {line}" for line in lines)).strip("\n"))


_BUSY = """
  - at: 12s
    server: busy-after-interruption
  - at: 14s
    say: speech_en_m_arctic_a0007
  - when: response.created 2
    by: 1500ms
    label: fault
    say: speech_en_f_arctic_a0009
    assume: a response is active
"""
"""Here the time counts from the interruption."""
_ERROR = "{type: server_error, code: null, message: The server had an error while processing your request}"
FAULTS = (
    MatrixFault(
        "none", "Nothing breaks", "none", "  - at: 14s\n    say: speech_en_m_arctic_a0007"
    ),
    _at_12(
        "dead capture", "source", "The capture delivers noise of a few LSB until it is opened again",
        "microphone: near-silent", "until: reopened",
    ),
    _at_12(
        "suspended capture", "source", "The microphone delivers no chunks for 10 s",
        "microphone: suspended", "lasts: 10s",
    ),
    _at_12(
        "deaf server", "detector", "The server no longer notices speech in this session", "server: held-idle"
    ),
    _at_12(
        "held turn", "detector", "The server takes everything for speech in this session", "server: held-active"
    ),
    _at_12(
        "stalled answer", "policy", "Answers of this session stop in the middle and never end", "server: stalled-reply"
    ),
    _at_12(
        "failed answers", "policy", "For 10 s each answer fails as it begins", "server: failed-response", "lasts: 10s"
    ),
    MatrixFault(
        "stuck after interruption", "An answer that the user interrupts never ends in this session", "policy", _BUSY,
        "lasts: 6s, pace: 1",
    ),
    _at_12(
        "session expired", "policy", "The session reaches its maximum age: an error event, then a Close with 1001",
        "server: expired",
    ),
    _at_12(
        "mute server", "wire", "No event of the server arrives any more; pings are answered, what is sent arrives",
        "server: mute",
    ),
    _at_12("closed 1000", "wire", "The server closes with 1000", "server: closed", "with: {code: 1000}"),
    _at_12("closed 1001", "wire", "The server closes with 1001, going away", "server: closed", "with: {code: 1001}"),
    _at_12(
        "closed 1011", "wire", "The server closes with 1011, internal error",
        "server: closed", "with: {code: 1011}",
    ),
    _at_12(
        "closed 4000", "wire", "The server closes with a private code, 4000",
        "server: closed", "with: {code: 4000}",
    ),
    _at_12("reset", "wire", "The connection is reset; a new one is made at once", "network: reset", "lasts: 100ms"),
    _at_12(
        "reset for 10 s", "wire", "The connection is reset, and new ones are refused for 10 s",
        "network: reset", "lasts: 10s",
    ),
    _at_12(
        "half-open", "wire", "Packets vanish both ways without a Close; new connections work after 10 s",
        "network: half-open", "lasts: 10s",
    ),
    _at_12("stall of 15 s", "wire", "Nothing passes for 15 s, then everything does", "network: stall", "lasts: 15s"),
    _at_12(
        "no pongs", "wire", "The server answers no pings for 45 s, while all events pass",
        "server: no-pong", "lasts: 45s",
    ),
    _at_12(
        "broken event", "wire", "One audio delta of the next answer arrives as the first half of its JSON",
        "network: truncated-events", "with: {direction: down, events: response.output_audio.delta, count: 1}",
        "lasts: 15s",
    ),
    _at_12(
        "lost response.done", "wire", "The response.done of the next answer is lost",
        "network: dropped-events", "with: {direction: down, events: response.done, count: 1}",
        "lasts: 15s",
    ),
    _at_12(
        "error event", "wire", "The server sends one error event, and the session goes on",
        f"event: {{type: error, error: {_ERROR}}}",
    ),
)  # fmt: skip
"""The rows, in their order."""
BY_NAME = {fault.name: fault for fault in FAULTS}
NODE_FAULTS = (
    "none", "dead capture", "mute server", "closed 1000", "reset for 10 s", "session expired", "broken event",
)  # fmt: skip
"""The rows of the programs in real time: the first one is no fault."""
