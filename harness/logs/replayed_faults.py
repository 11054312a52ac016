"""Which fault replays a cause: what makes a client that does not recover fail with it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ..causes import Cause
from ..faults import Fault
from ..faults.dropped_events import DroppedEvents
from ..faults.dropped_response import DroppedResponse
from ..faults.failed_response import FailedResponse
from ..faults.half_open import HalfOpen
from ..faults.held_active import HeldActive
from ..faults.held_idle import HeldIdle
from ..faults.mute import Mute
from ..faults.near_silence import NearSilence
from ..faults.offset import Offset
from ..faults.silent_reply import SilentReply
from ..faults.slow_reader import SlowReader
from ..faults.stalled_reply import StalledReply
from ..faults.suspended import Suspended
from ..faults.wrong_format import WrongFormat
from ..scenario.model import Action, App, Inject
from ..units import SECOND

_SWITCH_US = 2 * SECOND
FAINT_DBFS = -45.0
"""The level of a voice that a usual gate removes."""


class CauseReplay(NamedTuple):
    """What replays a cause; each part may be missing."""

    action: Action | None = None
    """A step at the time of the fault."""
    detection: Mapping[str, Any] = MappingProxyType({})
    """Settings of turn detection that are in force all along."""
    level_dbfs: float | None = None
    """The level of what the user says from then on."""


def _fault(kind: Callable[[], Fault], **detection: Any) -> CauseReplay:
    fault = kind()
    lasts = 60 * SECOND if fault.needs_end and fault.actor != "microphone" else None
    return CauseReplay(Inject(fault, lasts), detection)


REPLAYS: Mapping[Cause, Callable[[], CauseReplay]] = MappingProxyType(
    {
        "capture_dead": lambda: _fault(NearSilence),
        "capture_graph_collected": lambda: _fault(Suspended),
        "clock_frozen": lambda: _fault(Suspended),
        "audio_garbled": lambda: _fault(WrongFormat),
        "endless_sound": lambda: _fault(Offset),
        "gate_closed": lambda: CauseReplay(level_dbfs=FAINT_DBFS),
        "half_open": lambda: _fault(HalfOpen),
        "uplink_late": lambda: _fault(SlowReader),
        "vad_held": lambda: _fault(HeldActive),
        "vad_deaf": lambda: _fault(HeldIdle),
        "server_mute": lambda: _fault(Mute),
        "events_lost": lambda: _fault(lambda: DroppedEvents(events="response.*")),
        "turn_lost": lambda: _fault(DroppedResponse),
        "response_stuck": lambda: _fault(StalledReply, interrupt_response=False),
        "response_failed": lambda: _fault(FailedResponse),
        "reply_inaudible": lambda: _fault(SilentReply),
        "playback_suspended": lambda: CauseReplay(App(_SWITCH_US, capture="keeps", playback="suspended")),
        "client_waiting": lambda: CauseReplay(detection={"create_response": False}),
    }
)
"""The causes that can be replayed. ``response_stuck`` without interruption: else the user's next words end it."""
