"""How each behaviour of the server is known, with its policy switch: the rows of ``docs/fidelity.md``.

Add a row to the file of its area. The product knows no tests: a test says which behaviours it proves by their ids,
``@pytest.mark.behaviour("audio-clock")``, and :mod:`.markers` finds them for the page.
"""

from collections.abc import Mapping
from types import MappingProxyType

from .azure import AZURE_ROWS
from .before_socket import BEFORE_SOCKET_ROWS
from .behaviour import MEANINGS, Behaviour, Evidence, Gap
from .calls import CALL_ROWS
from .clock import CLOCK_ROWS
from .connection import CONNECTION_ROWS
from .conversation import CONVERSATION_ROWS
from .detection import DETECTION_ROWS
from .events import EVENT_ROWS
from .failures import FAILURE_ROWS
from .gaps import GAPS, LIMIT_ROWS
from .interruptions import INTERRUPTION_ROWS
from .orderings import ORDERING_ROWS
from .responses import RESPONSE_ROWS
from .session import SESSION_ROWS

BEHAVIOURS: tuple[Behaviour, ...] = (
    *CONNECTION_ROWS,
    *BEFORE_SOCKET_ROWS,
    *AZURE_ROWS,
    *EVENT_ROWS,
    *ORDERING_ROWS,
    *INTERRUPTION_ROWS,
    *DETECTION_ROWS,
    *CLOCK_ROWS,
    *RESPONSE_ROWS,
    *SESSION_ROWS,
    *CONVERSATION_ROWS,
    *CALL_ROWS,
    *LIMIT_ROWS,
    *FAILURE_ROWS,
)
"""All that is modelled."""

SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "2.1": "Connection and admission",
        "2.2": "Client events",
        "2.3": "Server events and the objects in them",
        "2.4": "The beta dialect",
        "2.6": "Before the socket: keys, calls and models over HTTP",
        "2.7": "Azure",
        "3.1": "A spoken turn",
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
        "4.11": "Transcription sessions",
        "4.12": "Translation sessions",
        "4.13": "Calls over WebRTC",
        "5": "Limits that are ours",
        "6.1": "Failures of the server, on demand",
        "6.2": "Failures of the network, on demand",
    }
)
"""Titles by number, in the order of the page. Tests all over the project cite the numbers as ``§4.4``."""

__all__ = ["BEHAVIOURS", "GAPS", "MEANINGS", "SECTIONS", "Behaviour", "Evidence", "Gap"]
