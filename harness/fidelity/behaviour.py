"""What one row of the fidelity page says."""

from typing import Literal, NamedTuple

Evidence = Literal["documented", "captured", "reported", "inferred", "assumed"]
"""How a behaviour is known."""

MEANINGS: dict[Evidence, str] = {
    "documented": "the vendor's specification, types or guides say so, or the WebSocket standard",
    "captured": "seen in a published recording or probe of the live service, or of its beta",
    "reported": "described in public, in an issue or a thread, without a recording",
    "inferred": "follows from what is documented or captured; it could be wrong",
    "assumed": "nothing is published about it, or it is ours alone; the larger of these questions are policy switches",
}
"""The words, strongest first; a behaviour that is known in several ways has the strongest."""

SPECIFICATION = "OpenAPI v2.3.0"
GUIDES = "Realtime guides, 2026"
STANDARD = "RFC 6455"
GA_CAPTURES = "captures of the GA service, 2026"
RECORDINGS = "recordings of the service, 2026-07/08"
GA_PROBES = "probes of the live service, 2026-09"
BETA_CAPTURES = "captures of the beta service, 2024-10 to 2025-12"
PAIRS = "16 captured pairs of speech_started and speech_stopped, 2025-03 to 2026-01; of three the padding is assumed"
OURS = "ours"


class Behaviour(NamedTuple):
    """One thing that the server does."""

    id: str
    """Unique and stable; a test names it in its marker."""
    section: str
    """Its number; tests cite it as ``§4.4``."""
    claim: str
    """What it does, in Markdown; events stand in backticks with their whole name."""
    known: Evidence
    source: str
    """Where that can be looked up."""
    switch: str | None = None
    """``NAME=VARIANT`` of :class:`harness.server.policy.ServerPolicy` under which it holds, if it depends on one."""
    events: Literal["simulated", "scripted", "refused"] = "simulated"
    """What the server does with the events that the claim names: ``scripted`` ones are sent only by a script."""


class Gap(NamedTuple):
    """Something of the service that is not modelled."""

    what: str
    instead: str
    """What a client gets here."""
