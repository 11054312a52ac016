"""The start of a session: whether ``session.created`` arrived, and whether the client's own turn detection applies."""

from typing import Any

from ..audio.formats import PCM24K, AudioFormat
from ..protocol.events import SessionUpdate
from ..units import MS
from .settings import ClientSettings

_MOST_TRIES = 4
"""Updates sent in one session without a confirmation: a service may never accept them."""


class ClientSessionSetup:
    """Sends ``session.update`` when a session begins; :meth:`due` sends it again while it is not confirmed.

    ``detects_turns``: the server is to detect turns; if not, its turn detection is switched off. ``audio_format`` is
    that of the audio in both directions.
    """

    def __init__(
        self, settings: ClientSettings, *, detects_turns: bool = True, audio_format: AudioFormat = PCM24K
    ) -> None:
        self._detects_turns = detects_turns
        self._format = audio_format
        self.confirmed = False
        """Whether the session is known to have these settings."""
        self._timeout_us = settings.session_timeout_ms * MS
        chosen = {
            "threshold": settings.threshold,
            "prefix_padding_ms": settings.prefix_padding_ms,
            "silence_duration_ms": settings.silence_duration_ms,
        }
        given = {name: value for name, value in chosen.items() if value is not None}
        self._detection: dict[str, Any] | None = {"type": "server_vad", **given} if given else None
        self._resend_at: int | None = None
        self._tries = 0
        self._created_due: int | None = None

    # --- session.created ---

    def opened(self, now: int) -> None:
        """The connection opened: ``session.created`` is expected."""
        self._created_due = now + self._timeout_us
        self._resend_at, self._tries = None, 0
        self.confirmed = False

    def is_overdue(self, now: int) -> bool:
        """Whether ``session.created`` is overdue: it may be lost, so go on as if it had arrived."""
        return self._created_due is not None and now >= self._created_due

    def begin(self, now: int) -> list[SessionUpdate]:
        """``session.created`` arrived, or is overdue; returns the updates to send."""
        self._created_due = None
        asks = self._detection is not None or not self._detects_turns or self._format is not PCM24K
        return self._ask(now) if asks else []

    @property
    def has_begun(self) -> bool:
        """Whether :meth:`begin` was called for this session."""
        return self._created_due is None

    # --- turn detection ---

    def off_and_on(self, now: int) -> list[SessionUpdate]:
        """The updates that restart turn detection on the server."""
        self._tries = 0
        return [_update({"turn_detection": None}), *self._ask(now)]

    def updated(self, session: dict[str, Any]) -> None:
        """``session.updated`` arrived with these settings."""
        detection = _at(session, "audio", "input", "turn_detection")
        formats = [_at(session, "audio", way, "format", "type") for way in ("input", "output")]
        has_format = all(found in (_ABSENT, self._format.name) for found in formats)
        if has_format and (detection is _ABSENT or _agrees(detection, self._wanted)):
            self._resend_at = None
            self.confirmed = True

    def due(self, now: int) -> list[SessionUpdate]:
        """The update to send again, if it was not confirmed in time."""
        return self._ask(now) if self._resend_at is not None and now >= self._resend_at else []

    @property
    def _wanted(self) -> dict[str, Any] | None:
        return (self._detection or {"type": "server_vad"}) if self._detects_turns else None

    def _ask(self, now: int) -> list[SessionUpdate]:
        self._tries += 1
        self._resend_at = now + self._timeout_us if self._tries < _MOST_TRIES else None
        formats = {} if self._format is PCM24K else {"format": {"type": self._format.name}}
        return [_update({"turn_detection": self._wanted, **formats}, formats)]


_ABSENT = object()


def _at(session: Any, *path: str) -> Any:
    """What is at this path of a session; :data:`_ABSENT` if nothing is."""
    for key in path:
        if not isinstance(session, dict) or key not in session:
            return _ABSENT
        session = session[key]
    return session


def _agrees(detection: Any, wanted: dict[str, Any] | None) -> bool:
    if wanted is None:
        return detection is None
    return isinstance(detection, dict) and all(detection.get(name) == value for name, value in wanted.items())


def _update(audio_input: dict[str, Any], audio_output: dict[str, Any] | None = None) -> SessionUpdate:
    audio = {"input": audio_input, **({"output": audio_output} if audio_output else {})}
    return SessionUpdate(session={"type": "realtime", "audio": audio})
