"""What a silence can be due to: the words that scenarios, verdicts and reports share."""

from typing import Literal

Cause = Literal[
    "capture_dead",
    "gate_closed",
    "clock_frozen",
    "vad_held",
    "server_mute",
    "half_open",
    "response_stuck",
    "client_waiting",
]

CAUSES: dict[Cause, str] = {
    "capture_dead": "the microphone delivers next to nothing while the user speaks",
    "gate_closed": "the client's own gate removes the user's voice before it is sent",
    "clock_frozen": "no audio is appended, so the server's audio clock stands still",
    "vad_held": "the server's turn detection is held in speech and never ends the turn",
    "server_mute": "the server hears or should hear, and no event of it arrives",
    "half_open": "nothing that is sent arrives any more, and nobody closed the connection",
    "response_stuck": "a response was begun and never ends",
    "client_waiting": "everything the client needs has arrived, or is there to be asked for, and the client waits",
}
"""Whose fault a silence is, in words."""
