"""Correct clients of other designs: no verdict may fail them."""

from harness.audio.chunk import Chunk
from harness.clients.interface import Command, Signal, TalkButton
from harness.protocol import events as e
from harness.units import MS, SECOND

from .healthy import Healthy
from .listening import LOUD, PAUSE_US
from .samples import level


class CreatesItsReplies(Healthy):
    """The server ends turns; the client asks for each response."""

    detection = {"type": "server_vad", "create_response": False}  # noqa: RUF012

    def on_committed(self, now: int) -> list[Command]:
        super().on_committed(now)
        self.wants_reply = True
        return self.create()


class PushToTalk(Healthy):
    """No turn detection: what is said while the talk button is pressed is sent; its release commits.

    A response is asked for when the commit is confirmed: a commit of nothing is refused, and needs no answer.
    """

    detection = None

    def setup(self) -> None:
        self.down = False

    def on_signal(self, signal: Signal, now: int) -> list[Command]:
        if not isinstance(signal, TalkButton):
            return super().on_signal(signal, now)
        if signal.pressed:
            return self.press(now)
        self.down = False
        return self.release(now)

    def press(self, now: int) -> list[Command]:
        """The user begins to speak."""
        self.down, self.started_at = True, now
        return [*self.barge_in(now), *([e.InputAudioBufferClear()] if self.ready else [])]

    def release(self, now: int) -> list[Command]:
        """The user has spoken."""
        self.owe(self.started_at, now)
        return [e.InputAudioBufferCommit()] if self.ready else []

    def on_committed(self, now: int) -> list[Command]:
        super().on_committed(now)
        self.wants_reply = True
        return self.create()

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return [e.InputAudioBufferAppend(audio=chunk.pcm)] if self.down else []

    def resend(self, since: int, now: int) -> list[Command]:
        return [*super().resend(since, now), *([] if self.down else self.release(now))]


class ClientSideDetection(PushToTalk):
    """No turn detection and no button: all audio is sent, and the client commits where it hears an utterance end."""

    def setup(self) -> None:
        super().setup()
        self.loud_at = 0

    def on_signal(self, signal: Signal, now: int) -> list[Command]:
        return [] if isinstance(signal, TalkButton) else super().on_signal(signal, now)

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        out: list[Command] = []
        if level(chunk) > LOUD:
            self.loud_at = now
            if not self.down:
                self.down, self.started_at = True, now
                out = self.barge_in(now)
        return [*out, *super().hear(chunk, now)]

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        out: list[Command] = [e.InputAudioBufferAppend(audio=chunk.pcm)]
        if self.down and now - self.loud_at >= PAUSE_US:
            self.down = False
            out += self.release(now)
        return out


class WaitsEightSeconds(Healthy):
    """The backoff is 8 s from the first attempt on."""

    def backoff(self) -> int:
        return 8 * SECOND


class LongChunks(Healthy):
    """100 ms a chunk, as LiveKit sends them."""

    chunk_ms = 100


class BuffersTheUplink(Healthy):
    """Half a second of audio goes into each append."""

    def setup(self) -> None:
        self.held: list[bytes] = []
        self.held_from = 0

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        if not self.held:
            self.held_from = now
        self.held.append(chunk.pcm)
        if now - self.held_from < 480 * MS:
            return []
        audio = b"".join(self.held)
        self.held.clear()
        return [e.InputAudioBufferAppend(audio=audio)]

    def resend(self, since: int, now: int) -> list[Command]:
        self.held.clear()
        return super().resend(since, now)


class PromptsIdleUsers(Healthy):
    """The server speaks first after 8 s without a word of the user."""

    detection = {"type": "server_vad", "idle_timeout_ms": 8_000}  # noqa: RUF012


class Semantic(Healthy):
    """Turns end by what is said."""

    detection = {"type": "semantic_vad", "eagerness": "auto"}  # noqa: RUF012


class FinishesThePreamble(Healthy):
    """What is spoken before a tool call is played to its end, before the result is sent."""

    def setup(self) -> None:
        self.results: list[Command] = []

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        results = super().answer_calls(done, now)
        if not results or not self.playback.playing:
            return results
        self.results += results
        self.wants_reply = False
        return []

    def on_played(self, now: int) -> list[Command]:
        results, self.results = self.results, []
        self.wants_reply = self.wants_reply or bool(results)
        return [*results, *self.create()]

    def barge_in(self, now: int) -> list[Command]:
        """The results are sent at once when the user cuts the preamble off; the user's turn gets the response."""
        results, self.results = self.results, []
        return [*super().barge_in(now), *results]

    def redial(self, now: int) -> list[Command]:
        self.results.clear()
        return super().redial(now)
