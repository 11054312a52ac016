"""The phase of the conversation at a given time, from the journal: the effect of a fault depends on it."""

from collections.abc import Iterator
from typing import Literal, get_args

from ..journal import (
    ConnectionClosed,
    ConnectionDialled,
    ConnectionOpened,
    Entry,
    EventByServer,
    FaultInjected,
    Journal,
    SpeakerEnded,
    SpeakerPlaying,
    SpeakerStopped,
    SpeakerSuspended,
    TurnClosed,
    UserSpeaks,
)
from ..protocol.events import (
    InputAudioBufferCleared,
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    ResponseCreated,
    ResponseDone,
    ResponseOutputItemAdded,
)

Phase = Literal["idle", "user speaking", "committed", "responding", "playing tail", "reconnecting"]
PHASES: tuple[Phase, ...] = get_args(Phase)
"""All phases. Where several are true, :meth:`PhaseTracker.phase` gives the one that it tests first."""


class PhaseTracker:
    """Give it the entries of a journal in order with :meth:`add`; :meth:`phase` gives the phase after the last one."""

    def __init__(self) -> None:
        self._connected = False
        self._user_until = 0
        self._hears = self._committed = self._playing = False
        self._responses: dict[str | None, bool] = {}
        """The open responses, and whether any output of them was sent."""

    def add(self, entry: Entry) -> None:
        """Add the next entry."""
        match entry:
            case ConnectionDialled() | ConnectionOpened() | ConnectionClosed():
                self._connected = isinstance(entry, ConnectionOpened)
                self._hears = self._committed = False
                self._responses.clear()
            case EventByServer():
                self._server(entry)
            case TurnClosed():
                self._hears = False
            case UserSpeaks():
                self._user_until = max(self._user_until, entry.end)
            case SpeakerPlaying() | SpeakerEnded() | SpeakerStopped() | SpeakerSuspended():
                self._playing = isinstance(entry, SpeakerPlaying)

    def phase(self, t: int) -> Phase:
        """The phase at ``t`` (microseconds), which must not be before the last entry."""
        if not self._connected:
            return "reconnecting"
        if self._hears:
            return "user speaking"
        if any(self._responses.values()):
            return "responding"
        if self._committed or self._responses:
            return "committed"
        if t < self._user_until:
            return "user speaking"
        return "playing tail" if self._playing else "idle"

    def _server(self, entry: EventByServer) -> None:
        if entry.is_a(InputAudioBufferSpeechStarted):
            self._hears = True
        elif entry.is_a(InputAudioBufferSpeechStopped, InputAudioBufferCleared):
            self._hears = False
        elif entry.is_a(InputAudioBufferCommitted):
            self._hears, self._committed = False, True
        elif entry.is_a(ResponseCreated):
            self._committed = False
            self._responses[entry.response_id] = False
        elif entry.is_a(ResponseOutputItemAdded):
            if entry.response_id in self._responses:
                self._responses[entry.response_id] = True
        elif entry.is_a(ResponseDone):
            self._responses.pop(entry.response_id, None)


def injected(journal: Journal) -> Iterator[tuple[str, Phase]]:
    """Each fault that was injected, by name, and the phase of the conversation at that time."""
    tracker = PhaseTracker()
    for entry in journal.entries:
        if isinstance(entry, FaultInjected):
            yield entry.kind, tracker.phase(entry.t)
        else:
            tracker.add(entry)
