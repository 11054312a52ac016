"""Looks at the vital signs from time to time and treats what it sees, by the strategy of the client's settings."""

from harness.audio.chunk import Chunk
from harness.clients.capture import CaptureMonitor
from harness.clients.connection import Heartbeat
from harness.clients.gate import Gate
from harness.clients.health import Health
from harness.clients.interface import Command, Log, Ping
from harness.clients.own_session import OwnSession
from harness.clients.playback import PlaybackMeter, is_audible
from harness.clients.recovery import Recovery
from harness.clients.remedies import Dial, Remedies
from harness.clients.settings import ClientSettings
from harness.clients.strategies import Need, Strategy, Symptom
from harness.clients.waiting import Waiting
from harness.units import MS, SECOND

LOOK_EVERY_US = 250 * MS
LATE_US = SECOND
"""A look this late: the client itself stood still, and what came meanwhile may still be waiting to be told."""
STEADY_US = 10 * SECOND
"""A connection that has lasted this long will do."""
HEARD_US = 500 * MS
"""An answer that is cut off sooner has cured nothing."""
_HEARD: tuple[Need, ...] = (
    "hearing", "voice", "noise", "turn", "response", "reply", "answer", "connection", "everything",
)  # fmt: skip
"""What works if an answer is heard."""
_PATIENT: frozenset[Symptom] = frozenset({"nothing_heard", "capture_garbled", "capture_silent"})
"""While their remedies have their time, less basic failures are treated."""


class Doctor:
    """A client's watching side. It lives as long as the client, the vital signs as long as a session."""

    def __init__(
        self, settings: ClientSettings, gate: Gate, playback: PlaybackMeter, own_session: OwnSession, dial: Dial
    ) -> None:
        self._settings = settings
        self._gate = gate
        self._playback = playback
        self.capture = CaptureMonitor(settings)
        self.heartbeat = Heartbeat(settings)
        self.waiting = Waiting()
        self._recovery = Recovery(settings)
        self._remedies = Remedies(self.capture, gate, playback, own_session, dial)
        self.health = self._new_health(0)
        self.next_look = LOOK_EVERY_US
        self._was_late = False
        self._treated_at = 0
        self._opened_at: int | None = None

    @property
    def strategy(self) -> Strategy:
        """The one the settings name."""
        return self._recovery.strategy

    # --- what it is told ---

    def chunk(self, captured: Chunk, duration_us: int, passed: bool, assistant_speaking: bool, now: int) -> bool:
        """A chunk was captured; gives whether it is part of a voice."""
        voiced = self.capture.chunk(captured, duration_us, assistant_speaking, now)
        self.health.chunk(duration_us, voiced, passed, assistant_speaking, now)
        return voiced

    def opened(self, now: int) -> None:
        """A new session begins."""
        self.heartbeat.start(now)
        self.capture.expect(now)
        self.health = self._new_health(now)
        self._opened_at = now

    def lost(self) -> None:
        """The connection is gone, or left."""
        self.heartbeat.stop()
        self._remedies.ending_speech = False
        self._opened_at = None

    def steady(self, now: int) -> bool:
        """Whether the connection has proved itself."""
        return self._opened_at is not None and now - self._opened_at >= STEADY_US

    def audio(self, response_id: str, audio: bytes, now: int) -> bool:
        """Assistant audio came; gives whether anything can be heard in it."""
        audible = is_audible(audio)
        self.health.response_audio(response_id, audible, now)
        return audible

    def played(self) -> None:
        """The end of playback was reported."""
        self._recovery.worked("playback", *_HEARD)

    def cleared(self, now: int) -> bool:
        """``cleared`` came; gives whether it is taken for the end of speech."""
        if not self._remedies.ending_speech:
            return False
        self._remedies.ending_speech = False
        self.health.speech_ended(None, now)
        return True

    def refused(self, code: str | None, now: int) -> None:
        """The service refused something: what that says of its state."""
        if code == "conversation_already_has_active_response":
            self.health.response_moved(now)
        elif code == "response_cancel_not_active":
            self.health.no_response()

    # --- what it does ---

    def due(self, now: int) -> bool:
        """Whether it is time to look."""
        return now >= self.next_look

    def overdue(self, now: int) -> bool:
        """Whether it is past the time: no wake-up came."""
        return now >= self.next_look + LOOK_EVERY_US

    def looks(self, now: int) -> bool:
        """A look begins; gives whether it is so late, for once, that nothing should be made of what is seen."""
        late = now - self.next_look >= LATE_US
        self.next_look = now + LOOK_EVERY_US
        first_late = late and not self._was_late
        self._was_late = late
        return first_late

    def treat(self, now: int) -> list[Command]:
        """A ping if one is due, and the remedy for the most basic failure that has one now."""
        self._gate.settle(self.capture.noise)
        if self.capture.proven and not (self.capture.silent or self.capture.garbled):
            self._recovery.worked("capture", "silence")
        if self._playback.heard_us(now) >= HEARD_US and self._playback.began >= self._treated_at:
            self._recovery.worked(*_HEARD)
        commands: list[Command] = [Ping()] if self.heartbeat.ping_due(now) else []
        for symptom in self.health.symptoms(now):
            if symptom in _PATIENT and self._recovery.waiting(symptom, now):
                continue
            return commands + self._treat(symptom, now)
        return commands

    def _treat(self, symptom: Symptom, now: int) -> list[Command]:
        if self._recovery.waiting(symptom, now):
            return []
        remedy = self._recovery.remedy(symptom, now)
        if remedy is not None and self._remedies.useless(remedy, symptom):
            remedy = self._recovery.skip(symptom, now)
        self._treated_at = now
        if not symptom.startswith("capture"):
            self.health.treated(symptom, now)
        if symptom == "nothing_heard":
            self.waiting.renewed(now)
        if remedy is None:
            return [Log("noticed", {"symptom": symptom})]
        log = Log("remedy", {"symptom": symptom, "remedy": remedy})
        return [log, *self._remedies.apply(remedy, symptom, now)]

    def _new_health(self, now: int) -> Health:
        return Health(self._settings, self.capture, self._playback, self.heartbeat, self.waiting, now)
