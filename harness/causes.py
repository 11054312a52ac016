"""What a silence can be due to: the words that scenarios, verdicts and reports share."""

from typing import Literal

Cause = Literal[
    "capture_dead",
    "audio_garbled",
    "gate_closed",
    "clock_frozen",
    "endless_sound",
    "half_open",
    "uplink_late",
    "unreachable",
    "vad_held",
    "vad_deaf",
    "server_mute",
    "events_lost",
    "turn_lost",
    "response_stuck",
    "response_failed",
    "reply_inaudible",
    "playback_suspended",
    "client_waiting",
]

CAUSES: dict[Cause, str] = {
    "capture_dead": "the microphone delivers next to nothing while the user speaks",
    "audio_garbled": "what is sent is as loud as a voice and is none",
    "gate_closed": "the client's own gate removes the user's voice before it is sent",
    "clock_frozen": "no audio is appended, so the server's audio clock stands still",
    "endless_sound": "what is sent never falls silent, so any turn detection waits for its end",
    "half_open": "nothing that is sent arrives any more, and nobody closed the connection",
    "uplink_late": "what is sent arrives seconds late, so the server hears the past",
    "unreachable": "every new connection fails",
    "vad_held": "the server's turn detection is held in speech and never ends the turn",
    "vad_deaf": "the server's turn detection does not notice speech that an honest one would",
    "server_mute": "the server decides, and no event of it arrives",
    "events_lost": "some events are lost on their way, and the connection lives",
    "turn_lost": "the server heard the user out, and no response is begun",
    "response_stuck": "a response was begun and never ends",
    "response_failed": "the server begins responses, and they fail",
    "reply_inaudible": "the server answers, and there is nothing to hear in it",
    "playback_suspended": "answers arrive whole, and the output that should play them is suspended",
    "client_waiting": "everything the client needs has arrived, or is there to be asked for, and the client waits",
}
"""Whose fault a silence is, in words."""
