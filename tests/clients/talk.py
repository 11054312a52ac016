"""What a reference client is told in its tests: server events, and chunks of a given level."""

import numpy as np

from harness.audio.chunk import Chunk
from harness.protocol import events
from harness.protocol.objects import ErrorDetails, Response

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


def begun(response_id="resp_1"):
    return events.ResponseCreated(event_id="e", response=response("in_progress", response_id))


def done(status="completed", response_id="resp_1", output=()):
    return events.ResponseDone(event_id="e", response=response(status, response_id, output))


def refused(code):
    return events.ErrorEvent(event_id="e", error=ErrorDetails(type="invalid_request_error", code=code, message="no"))


def updated(turn_detection):
    return events.SessionUpdated(event_id="e", session={"audio": {"input": {"turn_detection": turn_detection}}})


def of_type(commands, kind):
    return [command for command in commands if isinstance(command, kind)]
