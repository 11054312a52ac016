"""Parts for a client that recovers, and the reference clients, which are built from them.

docs/unfreezable.md says which part helps against which symptom, and what each costs.
"""

from ._lazy import check_not_shadowed

check_not_shadowed()

from harness.clients.capture.anomalies import (
    CaptureRate,
    LoopDetector,
    Overload,
)
from harness.clients.capture.monitor import (
    CaptureMonitor,
)
from harness.clients.capture.noise_profile import (
    NoiseProfile,
)
from harness.clients.capture.voice import (
    PitchDetector,
    VoiceDetector,
)
from harness.clients.connection import (
    Heartbeat,
    Redial,
)
from harness.clients.gate import (
    FirstChunkLog,
    Gate,
)
from harness.clients.interruption import (
    Interruption,
    Watchdog,
)
from harness.clients.line import (
    AssistantAudio,
    CallerAudio,
    MarkedPlayback,
)
from harness.clients.playback import (
    PlaybackMeter,
)
from harness.clients.push_to_talk import (
    PUSH_TO_TALK_SETTINGS,
    PushToTalk,
)
from harness.clients.recovery.detectors import (
    SYMPTOM_DETECTORS,
    symptoms,
)
from harness.clients.recovery.health import (
    AnswerWait,
    SessionHealth,
)
from harness.clients.recovery.ladder import (
    RecoveryLadder,
)
from harness.clients.recovery.prompts import (
    IdlePrompts,
)
from harness.clients.recovery.strategies import (
    STRATEGIES,
    Strategy,
)
from harness.clients.recovery.supervisor import (
    RecoverySupervisor,
)
from harness.clients.reference import (
    DEVELOPMENT_SETTINGS,
    REPORTED_SETTINGS,
    RESILIENT_SETTINGS,
    Development,
    Reported,
    Resilient,
)
from harness.clients.replay import (
    ConversationHistory,
    UnansweredSpeech,
)
from harness.clients.requests import (
    ResponseRequests,
)
from harness.clients.session_setup import (
    ClientSessionSetup,
)
from harness.clients.settings import (
    ClientSettings,
)
from harness.clients.telephone import (
    TELEPHONE_SETTINGS,
    Telephone,
)
from harness.clients.tools import (
    ToolCalls,
)
from harness.clients.voice_client import (
    VoiceClient,
)

__all__ = [
    "DEVELOPMENT_SETTINGS",
    "PUSH_TO_TALK_SETTINGS",
    "REPORTED_SETTINGS",
    "RESILIENT_SETTINGS",
    "STRATEGIES",
    "SYMPTOM_DETECTORS",
    "TELEPHONE_SETTINGS",
    "AnswerWait",
    "AssistantAudio",
    "CallerAudio",
    "CaptureMonitor",
    "CaptureRate",
    "ClientSessionSetup",
    "ClientSettings",
    "ConversationHistory",
    "Development",
    "FirstChunkLog",
    "Gate",
    "Heartbeat",
    "IdlePrompts",
    "Interruption",
    "LoopDetector",
    "MarkedPlayback",
    "NoiseProfile",
    "Overload",
    "PitchDetector",
    "PlaybackMeter",
    "PushToTalk",
    "RecoveryLadder",
    "RecoverySupervisor",
    "Redial",
    "Reported",
    "Resilient",
    "ResponseRequests",
    "SessionHealth",
    "Strategy",
    "Telephone",
    "ToolCalls",
    "UnansweredSpeech",
    "VoiceClient",
    "VoiceDetector",
    "Watchdog",
    "symptoms",
]
