"""For tests of clients: server events, chunks of a given level, and a resilient client that is driven step by step."""

import numpy as np

from harness.audio.chunk import Chunk
from harness.clients.capture.monitor import CaptureMonitor
from harness.clients.interface import Closed, Log, Opened, Ping, Play, PlaybackEnded, Pong, StopPlayback
from harness.clients.reference import RESILIENT_SETTINGS, Resilient
from harness.clients.settings import ClientSettings
from harness.protocol import events
from harness.protocol.objects import ErrorDetails, Item, Response
from harness.units import MS, SECOND

CHUNK_US = 20_000
SAMPLES = 480


def chunk(lsb, samples=SAMPLES):
    """A square wave: its RMS is exactly ``lsb``."""
    return Chunk.of(np.resize(np.array([lsb, -lsb], np.int16), samples))


def room(lsb, index):
    """Chunk number ``index`` of white noise of this RMS: no two are alike, as in a room."""
    return Chunk.of(np.rint(np.random.default_rng(index).normal(0, lsb, SAMPLES)).astype(np.int16))


def voice(lsb, index):
    """Chunk number ``index`` of a hummed syllable of 120 Hz and its harmonics, four syllables a second."""
    time = (index * SAMPLES + np.arange(SAMPLES)) / 24_000
    wave = sum(np.sin(2 * np.pi * 120.37 * harmonic * time) for harmonic in range(1, 9)) / 4
    wave *= 0.2 + np.sin(np.pi * 4.03 * time) ** 2
    return Chunk.of(np.rint(lsb * wave).astype(np.int16))


def noise(lsb, seconds, seed=1):
    """Chunks of white noise of this RMS, as of a room or a fan."""
    rng = np.random.default_rng(seed)
    return [Chunk.of(np.rint(rng.normal(0, lsb, SAMPLES)).astype(np.int16)) for _ in range(50 * seconds)]


def speech(lsb, seconds):
    """Chunks of a voice."""
    return [voice(lsb, index) for index in range(50 * seconds)]


def near_silence(rng, low, high, samples=SAMPLES):
    """A chunk of even noise whose peak is drawn."""
    peak = int(rng.integers(low, high + 1))
    return Chunk.of(rng.integers(-peak, peak + 1, samples).astype(np.int16))


def started(item_id="item_1"):
    return events.InputAudioBufferSpeechStarted(event_id="e", audio_start_ms=0, item_id=item_id)


def stopped(item_id="item_1"):
    return events.InputAudioBufferSpeechStopped(event_id="e", audio_end_ms=0, item_id=item_id)


def committed(item_id="item_1"):
    return events.InputAudioBufferCommitted(event_id="e", previous_item_id=None, item_id=item_id)


def cleared():
    return events.InputAudioBufferCleared(event_id="e")


def created():
    return events.SessionCreated(event_id="e", session={})


def sound(ms):
    """Assistant audio that can be heard: 48 bytes a millisecond."""
    return bytes([0, 4]) * (24 * ms)


def delta(ms, item_id="answer_1", response_id="resp_1"):
    """Assistant audio of this length."""
    where = {"output_index": 0, "content_index": 0}
    return events.ResponseOutputAudioDelta(
        event_id="e", response_id=response_id, item_id=item_id, delta=sound(ms), **where
    )


def transcript(text, item_id="answer_1"):
    where = {"output_index": 0, "content_index": 0}
    return events.ResponseOutputAudioTranscriptDone(
        event_id="e", response_id="resp_1", item_id=item_id, transcript=text, **where
    )


def response(status, response_id="resp_1", output=()):
    return Response(id=response_id, status=status, output=list(output))


def response_created(response_id="resp_1"):
    return events.ResponseCreated(event_id="e", response=response("in_progress", response_id))


def done(status="completed", response_id="resp_1", output=()):
    return events.ResponseDone(event_id="e", response=response(status, response_id, output))


def refused(code, event_id=None):
    details = ErrorDetails(type="invalid_request_error", code=code, message="no", event_id=event_id)
    return events.ErrorEvent(event_id="e", error=details)


def call(call_id="call_1", status="completed"):
    """The item of a function call."""
    return Item(type="function_call", id=f"item_{call_id}", status=status, call_id=call_id, name="tool", arguments="{}")


def call_done(call_id="call_1", response_id="resp_1", status="completed"):
    """An item of a response ended: a function call."""
    return events.ResponseOutputItemDone(
        event_id="e", response_id=response_id, output_index=0, item=call(call_id, status)
    )


def arguments_done(call_id="call_1", response_id="resp_1"):
    """The arguments of a function call ended."""
    where = {"response_id": response_id, "item_id": f"item_{call_id}", "output_index": 0}
    return events.ResponseFunctionCallArgumentsDone(event_id="e", call_id=call_id, name="tool", arguments="{}", **where)


def idled(item_id="idle_1"):
    """The user said nothing for the idle timeout: a prompt begins."""
    return events.InputAudioBufferTimeoutTriggered(event_id="e", audio_start_ms=0, audio_end_ms=0, item_id=item_id)


def updated(turn_detection):
    return events.SessionUpdated(event_id="e", session={"audio": {"input": {"turn_detection": turn_detection}}})


def of_type(commands, kind):
    return [command for command in commands if isinstance(command, kind)]


# --- a capture monitor ---


def monitor(**settings):
    return CaptureMonitor(ClientSettings(**settings))


def feed(monitor, lsb, count, *, start=0, speaking=False):
    """Chunks of this RMS; gives the time after the last one."""
    for index in range(count):
        monitor.chunk(chunk(lsb), CHUNK_US, speaking, start + index * CHUNK_US)
    return start + count * CHUNK_US


# --- a client ---


def conversation(client):
    """Two turns, and then a new session; gives what the client sends to it."""
    client.receive(committed("u1"), SECOND)
    client.receive(transcript("Hello."), 2 * SECOND)
    client.receive(Closed(1006), 3 * SECOND)
    client.receive(Opened(), 5 * SECOND)
    return client.receive(created(), 5 * SECOND)


class DrivenClient:
    """A client in an open session, driven chunk by chunk; keeps each command with its time."""

    def __init__(self, client=Resilient, defaults=RESILIENT_SETTINGS, **settings):
        self.client = client(defaults.changed(**settings))
        self.now = 0
        self.commands = []
        self._played = None
        self.deliver(Opened())
        self.deliver(created())

    def deliver(self, *messages):
        for message in messages:
            self._record(self.client.receive(message, self.now))

    def advance(self, seconds, make=lambda index: room(30, index), every_ms=250, message=None):
        """Deliver chunks and wake-ups; every 250 ms also what ``message()`` returns, if it is passed."""
        for _ in range(round(seconds * 50)):
            self.now += CHUNK_US
            if self._played is not None and self._played <= self.now:
                self._played = None
                self.deliver(PlaybackEnded())
            due = self.client.next_wake()
            if due is not None and due <= self.now:
                self._record(self.client.wake(self.now))
            self._record(self.client.hear(make(self.now // CHUNK_US), self.now))
            if message is not None and self.now % (every_ms * MS) == 0:
                self.deliver(message())

    def speak(self, seconds=2.0):
        self.advance(seconds, lambda index: voice(4000, index))

    def _record(self, commands):
        for command in commands:
            self.commands.append((self.now, command))
            if isinstance(command, Ping):
                self.deliver(Pong())
            elif isinstance(command, Play):
                self._played = max(self.now, self._played or 0) + len(command.audio) // 48 * MS
            elif isinstance(command, StopPlayback):
                self._played = None

    def times(self, kind):
        return [round(now / SECOND, 2) for now, command in self.commands if isinstance(command, kind)]

    def symptoms(self):
        logs = [command for _, command in self.commands if isinstance(command, Log) and command.kind == "remedy"]
        return [log.fields["symptom"] for log in logs]

    def sent(self, kind):
        return [command for _, command in self.commands if isinstance(command, kind)]


def answered(driven):
    """A whole turn that goes well."""
    driven.deliver(started(), stopped(), committed(), response_created("resp_0"), delta(500, response_id="resp_0"))
    driven.deliver(done(response_id="resp_0"))
