"""Detectors of a frozen conversation: each checks the health of a session and returns a symptom, or None.

They are asked in the order of how basic a failure is, and the first symptom that has a remedy now is treated.
"""

from collections.abc import Callable, Iterator

from ...units import MS
from .health import SessionHealth
from .symptoms import Symptom

SymptomDetector = Callable[[SessionHealth, int], Symptom | None]
"""Takes the health of a session and the time in microseconds."""


def symptoms(health: SessionHealth, now: int) -> Iterator[Symptom]:
    """What the detectors report that the settings switch on, the most basic failure first."""
    for name in health.settings.detector_names():
        symptom = SYMPTOM_DETECTORS[name](health, now)
        if symptom is not None:
            yield symptom


def _assistant_heard(health: SessionHealth, now: int) -> Symptom | None:
    """A voice was captured or a turn committed, and the assistant was not heard for long, for whatever reason.

    Not while the session is new, or an event of a response has just arrived.
    """
    if health.answer_wait.elapsed_us(now) < health.settings.renew_after_ms * MS:
        return None
    latest = max(health.began, health.response_moved_at or 0)
    return "nothing_heard" if now - latest >= health.settings.rung_wait_ms * MS else None


def _ping(health: SessionHealth, now: int) -> Symptom | None:
    """A ping was not answered: the connection is dead, although it was not closed."""
    return "peer_lost" if health.heartbeat.is_lost(now) else None


def _capture_flow(health: SessionHealth, now: int) -> Symptom | None:
    """No chunk was captured for some time."""
    return "capture_stopped" if health.capture.stopped(now) else None


def _capture_sound(health: SessionHealth, now: int) -> Symptom | None:
    """What is captured cannot be a real room: looped, clipped, at a wrong rate, or drowned in noise."""
    return "capture_garbled" if health.capture.garbled else None


def _playback(health: SessionHealth, now: int) -> Symptom | None:
    """The end of playback is overdue: the assistant is believed to speak while nothing is played."""
    return "playback_stuck" if health.playback.overdue_us(now) >= health.settings.playback_grace_ms * MS else None


def _stuck_speech(health: SessionHealth, now: int) -> Symptom | None:
    """The server stays in speech while it is sent quiet, noise without a voice, or a voice without a pause."""
    if not health.server_speech:
        return None
    settings = health.settings
    if health.quiet_us >= health.stuck_us:
        return "speech_stuck"
    if health.noise_us >= settings.stuck_noise_ms * MS:
        return "speech_in_noise"
    return "speech_endless" if health.speech_us >= settings.longest_speech_ms * MS else None


def _response(health: SessionHealth, now: int) -> Symptom | None:
    """A response is open, and no more of it arrives that can be heard."""
    moved = health.response_moved_at
    return "response_stuck" if moved is not None and now - moved >= health.settings.response_timeout_ms * MS else None


def _reply(health: SessionHealth, now: int) -> Symptom | None:
    """A response ended as failed, or without any sound."""
    return health.bad_reply


def _answer(health: SessionHealth, now: int) -> Symptom | None:
    """The user's turn ended or the client asked for a response, and none started."""
    since = health.unanswered_since
    return "turn_unanswered" if since is not None and now - since >= health.settings.answer_timeout_ms * MS else None


def _capture_level(health: SessionHealth, now: int) -> Symptom | None:
    """What is captured does not match the room: digital zeros, far too quiet, restless, muffled, or another sound."""
    return "capture_silent" if health.capture.silent else None


def _gate(health: SessionHealth, now: int) -> Symptom | None:
    """The client's own gate removed more of a voice than it let pass."""
    is_gated = health.gated_us >= health.settings.gated_voice_ms * MS and health.gated_us > health.sent_us
    return "voice_gated" if is_gated else None


def _uplink(health: SessionHealth, now: int) -> Symptom | None:
    """A voice was sent, and the server sent no event about it."""
    since = health.unheard_since
    return "voice_unheard" if since is not None and now - since >= health.settings.answer_timeout_ms * MS else None


SYMPTOM_DETECTORS: dict[str, SymptomDetector] = {
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
"""By name; the docstring of each says what it detects."""
