"""Small journals made by hand: a user who speaks at 30 s, after the heal, and what the world wrote about it.

Unrealistic in that only what a judge reads is written, times are round, and lanes are written one after the other.
"""

from harness.journal import (
    AudioArrived,
    ConnectionOpened,
    Journal,
    MicrophoneAudio,
    RunEnded,
    StepPlayed,
    TurnTaken,
    UplinkAudio,
    UserSpeaks,
    WorldHealed,
)
from harness.protocol.events import (
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    ResponseCreated,
    ResponseDone,
    ResponseOutputAudioDone,
)
from harness.units import SECOND
from tests.journal.testing import at_client, by_server, entry

BEGIN, END = 30, 33
LOUD = 3000.0
STARTED, STOPPED, COMMITTED = InputAudioBufferSpeechStarted, InputAudioBufferSpeechStopped, InputAudioBufferCommitted
CREATED, DONE, AUDIO_DONE = ResponseCreated, ResponseDone, ResponseOutputAudioDone


class Tale:
    """A journal in the making. Without a change everything works, but no server event happens at all."""

    def __init__(self):
        self.journal = Journal({})
        self.add(0.1, ConnectionOpened, connection=1)
        self.add(29, WorldHealed)

    def add(self, at_s, cls, **fields):
        """An entry of a class, without its time. A turn that is taken holds speech, unless it says otherwise."""
        if cls is TurnTaken:
            fields.setdefault("speech_ms", fields["to_ms"] - fields["from_ms"])
        self.journal.add(entry(at_s, cls, **fields))
        return self

    def server(self, at_s, event, *, received=True, **fields):
        """An event that the server sends and that reaches the client, or not; of its class, with its fields."""
        self.journal.add(by_server(at_s, event, **fields))
        return self.client(at_s + 0.04, event, **fields) if received else self

    def client(self, at_s, event, **fields):
        """An event at the client, of its class, with its fields."""
        self.journal.add(at_client(at_s, event, **fields))
        return self

    def speaks(self, at_s=BEGIN, *, rms=LOUD, probe=True, length_s=END - BEGIN, **fields):
        return self.add(at_s, UserSpeaks, length_us=round(length_s * SECOND), rms=rms, probe=probe, **fields)

    def step(self, at_s, step, *, label, length_s=0):
        return self.add(at_s, StepPlayed, step=step, label=label, length_us=length_s * SECOND)

    def captured(self, **options):
        """What the microphone delivers."""
        return self._audio(MicrophoneAudio, **options)

    def sent(self, *, connection=1, **options):
        """What the client sends."""
        return self._audio(UplinkAudio, connection=connection, **options)

    def _audio(self, lane, *, rms=LOUD, peak=None, zeros=0, begin_s=BEGIN, end_s=END, **fields):
        """Entries of half a second, 25 chunks each."""
        peak = round(3 * rms) if peak is None else peak
        for half in range(2 * begin_s, 2 * end_s):
            self.add(half / 2, lane, chunks=25, samples=12_000, rms=rms, peak=peak, zeros=zeros, **fields)
        return self

    def arrives(self, begin_s=0, end_s=40):
        """Audio arrives at the server without a delay."""
        for second in range(begin_s, end_s):
            self.add(second, AudioArrived, connection=1, arrived_ms=second * 1_000)
        return self

    def end(self, at_s=40):
        return self.add(at_s, RunEnded).journal


def utterance(journal):
    """The last thing the user said."""
    return list(journal.select(UserSpeaks))[-1]
