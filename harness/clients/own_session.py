"""The session settings that are the client's own: what it asks a new session for, and whether it was given that."""

from typing import Any

from harness.clients.settings import ClientSettings
from harness.protocol.events import SessionUpdate
from harness.units import MS

TRIES = 4
"""An update is sent no more often than this in one session: a service may refuse it for good."""


class OwnSession:
    """Asks once when the session begins; :meth:`due` says when to ask again."""

    def __init__(self, settings: ClientSettings) -> None:
        self._timeout_us = settings.session_timeout_ms * MS
        chosen = {
            "threshold": settings.threshold,
            "prefix_padding_ms": settings.prefix_padding_ms,
            "silence_duration_ms": settings.silence_duration_ms,
        }
        given = {name: value for name, value in chosen.items() if value is not None}
        self._asked_for: dict[str, Any] | None = {"type": "server_vad", **given} if given else None
        self._ask_at: int | None = None
        self._tries = 0
        self._greet_at: int | None = None

    # --- the beginning ---

    def opened(self, now: int) -> None:
        """The connection opened; the service is to speak first."""
        self._greet_at = now + self._timeout_us
        self._ask_at, self._tries = None, 0

    def overdue(self, now: int) -> bool:
        """Whether ``session.created`` is overdue: it may have been lost, so go on as if it had come."""
        return self._greet_at is not None and now >= self._greet_at

    def begin(self, now: int) -> list[SessionUpdate]:
        """What to ask the new session for."""
        self._greet_at = None
        return self._ask(now) if self._asked_for is not None else []

    @property
    def begun(self) -> bool:
        """Whether the session was greeted."""
        return self._greet_at is None

    # --- the settings ---

    def off_and_on(self, now: int) -> list[SessionUpdate]:
        """Have turn detection start afresh."""
        self._tries = 0
        return [_update(None), *self._ask(now)]

    def updated(self, session: dict[str, Any]) -> None:
        """The service told its settings."""
        detection = _detection_of(session)
        if detection is _UNTOLD or _agrees(detection, self._wanted):
            self._ask_at = None

    def due(self, now: int) -> list[SessionUpdate]:
        """What was asked for and not confirmed in time is asked for again."""
        return self._ask(now) if self._ask_at is not None and now >= self._ask_at else []

    @property
    def _wanted(self) -> dict[str, Any]:
        return self._asked_for or {"type": "server_vad"}

    def _ask(self, now: int) -> list[SessionUpdate]:
        self._tries += 1
        self._ask_at = now + self._timeout_us if self._tries < TRIES else None
        return [_update(self._wanted)]


_UNTOLD = object()


def _detection_of(session: dict[str, Any]) -> Any:
    try:
        return session["audio"]["input"]["turn_detection"]
    except (KeyError, TypeError):
        return _UNTOLD


def _agrees(detection: Any, wanted: dict[str, Any]) -> bool:
    return isinstance(detection, dict) and all(detection.get(name) == value for name, value in wanted.items())


def _update(turn_detection: dict[str, Any] | None) -> SessionUpdate:
    return SessionUpdate(session={"type": "realtime", "audio": {"input": {"turn_detection": turn_detection}}})
