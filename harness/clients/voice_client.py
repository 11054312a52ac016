"""A voice client put together from the kit's parts, according to its settings."""

from collections.abc import Callable
from typing import Any

from harness.audio.chunk import Chunk
from harness.audio.formats import SAMPLE_RATE_HZ
from harness.clients.capture import CaptureMonitor
from harness.clients.connection import Heartbeat, Redial
from harness.clients.gate import FirstChunkLog, Gate, Interruption
from harness.clients.health import Health
from harness.clients.history import History
from harness.clients.interface import (
    AppState,
    Closed,
    Command,
    Connect,
    DialFailed,
    Log,
    Opened,
    Ping,
    Play,
    PlaybackEnded,
    Pong,
    ReopenCapture,
    ResumePlayback,
    Signal,
    StopPlayback,
    TellUser,
)
from harness.clients.playback import PlaybackMeter
from harness.clients.recovery import Recovery, Remedy
from harness.clients.settings import ClientSettings
from harness.clients.watchdog import Watchdog
from harness.protocol import events
from harness.protocol.events import Event
from harness.units import MS, SECOND

CHECK_EVERY_US = 250 * MS
"""How often the vital signs are looked at."""


class VoiceClient:
    """The four methods of :class:`harness.clients.interface.Client`, over the parts."""

    def __init__(self, settings: ClientSettings) -> None:
        self.settings = settings
        self.gate = Gate(settings)
        self.interruption = Interruption(settings)
        self.first_chunk = FirstChunkLog()
        self.watchdog = Watchdog(settings.watchdog_ms)
        self.playback = PlaybackMeter()
        self.capture = CaptureMonitor(settings)
        self.history = History()
        self.redial = Redial(settings)
        self.heartbeat = Heartbeat(settings)
        self.recovery = Recovery(settings) if settings.recovery else None
        self.health = Health(settings, self.capture)
        self.connected = False
        self._next_check: int | None = CHECK_EVERY_US if settings.recovery else None
        self._ending_speech = False
        self._handlers: dict[type, Callable[[Any, int], list[Command]]] = {
            Opened: self._opened,
            Closed: self._closed,
            DialFailed: self._dial_failed,
            Pong: self._pong,
            AppState: self._app_state,
            PlaybackEnded: self._playback_ended,
            events.SessionCreated: self._session_created,
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
        """Gate the chunk and append it."""
        energy, count = chunk.energy, chunk.samples.size
        speaking = self.playback.speaking
        if speaking:
            self.interruption.chunk(energy, count, now)
        passed = self.gate.passes(energy, count, speaking, now)
        if self.recovery is not None:
            duration_us = count * SECOND // SAMPLE_RATE_HZ
            voiced = self.capture.chunk(energy, count, duration_us, speaking, now)
            self.health.chunk(duration_us, voiced, passed, speaking, now)
        commands: list[Command] = []
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
        if self._next_check is not None and now >= self._next_check:
            self._next_check = now + CHECK_EVERY_US
            commands += self._look(now)
        return commands

    def next_wake(self) -> int | None:
        """The earliest of what is due."""
        due = self._next_check
        for other in (self.watchdog.due, self.redial.due):
            if other is not None and (due is None or other < due):
                due = other
        return due

    # --- the connection ---

    def _opened(self, event: Opened, now: int) -> list[Command]:
        self.connected = True
        self.redial.succeeded()
        self.heartbeat.start(now)
        self.capture.expect(now)
        self.health = Health(self.settings, self.capture)
        self.first_chunk.listen()
        return []

    def _session_created(self, event: events.SessionCreated, now: int) -> list[Command]:
        given = self._turn_detection()
        commands: list[Command] = []
        if given:
            commands.append(_update(given))
        if self.recovery is not None:
            commands += self.history.replay()
        return commands

    def _closed(self, event: Closed, now: int) -> list[Command]:
        self._lost()
        self.redial.failed(now)
        return []

    def _dial_failed(self, event: DialFailed, now: int) -> list[Command]:
        self._lost()
        self.redial.failed(now)
        failures = self.redial.failures
        if self.recovery is not None and failures % 4 == 0:
            return [TellUser(f"I cannot reach the assistant; I keep trying ({failures} attempts so far).")]
        return []

    def _dial(self, now: int) -> list[Command]:
        self._lost()
        self.redial.dialled()
        return [Connect()]

    def _lost(self) -> None:
        self.connected = False
        self.watchdog.disarm()
        self.heartbeat.stop()
        self._ending_speech = False

    def _pong(self, event: Pong, now: int) -> list[Command]:
        self.heartbeat.pong()
        return []

    def _app_state(self, event: AppState, now: int) -> list[Command]:
        if not event.foreground:
            return []
        self.first_chunk.listen()
        return [ResumePlayback()] if self.recovery is not None else []

    # --- the user's turn ---

    def _speech_started(self, event: events.InputAudioBufferSpeechStarted, now: int) -> list[Command]:
        self.watchdog.arm(now)
        self.health.speech_started()
        heard = self.playback.interrupt(now) if self.interruption.is_one(now) else None
        if heard is None:
            return []
        item_id, heard_ms = heard
        truncate = events.ConversationItemTruncate(item_id=item_id, content_index=0, audio_end_ms=heard_ms)
        return [StopPlayback(), truncate]

    def _speech_stopped(self, event: events.InputAudioBufferSpeechStopped, now: int) -> list[Command]:
        self.watchdog.disarm()
        self.health.speech_ended()
        return []

    def _committed(self, event: events.InputAudioBufferCommitted, now: int) -> list[Command]:
        self.history.user(event.item_id)
        self.health.committed(now)
        return []

    def _cleared(self, event: events.InputAudioBufferCleared, now: int) -> list[Command]:
        if not self._ending_speech:
            return []
        self._ending_speech = False
        self.watchdog.disarm()
        self.health.speech_ended()
        return []

    # --- the assistant's turn ---

    def _response_created(self, event: events.ResponseCreated, now: int) -> list[Command]:
        self.health.response_moved(now)
        return []

    def _audio(self, event: events.ResponseOutputAudioDelta, now: int) -> list[Command]:
        self.health.response_moved(now)
        if self.recovery is not None:
            self.recovery.worked("hearing", "response", "answer", "connection")
        if not self.playback.accept(event.item_id, event.delta, now):
            return []
        return [Play(event.delta, event.item_id, event.response_id)]

    def _transcript(self, event: events.ResponseOutputAudioTranscriptDone, now: int) -> list[Command]:
        self.history.assistant(event.item_id, event.transcript)
        return []

    def _response_done(self, event: events.ResponseDone, now: int) -> list[Command]:
        self.health.response_done()
        return []

    def _playback_ended(self, event: PlaybackEnded, now: int) -> list[Command]:
        self.playback.ended()
        self.first_chunk.listen()
        if self.recovery is not None:
            self.recovery.worked("playback")
        return []

    # --- recovery ---

    def _look(self, now: int) -> list[Command]:
        if self.recovery is None:
            return []
        if self.capture.proven:
            self.recovery.worked("capture", "silence")
        if not self.connected:
            return []
        if self.heartbeat.lost(now):
            return self._treat("peer_lost", self.recovery.remedy("peer_lost", now), now)
        commands: list[Command] = [Ping()] if self.heartbeat.ping_due(now) else []
        symptom = self.health.symptom(now, self.playback.overdue_us(now))
        if symptom is None:
            return commands
        remedy = self.recovery.remedy(symptom, now)
        if remedy == "open_gate" and self.gate.is_open:
            remedy = self.recovery.skip(symptom, now)
        return commands + self._treat(symptom, remedy, now)

    def _treat(self, symptom: str, remedy: Remedy | None, now: int) -> list[Command]:
        if remedy is None:
            return []
        self.health.treated(now)
        log = Log("remedy", {"symptom": symptom, "remedy": remedy})
        return [log, *_REMEDIES[remedy](self, symptom, now)]

    def _reopen_capture(self, symptom: str, now: int) -> list[Command]:
        self.capture.begin(now)
        return [ReopenCapture()]

    def _resume_playback(self, symptom: str, now: int) -> list[Command]:
        return [ResumePlayback()]

    def _open_gate(self, symptom: str, now: int) -> list[Command]:
        self.gate.open()
        return []

    def _end_speech(self, symptom: str, now: int) -> list[Command]:
        """Clear, take ``cleared`` for the end of speech, and have turn detection start afresh."""
        self._ending_speech = True
        again = self._turn_detection() or {"type": "server_vad"}
        return [events.InputAudioBufferClear(), _update(None), _update(again)]

    def _cancel_response(self, symptom: str, now: int) -> list[Command]:
        return [events.ResponseCancel()]

    def _ask_for_response(self, symptom: str, now: int) -> list[Command]:
        return [events.ResponseCreate()]

    def _reconnect(self, symptom: str, now: int) -> list[Command]:
        return self._dial(now)

    def _tell_user(self, symptom: str, now: int) -> list[Command]:
        words = "I cannot hear you" if symptom.startswith("capture") else "you may not hear me"
        return [TellUser(f"Something is wrong with the sound: {words}.")]

    def _turn_detection(self) -> dict[str, Any] | None:
        """The turn detection the settings ask for; None leaves the service's default."""
        chosen = {
            "threshold": self.settings.threshold,
            "prefix_padding_ms": self.settings.prefix_padding_ms,
            "silence_duration_ms": self.settings.silence_duration_ms,
        }
        given = {name: value for name, value in chosen.items() if value is not None}
        return {"type": "server_vad", **given} if given else None


_REMEDIES: dict[Remedy, Callable[[VoiceClient, str, int], list[Command]]] = {
    "reopen_capture": VoiceClient._reopen_capture,
    "resume_playback": VoiceClient._resume_playback,
    "open_gate": VoiceClient._open_gate,
    "end_speech": VoiceClient._end_speech,
    "cancel_response": VoiceClient._cancel_response,
    "ask_for_response": VoiceClient._ask_for_response,
    "reconnect": VoiceClient._reconnect,
    "tell_user": VoiceClient._tell_user,
}


def _update(turn_detection: dict[str, Any] | None) -> events.SessionUpdate:
    return events.SessionUpdate(session={"type": "realtime", "audio": {"input": {"turn_detection": turn_detection}}})
