"""Checks the health of a conversation four times a second, and treats what the detectors report."""

from ...audio.chunk import Chunk
from ...units import MS, SECOND
from ..capture.monitor import CaptureMonitor
from ..connection import Heartbeat
from ..gate import Gate
from ..interface import Command, Log, Ping
from ..playback import PlaybackMeter, is_audible
from ..session_setup import ClientSessionSetup
from ..settings import ClientSettings
from .detectors import symptoms
from .health import AnswerWait, SessionHealth
from .ladder import RecoveryLadder
from .remedies import DialCommand, Remedies
from .strategies import Strategy
from .symptoms import Need, Symptom

_CHECK_EVERY_US = 250 * MS
_SUSPENDED_US = SECOND
"""A check this late: our own process was suspended, and events that arrived meanwhile may still be queued."""
_STEADY_US = 10 * SECOND
"""A connection that has lasted this long works."""
_ANSWERED_US = 500 * MS
"""An answer that is cut off sooner proves nothing."""
_SATISFIED_BY_AN_ANSWER: tuple[Need, ...] = (
    "hearing", "voice", "noise", "turn", "response", "reply", "answer", "connection", "everything",
)  # fmt: skip
_SLOW_TO_WORK: frozenset[Symptom] = frozenset({"nothing_heard", "capture_garbled", "capture_silent"})
"""While their remedies have time to work, less basic failures are treated."""


class RecoverySupervisor:
    """Lives as long as the client; its :attr:`health` lives as long as a session."""

    def __init__(
        self,
        settings: ClientSettings,
        gate: Gate,
        playback: PlaybackMeter,
        session_setup: ClientSessionSetup,
        dial: DialCommand,
    ) -> None:
        self._settings = settings
        self._gate = gate
        self._playback = playback
        self.capture = CaptureMonitor(settings)
        self.heartbeat = Heartbeat(settings)
        self._answer_wait = AnswerWait()
        self._ladder = RecoveryLadder(settings)
        self._remedies = Remedies(self.capture, gate, playback, session_setup, dial)
        self.health = self._new_health(0)
        self.next_check = _CHECK_EVERY_US
        self._was_late = False
        self._prompt_plays = False
        self._treated_at = 0
        self._opened_at: int | None = None

    @property
    def strategy(self) -> Strategy:
        """The one that the settings name."""
        return self._ladder.strategy

    # --- what happens ---

    def chunk(self, captured: Chunk, duration_us: int, passed: bool, assistant_speaking: bool, now: int) -> bool:
        """A chunk was captured; returns whether it is part of a voice."""
        voiced = self.capture.chunk(captured, duration_us, assistant_speaking, now)
        self.health.chunk(duration_us, voiced, passed, assistant_speaking, now)
        return voiced

    def opened(self, now: int, *, pings: bool = True) -> None:
        """The connection opened: a new session begins. ``pings``: the connection can be pinged."""
        self.heartbeat.start(now, pings=pings)
        self.capture.expect(now)
        self.health = self._new_health(now)
        self._opened_at = now

    def lost(self) -> None:
        """The connection was lost, or the client left it."""
        self.heartbeat.stop()
        self._remedies.ending_speech = False
        self._opened_at = None

    def is_steady(self, now: int) -> bool:
        """Whether the connection has lasted long enough to count as working."""
        return self._opened_at is not None and now - self._opened_at >= _STEADY_US

    def audio(self, response_id: str, audio: bytes, now: int) -> bool:
        """Assistant audio arrived; returns whether anything can be heard in it."""
        audible = is_audible(audio)
        self.health.response_audio(response_id, audible, now)
        if audible:
            self._prompt_plays = response_id in self.health.prompts
        return audible

    def heard(self, response_id: str, now: int) -> None:
        """On a call, audio of a response was played that can be heard."""
        self.health.response_audio(response_id, True, now)
        self._prompt_plays = response_id in self.health.prompts

    def played(self, now: int) -> None:
        """The end of playback was reported."""
        self._ladder.worked("playback")
        if not self._prompt_plays and self._playback.answered_us(now) > 0:
            self._ladder.worked(*_SATISFIED_BY_AN_ANSWER)

    def cleared(self, now: int) -> bool:
        """``input_audio_buffer.cleared`` arrived; returns whether it counts as the end of speech."""
        if not self._remedies.ending_speech:
            return False
        self._remedies.ending_speech = False
        self.health.speech_ended(None, now)
        return True

    def refused(self, code: str | None, now: int) -> None:
        """An ``error`` event arrived; its code may show whether the server has a response open."""
        if code == "conversation_already_has_active_response":
            self.health.response_moved(now)
        elif code == "response_cancel_not_active":
            self.health.no_response()

    # --- what it does ---

    def is_due(self, now: int) -> bool:
        """Whether it is time for a check."""
        return now >= self.next_check

    def is_overdue(self, now: int) -> bool:
        """Whether a whole interval has passed without the check: no wake-up was delivered."""
        return now >= self.next_check + _CHECK_EVERY_US

    def begin_check(self, now: int) -> bool:
        """Start a check. Returns whether to treat nothing this time: it is late, and the check before was not."""
        late = now - self.next_check >= _SUSPENDED_US
        self.next_check = now + _CHECK_EVERY_US
        first_late = late and not self._was_late
        self._was_late = late
        return first_late

    def treat(self, now: int) -> list[Command]:
        """A ping if one is due, and the remedy for the most basic failure that has one now."""
        self._gate.settle(self.capture.noise)
        if self.capture.proven and not (self.capture.silent or self.capture.garbled):
            self._ladder.worked("capture", "silence")
        heard_us = self._playback.answered_us(now) if self._playback.speaking else 0
        heard = heard_us >= _ANSWERED_US and self._playback.began >= self._treated_at
        if heard and not self._prompt_plays:
            self._ladder.worked(*_SATISFIED_BY_AN_ANSWER)
        commands: list[Command] = [Ping()] if self.heartbeat.ping_due(now) else []
        for symptom in symptoms(self.health, now):
            if symptom in _SLOW_TO_WORK and self._ladder.is_waiting(symptom, now):
                continue
            return commands + self._treat(symptom, now)
        return commands

    def _treat(self, symptom: Symptom, now: int) -> list[Command]:
        if self._ladder.is_waiting(symptom, now):
            return []
        remedy = self._ladder.next_remedy(symptom, now)
        if remedy is not None and self._remedies.is_useless(remedy, symptom):
            remedy = self._ladder.skip(symptom, now)
        self._treated_at = now
        if not symptom.startswith("capture"):
            self.health.treated(symptom, now)
        if symptom == "nothing_heard":
            self._answer_wait.restart(now)
        if remedy is None:
            return [Log("noticed", {"symptom": symptom})]
        log = Log("remedy", {"symptom": symptom, "remedy": remedy})
        return [log, *self._remedies.apply(remedy, symptom, now)]

    def _new_health(self, now: int) -> SessionHealth:
        return SessionHealth(self._settings, self.capture, self._playback, self.heartbeat, self._answer_wait, now)
