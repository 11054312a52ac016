"""Silences that begin at the speaker."""

from harness.clients.interface import Command, Play
from harness.protocol import events as e

from . import conversations as c
from .conversations import talk
from .healthy import Healthy
from .samples import swapped
from .specimen import SILENCE, harms


@harms(SILENCE, "reply_garbled", in_=c.PLAIN)
class PlaysMulawAsPcm(Healthy):
    """Output is asked for as mu-law, and played as PCM."""

    def session(self) -> dict[str, object]:
        session = super().session()
        session["audio"]["output"]["format"] = {"type": "audio/pcmu"}
        return session

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        return [Play(delta.delta, delta.item_id, delta.response_id, format="audio/pcm")]


@harms(SILENCE, "reply_garbled", in_=c.CUT_BETWEEN)
class SwapsTheOutputAfterReconnect(Healthy):
    """The player that is made for a new session takes the high byte first."""

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        audio = swapped(delta.delta) if self.sessions > 1 else delta.delta
        return [Play(audio, delta.item_id, delta.response_id)]


@harms(SILENCE, "output_muted", in_=c.CUT_IN_SPEECH)
class SavesTheMutedVolume(Healthy):
    """The output is muted while the user speaks; two starts of speech in a row save the muted volume as the old one."""

    def setup(self) -> None:
        self.volume = self.saved = 1

    def on_event(self, event: e.Event, now: int) -> list[Command]:
        if isinstance(event, e.InputAudioBufferSpeechStarted):
            self.saved, self.volume = self.volume, 0
        elif isinstance(event, e.InputAudioBufferSpeechStopped):
            self.volume = self.saved
        return super().on_event(event, now)

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        audio = delta.delta if self.volume else bytes(len(delta.delta))
        return [Play(audio, delta.item_id, delta.response_id)]


@harms(SILENCE, "output_muted", in_=talk("The app is away for a while", c.background(9.5, 4)))
class StaysMutedAfterTheReturn(Healthy):
    """The output is muted in the background; the audio focus that would unmute it is never given back."""

    def setup(self) -> None:
        self.muted = False

    def on_app(self, foreground: bool, now: int) -> list[Command]:
        self.muted = True
        return super().on_app(foreground, now)

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        audio = bytes(len(delta.delta)) if self.muted else delta.delta
        return [Play(audio, delta.item_id, delta.response_id)]


@harms(SILENCE, "playback_suspended", in_=c.AWAY)
class NeverResumesTheOutput(Healthy):
    """A suspended output is left as it is."""

    def on_app(self, foreground: bool, now: int) -> list[Command]:
        super().on_app(foreground, now)
        return []

    def due_resume(self, now: int) -> list[Command]:
        return []


@harms(SILENCE, "client_waiting", in_=c.BARGE_IN)
class CollectsUntilTheEndIsReported(Healthy):
    """An answer is queued only when the end of the one before was reported, and a dropped queue reports no end."""

    def setup(self) -> None:
        self.playing_id: str | None = None
        self.waiting: list[Command] = []

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        play = super().played(delta)
        if self.playing_id not in (None, delta.response_id):
            self.waiting += play
            return []
        self.playing_id = delta.response_id
        return play

    def on_played(self, now: int) -> list[Command]:
        waiting, self.waiting, self.playing_id = self.waiting, [], None
        return waiting
