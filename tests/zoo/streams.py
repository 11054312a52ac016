"""Mistakes in the streams of audio: what is sent twice or late, what is played too quietly, what was cut off where."""

from harness.audio.chunk import Chunk
from harness.clients.interface import Closed, Command, Play
from harness.protocol import events as e
from harness.units import MS

from . import conversations as c
from .healthy import Healthy
from .samples import scaled
from .specimen import harms

# --- one capture ----------------------------------------------------------------------------------------------------


@harms("one_capture", in_=c.STOPPED)
class AddsAListenerAtEachReopen(Healthy):
    """A reopened capture gets a second listener, and the first one stays: each chunk is sent twice."""

    def setup(self) -> None:
        self.listeners = 1

    def microphone_is_silent(self) -> list[Command]:
        self.listeners += 1
        return super().microphone_is_silent()

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return super().uplink(chunk, now) * self.listeners


@harms("one_capture", in_=c.CUT_BETWEEN)
class CapturesOncePerSession(Healthy):
    """Each session starts a capture, and none is ended."""

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return super().uplink(chunk, now) * self.sessions


@harms("one_capture", in_=c.PLAIN)
class SendsThePrerollTwice(Healthy):
    """When the user starts to speak, the last 800 ms are sent, though they were sent before."""

    def barge_in(self, now: int) -> list[Command]:
        again = e.InputAudioBufferAppend(audio=self.listening.since(now - 800 * MS))
        return [again, *super().barge_in(now)]


@harms("one_capture", in_=c.PLAIN)
class CatchesUpOnWhatItSent(Healthy):
    """What was captured during an answer is sent behind it, though it was sent live."""

    def setup(self) -> None:
        self.began = 0

    def on_audio(self, delta: e.ResponseOutputAudioDelta, now: int) -> list[Command]:
        if not self.playback.playing:
            self.began = now
        return super().on_audio(delta, now)

    def on_played(self, now: int) -> list[Command]:
        return [e.InputAudioBufferAppend(audio=self.listening.since(self.began)), *super().on_played(now)]


# --- fresh audio ----------------------------------------------------------------------------------------------------


@harms("fresh_audio", in_=c.PLAIN)
class FourSecondsBehind(Healthy):
    """A buffer against jitter holds 4 s of the captured audio before the first is sent."""

    def setup(self) -> None:
        self.queue: list[bytes] = []

    def resend(self, since: int, now: int) -> list[Command]:
        self.queue.clear()
        return super().resend(since, now)

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        self.queue.append(chunk.pcm)
        if sum(map(len, self.queue)) <= 4 * 48_000:
            return []
        return [e.InputAudioBufferAppend(audio=self.queue.pop(0))]


@harms("fresh_audio", in_=c.SHORT_OUTAGE)
class NeverCatchesUp(Healthy):
    """What is captured during an outage is queued, and then sent chunk by chunk: the queue keeps its length."""

    def setup(self) -> None:
        self.queue: list[bytes] = []

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        self.queue.append(chunk.pcm)
        return super().hear(chunk, now)

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return [e.InputAudioBufferAppend(audio=self.queue.pop(0))]

    def sends_again(self, now: int) -> int | None:
        return None


@harms("fresh_audio", in_=c.PLAIN)
class SendsATenthTooSlowly(Healthy):
    """A timer sends 9 chunks where 10 are captured: after a minute the audio is 6 s old."""

    def setup(self) -> None:
        self.queue: list[bytes] = []
        self.credit = 0

    def resend(self, since: int, now: int) -> list[Command]:
        self.queue.clear()
        return super().resend(since, now)

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        self.queue.append(chunk.pcm)
        self.credit += 9
        if self.credit < 10:
            return []
        self.credit -= 10
        return [e.InputAudioBufferAppend(audio=self.queue.pop(0))]


# --- the output's level ---------------------------------------------------------------------------------------------


class Ducks(Healthy):
    """Plays with a volume."""

    volume = 1.0

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        audio = delta.delta if self.volume == 1.0 else scaled(delta.delta, self.volume)
        return [Play(audio, delta.item_id, delta.response_id)]


@harms("output_level", in_=c.BARGE_IN)
class DucksForGood(Ducks):
    """An answer that the user speaks over is turned down to a fifth, and the volume is never restored."""

    def barge_in(self, now: int) -> list[Command]:
        if self.playback.playing:
            self.volume = 0.2
        return super().barge_in(now)


@harms("output_level", in_=c.PLAIN)
class RestoresTooLittle(Ducks):
    """The volume is halved when the user starts to speak, and raised by a fifth at the end: it falls turn by turn."""

    def on_event(self, event: e.Event, now: int) -> list[Command]:
        if isinstance(event, e.InputAudioBufferSpeechStarted):
            self.volume *= 0.5
        elif isinstance(event, e.InputAudioBufferSpeechStopped):
            self.volume *= 1.2
        return super().on_event(event, now)


@harms("output_level", in_=c.AWAY)
class StaysQuietAfterTheReturn(Ducks):
    """In the background the volume is a tenth, and the return leaves it there."""

    def on_app(self, foreground: bool, now: int) -> list[Command]:
        self.volume = 0.1
        return super().on_app(foreground, now)


@harms("output_level", in_=c.CUT_BETWEEN)
class NeverFadesIn(Ducks):
    """A player that is made after a reconnect begins at 15 % to fade in, and the fade is never run."""

    def on_closed(self, closed: Closed, now: int) -> list[Command]:
        self.volume = 0.15
        return super().on_closed(closed, now)


# --- truncation -----------------------------------------------------------------------------------------------------


@harms("truncates_right", in_=c.BARGE_IN)
class NeverTruncates(Healthy):
    """The server is not told what was heard."""

    def barge_in(self, now: int) -> list[Command]:
        return [each for each in super().barge_in(now) if not isinstance(each, e.ConversationItemTruncate)]


@harms("truncates_right", in_=c.BARGE_IN)
class TruncatesAtWhatItReceived(Healthy):
    """The place is the length of the audio that was received."""

    def barge_in(self, now: int) -> list[Command]:
        self.received = {each.item_id: each.length_us // MS for each in self.playback.queue}
        return super().barge_in(now)

    def truncation(self, item_id: str, played_ms: int) -> Command:
        return super().truncation(item_id, self.received[item_id])


@harms("truncates_right", in_=c.BARGE_IN)
class TruncatesAtNothing(Healthy):
    """The place is always 0 ms."""

    def truncation(self, item_id: str, played_ms: int) -> Command:
        return super().truncation(item_id, 0)


@harms("truncates_right", in_=c.BARGE_IN_LATE_START)
class CountsFromTheRequest(Healthy):
    """The place is the time since ``response.created``, long before the first audio."""

    def setup(self) -> None:
        self.created_at = self.now = 0

    def on_response(self, response_id: str, now: int) -> list[Command]:
        self.created_at = now
        return super().on_response(response_id, now)

    def barge_in(self, now: int) -> list[Command]:
        self.now = now
        return super().barge_in(now)

    def truncation(self, item_id: str, played_ms: int) -> Command:
        return super().truncation(item_id, (self.now - self.created_at) // MS)


@harms("truncates_right", in_=c.BARGE_IN)
class CountsAtAnotherRate(Healthy):
    """Bytes are turned into milliseconds at 48 kHz, so the place is half of what was heard."""

    def truncation(self, item_id: str, played_ms: int) -> Command:
        return super().truncation(item_id, played_ms // 2)
