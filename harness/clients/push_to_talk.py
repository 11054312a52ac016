"""A client with a talk button: the server detects no turns; the client commits what was said and asks for a response.

It never knows that an answer is to the words it sent; so a commit that is not confirmed is sent again, and speech is
kept until assistant audio arrives.
"""

from ..audio.chunk import Chunk
from ..audio.formats import PCM24K, SAMPLE_RATE_HZ
from ..protocol import events
from ..units import MS, SECOND
from .interface import Command, TalkButton
from .recovery.supervisor import RecoverySupervisor
from .replay import UnansweredSpeech
from .session_setup import ClientSessionSetup
from .settings import ClientSettings
from .voice_client import VoiceClient

PUSH_TO_TALK_SETTINGS = ClientSettings(recovery="ladder")
"""No gate: what is said while the button is pressed is meant for the assistant."""

_SHORTEST_US = 100 * MS
"""Less cannot be committed (captured in the error's text)."""
_BUTTON = "button"
"""Stands for the item id of the turn, which no event names before it is committed."""


class PushToTalk(VoiceClient):
    """Sends what is captured while the button is pressed; a press interrupts, a release asks for the answer."""

    def __init__(self, settings: ClientSettings = PUSH_TO_TALK_SETTINGS) -> None:
        super().__init__(settings, ClientSessionSetup(settings, detects_turns=False))
        self.pressed = False
        self._sent_us = 0
        """Audio in the server's buffer, in microseconds."""
        self._confirm_by: int | None = None
        """When a commit is sent again whose ``committed`` did not arrive."""
        self._asks_when_committed = False
        self._unwanted: str | None = None
        """The response that was interrupted: what still arrives of it is not played."""
        self._handlers[TalkButton] = self._button
        for of_turn_detection in (
            events.InputAudioBufferSpeechStarted,
            events.InputAudioBufferSpeechStopped,
            events.InputAudioBufferCleared,
        ):
            del self._handlers[of_turn_detection]

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        """Append the chunk while the button is pressed; the capture is watched all the time."""
        commands: list[Command] = []
        duration_us = chunk.size * SECOND // SAMPLE_RATE_HZ
        if self.supervisor is not None:
            self.supervisor.capture.chunk(chunk, duration_us, self.playback.speaks(now), now)
            if self.supervisor.is_overdue(now):
                commands += self.wake(now)
            if self.pressed and self.supervisor.strategy.resends_speech:
                self.unanswered.chunk(chunk.pcm, voiced=True)
        if self.pressed and self._in_session:
            self._sent_us += duration_us
            commands.append(events.InputAudioBufferAppend(audio=chunk.pcm))
        return commands

    @property
    def _in_session(self) -> bool:
        """Whether the session is set up; before that, what is said is kept for :meth:`_resend`."""
        return self.connected and self.session_setup.has_begun

    # --- the button ---

    def _button(self, button: TalkButton, now: int) -> list[Command]:
        return self._press(now) if button.pressed else self._release(now)

    def _press(self, now: int) -> list[Command]:
        self.pressed = True
        self._sent_us = 0
        self._confirm_by, self._asks_when_committed = None, False
        self.unanswered = UnansweredSpeech(self.settings)
        if self.supervisor is not None:
            self.supervisor.health.turn_begins(now)
        self._unwanted = self.requests.active
        self.requests.speech_started(_BUTTON)
        commands: list[Command] = [events.ResponseCancel()] if self.requests.under_way else []
        return [*commands, *self.playback.cut(now), events.InputAudioBufferClear()]

    def _release(self, now: int) -> list[Command]:
        self.pressed = False
        return self._submit(now) if self._in_session else []

    def _submit(self, now: int) -> list[Command]:
        """Commit what was sent, and ask for a response; a touch of the button is no turn."""
        due = self.requests.speech_dropped()
        if self._sent_us < _SHORTEST_US:
            return self._request(due, now)
        self._sent_us = 0
        self._confirm_by = now + self.settings.rung_wait_ms * MS
        if self.supervisor is not None:
            self.supervisor.health.asked(now)
        return [events.InputAudioBufferCommit(), *self._request(due or self.requests.ask(), now)]

    # --- the session ---

    def _resend(self, supervisor: RecoverySupervisor, now: int) -> list[Command]:
        """Send again what was not answered; if the button was released meanwhile, the turn is complete."""
        if not self.unanswered:
            return []
        audio = self.unanswered.take()
        self._sent_us = PCM24K.duration_us(len(audio))
        append = events.InputAudioBufferAppend(audio=audio)
        return [append] if self.pressed else [append, *self._submit(now)]

    def _lost(self) -> None:
        super()._lost()
        self._sent_us = 0
        self._confirm_by = self._unwanted = None
        if self.pressed:
            self.requests.speech_started(_BUTTON)

    def _check(self, supervisor: RecoverySupervisor, now: int) -> list[Command]:
        """Commit again if that was not confirmed: if only the confirmation was lost, the server refuses it."""
        commands = super()._check(supervisor, now)
        if not self._in_session or self._confirm_by is None or now < self._confirm_by:
            return commands
        self._confirm_by, self._asks_when_committed = None, True
        return [*commands, events.InputAudioBufferCommit()]

    def _committed(self, event: events.InputAudioBufferCommitted, now: int) -> list[Command]:
        commands = super()._committed(event, now)
        self._confirm_by = None
        if self._asks_when_committed:
            self._asks_when_committed = False
            commands += self._request(self.requests.ask(), now)
        return commands

    def _error(self, event: events.ErrorEvent, now: int) -> list[Command]:
        """A commit that found nothing: the server has taken the turn by itself, and answers it."""
        if event.error.code == "input_audio_buffer_commit_empty":
            self.requests.forgo()
        return super()._error(event, now)

    # --- the assistant's turn ---

    def _response_created(self, event: events.ResponseCreated, now: int) -> list[Command]:
        """A response that begins while the user speaks is too late."""
        commands = super()._response_created(event, now)
        if not self.pressed:
            return commands
        self._unwanted = event.response.id
        return [*commands, events.ResponseCancel()]

    def _response_done(self, event: events.ResponseDone, now: int) -> list[Command]:
        """However a response ended while the user speaks, it needs no other in its place."""
        commands = super()._response_done(event, now)
        if self.pressed and self.supervisor is not None:
            self.supervisor.health.turn_begins(now)
        return commands

    def _audio(self, event: events.ResponseOutputAudioDelta, now: int) -> list[Command]:
        if self.pressed:
            self._unwanted = event.response_id
        return [] if event.response_id == self._unwanted else super()._audio(event, now)
