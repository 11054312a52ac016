"""The causes of a silence, by the names that scenarios, verdicts and reports use."""

from typing import Literal

Cause = Literal[
    "capture_dead",
    "capture_graph_collected",
    "audio_garbled",
    "gate_closed",
    "clock_frozen",
    "endless_sound",
    "half_open",
    "uplink_late",
    "media_lost",
    "unreachable",
    "vad_held",
    "vad_deaf",
    "server_mute",
    "events_lost",
    "turn_lost",
    "response_stuck",
    "response_failed",
    "reply_inaudible",
    "reply_garbled",
    "output_muted",
    "playback_suspended",
    "client_left",
    "app_ended",
    "client_waiting",
]

CAUSES: dict[Cause, str] = {
    "capture_dead": "the microphone delivers next to nothing while the user speaks",
    "capture_graph_collected": "the page lost its source of audio to the garbage collector, so no sound is captured",
    "audio_garbled": "the audio that is sent is as loud as a voice, but is not a voice",
    "gate_closed": "the client's own gate removes the user's voice before it is sent",
    "clock_frozen": "no audio is appended, so the server's audio clock stands still",
    "endless_sound": "the audio that is sent is never silent, so any turn detection waits for its end",
    "half_open": "nothing that is sent arrives any more, and nobody closed the connection",
    "uplink_late": "messages to the server arrive seconds late, so it processes old audio",
    "media_lost": "packets of audio are lost on their way in one direction, and the call stays up",
    "unreachable": "every new connection fails",
    "vad_held": "the server's turn detection is held in speech and never ends the turn",
    "vad_deaf": "the server's turn detection does not notice speech that an honest one would",
    "server_mute": "the server detects and answers, but none of its events arrives",
    "events_lost": "some events are lost on their way, and the connection stays open",
    "turn_lost": "the server detected the whole turn, and no response starts",
    "response_stuck": "a response has started and never ends",
    "response_failed": "the server starts responses, and they fail",
    "reply_inaudible": "the server answers, but the answer has no audible sound",
    "reply_garbled": "what is played is not what the server said: another format, rate or byte order is assumed",
    "output_muted": "the server's answer can be heard, and what the client plays of it cannot",
    "playback_suspended": "answers arrive whole, and the output that should play them is suspended",
    "client_left": "the client ended the connection itself and did not come back",
    "app_ended": "the app ended, by an error of its own or without one, and nobody is there to answer",
    "client_waiting": "everything the client needs has arrived or can be requested, and the client waits",
}
"""What each cause means."""

OF_THE_CLIENT: frozenset[Cause] = frozenset(
    {
        "capture_graph_collected", "gate_closed", "clock_frozen", "endless_sound", "audio_garbled", "reply_garbled",
        "output_muted", "playback_suspended", "uplink_late", "unreachable", "client_left", "app_ended",
        "client_waiting",
    }
)  # fmt: skip
"""Causes that lie on the client's side if no fault was injected."""
