"""A voice client made of the kit's parts, as its settings say."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ..audio.chunk import Chunk
from ..audio.formats import SAMPLE_RATE_HZ
from ..protocol import events
from ..protocol.events import Event
from ..units import SECOND
from .connection import Redial
from .far_end import FarEnd
from .gate import FirstChunkLog, Gate
from .interface import (
    AppState,
    CallState,
    ChannelClosed,
    Closed,
    Command,
    Connect,
    DialFailed,
    Log,
    MediaReport,
    Opened,
    Play,
    PlaybackEnded,
    Pong,
    ResumePlayback,
    Signal,
    TellUser,
)
from .interruption import Interruption, Watchdog
from .playback import PlaybackMeter
from .recovery.supervisor import RecoverySupervisor
from .replay import ConversationHistory, UnansweredSpeech
from .requests import ResponseRequests
from .session_setup import ClientSessionSetup
from .settings import ClientSettings
from .tools import ToolCalls


@lru_cache(maxsize=16)
def _silence(size: int) -> bytes:
    """So many bytes of digital silence."""
    return bytes(size)


class VoiceClient:
    """A :class:`harness.clients.interface.Client`: hands each chunk, event and signal to the parts that it concerns.

    The server detects turns and answers them, unless ``session_setup`` is passed, which switches that off.
    ``playback`` follows the speaker by the clock, and ``gate`` gates as the settings say, unless others are passed.
    """

    def __init__(
        self,
        settings: ClientSettings,
        session_setup: ClientSessionSetup | None = None,
        playback: PlaybackMeter | None = None,
        gate: Gate | None = None,
    ) -> None:
        self.settings = settings
        self.gate = gate or Gate(settings)
        self.interruption = Interruption(settings)
        self.first_chunk = FirstChunkLog()
        self.watchdog = Watchdog(settings.watchdog_ms)
        self.playback = playback or PlaybackMeter()
        self.history = ConversationHistory()
        self.redial = Redial(settings)
        self.session_setup = session_setup or ClientSessionSetup(settings)
        self.unanswered = UnansweredSpeech(settings)
        self.requests = ResponseRequests()
        self.tools = ToolCalls(self.requests)
        self.connected = False
        self.far_end: FarEnd | None = None
        """What is known of a call, while the connection is one."""
        self._greets = settings.greets == "once"
        self.supervisor: RecoverySupervisor | None = None
        if settings.recovery != "off":
            self.supervisor = RecoverySupervisor(settings, self.gate, self.playback, self.session_setup, self._dial)
        self._handlers: dict[type, Callable[[Any, int], list[Command]]] = {
            Opened: self._opened,
            Closed: self._closed,
            DialFailed: self._dial_failed,
            Pong: self._pong,
            CallState: self._call_state,
            ChannelClosed: self._closed,
            MediaReport: self._media_report,
            AppState: self._app_state,
            PlaybackEnded: self._playback_ended,
            events.ErrorEvent: self._error,
            events.SessionCreated: self._session_created,
            events.SessionUpdated: self._session_updated,
            events.InputAudioBufferSpeechStarted: self._speech_started,
            events.InputAudioBufferSpeechStopped: self._speech_stopped,
            events.InputAudioBufferCommitted: self._committed,
            events.InputAudioBufferCleared: self._cleared,
            events.InputAudioBufferTimeoutTriggered: self._idled,
            events.ResponseCreated: self._response_created,
            events.ResponseOutputAudioDelta: self._audio,
            events.ResponseOutputAudioDone: self._audio_made,
            events.OutputAudioBufferStarted: self._far_end_starts,
            events.OutputAudioBufferStopped: self._far_end_stops,
            events.OutputAudioBufferCleared: self._far_end_stops,
            events.ResponseOutputAudioTranscriptDone: self._transcript,
            events.ResponseOutputTextDone: self._text,
            events.ResponseFunctionCallArgumentsDone: self._called,
            events.ResponseOutputItemDone: self._item_done,
            events.ResponseDone: self._response_done,
        }

    # --- the four methods ---

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        """Gate the chunk and append it; the health check runs here if the wake-up for it is overdue."""
        speaking = self.playback.speaks(now)
        passed = self.gate.passes(chunk.energy, chunk.size, speaking, now)
        commands = self._captured(chunk, passed, speaking, now)
        if self.connected and (passed or not self.gate.skips):
            audio = chunk.pcm if passed else _silence(2 * chunk.size)
            commands.append(events.InputAudioBufferAppend(audio=audio))
        return commands

    def _captured(self, chunk: Chunk, passed: bool, speaking: bool, now: int) -> list[Command]:
        """What all but the gate makes of a chunk."""
        energy, count = chunk.energy, chunk.size
        if speaking:
            self.interruption.chunk(energy, count, now)
        commands: list[Command] = []
        if self.supervisor is not None:
            voiced = self.supervisor.chunk(chunk, count * SECOND // SAMPLE_RATE_HZ, passed, speaking, now)
            if self.supervisor.strategy.resends_speech:
                self.unanswered.chunk(chunk.pcm, voiced)
            if self.supervisor.is_overdue(now):
                commands += self.wake(now)
        if self.first_chunk.waiting:
            line = self.first_chunk.chunk(chunk.peak, count)
            if line is not None:
                commands.append(Log("first_chunk", {"line": line}))
        return commands

    def receive(self, event: Event | Signal, now: int) -> list[Command]:
        """Act on a server event or a signal; unknown ones are ignored."""
        handler = self._handlers.get(type(event))
        return handler(event, now) if handler is not None else []

    def wake(self, now: int) -> list[Command]:
        """Watchdog, redial, pings and the health check."""
        commands: list[Command] = []
        if self.watchdog.fires(now):
            commands += [Log("watchdog", {"sends": "input_audio_buffer.clear"}), events.InputAudioBufferClear()]
        if self.redial.due is not None and now >= self.redial.due:
            commands += self._dial(now)
        if self.supervisor is not None and self.supervisor.is_due(now):
            commands += self._check(self.supervisor, now)
        return commands

    def next_wake(self) -> int | None:
        """The earliest time at which something is due."""
        due = self.supervisor.next_check if self.supervisor is not None else None
        for other in (self.watchdog.due, self.redial.due):
            if other is not None and (due is None or other < due):
                due = other
        return due

    def _check(self, supervisor: RecoverySupervisor, now: int) -> list[Command]:
        late = supervisor.begin_check(now)
        if not self.connected:
            return self._dial_failed(DialFailed("timed out"), now) if self.redial.is_overdue(now) else []
        if self.session_setup.is_overdue(now):
            return self._begin_session(now)
        if supervisor.is_steady(now):
            self.redial.succeeded()
        commands: list[Command] = [*self.session_setup.due(now)]
        return commands if late else commands + supervisor.treat(now)

    # --- the connection ---

    def _opened(self, event: Opened, now: int) -> list[Command]:
        self.connected = True
        self.far_end = FarEnd(self.playback) if event.transport == "webrtc" else None
        self.session_setup.opened(now)
        self.first_chunk.listen()
        if self.supervisor is None:
            self.redial.succeeded()
        else:
            self.redial.opened()
            self.supervisor.opened(now, pings=self.far_end is None)
        return []

    def _session_created(self, event: events.SessionCreated, now: int) -> list[Command]:
        if self.far_end is not None:
            self.far_end.session(event.session)
        return [] if self.session_setup.has_begun else self._begin_session(now)

    def _session_updated(self, event: events.SessionUpdated, now: int) -> list[Command]:
        self.session_setup.updated(event.session)
        if self.far_end is not None:
            self.far_end.session(event.session)
        return []

    def _begin_session(self, now: int) -> list[Command]:
        """Send the client's own settings, then the turns so far, then the speech that was not answered."""
        commands: list[Command] = [*self.session_setup.begin(now)]
        if self._greets:
            self._greets = False
            return commands + self._request(self.requests.ask(), now)
        if self.supervisor is None or not self.supervisor.strategy.replays_history:
            return commands
        commands += self.history.replay(without_last_user_turn=bool(self.unanswered))
        return commands + self._resend(self.supervisor, now)

    def _resend(self, supervisor: RecoverySupervisor, now: int) -> list[Command]:
        """Send unanswered speech again, if the strategy keeps it."""
        if not self.unanswered:
            return []
        supervisor.health.resent(now)
        return [events.InputAudioBufferAppend(audio=self.unanswered.take())]

    def _closed(self, event: Closed | ChannelClosed | CallState, now: int) -> list[Command]:
        self._lost()
        self.redial.failed(now)
        return []

    def _dial_failed(self, event: DialFailed, now: int) -> list[Command]:
        self._lost()
        self.redial.failed(now)
        failures = self.redial.failures
        if self.supervisor is not None and failures % 4 == 0:
            return [TellUser(f"I cannot reach the assistant; I keep trying ({failures} attempts so far).")]
        return []

    def _dial(self, now: int) -> list[Command]:
        self._lost()
        self.redial.dialled(now)
        return [Connect()]

    def _lost(self) -> None:
        self.connected = False
        self.watchdog.disarm()
        self.requests.begin_session()
        self.tools.begin_session()
        if self.supervisor is not None:
            self.supervisor.lost()

    def _pong(self, event: Pong, now: int) -> list[Command]:
        if self.supervisor is not None:
            self.supervisor.heartbeat.pong()
        return []

    def _call_state(self, event: CallState, now: int) -> list[Command]:
        """A call that has failed is as good as closed; one that is disconnected may come back."""
        if event.state == "failed":
            return self._closed(event, now) if self.connected else []
        if self.supervisor is not None and event.state == "disconnected":
            self.supervisor.heartbeat.missed(now)
        elif self.supervisor is not None:
            self.supervisor.heartbeat.pong()
        return []

    def _error(self, event: events.ErrorEvent, now: int) -> list[Command]:
        code = event.error.code
        if self.supervisor is not None:
            if code == "session_expired":
                return self._dial(now)
            self.supervisor.refused(code, now)
        outputs = self.tools.none_active() if code == "response_cancel_not_active" else []
        return [*outputs, *self._request(self.requests.refused(code, event.error.event_id), now)]

    def _app_state(self, event: AppState, now: int) -> list[Command]:
        if not event.foreground:
            return []
        self.first_chunk.listen()
        if self.supervisor is None:
            return []
        self.supervisor.capture.returned()
        return [ResumePlayback()] if self.supervisor.strategy.resumes_playback else []

    # --- the user's turn ---

    def _speech_started(self, event: events.InputAudioBufferSpeechStarted, now: int) -> list[Command]:
        self.watchdog.arm(now)
        self.requests.speech_started(event.item_id)
        if self.supervisor is not None:
            self.supervisor.health.speech_started(event.item_id, now)
        if not self.interruption.is_one(now) or (self.far_end is not None and self.far_end.server_interrupts):
            return []
        cut = self.playback.cut(now)
        cancels = cut and self.far_end is not None and self.requests.active is not None
        return [events.ResponseCancel(), *cut] if cancels else cut

    def _speech_stopped(self, event: events.InputAudioBufferSpeechStopped, now: int) -> list[Command]:
        self.watchdog.disarm()
        self.requests.speech_ended(event.item_id)
        if self.supervisor is not None:
            self.supervisor.health.speech_ended(event.item_id, now)
        return []

    def _committed(self, event: events.InputAudioBufferCommitted, now: int) -> list[Command]:
        self.requests.speech_ended(event.item_id)
        if self.supervisor is None or self.supervisor.health.committed(event.item_id, now):
            self.history.user(event.item_id)
        return []

    def _cleared(self, event: events.InputAudioBufferCleared, now: int) -> list[Command]:
        commands = self._request(self.requests.speech_dropped(), now)
        if self.supervisor is None or not self.supervisor.cleared(now):
            return commands
        self.watchdog.disarm()
        return commands + self._resend(self.supervisor, now)

    def _idled(self, event: events.InputAudioBufferTimeoutTriggered, now: int) -> list[Command]:
        if self.supervisor is not None:
            self.supervisor.health.prompts.triggered(event.item_id)
        return []

    # --- the assistant's turn ---

    def _response_created(self, event: events.ResponseCreated, now: int) -> list[Command]:
        outputs = self.tools.response_created(event.response.id)
        self.requests.response_created(event.response.id)
        if self.supervisor is not None:
            self.supervisor.health.response_created(event.response.id, now)
        return [*outputs]

    def _audio(self, event: events.ResponseOutputAudioDelta, now: int) -> list[Command]:
        audible = self.supervisor is None or self.supervisor.audio(event.response_id, event.delta, now)
        is_prompt = self.supervisor is not None and event.response_id in self.supervisor.health.prompts
        if audible and not is_prompt:
            self.unanswered.answered()
        if not self.playback.accept(event.item_id, event.delta, now, audible=audible):
            return []
        return [Play(event.delta, event.item_id, event.response_id)]

    def _audio_made(self, event: events.ResponseOutputAudioDone, now: int) -> list[Command]:
        if self.far_end is not None:
            self.far_end.has_audio(event.response_id)
        return []

    def _far_end_starts(self, event: events.OutputAudioBufferStarted, now: int) -> list[Command]:
        if self.far_end is not None:
            self.far_end.started(event.response_id, now)
        return []

    def _far_end_stops(
        self, event: events.OutputAudioBufferStopped | events.OutputAudioBufferCleared, now: int
    ) -> list[Command]:
        if self.far_end is None:
            return []
        self.far_end.stopped(event.response_id)
        return self._playback_ended(PlaybackEnded(), now)

    def _media_report(self, event: MediaReport, now: int) -> list[Command]:
        if self.far_end is None:
            return []
        heard, over = self.far_end.report(event, now)
        if heard is not None:
            if self.supervisor is not None:
                self.supervisor.heard(heard, now)
            if self.supervisor is None or heard not in self.supervisor.health.prompts:
                self.unanswered.answered()
        for done in over:
            self._response_ended(done)
        return []

    def _transcript(self, event: events.ResponseOutputAudioTranscriptDone, now: int) -> list[Command]:
        self.history.assistant(event.item_id, event.transcript)
        return []

    def _called(self, event: events.ResponseFunctionCallArgumentsDone, now: int) -> list[Command]:
        self.tools.called(event.response_id, event.call_id)
        return []

    def _item_done(self, event: events.ResponseOutputItemDone, now: int) -> list[Command]:
        self.tools.item_done(event.response_id, event.item)
        return []

    def _text(self, event: events.ResponseOutputTextDone, now: int) -> list[Command]:
        self.history.assistant(event.item_id, event.text)
        return []

    def _response_done(self, event: events.ResponseDone, now: int) -> list[Command]:
        if self.far_end is None or not self.far_end.awaits(event):
            self._response_ended(event)
        outputs = self.tools.response_done(event.response)
        return [*outputs, *self._request(self.requests.response_done(event.response.id), now)]

    def _response_ended(self, event: events.ResponseDone) -> None:
        """All of a response has arrived: it was heard, or it had no sound."""
        if self.supervisor is not None:
            calls = any(item.type != "message" for item in event.response.output)
            self.supervisor.health.response_done(event.response.id, event.response.status, calls)

    def _request(self, requests: list[events.ResponseCreate], now: int) -> list[Command]:
        """Send the client's own request, if there is one, and wait for its response as for that of a turn."""
        if requests and self.supervisor is not None:
            self.supervisor.health.asked(now)
        return [*requests]

    def _playback_ended(self, event: PlaybackEnded, now: int) -> list[Command]:
        self.playback.ended()
        self.first_chunk.listen()
        if self.supervisor is not None:
            self.supervisor.played(now)
        return []
