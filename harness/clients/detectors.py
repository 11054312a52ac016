"""Detectors of the frozen state: each looks at a client's vital signs and says what it sees, or None.

In the order of how basic a failure is: the first that sees something is believed.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.clients.strategies import Symptom
from harness.units import MS

if TYPE_CHECKING:  # the settings name detectors, and the vital signs have settings
    from harness.clients.health import Health

Detector = Callable[["Health", int], Symptom | None]


def _assistant_heard(signs: "Health", now: int) -> Symptom | None:
    """A voice was captured or an answer asked for, and no assistant has been heard for long: whatever the reason.

    A session that has just begun, and a response that has just moved, are given their time.
    """
    if signs.waiting.for_us(now) < signs.settings.renew_after_ms * MS:
        return None
    latest = max(signs.began, signs.response_moved_at or 0)
    return "nothing_heard" if now - latest >= signs.settings.rung_wait_ms * MS else None


def _ping(signs: "Health", now: int) -> Symptom | None:
    """A ping was not answered: the peer is gone, though nothing was closed."""
    return "peer_lost" if signs.heartbeat.lost(now) else None


def _capture_flow(signs: "Health", now: int) -> Symptom | None:
    """No chunk was captured for some time."""
    return "capture_stopped" if signs.capture.stopped(now) else None


def _capture_sound(signs: "Health", now: int) -> Symptom | None:
    """What is captured is no room's sound: again the same, clipped, at a wrong pace, or drowned in noise."""
    return "capture_garbled" if signs.capture.garbled else None


def _playback(signs: "Health", now: int) -> Symptom | None:
    """The end of playback is overdue: the assistant is believed to speak while nothing is played."""
    return "playback_stuck" if signs.playback.overdue_us(now) >= signs.settings.playback_grace_ms * MS else None


def _stuck_speech(signs: "Health", now: int) -> Symptom | None:
    """The server stays in speech while it is sent quiet, or no voice, or a voice without end."""
    if not signs.server_speech:
        return None
    settings = signs.settings
    if signs.quiet_us >= signs.stuck_us:
        return "speech_stuck"
    if signs.noise_us >= settings.stuck_noise_ms * MS:
        return "speech_in_noise"
    return "speech_endless" if signs.speech_us >= settings.longest_speech_ms * MS else None


def _response(signs: "Health", now: int) -> Symptom | None:
    """A response is open and nothing of it comes that can be heard or read."""
    moved = signs.response_moved_at
    return "response_stuck" if moved is not None and now - moved >= signs.settings.response_timeout_ms * MS else None


def _reply(signs: "Health", now: int) -> Symptom | None:
    """A response ended as failed, or without any sound."""
    return signs.bad_reply


def _answer(signs: "Health", now: int) -> Symptom | None:
    """The user's turn ended and no response came."""
    since = signs.unanswered_since
    return "turn_unanswered" if since is not None and now - since >= signs.settings.answer_timeout_ms * MS else None


def _capture_level(signs: "Health", now: int) -> Symptom | None:
    """What is captured is not the room: digital zeros, next to nothing, restless, muffled, or another sound."""
    return "capture_silent" if signs.capture.silent else None


def _gate(signs: "Health", now: int) -> Symptom | None:
    """More of a voice was held back by the client's own gate than was sent."""
    held = signs.gated_us >= signs.settings.gated_voice_ms * MS and signs.gated_us > signs.sent_us
    return "voice_gated" if held else None


def _uplink(signs: "Health", now: int) -> Symptom | None:
    """A voice was sent, and nothing came down: uplink energy without downlink progress."""
    since = signs.unheard_since
    return "voice_unheard" if since is not None and now - since >= signs.settings.answer_timeout_ms * MS else None


DETECTORS: dict[str, Detector] = {
    "assistant_heard": _assistant_heard,
    "ping": _ping,
    "capture_flow": _capture_flow,
    "capture_sound": _capture_sound,
    "playback": _playback,
    "stuck_speech": _stuck_speech,
    "response": _response,
    "reply": _reply,
    "answer": _answer,
    "capture_level": _capture_level,
    "gate": _gate,
    "uplink": _uplink,
}
"""By name, as the client setting ``detectors`` has them; each one's docstring says what it sees."""
