"""A client on a telephone line: a bridge between a call's media stream and the session, as telephone services have it.

It asks for mu-law in both directions, and holds what the caller says until that is confirmed, a second at most; then
it goes on in the format of a new session. It plays to the line in packets of 20 ms, with a mark behind each piece of an
answer; an answer in another format is converted. On ``speech_started`` it clears the line and truncates the answer to
what the marks say was played.

It has no microphone and no loudspeaker of its own: it never reopens a capture and never resumes an output. Of the
recovery ladder it has everything else.
"""

import msgspec

from ..audio.chunk import Chunk
from ..audio.formats import PCM24K, PCMU
from ..protocol import events
from ..protocol.events import Event
from ..units import SECOND
from .interface import Command, MarkPlayed, PlaybackEnded, ReopenCapture, ResumePlayback, Signal
from .line import AssistantAudio, CallerAudio, MarkedPlayback
from .session_setup import ClientSessionSetup
from .settings import ClientSettings
from .voice_client import VoiceClient

TELEPHONE_SETTINGS = ClientSettings(recovery="ladder", chunk_ms=20)
"""No gate: the server is to hear all that is on the line."""
_CONFIRMS_WITHIN_US = SECOND
"""A session that has not confirmed its settings for so long may not have them."""


class Telephone(VoiceClient):
    """Forwards the caller's audio, plays to the line, and knows from marks what was played."""

    transports: tuple[str, ...] = ("websocket",)
    """The line has a codec of its own, and what comes from it goes into appends."""

    def __init__(self, settings: ClientSettings = TELEPHONE_SETTINGS) -> None:
        self._marked = MarkedPlayback()
        super().__init__(settings, ClientSessionSetup(settings, audio_format=PCMU), self._marked)
        self._caller = CallerAudio()
        self._assistant = AssistantAudio()
        self._wait_until = 0
        self._handlers[MarkPlayed] = self._mark_played

    # --- the four methods ---

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        """Forward the caller's audio."""
        return self._on_line(super().hear(chunk, now), now)

    def receive(self, event: Event | Signal, now: int) -> list[Command]:
        """Act on a server event or a signal."""
        return self._on_line(super().receive(event, now), now)

    def wake(self, now: int) -> list[Command]:
        """Do what is due."""
        return self._on_line(super().wake(now), now)

    def _on_line(self, commands: list[Command], now: int) -> list[Command]:
        """The commands as a line can do them: the caller's audio in the session's format, and no devices."""
        outputs: list[Command] = []
        for command in commands:
            if isinstance(command, events.InputAudioBufferAppend):
                assert isinstance(command.audio, bytes)
                self._caller.add(command.audio)
            elif not isinstance(command, ReopenCapture | ResumePlayback):
                outputs.append(command)
            if isinstance(command, events.SessionUpdate):
                self._wait_until = now + _CONFIRMS_WITHIN_US
        confirmed = self.session_setup.confirmed
        if not self.connected or not self.session_setup.has_begun or (not confirmed and now < self._wait_until):
            return outputs
        audio = self._caller.take(PCMU if confirmed else PCM24K)
        return [*outputs, events.InputAudioBufferAppend(audio=audio)] if audio else outputs

    def _lost(self) -> None:
        super()._lost()
        self._caller.drop()

    # --- the user's turn ---

    def _speech_started(self, event: events.InputAudioBufferSpeechStarted, now: int) -> list[Command]:
        """All speech is a barge-in, also if the line has sent no packets in silence."""
        return super()._speech_started(event, now) or self.playback.cut(now)

    # --- the assistant's turn ---

    def _response_created(self, event: events.ResponseCreated, now: int) -> list[Command]:
        audio = event.response.audio
        output = audio.get("output") if isinstance(audio, dict) else None
        declared = output.get("format") if isinstance(output, dict) else None
        name = declared.get("type") if isinstance(declared, dict) else None
        self._assistant.response_created(event.response.id, name)
        return super()._response_created(event, now)

    def _audio(self, event: events.ResponseOutputAudioDelta, now: int) -> list[Command]:
        samples = self._assistant.samples(event.response_id, event.delta)
        heard = msgspec.structs.replace(event, delta=PCM24K.encode(samples))
        if not super()._audio(heard, now):
            return []
        return self._assistant.packets(event.response_id, event.item_id, event.delta, self._marked.mark())

    def _mark_played(self, event: MarkPlayed, now: int) -> list[Command]:
        """With the last mark all was played."""
        return super()._playback_ended(PlaybackEnded(), now) if self._marked.returned(event.name) else []

    def _playback_ended(self, event: PlaybackEnded, now: int) -> list[Command]:
        """A line says nothing but marks."""
        return []
