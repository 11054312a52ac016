"""When the user's turn begins and ends: the automaton behind ``speech_started`` and ``speech_stopped``.

Theory of operation
===================

Time is appended audio. Frame ``k`` covers the milliseconds ``[32 k, 32 (k + 1))`` of all audio appended in the session;
if nothing is appended, nothing here can change. Each frame comes with a probability ``p`` that somebody speaks, which
is one of three inputs::

    SPEECH   p >= threshold
    MIDDLE   threshold - 0.15 <= p < threshold        neither opens nor ends a silence
    QUIET    p < threshold - 0.15

A turn begins with the first SPEECH frame; it is announced as from ``prefix_padding_ms`` before that frame, but not from
before the session. The first QUIET frame opens a silence that counts from the *start* of that frame; SPEECH cancels it.
Once it has lasted ``silence_duration_ms`` at the end of a frame, the turn ends there (input RUN_COMPLETE). So::

    (audio_start_ms + prefix_padding_ms) % 32 == 0  (unless audio_start_ms is 0)     audio_end_ms % 32 == 0

Azure's edges differ in two settings: a turn begins with the last of ``onset_frames`` SPEECH frames in a row, of which
those before it count as MIDDLE; and with ``silence_rounds_down`` a silence lasts as many whole frames as fit into
``silence_duration_ms``, at least one.

Two commands come from the server. RESET goes back to IDLE without an event. WEDGE is the failure that was reported of
the service: no audio has any effect any more. Only policies of the server that are named after it give it.

Sources: frame, hysteresis, prefix and clock from 16 captured pairs of the live service; the start of the silence from
a recording that Silero v6.2 matches to the millisecond. A threshold below 0.15 leaves no QUIET at all, so a turn that
began never ends; that follows from the rule and is not known of the service.

All transitions are in :data:`TRANSITIONS`, all events in :data:`EMITS`; docs/session-states.md
has the diagram.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from ..errors import SettingError, StillthereError
from .detector import FRAME_MS

_HYSTERESIS = 0.15
"""How far below the threshold a probability must fall to count as silence."""


class State(IntEnum):
    """Where the automaton is."""

    IDLE = 0
    """In no turn."""
    SPEAKING = 1
    """In a turn, and nobody has been silent since the last speech."""
    TRAILING = 2
    """In a turn, and a silence is open."""
    WEDGED = 3
    """Deaf to all audio."""


class Input(IntEnum):
    """What can happen to it."""

    SPEECH = 0
    """A frame with ``p >= threshold``."""
    MIDDLE = 1
    """A frame with ``threshold - 0.15 <= p < threshold``."""
    QUIET = 2
    """A frame with ``p < threshold - 0.15``."""
    RUN_COMPLETE = 3
    """The open silence has lasted ``silence_duration_ms``."""
    RESET = 4
    """The server drops the turn, such as at a clear."""
    WEDGE = 5
    """The server becomes deaf, as the policy ``clear_during_speech: wedge`` says."""


IDLE, SPEAKING, TRAILING, WEDGED = State
SPEECH, MIDDLE, QUIET, RUN_COMPLETE, RESET, WEDGE = Input


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """A turn began. ``audio_start_ms`` counts appended audio and includes the prefix padding."""

    audio_start_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """A turn ended. ``audio_end_ms`` counts appended audio and includes the silence."""

    audio_end_ms: int


# What stands here is legal; anything else raises and changes nothing.
TRANSITIONS: Mapping[State, Mapping[Input, State]] = MappingProxyType(
    {
        IDLE: {SPEECH: SPEAKING, MIDDLE: IDLE, QUIET: IDLE, RESET: IDLE, WEDGE: WEDGED},
        SPEAKING: {SPEECH: SPEAKING, MIDDLE: SPEAKING, QUIET: TRAILING, RESET: IDLE, WEDGE: WEDGED},
        TRAILING: {
            SPEECH: SPEAKING, MIDDLE: TRAILING, QUIET: TRAILING, RUN_COMPLETE: IDLE, RESET: IDLE, WEDGE: WEDGED,
        },
        WEDGED: {SPEECH: WEDGED, MIDDLE: WEDGED, QUIET: WEDGED, RESET: IDLE},
    }
)  # fmt: skip
EMITS: Mapping[tuple[State, Input], type[SpeechStarted] | type[SpeechStopped]] = MappingProxyType(
    {(IDLE, SPEECH): SpeechStarted, (TRAILING, RUN_COMPLETE): SpeechStopped}
)


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """The ``turn_detection`` settings that bear on the automaton. Raises :exc:`SettingError` out of range.

    The silence of 200 ms is what live sessions report, where the documents say 500. Services of 2024 did not take the
    padding off ``audio_start_ms``: ``prefix_in_start=False``.
    """

    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 200
    prefix_in_start: bool = True
    onset_frames: int = 1
    """So many frames of speech in a row begin a turn, which counts from the last of them."""
    silence_rounds_down: bool = False
    """Whether a silence lasts the whole frames that fit into ``silence_duration_ms``, or those that fill it."""

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise SettingError(f"threshold is a probability between 0 and 1 (got {self.threshold})")
        for name in ("prefix_padding_ms", "silence_duration_ms"):
            value = getattr(self, name)
            if not value >= 0:
                raise SettingError(f"{name} is a number of milliseconds, 0 or more (got {value})")
        if not self.onset_frames >= 1:
            raise SettingError(f"onset_frames is a number of frames, 1 or more (got {self.onset_frames})")

    @property
    def low_threshold(self) -> float:
        """Below it a frame is QUIET. Rounded: ``0.2 - 0.15`` exceeds 0.05, and a frame of 0.05 would become QUIET."""
        return round(self.threshold - _HYSTERESIS, 6)

    @property
    def silence_ms(self) -> int:
        """How long a silence must have lasted at the end of a frame to end the turn."""
        if not self.silence_rounds_down:
            return self.silence_duration_ms
        return max(1, self.silence_duration_ms // FRAME_MS) * FRAME_MS


TurnSnapshot = tuple[State, int, int, int]
"""The state, the next frame, where the open silence began (ms), and the frames of speech before an onset."""


class TurnDetector:
    """The automaton. Call :meth:`step` with the probability of each frame, in order."""

    __slots__ = ("_high", "_low", "_onset", "_run_start_ms", "_settings", "_silence_ms", "frame", "state")

    def __init__(self, settings: TurnSettings | None = None) -> None:
        self.state: State = IDLE
        self.frame = 0
        """Index of the next frame."""
        self._run_start_ms = 0
        self._onset = 0
        self.configure(settings or TurnSettings())

    def snapshot(self) -> "TurnSnapshot":
        """Where it is now, without what is of no consequence any more; :meth:`restore` goes there again."""
        run_start_ms = self._run_start_ms if self.state is TRAILING else 0
        return self.state, self.frame, run_start_ms, self._onset if self.state is IDLE else 0

    def restore(self, snapshot: "TurnSnapshot") -> None:
        """Go to where an automaton with the same settings was."""
        self.state, self.frame, self._run_start_ms, self._onset = snapshot

    @property
    def settings(self) -> TurnSettings:
        """The settings in force."""
        return self._settings

    @property
    def position_ms(self) -> int:
        """End of the last frame, in milliseconds of appended audio."""
        return FRAME_MS * self.frame

    @property
    def speaking(self) -> bool:
        """Whether a turn is open: SPEAKING or TRAILING. A wedged automaton counts as not speaking."""
        return self.state is SPEAKING or self.state is TRAILING

    def configure(self, settings: TurnSettings) -> None:
        """Put other settings in force from the next frame on; an open turn or silence stays open."""
        self._settings = settings
        self._high = settings.threshold
        self._low = settings.low_threshold
        self._silence_ms = settings.silence_ms

    def step(self, probability: float) -> SpeechStarted | SpeechStopped | None:
        """Take the next frame's probability; the event it causes, if any."""
        frame = self.frame
        self.frame = frame + 1
        found = SPEECH if probability >= self._high else QUIET if probability < self._low else MIDDLE
        before = self.state
        if before is IDLE:
            self._onset = self._onset + 1 if found is SPEECH else 0
            if found is SPEECH and self._onset < self._settings.onset_frames:
                found = MIDDLE
        after = TRANSITIONS[before][found]
        if after is before and after is not TRAILING:
            return None
        if after is not TRAILING:
            return self._enter(before, found)
        if before is not TRAILING:
            self.state = TRAILING
            self._run_start_ms = FRAME_MS * frame
        if self.position_ms - self._run_start_ms >= self._silence_ms:
            return self._enter(TRAILING, RUN_COMPLETE)
        return None

    def reset(self) -> None:
        """Go to IDLE and drop an open turn without an event. The clock, the count of frames, goes on."""
        self._enter(self.state, RESET)

    def wedge(self) -> None:
        """Ignore all audio until :meth:`reset`. Raises :exc:`StillthereError` if that is so already."""
        self._enter(self.state, WEDGE)

    def _enter(self, before: State, cause: Input) -> SpeechStarted | SpeechStopped | None:
        after = TRANSITIONS[before].get(cause)
        if after is None:
            raise StillthereError(
                f"{cause.name} is not possible in state {before.name}; check `state` before you give the command"
            )
        self.state = after
        self._onset = 0
        event = EMITS.get((before, cause))
        if event is SpeechStarted:
            return SpeechStarted(self._start_ms())
        return SpeechStopped(self.position_ms) if event is SpeechStopped else None

    def _start_ms(self) -> int:
        frame_start_ms = self.position_ms - FRAME_MS
        padding_ms = self._settings.prefix_padding_ms if self._settings.prefix_in_start else 0
        return max(0, frame_start_ms - padding_ms)
