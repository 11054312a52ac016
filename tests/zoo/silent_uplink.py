"""Silences that begin at the microphone: what the client captures and sends."""

import numpy as np

from harness.audio.chunk import Chunk
from harness.clients.interface import Command
from harness.protocol import events as e
from harness.units import MS, SECOND

from . import conversations as c
from .conversations import fault, talk
from .healthy import Healthy
from .samples import amplified, silenced, swapped
from .specimen import SILENCE, harms

# --- the capture ------------------------------------------------------------------------------------------------------


@harms(SILENCE, "capture_dead", in_=c.MUTED)
class NeverReopensTheCapture(Healthy):
    """A muted track stays in use: chunks of zeros are taken for a quiet user."""

    def microphone_is_silent(self) -> list[Command]:
        return []


@harms(SILENCE, "clock_frozen", in_=c.STOPPED_TWICE)
class ReopensTheCaptureOnce(Healthy):
    """A guard against loops lets the capture be reopened once in the client's life."""

    def setup(self) -> None:
        self.reopened = False

    def microphone_is_silent(self) -> list[Command]:
        first, self.reopened = not self.reopened, True
        return super().microphone_is_silent() if first else []


@harms(SILENCE, "capture_dead", in_=talk("The track is muted while nobody looks", fault(4, "zeroed"), turns=2))
class ReopensOnlyWhereNoChunkComes(Healthy):
    """The watch over the capture counts chunks and does not look into them."""

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        self.listening.silent_since = now
        return super().hear(chunk, now)


# --- what is sent -----------------------------------------------------------------------------------------------------


@harms(SILENCE, "audio_garbled", in_=c.REAL_EAR)
class SwapsTheBytes(Healthy):
    """Samples are written with the high byte first."""

    detection = {"type": "server_vad", "silence_duration_ms": 500, "threshold": 0.9}  # noqa: RUF012
    """Strict, so that no noise is taken for speech by chance."""

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        return [*map(self.written, super().hear(chunk, now))]

    def written(self, command: Command) -> Command:
        if isinstance(command, e.InputAudioBufferAppend):
            return e.InputAudioBufferAppend(audio=swapped(command.audio))
        return command

    def resend(self, since: int, now: int) -> list[Command]:
        return [*map(self.written, super().resend(since, now))]


@harms(SILENCE, "audio_garbled", in_=talk("The connection is cut", fault(9.5, "reset", 1), detector="silero"))
class LosesAByteAfterReconnect(Healthy):
    """The encoder of a new session drops one byte, so that each sample is made of halves of two."""

    detection = {"type": "server_vad", "silence_duration_ms": 500, "threshold": 0.9}  # noqa: RUF012
    """Strict, so that no noise is taken for speech by chance."""

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return [self.coded(chunk.pcm)]

    def resend(self, since: int, now: int) -> list[Command]:
        return [self.coded(self.listening.since(since))]

    def coded(self, pcm: bytes) -> Command:
        return e.InputAudioBufferAppend(audio=pcm[1:] + pcm[:1] if self.sessions > 1 else pcm)


@harms(SILENCE, "gate_closed", in_=talk("A machine hums for 4 s", c.hum(8, 4)))
class GateOnlyRises(Healthy):
    """The noise gate's floor follows the quietest chunk of each second upward and never downward."""

    def setup(self) -> None:
        self.floor = self.quietest = 0.0
        self.second = 0

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        if now // SECOND != self.second:
            self.second = now // SECOND
            self.floor, self.quietest = max(self.floor, self.quietest), 1.0
        self.quietest = min(self.quietest, chunk.rms)
        gated = chunk if chunk.rms > 4 * self.floor else silenced(chunk)
        commands = super().hear(gated, now)
        self.listening.silent_since = None
        return commands


@harms(SILENCE, "gate_closed", in_=c.CUT_IN_RESPONSE)
class StaysMutedAfterALostResponse(Healthy):
    """The microphone is muted while a response is in progress; only ``response.done`` unmutes it, and that was lost."""

    def setup(self) -> None:
        self.muted = False

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        commands = super().hear(silenced(chunk) if self.muted else chunk, now)
        if self.muted:
            self.listening.silent_since = None
        return commands

    def on_response(self, response_id: str, now: int) -> list[Command]:
        self.muted = True
        return super().on_response(response_id, now)

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        self.muted = False
        return super().on_done(done, now)


@harms(SILENCE, "clock_frozen", in_=c.CUT_IN_RESPONSE)
class SendsNothingAfterALostResponse(Healthy):
    """Nothing is appended while a response is in progress, and the end of one in progress was lost with its session."""

    def setup(self) -> None:
        self.busy = False

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return [] if self.busy else super().uplink(chunk, now)

    def resend(self, since: int, now: int) -> list[Command]:
        return [] if self.busy else super().resend(since, now)

    def on_response(self, response_id: str, now: int) -> list[Command]:
        self.busy = True
        return super().on_response(response_id, now)

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        self.busy = False
        return super().on_done(done, now)


@harms(SILENCE, "endless_sound", in_=c.PLAIN)
class AmplifiesTheQuiet(Healthy):
    """The automatic gain rises by 1.5 dB in each quiet chunk, without a limit: the room becomes as loud as a voice."""

    def setup(self) -> None:
        self.gain = 1.0

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        louder = Chunk.of(amplified(chunk.samples, self.gain))
        self.gain *= 1.19 if louder.rms < 0.1 else 0.99
        return super().hear(louder, now)


@harms(SILENCE, "endless_sound", in_=talk("The app is away for a while", c.background(9.5, 4)))
class PlaysHoldMusic(Healthy):
    """In the background the microphone is replaced by hold music, and the return does not end it."""

    def setup(self) -> None:
        self.held = False

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        tone = 6_000 * np.sin(2 * np.pi * 450 / 24_000 * np.arange(chunk.samples.size))
        return super().hear(Chunk.of(tone.astype(np.int16)) if self.held else chunk, now)

    def on_app(self, foreground: bool, now: int) -> list[Command]:
        self.held = True
        return super().on_app(foreground, now)


@harms(SILENCE, "uplink_late", in_=c.PLAIN)
class DrainsTheUplinkTooSlowly(Healthy):
    """A timer takes one chunk of 20 ms from the queue every 80 ms; the queue has no bound."""

    def setup(self) -> None:
        self.queue: list[bytes] = []
        self.timers["drain"] = 80 * MS

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        self.queue.append(chunk.pcm)
        return []

    def resend(self, since: int, now: int) -> list[Command]:
        return []

    def due_drain(self, now: int) -> list[Command]:
        self.timers["drain"] = now + 80 * MS
        if not self.ready or not self.queue:
            return []
        return [e.InputAudioBufferAppend(audio=self.queue.pop(0))]
