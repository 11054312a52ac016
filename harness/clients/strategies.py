"""Recovery strategies by name: for each need the remedies in the order of their price.

A symptom (what a detector of :mod:`harness.clients.detectors` sees) is of one need:

| need       | symptoms                                 |
|------------|------------------------------------------|
| capture    | capture_stopped                          |
| silence    | capture_silent, capture_garbled          |
| playback   | playback_stuck                           |
| hearing    | speech_stuck, voice_gated                |
| voice      | voice_unheard                            |
| noise      | speech_in_noise                          |
| turn       | speech_endless                           |
| response   | response_stuck                           |
| answer     | turn_unanswered                          |
| reply      | reply_failed, reply_silent               |
| connection | peer_lost                                |
| everything | nothing_heard                            |

The last rung repeats, each time after twice the wait. Rungs are climbed from the bottom again once what they are for
has worked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Symptom = Literal[
    "nothing_heard",
    "peer_lost",
    "capture_stopped",
    "capture_garbled",
    "playback_stuck",
    "speech_stuck",
    "speech_in_noise",
    "speech_endless",
    "response_stuck",
    "reply_failed",
    "reply_silent",
    "turn_unanswered",
    "capture_silent",
    "voice_gated",
    "voice_unheard",
]
Need = Literal[
    "capture",
    "silence",
    "playback",
    "hearing",
    "voice",
    "noise",
    "turn",
    "response",
    "answer",
    "reply",
    "connection",
    "everything",
]
Remedy = Literal[
    "reopen_capture",
    "resume_playback",
    "open_gate",
    "raise_gate",
    "clear",
    "clear_ends_speech",
    "detection_off_on",
    "end_speech",
    "commit_and_create",
    "cancel_response",
    "cancel_and_truncate",
    "ask_for_response",
    "reconnect",
    "renew",
    "tell_user",
]

NEED_OF: dict[Symptom, Need] = {
    "nothing_heard": "everything",
    "peer_lost": "connection",
    "capture_stopped": "capture",
    "capture_garbled": "silence",
    "playback_stuck": "playback",
    "speech_stuck": "hearing",
    "speech_in_noise": "noise",
    "speech_endless": "turn",
    "response_stuck": "response",
    "reply_failed": "reply",
    "reply_silent": "reply",
    "turn_unanswered": "answer",
    "voice_gated": "hearing",
    "voice_unheard": "voice",
    "capture_silent": "silence",
}

StrategyName = Literal[
    "off",
    "none",
    "clear",
    "clear_ends_speech",
    "commit_and_create",
    "detection_off_on",
    "cancel_and_truncate",
    "reopen_capture",
    "reconnect_empty",
    "reconnect_with_history",
    "reconnect_and_resend",
    "watchdog_ladder",
    "ladder",
]
"""The strategies, and ``off``: what failed is not even watched."""

Ladders = Mapping[Need, tuple[Remedy, ...]]


@dataclass(frozen=True, slots=True)
class Strategy:
    """What a client does about what it sees. A need without rungs is only noticed."""

    does: str
    """One line for people who choose."""
    ladders: Ladders = field(default_factory=dict)
    tells_history: bool = False
    """A new session is told what was said before."""
    resends_speech: bool = False
    """A new session is sent the user's unanswered speech again."""
    resumes_playback: bool = False
    """Playback is resumed whenever the app comes back to the foreground."""


def _always(*rungs: Remedy) -> Ladders:
    """The same rungs for every need."""
    return dict.fromkeys(get_args(Need), rungs)


_LADDER: Ladders = {
    "capture": ("reopen_capture", "reopen_capture", "tell_user", "reopen_capture"),
    "silence": ("reopen_capture",),
    "playback": ("resume_playback", "resume_playback", "tell_user", "resume_playback"),
    "hearing": ("open_gate", "end_speech", "reconnect"),
    "voice": ("end_speech", "reconnect", "reopen_capture", "reconnect"),
    "noise": ("raise_gate", "end_speech", "reopen_capture", "reconnect"),
    "turn": ("commit_and_create", "end_speech", "reopen_capture", "reconnect"),
    "response": ("cancel_response", "reconnect"),
    "answer": ("ask_for_response", "reconnect"),
    "reply": ("ask_for_response", "ask_for_response", "reconnect"),
    "connection": ("reconnect",),
    "everything": ("renew",),
}

STRATEGIES: dict[str, Strategy] = {
    "none": Strategy("watch, and do nothing but dial again when the connection is closed"),
    "clear": Strategy("send input_audio_buffer.clear", _always("clear")),
    "clear_ends_speech": Strategy(
        "send input_audio_buffer.clear and take cleared for the end of speech", _always("clear_ends_speech")
    ),
    "commit_and_create": Strategy(
        "commit the input audio by hand and ask for a response", _always("commit_and_create")
    ),
    "detection_off_on": Strategy("turn the server's turn detection off and on again", _always("detection_off_on")),
    "cancel_and_truncate": Strategy(
        "cancel the response, stop playback and truncate to what was heard", _always("cancel_and_truncate")
    ),
    "reopen_capture": Strategy("release the microphone and open it anew", _always("reopen_capture")),
    "reconnect_empty": Strategy("dial a new session, which knows nothing of the conversation", _always("reconnect")),
    "reconnect_with_history": Strategy(
        "dial a new session and tell it the turns so far", _always("reconnect"), tells_history=True
    ),
    "reconnect_and_resend": Strategy(
        "dial a new session, tell it the turns so far and send the unanswered speech again",
        _always("reconnect"),
        tells_history=True,
        resends_speech=True,
    ),
    "watchdog_ladder": Strategy(
        "clear, then commit and ask for a response, then dial a new session with the turns so far",
        _always("clear", "commit_and_create", "reconnect"),
        tells_history=True,
    ),
    "ladder": Strategy(
        "the least that cures what was seen, then more, in the end everything anew and nothing of the user lost",
        _LADDER,
        tells_history=True,
        resends_speech=True,
        resumes_playback=True,
    ),
}
"""By name, as the client setting ``recovery`` has it."""
