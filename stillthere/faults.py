"""For a fault of your own: a base class for each seam, parameters, and :func:`register`.

docs/adding-a-fault.md shows a complete fault with its test.
"""

from ._lazy import check_not_shadowed

check_not_shadowed()

from harness.audio.formats import (
    SAMPLE_RATE_HZ,
    Samples,
)
from harness.faults import (
    CATALOGUE,
    register,
)
from harness.faults.parameters import (
    CLOSE_CODE,
    DECIBELS,
    DURATION,
    EVENT_TYPE,
    PEAKS,
    REASON,
    TEXT,
    number,
    numbers,
    one_of,
    parameter,
    whole,
)
from harness.faults.seams import (
    HOLD,
    LOSE,
    PASS,
    ActiveFault,
    Delivery,
    DetectorFault,
    Distortion,
    EachChunk,
    Fault,
    MediaFault,
    MessageInfo,
    Overtaking,
    PacketFilter,
    PolicyFault,
    Reopening,
    SessionFault,
    SourceFault,
    WireFault,
    WireFilter,
)

__all__ = [
    "CATALOGUE",
    "CLOSE_CODE",
    "DECIBELS",
    "DURATION",
    "EVENT_TYPE",
    "HOLD",
    "LOSE",
    "PASS",
    "PEAKS",
    "REASON",
    "SAMPLE_RATE_HZ",
    "TEXT",
    "ActiveFault",
    "Delivery",
    "DetectorFault",
    "Distortion",
    "EachChunk",
    "Fault",
    "MediaFault",
    "MessageInfo",
    "Overtaking",
    "PacketFilter",
    "PolicyFault",
    "Reopening",
    "Samples",
    "SessionFault",
    "SourceFault",
    "WireFault",
    "WireFilter",
    "number",
    "numbers",
    "one_of",
    "parameter",
    "register",
    "whole",
]
