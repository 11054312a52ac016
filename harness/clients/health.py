"""Which part of the conversation failed, as far as a client can see it.

Fed with what the client captures, sends and receives; :meth:`Health.symptom` names the most basic failure. All waits
are counted in the medium that must move: silence in captured audio, answers in time.
"""

from typing import Literal

from harness.clients.capture import CaptureMonitor
from harness.clients.settings import ClientSettings
from harness.units import MS

Symptom = Literal[
    "capture_stopped",
    "playback_stuck",
    "speech_stuck",
    "response_stuck",
    "turn_unanswered",
    "voice_gated",
    "voice_unheard",
    "capture_silent",
]

SPEECH_US = 400 * MS
"""A voice shorter than this needs no answer."""
ENDED_US = 700 * MS
"""Quiet for this long, the voice has ended."""


class Health:
    """One session's vital signs. A new session is a new object."""

    def __init__(self, settings: ClientSettings, capture: CaptureMonitor) -> None:
        self._capture = capture
        self._gated_limit_us = settings.gated_voice_ms * MS
        self._stuck_us = settings.stuck_speech_ms * MS
        self._answer_us = settings.answer_timeout_ms * MS
        self._response_us = settings.response_timeout_ms * MS
        self._grace_us = settings.playback_grace_ms * MS
        self._server_speech = False
        self._quiet_us = 0
        self._gated_us = 0
        self._sent_us = 0
        self._unheard_since: int | None = None
        self._unanswered_since: int | None = None
        self._response_moved: int | None = None

    # --- what is observed ---

    def chunk(self, duration_us: int, voiced: bool, passed: bool, assistant_speaking: bool, now: int) -> None:
        """A chunk was captured; ``voiced`` as :meth:`CaptureMonitor.chunk` says, ``passed`` the gate or not.

        What is gated while the assistant speaks is gated on purpose and does not count.
        """
        if not voiced:
            self._quiet_us += duration_us
            if self._quiet_us >= ENDED_US:
                self._voice_ended(now)
            return
        self._quiet_us = 0
        if self._server_speech:
            return
        if passed:
            self._sent_us += duration_us
        elif not assistant_speaking:
            self._gated_us += duration_us

    def speech_started(self) -> None:
        """The server hears the user."""
        self._server_speech = True
        self._quiet_us = 0
        self._heard()

    def speech_ended(self) -> None:
        """The server closed the turn, or a ``cleared`` is taken for it."""
        self._server_speech = False

    def committed(self, now: int) -> None:
        """A turn awaits its answer."""
        self._unanswered_since = now

    def response_moved(self, now: int) -> None:
        """Something of a response came."""
        self._response_moved = now
        self._unanswered_since = None

    def response_done(self) -> None:
        """The response ended."""
        self._response_moved = None
        self._unanswered_since = None

    # --- what it means ---

    def symptom(self, now: int, playback_overdue_us: int) -> Symptom | None:
        """The most basic failure in sight, or None."""
        if self._capture.stopped(now):
            return "capture_stopped"
        if playback_overdue_us >= self._grace_us:
            return "playback_stuck"
        if self._server_speech and self._quiet_us >= self._stuck_us:
            return "speech_stuck"
        if self._response_moved is not None and now - self._response_moved >= self._response_us:
            return "response_stuck"
        if self._unanswered_since is not None and now - self._unanswered_since >= self._answer_us:
            return "turn_unanswered"
        if self._gated_us >= self._gated_limit_us and self._gated_us > self._sent_us:
            return "voice_gated"
        if self._unheard_since is not None and now - self._unheard_since >= self._answer_us:
            return "voice_unheard"
        return "capture_silent" if self._capture.silent else None

    def treated(self, now: int) -> None:
        """A remedy was tried: give it time before the same is seen again."""
        self._gated_us = self._sent_us = self._quiet_us = 0
        for name in ("_unheard_since", "_unanswered_since", "_response_moved"):
            if getattr(self, name) is not None:
                setattr(self, name, now)

    def _heard(self) -> None:
        self._gated_us = self._sent_us = 0
        self._unheard_since = None

    def _voice_ended(self, now: int) -> None:
        if self._sent_us >= SPEECH_US and self._unheard_since is None and not self._server_speech:
            self._unheard_since = now
        self._sent_us = 0
        if self._gated_us < self._gated_limit_us:
            self._gated_us = 0
