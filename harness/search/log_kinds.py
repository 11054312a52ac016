"""The kinds of log that people have, each made of a whole one by leaving out what that kind leaves out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from ..logs.logged import LoggedEvent, SessionLog
from ..units import SECOND

_APPEND = "input_audio_buffer.append"
_DELTA = "response.output_audio.delta"
_TWILIO_TYPES = (
    "error", "response.content.done", "rate_limits.updated", "response.done", "input_audio_buffer.committed",
    "input_audio_buffer.speech_stopped", "input_audio_buffer.speech_started", "session.created", "session.updated",
)  # fmt: skip
"""What the samples for Twilio log."""


def _changed(log: SessionLog, change: Callable[[LoggedEvent], LoggedEvent | None]) -> SessionLog:
    sessions = []
    for session in log.sessions:
        events = tuple(made for each in session.events if (made := change(each)) is not None)
        sessions.append(replace(session, events=events))
    return replace(log, sessions=tuple(sessions))


def _without_audio(each: LoggedEvent) -> LoggedEvent | None:
    return replace(each, audio=None)


def _without_appends(each: LoggedEvent) -> LoggedEvent | None:
    return None if each.type == _APPEND else each


def _server_only(each: LoggedEvent) -> LoggedEvent | None:
    return None if each.by_client else replace(each, audio=None)


def _console_webrtc(each: LoggedEvent) -> LoggedEvent | None:
    t = None if each.t is None else each.t // SECOND * SECOND
    return None if each.type in (_APPEND, _DELTA) else replace(each, t=t)


def _livekit(each: LoggedEvent) -> LoggedEvent | None:
    return None if each.type == _APPEND else replace(each, audio=None, audio_bytes=None)


def _text(each: LoggedEvent) -> LoggedEvent | None:
    if each.by_client or each.type not in _TWILIO_TYPES:
        return None
    return replace(each, t=None, event={"type": each.type}, audio=None, audio_bytes=None)


def _untimed(log: SessionLog) -> SessionLog:
    changed = _changed(log, lambda each: replace(each, t=None))
    sessions = (
        replace(one, opened_us=None, close=None if one.close is None else replace(one.close, t=None))
        for one in changed.sessions
    )
    return replace(changed, clock="none", sessions=tuple(sessions))


def _each(change: Callable[[LoggedEvent], LoggedEvent | None]) -> Callable[[SessionLog], SessionLog]:
    return lambda log: _changed(log, change)


def _texts(log: SessionLog) -> SessionLog:
    return _untimed(_changed(log, _text))


def _unclosed(log: SessionLog) -> SessionLog:
    """A HAR of Chromium has no close."""
    return replace(
        log, sessions=tuple(replace(one, close=None) for one in log.sessions if one.events or one.close is None)
    )


LOG_KINDS: Mapping[str, tuple[str, Callable[[SessionLog], SessionLog]]] = MappingProxyType(
    {
        "full": ("every message with time and audio, and the close: mitmproxy, one's own logger", lambda log: log),
        "har": ("a HAR of a browser: the same without the close", _unclosed),
        "no audio": ("appends and deltas without their audio", _each(_without_audio)),
        "no appends": ("a logger that leaves out the appends", _each(_without_appends)),
        "server only": ("only the server's events, without audio", _each(_server_only)),
        "no times": ("every message with its audio, and no times", _untimed),
        "webrtc console": ("realtime-console over WebRTC: no audio, times of whole seconds", _each(_console_webrtc)),
        "livekit": ("LiveKit's debug log: no appends, deltas cut", _each(_livekit)),
        "text": ("the types that Twilio's samples print, without fields and times", _texts),
    }
)  # fmt: skip
"""Each kind in words, and what makes it."""
