"""The entries of a journal: one frozen class for each kind of entry, grouped by lane.

``lane`` says who did it, ``kind`` what happened, and ``t`` when, in microseconds since the start of the run. A lane
whose kinds are not a fixed list (faults, noises of the room, events, the client's log) has one class with ``kind`` as a
field. The fields of a class, in their order, are the fields of its line on disk; a field that is ``UNSET`` is left out.

A new kind of entry is a class in the module of its lane, with its lane, kind and writer; a name in :data:`CLOSED`; and
an example in ``harness/report/journal_page.py``. ``make pages`` then adds it to ``docs/journal.md``. :data:`FORMAT` in
``harness/journal/journal.py`` says which changes need a new number.
"""

from .audio import (
    AudioLevels,
    MicrophoneAudio,
    UplinkAudio,
)
from .base import (
    ConnectionEntry,
    Entry,
)
from .client import (
    AppEnded,
    AppFenced,
    AudioNodeCollected,
    ClientDisconnects,
    ClientLog,
    ClientPong,
    ClientReopensCapture,
    ClientTellsUser,
    ClientUnreadable,
)
from .connections import (
    CallStateChanged,
    ConnectionClosed,
    ConnectionDialFailed,
    ConnectionDialled,
    ConnectionFaultEnded,
    ConnectionOpened,
    MediaPackets,
    UplinkDrained,
    UplinkFull,
)
from .decisions import (
    AudioArrived,
    CommitIgnored,
    CreateIgnored,
    MadeToWait,
    OnsetNotSent,
    ResponseAudio,
    ResponseForItem,
    SessionEntry,
    SessionWedged,
    SettingIgnored,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    TurnClosed,
    TurnTaken,
    TurnUnanswered,
)
from .deliveries import (
    AudioDelivered,
    EventDelivered,
    EventHeldBack,
    StillOpen,
    UplinkHeldBack,
)
from .events import (
    EventAtClient,
    EventByServer,
    EventEntry,
)
from .gaps import (
    EntriesMissing,
    UnknownEntry,
)
from .page import (
    PageActed,
    PageConsole,
    PageContext,
    PageLifecycle,
    PageNodeCreated,
    PageNote,
    PageSocketBuffer,
    PageTrack,
)
from .room import HandsMoved, RoomNoise, UserSpeaks
from .speaker import (
    SpeakerEnded,
    SpeakerHeard,
    SpeakerPlayed,
    SpeakerPlaying,
    SpeakerResumed,
    SpeakerStopped,
    SpeakerSuspended,
)
from .story import (
    FaultInjected,
    FaultWithoutConnection,
    PremiseMissing,
    RunEnded,
    StepMissing,
    StepPlayed,
    StepsBegin,
    WorldHealed,
    WorldLate,
)

CLOSED: tuple[type[Entry], ...] = (
    UserSpeaks, StepPlayed, StepMissing, PremiseMissing, FaultWithoutConnection, WorldHealed, RunEnded,
    MicrophoneAudio, UplinkAudio,
    ConnectionDialled, ConnectionOpened, ConnectionDialFailed, ConnectionClosed, UplinkFull, UplinkDrained,
    ConnectionFaultEnded, CallStateChanged, MediaPackets,
    EventHeldBack, EventDelivered, AudioDelivered, UplinkHeldBack, StillOpen, HandsMoved,
    AudioArrived, CommitIgnored, CreateIgnored, MadeToWait, SettingIgnored, SessionWedged,
    TurnClosed, TurnTaken, OnsetNotSent, TurnUnanswered,
    ResponseForItem, ResponseAudio,
    ShadowSpeechStarted, ShadowSpeechStopped,
    ClientPong, ClientUnreadable, ClientDisconnects, ClientReopensCapture, AudioNodeCollected, ClientTellsUser,
    AppEnded, AppFenced, WorldLate,
    StepsBegin, PageContext, PageNodeCreated, PageTrack, PageLifecycle, PageConsole, PageSocketBuffer, PageNote,
    PageActed,
    SpeakerPlaying, SpeakerHeard, SpeakerEnded, SpeakerStopped, SpeakerSuspended, SpeakerResumed,
    EntriesMissing,
)  # fmt: skip
"""The classes with a lane and a kind of their own."""
OPEN: tuple[type[Entry], ...] = (RoomNoise, FaultInjected, EventByServer, EventAtClient, ClientLog)
"""The classes whose ``kind`` is a field."""

__all__ = [
    "CLOSED",
    "OPEN",
    "AppEnded",
    "AppFenced",
    "AudioArrived",
    "AudioDelivered",
    "AudioLevels",
    "AudioNodeCollected",
    "CallStateChanged",
    "ClientDisconnects",
    "ClientLog",
    "ClientPong",
    "ClientReopensCapture",
    "ClientTellsUser",
    "ClientUnreadable",
    "CommitIgnored",
    "ConnectionClosed",
    "ConnectionDialFailed",
    "ConnectionDialled",
    "ConnectionEntry",
    "ConnectionFaultEnded",
    "ConnectionOpened",
    "CreateIgnored",
    "EntriesMissing",
    "Entry",
    "EventAtClient",
    "EventByServer",
    "EventDelivered",
    "EventEntry",
    "EventHeldBack",
    "FaultInjected",
    "FaultWithoutConnection",
    "HandsMoved",
    "MadeToWait",
    "MediaPackets",
    "MicrophoneAudio",
    "OnsetNotSent",
    "PageActed",
    "PageConsole",
    "PageContext",
    "PageLifecycle",
    "PageNodeCreated",
    "PageNote",
    "PageSocketBuffer",
    "PageTrack",
    "PremiseMissing",
    "ResponseAudio",
    "ResponseForItem",
    "RoomNoise",
    "RunEnded",
    "SessionEntry",
    "SessionWedged",
    "SettingIgnored",
    "ShadowSpeechStarted",
    "ShadowSpeechStopped",
    "SpeakerEnded",
    "SpeakerHeard",
    "SpeakerPlayed",
    "SpeakerPlaying",
    "SpeakerResumed",
    "SpeakerStopped",
    "SpeakerSuspended",
    "StepMissing",
    "StepPlayed",
    "StepsBegin",
    "StillOpen",
    "TurnClosed",
    "TurnTaken",
    "TurnUnanswered",
    "UnknownEntry",
    "UplinkAudio",
    "UplinkDrained",
    "UplinkFull",
    "UplinkHeldBack",
    "UserSpeaks",
    "WorldHealed",
    "WorldLate",
]
