"""A scenario: who does what, when, and what must follow. Frozen data; YAML and Python build the same objects.

All times are integer microseconds, from the start of the run. A step has one trigger and one action. Any time, level,
peak or count of a step may be a range (:mod:`harness.ranges`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .. import ranges
from ..audio.audio_files import RawFormat
from ..clients.settings import ClientSettings
from ..faults import Fault, Transport
from ..server.asked import ResultPattern
from ..server.policy import ServerPolicy
from ..units import MS, SECOND

NOTHING = "none"
"""The clip name of an answer without output."""
FAILED_TRANSCRIPT = re.compile(r"<(\w+)>")
"""In place of a turn's words: the failure of its transcription."""
# --- triggers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class At:
    """At a time from the start of the run."""

    at_us: int


@dataclass(frozen=True, slots=True)
class After:
    """``by_us`` after the end of the step with this label."""

    label: str
    by_us: int = 0


@dataclass(frozen=True, slots=True)
class When:
    """``by_us`` after an event reached the client.

    ``nth`` counts from the start of the run, from 1; None means the first one after the step above has started.
    """

    event: str
    nth: int | None = None
    by_us: int = 0


@dataclass(frozen=True, slots=True)
class BeforeEnd:
    """``by_us`` before the end of playback of the assistant's n-th answer, from 1."""

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
"""The names that ``when:`` accepts, and the type of the server event that each stands for."""

# --- actions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """The user speaks a clip: a shipped recording's name, a file beside the scenario, or ``babble``."""

    clip: str
    level_dbfs: float | None = None
    """Level of the speech; None keeps the level of the recording."""
    lasts_us: int | None = None
    """Only the first part of the clip; None: all of it, and 2 s of ``babble``."""
    format: RawFormat | None = None
    """What a file without a header holds."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A sound of the room: a synthesised kind (``harness.audio.NOISES``), or a recording."""

    kind: str
    lasts_us: int
    level_dbfs: float | None = None
    peak_lsb: int | None = None
    """Peak to scale to, instead of a level."""
    format: RawFormat | None = None
    """What a file without a header holds."""


@dataclass(frozen=True, slots=True)
class Inject:
    """Inject a fault of :mod:`harness.faults`.

    ``lasts_us`` None: a fault of the microphone ends when the client reopens the capture, a fault of the server with
    the session, a fault of the network with the connection. ``lasts_us`` is also how long a fault affects new
    connections.
    """

    fault: Fault
    lasts_us: int | None = None


@dataclass(frozen=True, slots=True)
class App:
    """The user switches to another app and comes back."""

    lasts_us: int
    capture: Literal["keeps", "suspended"] | None = None
    """Whether capture stops while the app is in the background; None: as the profile says, without one it continues."""
    playback: Literal["keeps", "suspended"] | None = None
    """Whether playback stops, until the client resumes it; None as for the capture."""
    profile: str | None = None
    """The kind of client, a name in :data:`harness.scenario.profiles.PROFILES`."""


@dataclass(frozen=True, slots=True)
class Emit:
    """The server sends an event that is not simulated, such as one of MCP or DTMF: ``event`` is its JSON text."""

    event: str


PAGE_ACTS: dict[str, str] = {
    "click": "the user clicks the button, link or element with this text, or what a CSS selector finds",
    "press": "the user presses this key",
    "run": "this JavaScript runs in the page",
    "hide": "another tab is in front",
    "minimise": "the window is minimised",
    "freeze": "the browser freezes the page, which costs it its WebSockets",
    "suspend": "every AudioContext of the page is suspended, and resumed at the end",
    "deny": "the permission for the microphone is withdrawn; at the end it may be asked for again",
    "stop-tracks": "the page's own code stops every captured track",
    "collect-garbage": "what the page holds no reference to is collected now",
    "unplug": "the microphone is unplugged, and plugged in again at the end",
    "volume": "the system turns the microphone down by so many dB",
    "kill-audio": "the browser's audio process dies",
    "stop-audio": "the browser's audio process stands still",
    "stop": "the page's process stands still",
}
"""What a ``page:`` step can do, each with its sentence."""
PAGE_ACTS_WITH_TEXT = ("click", "press", "run", "volume")
"""Those that need a text behind them."""
PAGE_ACTS_WITH_LENGTH = (
    "hide", "minimise", "freeze", "suspend", "deny", "unplug", "volume", "stop-audio", "stop",
)  # fmt: skip
"""Those that last."""


@dataclass(frozen=True, slots=True)
class PageStep:
    """The page under test is acted on: by its user, its browser or its system."""

    does: str
    """One of :data:`PAGE_ACTS`."""
    text: str = ""
    """What is clicked, pressed or run."""
    lasts_us: int | None = None
    """How long it lasts; None: to the end of the run, or it has no length."""


Action = Say | Noise | Inject | App | Emit | PageStep

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
"""What ``assume:`` may state about the time at which a step starts."""


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
    """Its line in the file, from 1; for a step of an included file, the line of the include."""


# --- expectations ---------------------------------------------------------------------------------------------------

EXPECTATIONS: dict[str, str] = {
    **{word: f"the event {event} reaches the client" for word, event in WHEN_EVENTS.items()},
    "answer": "the user hears an answer to what was said at or after the step",
    "recovery": "the user hears such an answer, or a new session is up",
    "reconnect": "a new session is up",
    "interruption": "the client stops playback in the middle of an answer",
    "tells_user": "the client tells the user that something is wrong",
}
"""The names of what can be expected, and what each means."""
COUNTED_FROM_BEGIN = ("speech_started", "speech_stopped", "interruption")
"""Their time counts from the start of the step, the time of all others from its end."""


@dataclass(frozen=True, slots=True)
class Expect:
    """``what`` must happen ``at_least`` times, within ``within_us`` after the step with the label ``after``.

    Without ``after`` the time counts from the start of the run, without ``within_us`` it goes to the end of the run.
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
    """The part must not be met within its time."""

    part: "Expectation"
    line: int | None = field(default=None, compare=False)


Expectation = Expect | AnyOf | AllOf | Never


def leaves(expectation: Expectation) -> Iterator[Expect]:
    """The single expectations that an expectation combines."""
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
    """An answer of the assistant: its content, how fast it is sent, and how it ends."""

    clip: str = "speech_en_f_tts_hibari"
    """A recording; ``babble`` and ``silence`` are synthesised, as long as the text; ``none`` has no output."""
    text: str | None = None
    """The transcript; None: that of the recording."""
    lasts_us: int | None = None
    """Only the first part of the clip."""
    level_dbfs: float | None = None
    """Level of the speech; None keeps the level of the recording."""
    latency_us: int = 400 * MS
    """From the end of the turn to the first audio."""
    pace: float = 5.0
    """Seconds of audio sent in each second."""
    calls: tuple[Call, ...] = ()
    fails: str | None = None
    """A failure of ``harness.server.voice.FAILURES``."""
    incomplete: Literal["max_output_tokens", "content_filter"] | None = None
    cut_after_us: int | None = None
    """How much audio is sent before the answer fails or stays incomplete."""
    created_after_us: int = 0
    """How late ``response.created`` is sent."""
    cancelled_after_us: int = 100 * MS
    """How long after the client's ``response.cancel`` it ends."""
    reasoning_tokens: int = 0
    """Tokens of thought that its usage names."""


@dataclass(frozen=True, slots=True)
class ReplyRule:
    """Gives ``reply`` if all that is set is true. Patterns are searched for, in upper or lower case.

    The text of the reply and the arguments of its calls may use captures, such as ``{city}``; the page of scenarios
    lists them. A rule without ``result`` takes no notice of words after which a tool's result came back.
    """

    reply: Reply
    turn: int | None = None
    """The number of the answer in the conversation, from 1."""
    heard: str | None = None
    """A pattern for the user's last words, spoken or typed."""
    typed: str | None = None
    """A pattern for the text that the user typed last."""
    instructions: str | None = None
    """A pattern for the instructions of the response, or else of the session."""
    tools: tuple[str, ...] | str | None = None
    """Functions that the response may call, all of them; or a pattern for one of their names."""
    result: ResultPattern | None = None
    """What came back from a tool since the user's last words."""


@dataclass(frozen=True, slots=True)
class ServerSetup:
    """The server the scenario is played against."""

    detector: str = "silero"
    turn_detection: Mapping[str, Any] = field(default_factory=dict)
    """Defaults of a new session: threshold, prefix_padding_ms, silence_duration_ms, create_response, …"""
    policy: ServerPolicy = field(default_factory=ServerPolicy)
    reply: Reply = field(default_factory=Reply)
    """The answer where no rule matches."""
    replies: tuple[ReplyRule, ...] = ()
    """The first rule that matches decides."""
    transcripts: tuple[str, ...] = ()
    """The words of the user's turns, in order; the words of later turns come from the recordings that are recognised in
    them. A name of ``harness.server.voice.FAILURES`` in angle brackets, such as ``<server_error>``, is a transcription
    that fails."""
    model: str = "gpt-realtime"
    """Of a transcription session, one that transcribes from the start; else the client names it."""
    lasts_us: int = 3600 * SECOND
    """When a session expires."""
    session: Literal["realtime", "transcription"] = "realtime"
    """A conversation, or a session that only writes down what is said."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that can be played."""

    name: str
    timeline: tuple[Step, ...]
    story: str = ""
    source: str = ""
    """The report that it comes from."""
    room_dbfs: float = -62.0
    """Level of the room's background noise at the microphone."""
    transport: Transport = "websocket"
    """How client and server are connected: by a WebSocket, or by a WebRTC call."""
    latency_us: int = 40 * MS
    jitter_us: int = 10 * MS
    server: ServerSetup = field(default_factory=ServerSetup)
    client: Mapping[str, Any] = field(default_factory=dict)
    """Client settings that the scenario changes (names of :class:`ClientSettings`)."""
    lasts_us: int | None = None
    """When the faults end and everything heals; None: 2 s after the last step that has a time."""
    recover_within_us: int = 60 * SECOND
    """After the heal, the user must be answered within this time."""
    answer_within_us: int | None = None
    """Once answered, the user must be answered again within this time; None: four times the honest answer time, at
    least 12 s."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """The severity of properties, by name: off, warn or fail; the others have their defaults."""
    expect: tuple[Expectation, ...] = ()
    premises: tuple[Expectation, ...] = ()
    """What must happen for the run to prove anything: if one is not met, the run is vacuous."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    """The known results: client name to ``held`` or ``failed: cause``."""
    tags: tuple[str, ...] = ()
    """What it is about, to select it by; :data:`harness.scenario.tags.TAGS` lists those of the shipped scenarios."""
    path: Path | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)
    """What its author should know of the file, such as a word that has a new name; one sentence each."""

    @property
    def base(self) -> Path | None:
        """The folder that its audio files are relative to."""
        return self.path.parent if self.path else None

    def settled(self) -> "Scenario":
        """The same scenario with each range at its middle: what a plain run plays."""
        return ranges.settled(self)

    def drawn(self, choose: ranges.Choose) -> "Scenario":
        """The same scenario with each range replaced by a number that ``choose`` gives for its name and ends."""
        return ranges.drawn(self, choose)

    def settings(self, defaults: ClientSettings) -> ClientSettings:
        """A client's settings with the scenario's changes."""
        return defaults.changed(**self.client)
