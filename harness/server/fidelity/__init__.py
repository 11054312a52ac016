"""How each behaviour of the server is known, with its policy switch and its tests: the rows of ``docs/fidelity.md``.

Add a row where its area is. Its tests must exist, and name its section in their docstrings.
"""

from collections.abc import Mapping
from types import MappingProxyType

from harness.server.fidelity.behaviour import MEANINGS, Behaviour, Gap, Known
from harness.server.fidelity.beta import BETA
from harness.server.fidelity.clock import CLOCK
from harness.server.fidelity.connection import CONNECTION
from harness.server.fidelity.conversation import CONVERSATION
from harness.server.fidelity.detection import DETECTION
from harness.server.fidelity.events import EVENTS
from harness.server.fidelity.failures import FAILURES
from harness.server.fidelity.gaps import GAPS
from harness.server.fidelity.interruptions import INTERRUPTIONS
from harness.server.fidelity.limits import LIMITS
from harness.server.fidelity.orderings import ORDERINGS
from harness.server.fidelity.responses import RESPONSES
from harness.server.fidelity.session import SESSION

BEHAVIOURS: tuple[Behaviour, ...] = (
    *CONNECTION,
    *EVENTS,
    *BETA,
    *ORDERINGS,
    *INTERRUPTIONS,
    *DETECTION,
    *CLOCK,
    *RESPONSES,
    *SESSION,
    *CONVERSATION,
    *LIMITS,
    *FAILURES,
)
"""All that is modelled."""

SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "2.1": "Connection and admission",
        "2.2": "Client events",
        "2.3": "Server events and the objects in them",
        "2.4": "The beta dialect",
        "3.1": "A spoken turn",
        "3.2": "A spoken turn in the beta",
        "3.3": "A text turn",
        "3.4": "Tool calls",
        "3.5": "Barge-in and cancellation",
        "3.6": "A manual commit while the user speaks",
        "3.7": "The idle timeout",
        "3.8": "Push to talk",
        "4.1": "Turn detection: settings",
        "4.2": "Turn detection: when a turn begins and ends",
        "4.3": "The audio clock and formats",
        "4.4": "Append, commit, clear",
        "4.5": "Responses",
        "4.6": "The session and its configuration",
        "4.7": "Errors and closes",
        "4.8": "Transcription of the user",
        "4.9": "Items of the conversation",
        "4.10": "The scripted assistant",
        "5": "Limits that are ours",
        "6.1": "Failures of the server, on demand",
        "6.2": "Failures of the network, on demand",
    }
)
"""Titles by number, in the order of the page. Tests all over the project cite the numbers as ``§4.4``."""

__all__ = ["BEHAVIOURS", "GAPS", "MEANINGS", "SECTIONS", "Behaviour", "Gap", "Known"]
