"""The names of recovery: detectors, the symptoms they report, and the need that each symptom belongs to.

Names only, so that settings, detectors and strategies can share them. Remedies are chosen by need
(:mod:`harness.clients.recovery.strategies`).
"""

from typing import Literal

DETECTOR_NAMES = (
    "assistant_heard",
    "ping",
    "capture_flow",
    "capture_sound",
    "playback",
    "stuck_speech",
    "response",
    "reply",
    "answer",
    "capture_level",
    "gate",
    "uplink",
)
"""In the order in which they are asked: the most basic failure first. As in the client setting ``detectors``."""

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
"""What a detector reports."""

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
"""What has to work again. Symptoms of one need are treated by the same remedies."""

NEED_OF: dict[Symptom, Need] = {
    "nothing_heard": "everything",
    "peer_lost": "connection",
    "capture_stopped": "capture",
    "capture_silent": "silence",
    "capture_garbled": "silence",
    "playback_stuck": "playback",
    "speech_stuck": "hearing",
    "voice_gated": "hearing",
    "voice_unheard": "voice",
    "speech_in_noise": "noise",
    "speech_endless": "turn",
    "response_stuck": "response",
    "turn_unanswered": "answer",
    "reply_failed": "reply",
    "reply_silent": "reply",
}
"""The need of each symptom."""
