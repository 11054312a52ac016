"""What a reference client is told in its tests: server events, and chunks of a given level."""

import numpy as np

from harness.audio.chunk import Chunk
from harness.protocol import events

CHUNK_US = 20_000
SAMPLES = 480


def chunk(lsb, samples=SAMPLES):
    """A square wave: its RMS is exactly ``lsb``."""
    return Chunk.of(np.resize(np.array([lsb, -lsb], np.int16), samples))


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


def delta(ms, item_id="answer_1", response_id="resp_1"):
    """Assistant audio of this length: 48 bytes a millisecond."""
    where = {"output_index": 0, "content_index": 0}
    return events.ResponseOutputAudioDelta(
        event_id="e", response_id=response_id, item_id=item_id, delta=bytes(48 * ms), **where
    )


def transcript(text, item_id="answer_1"):
    where = {"output_index": 0, "content_index": 0}
    return events.ResponseOutputAudioTranscriptDone(
        event_id="e", response_id="resp_1", item_id=item_id, transcript=text, **where
    )


def of_type(commands, kind):
    return [command for command in commands if isinstance(command, kind)]
