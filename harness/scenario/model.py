"""A scenario: who does what, when, and what must follow. Frozen data; YAML and Python build the same objects.

All times are integer microseconds. A step has one trigger and one action. Any time, level, peak or count of a step may
be a range (:mod:`harness.ranges`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from harness import ranges
from harness.clients.settings import ClientSettings
from harness.faults import Fault
from harness.server.policy import ServerPolicy
from harness.units import MS, SECOND

# --- triggers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class At:
    """At an absolute time of the scenario."""

    at_us: int


@dataclass(frozen=True, slots=True)
class After:
    """``by_us`` after the end of the step with this label."""

    label: str
    by_us: int = 0


@dataclass(frozen=True, slots=True)
class When:
    """``by_us`` after an event reached the client.

    ``nth`` counts from the start of the run; None means the first one after the step above has fired.
    """

    event: str
    nth: int | None = None
    by_us: int = 0


@dataclass(frozen=True, slots=True)
class BeforeEnd:
    """``by_us`` before the assistant's n-th answer will have been played to its end."""

    answer: int
    by_us: int = 0


Trigger = At | After | When | BeforeEnd

WHEN_EVENTS: dict[str, str] = {
    "speech_started": "input_audio_buffer.speech_started",
    "speech_stopped": "input_audio_buffer.speech_stopped",
    "committed": "input_audio_buffer.committed",
    "cleared": "input_audio_buffer.cleared",
    "session.created": "session.created",
    "session.updated": "session.updated",
    "response.created": "response.created",
    "response.done": "response.done",
    "error": "error",
}
"""What ``when:`` can wait for, and the server event it stands for."""

# --- actions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """The user speaks a clip: a shipped recording's name, a file beside the scenario, or ``babble``."""

    clip: str
    level_dbfs: float | None = None
    """Level of the speech; None keeps the recording's own."""
    lasts_us: int | None = None
    """Only the first part of the clip; None for all of it. ``babble`` lasts 2 s unless told."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A sound of the room: a synthesised kind (``harness.audio.NOISES``), or a recording."""

    kind: str
    lasts_us: int
    level_dbfs: float | None = None
    peak_lsb: int | None = None
    """Scale to this peak instead of a level."""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault of :mod:`harness.faults` strikes.

    ``lasts_us`` None: a fault of the microphone ends when the client reopens the capture, one of the server or the
    network with the session or the connection. For a fault that keeps new connections from opening, it is how long.
    """

    fault: Fault
    lasts_us: int | None = None


@dataclass(frozen=True, slots=True)
class App:
    """The user switches to another app and comes back."""

    lasts_us: int
    capture: Literal["keeps", "suspended"] | None = None
    """Whether chunks stop while the app is in the background; None: as the profile says, or they do not."""
    playback: Literal["keeps", "suspended"] | None = None
    """Whether playback stops; it then stays stopped until the client resumes it. None: as for the capture."""
    profile: str | None = None
    """What kind of client it is, of :data:`harness.scenario.profiles.PROFILES`."""


@dataclass(frozen=True, slots=True)
class Emit:
    """The server says an event that is not simulated, such as one of MCP or DTMF: ``event`` is its JSON text."""

    event: str


Action = Say | Noise | Strike | App | Emit

ASSUMPTIONS = (
    "assistant is speaking",
    "assistant is silent",
    "server hears speech",
    "server hears silence",
    "a response is active",
    "no response is active",
    "connected",
    "disconnected",
)
"""What ``assume:`` may state of the moment at which a step fires."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline."""

    trigger: Trigger
    action: Action
    assume: tuple[str, ...] = ()
    label: str | None = None
    because: str | None = None
    repeat: int = 1
    every_us: int = 0
    line: int | None = field(default=None, compare=False)
    """Where it stands in its file, from 1; for a step of an included file, where that is included."""


# --- expectations ---------------------------------------------------------------------------------------------------

EXPECTATIONS: dict[str, str] = {
    **{word: f"the event {event} reaches the client" for word, event in WHEN_EVENTS.items()},
    "answer": "the user hears an answer to what was said at or after the step",
    "recovery": "the user hears such an answer, or a new session is up",
    "reconnect": "a new session is up",
    "interruption": "the client stops playback in mid-answer",
    "told": "the client tells the user that something is wrong",
}
"""What can be expected, and what it means."""
COUNTED_FROM_BEGIN = ("speech_started", "speech_stopped", "interruption")
"""Their time counts from the begin of the step, that of all others from its end."""


@dataclass(frozen=True, slots=True)
class Expect:
    """``what`` must happen, ``at_least`` so often, within ``within_us`` after the step labelled ``after``.

    Without ``after`` it counts from the start of the run, without ``within_us`` to its end.
    """

    what: str
    after: str | None = None
    within_us: int | None = None
    at_least: int = 1
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the parts must be met."""

    parts: tuple["Expectation", ...]
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts must be met."""

    parts: tuple["Expectation", ...]
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Never:
    """The part must not be met: its window stays free of it."""

    part: "Expectation"
    line: int | None = field(default=None, compare=False)


Expectation = Expect | AnyOf | AllOf | Never


def leaves(expectation: Expectation) -> Iterator[Expect]:
    """What an expectation is put together from."""
    match expectation:
        case Expect():
            yield expectation
        case AnyOf(parts) | AllOf(parts):
            for part in parts:
                yield from leaves(part)
        case Never(part):
            yield from leaves(part)


# --- the whole ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; ``arguments`` is JSON text."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the assistant answers, how fast it is sent, and how it ends."""

    clip: str = "speech_en_f_tts_hibari"
    """A recording; ``babble`` and ``silence`` are made up, as long as the text; ``none`` says nothing."""
    text: str | None = None
    """The words; None: those of the recording."""
    lasts_us: int | None = None
    """Only the first part of the clip."""
    latency_us: int = 400 * MS
    """From the end of the turn to the first audio."""
    pace: float = 5.0
    """Seconds of audio sent in a second."""
    calls: tuple[Call, ...] = ()
    fails: str | None = None
    """A failure of ``harness.server.voice.FAILURES``."""
    incomplete: Literal["max_output_tokens", "content_filter"] | None = None
    cut_after_us: int | None = None
    """Audio that is sent before a failure, or before an answer stays incomplete."""
    created_after_us: int = 0
    """How late ``response.created`` comes."""


@dataclass(frozen=True, slots=True)
class ReplyRule:
    """``reply`` is given in the ``turn``-th place, from 1, or to words that ``heard`` finds; both, if both are set."""

    reply: Reply
    turn: int | None = None
    heard: str | None = None


@dataclass(frozen=True, slots=True)
class ServerSetup:
    """The server the scenario is played against."""

    detector: str = "silero"
    turn_detection: Mapping[str, Any] = field(default_factory=dict)
    """Defaults of a new session: threshold, prefix_padding_ms, silence_duration_ms, create_response, …"""
    policy: ServerPolicy = field(default_factory=ServerPolicy)
    reply: Reply = field(default_factory=Reply)
    """The answer that no rule asks for."""
    replies: tuple[ReplyRule, ...] = ()
    """The first that fits decides."""
    transcripts: tuple[str, ...] = ()
    """What the user's turns say, in order; after these, what recordings are recognised in them. A name of
    ``harness.server.voice.FAILURES`` in angle brackets, such as ``<server_error>``, is a transcription that fails."""
    model: str = "gpt-realtime"
    lasts_us: int = 3600 * SECOND
    """When a session expires."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story that can be played."""

    name: str
    timeline: tuple[Step, ...]
    story: str = ""
    source: str = ""
    """The report it comes from."""
    room_dbfs: float = -62.0
    """Level of the room's noise at the microphone."""
    latency_us: int = 40 * MS
    jitter_us: int = 10 * MS
    server: ServerSetup = field(default_factory=ServerSetup)
    client: Mapping[str, Any] = field(default_factory=dict)
    """Client settings that the scenario changes (names of :class:`ClientSettings`)."""
    lasts_us: int | None = None
    """When the faults end and everything heals; None: 2 s after the last step that has a time."""
    recover_within_us: int = 60 * SECOND
    """After the heal, the user must be answered within this time."""
    expect: tuple[Expectation, ...] = ()
    premises: tuple[Expectation, ...] = ()
    """What must happen for the run to show anything: if one is not met it is vacuous."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    """What is known to happen: client name to ``held`` or ``failed: cause``."""
    path: Path | None = None

    @property
    def base(self) -> Path | None:
        """The folder that its audio files are relative to."""
        return self.path.parent if self.path else None

    def settled(self) -> "Scenario":
        """The same without ranges, each at its middle: what a plain run plays."""
        return ranges.settled(self)

    def drawn(self, choose: ranges.Choose) -> "Scenario":
        """The same without ranges, each a number that ``choose`` gives for its name and ends."""
        return ranges.drawn(self, choose)

    def to_yaml(self) -> str:
        """The file that says the same, see :func:`harness.scenario.dump`."""
        from harness.scenario.dump import dump  # which is made for this class

        return dump(self)

    def settings(self, defaults: ClientSettings) -> ClientSettings:
        """A client's settings with the scenario's changes."""
        return defaults.changed(**self.client)
