"""A voice client put together from the kit's parts, according to its settings."""

from collections.abc import Callable
from typing import Any

from harness.audio.chunk import Chunk
from harness.audio.formats import SAMPLE_RATE_HZ
from harness.clients.connection import Redial
from harness.clients.doctor import Doctor
from harness.clients.gate import FirstChunkLog, Gate, Interruption
from harness.clients.history import History
from harness.clients.interface import (
    AppState,
    Closed,
    Command,
    Connect,
    DialFailed,
    Log,
    Opened,
    Play,
    PlaybackEnded,
    Pong,
    ResumePlayback,
    Signal,
    StopPlayback,
    TellUser,
)
from harness.clients.own_session import OwnSession
from harness.clients.playback import PlaybackMeter
from harness.clients.settings import ClientSettings
from harness.clients.unanswered import Unanswered
from harness.clients.watchdog import Watchdog
from harness.protocol import events
from harness.protocol.events import Event
from harness.units import SECOND


class VoiceClient:
    """The four methods of :class:`harness.clients.interface.Client`, over the parts."""

    def __init__(self, settings: ClientSettings) -> None:
        self.settings = settings
        self.gate = Gate(settings)
        self.interruption = Interruption(settings)
        self.first_chunk = FirstChunkLog()
        self.watchdog = Watchdog(settings.watchdog_ms)
        self.playback = PlaybackMeter()
        self.history = History()
        self.redial = Redial(settings)
        self.own_session = OwnSession(settings)
        self.unanswered = Unanswered(settings)
        self.connected = False
        self.doctor: Doctor | None = None
        if settings.recovery != "off":
            self.doctor = Doctor(settings, self.gate, self.playback, self.own_session, self._dial)
        self._handlers: dict[type, Callable[[Any, int], list[Command]]] = {
            Opened: self._opened,
            Closed: self._closed,
            DialFailed: self._dial_failed,
            Pong: self._pong,
            AppState: self._app_state,
            PlaybackEnded: self._playback_ended,
            events.ErrorEvent: self._error,
            events.SessionCreated: self._session_created,
            events.SessionUpdated: self._session_updated,
            events.InputAudioBufferSpeechStarted: self._speech_started,
            events.InputAudioBufferSpeechStopped: self._speech_stopped,
            events.InputAudioBufferCommitted: self._committed,
            events.InputAudioBufferCleared: self._cleared,
            events.ResponseCreated: self._response_created,
            events.ResponseOutputAudioDelta: self._audio,
            events.ResponseOutputAudioTranscriptDone: self._transcript,
            events.ResponseDone: self._response_done,
        }

    # --- the four methods ---

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        """Gate the chunk and append it; the vital signs are looked at here if no wake-up comes in time."""
        energy, count = chunk.energy, chunk.samples.size
        speaking = self.playback.speaks(now)
        if speaking:
            self.interruption.chunk(energy, count, now)
        passed = self.gate.passes(energy, count, speaking, now)
        commands: list[Command] = []
        if self.doctor is not None:
            voiced = self.doctor.chunk(chunk, count * SECOND // SAMPLE_RATE_HZ, passed, speaking, now)
            if self.doctor.strategy.resends_speech:
                self.unanswered.chunk(chunk.pcm, voiced)
            if self.doctor.overdue(now):
                commands += self.wake(now)
        if self.first_chunk.waiting:
            line = self.first_chunk.chunk(chunk.peak, count)
            if line is not None:
                commands.append(Log("first_chunk", {"line": line}))
        if self.connected and (passed or not self.gate.skips):
            audio = chunk.pcm if passed else bytes(2 * count)
            commands.append(events.InputAudioBufferAppend(audio=audio))
        return commands

    def receive(self, event: Event | Signal, now: int) -> list[Command]:
        """Act on a server event or a signal; unknown ones are ignored."""
        handler = self._handlers.get(type(event))
        return handler(event, now) if handler is not None else []

    def wake(self, now: int) -> list[Command]:
        """Watchdog, redial, pings and the look at the vital signs."""
        commands: list[Command] = []
        if self.watchdog.fires(now):
            commands += [Log("watchdog", {"sends": "input_audio_buffer.clear"}), events.InputAudioBufferClear()]
        if self.redial.due is not None and now >= self.redial.due:
            commands += self._dial(now)
        if self.doctor is not None and self.doctor.due(now):
            commands += self._look(self.doctor, now)
        return commands

    def next_wake(self) -> int | None:
        """The earliest of what is due."""
        due = self.doctor.next_look if self.doctor is not None else None
        for other in (self.watchdog.due, self.redial.due):
            if other is not None and (due is None or other < due):
                due = other
        return due

    def _look(self, doctor: Doctor, now: int) -> list[Command]:
        late = doctor.looks(now)
        if not self.connected:
            return self._dial_failed(DialFailed("timed out"), now) if self.redial.overdue(now) else []
        if self.own_session.overdue(now):
            return self._begin_session(now)
        if doctor.steady(now):
            self.redial.succeeded()
        commands: list[Command] = [*self.own_session.due(now)]
        return commands if late else commands + doctor.treat(now)

    # --- the connection ---

    def _opened(self, event: Opened, now: int) -> list[Command]:
        self.connected = True
        self.own_session.opened(now)
        self.first_chunk.listen()
        if self.doctor is None:
            self.redial.succeeded()
        else:
            self.redial.opened()
            self.doctor.opened(now)
        return []

    def _session_created(self, event: events.SessionCreated, now: int) -> list[Command]:
        return [] if self.own_session.begun else self._begin_session(now)

    def _session_updated(self, event: events.SessionUpdated, now: int) -> list[Command]:
        self.own_session.updated(event.session)
        return []

    def _begin_session(self, now: int) -> list[Command]:
        """Own settings first, then what was said before, then what was said last and not answered."""
        commands: list[Command] = [*self.own_session.begin(now)]
        if self.doctor is None or not self.doctor.strategy.tells_history:
            return commands
        commands += self.history.replay(without_last_user_turn=bool(self.unanswered))
        return commands + self._resend(self.doctor, now)

    def _resend(self, doctor: Doctor, now: int) -> list[Command]:
        """What was said and is lost: nothing, unless the strategy keeps it."""
        if not self.unanswered:
            return []
        doctor.health.resent(now)
        return [events.InputAudioBufferAppend(audio=self.unanswered.take())]

    def _closed(self, event: Closed, now: int) -> list[Command]:
        self._lost()
        self.redial.failed(now)
        return []

    def _dial_failed(self, event: DialFailed, now: int) -> list[Command]:
        self._lost()
        self.redial.failed(now)
        failures = self.redial.failures
        if self.doctor is not None and failures % 4 == 0:
            return [TellUser(f"I cannot reach the assistant; I keep trying ({failures} attempts so far).")]
        return []

    def _dial(self, now: int) -> list[Command]:
        self._lost()
        self.redial.dialled(now)
        return [Connect()]

    def _lost(self) -> None:
        self.connected = False
        self.watchdog.disarm()
        if self.doctor is not None:
            self.doctor.lost()

    def _pong(self, event: Pong, now: int) -> list[Command]:
        if self.doctor is not None:
            self.doctor.heartbeat.pong()
        return []

    def _error(self, event: events.ErrorEvent, now: int) -> list[Command]:
        if self.doctor is None:
            return []
        if event.error.code == "session_expired":
            return self._dial(now)
        self.doctor.refused(event.error.code, now)
        return []

    def _app_state(self, event: AppState, now: int) -> list[Command]:
        if not event.foreground:
            return []
        self.first_chunk.listen()
        if self.doctor is None:
            return []
        self.doctor.capture.returned()
        return [ResumePlayback()] if self.doctor.strategy.resumes_playback else []

    # --- the user's turn ---

    def _speech_started(self, event: events.InputAudioBufferSpeechStarted, now: int) -> list[Command]:
        self.watchdog.arm(now)
        if self.doctor is not None:
            self.doctor.health.speech_started(event.item_id, now)
        heard = self.playback.interrupt(now) if self.interruption.is_one(now) else None
        if heard is None:
            return []
        item_id, heard_ms = heard
        truncate = events.ConversationItemTruncate(item_id=item_id, content_index=0, audio_end_ms=heard_ms)
        return [StopPlayback(), truncate]

    def _speech_stopped(self, event: events.InputAudioBufferSpeechStopped, now: int) -> list[Command]:
        self.watchdog.disarm()
        if self.doctor is not None:
            self.doctor.health.speech_ended(event.item_id, now)
        return []

    def _committed(self, event: events.InputAudioBufferCommitted, now: int) -> list[Command]:
        self.history.user(event.item_id)
        if self.doctor is not None:
            self.doctor.health.committed(event.item_id, now)
        return []

    def _cleared(self, event: events.InputAudioBufferCleared, now: int) -> list[Command]:
        if self.doctor is None or not self.doctor.cleared(now):
            return []
        self.watchdog.disarm()
        return self._resend(self.doctor, now)

    # --- the assistant's turn ---

    def _response_created(self, event: events.ResponseCreated, now: int) -> list[Command]:
        if self.doctor is not None:
            self.doctor.health.response_created(event.response.id, now)
        return []

    def _audio(self, event: events.ResponseOutputAudioDelta, now: int) -> list[Command]:
        audible = self.doctor is None or self.doctor.audio(event.response_id, event.delta, now)
        if audible:
            self.unanswered.answered()
        if not self.playback.accept(event.item_id, event.delta, now, audible=audible):
            return []
        return [Play(event.delta, event.item_id, event.response_id)]

    def _transcript(self, event: events.ResponseOutputAudioTranscriptDone, now: int) -> list[Command]:
        self.history.assistant(event.item_id, event.transcript)
        return []

    def _response_done(self, event: events.ResponseDone, now: int) -> list[Command]:
        if self.doctor is not None:
            calls = any(item.type != "message" for item in event.response.output)
            self.doctor.health.response_done(event.response.id, event.response.status, calls)
        return []

    def _playback_ended(self, event: PlaybackEnded, now: int) -> list[Command]:
        self.playback.ended()
        self.first_chunk.listen()
        if self.doctor is not None:
            self.doctor.played()
        return []
