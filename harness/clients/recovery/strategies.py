"""Recovery strategies by name: for each need, the remedies in the order of their cost.

A symptom, which a detector of :mod:`harness.clients.recovery.detectors` reports, belongs to one need
(:data:`harness.clients.recovery.symptoms.NEED_OF`). The remedies of a need are a ladder: if one does not help, the next
is applied. The last one repeats, each time after twice the wait. Once the need is satisfied, the ladder starts again at
its first remedy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from .symptoms import Need

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
"""What a client can do about a symptom: see :mod:`harness.clients.recovery.remedies`."""

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
"""The strategies, and ``off``: no detector runs."""

Ladders = Mapping[Need, tuple[Remedy, ...]]
"""The remedies of each need, in order."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """What a client does about symptoms. A need without remedies is only logged."""

    does: str
    """One line for those who choose a strategy."""
    ladders: Ladders = field(default_factory=dict)
    replays_history: bool = False
    """The turns so far are replayed into a new session."""
    resends_speech: bool = False
    """The user's unanswered speech is sent to a new session again."""
    resumes_playback: bool = False
    """Playback is resumed whenever the app returns to the foreground."""


def _always(*remedies: Remedy) -> Ladders:
    """The same remedies for every need."""
    return dict.fromkeys(get_args(Need), remedies)


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
    "reopen_capture": Strategy("release the microphone and open it again", _always("reopen_capture")),
    "reconnect_empty": Strategy("dial a new session, which knows nothing of the conversation", _always("reconnect")),
    "reconnect_with_history": Strategy(
        "dial a new session and replay the turns so far", _always("reconnect"), replays_history=True
    ),
    "reconnect_and_resend": Strategy(
        "dial a new session, replay the turns so far and send the unanswered speech again",
        _always("reconnect"),
        replays_history=True,
        resends_speech=True,
    ),
    "watchdog_ladder": Strategy(
        "clear, then commit and ask for a response, then dial a new session with the turns so far",
        _always("clear", "commit_and_create", "reconnect"),
        replays_history=True,
    ),
    "ladder": Strategy(
        "the cheapest remedy for the symptom first, then stronger ones; in the end renew everything and lose no words",
        _LADDER,
        replays_history=True,
        resends_speech=True,
        resumes_playback=True,
    ),
}
"""By name, as in the client setting ``recovery``."""
