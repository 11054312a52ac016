"""Logs as a test writes them down: what the user said, what was appended, and what came of the server, in seconds.

Unrealistic: a voice is one of stillthere's recordings at its own level, and the room is white noise.
"""

import numpy as np

from harness.audio import load_clip
from harness.logs.logged import LoggedClose, LoggedEvent, LoggedSession, SessionLog
from harness.units import SECOND

VOICE = load_clip("speech_en_f_arctic_a0009").samples
"""3.1 s of speech."""
CHUNK_S = 0.1
RATE = 24_000
SETTINGS = {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.5}}}}


class Log:
    """Put together in any order; :meth:`session` sorts it by time."""

    def __init__(self, settings=SETTINGS):
        self._events = []
        self._close = None
        self.at(0.0, "session.created", session=settings)

    def at(self, t, kind, *, client=False, audio=None, audio_bytes=None, **fields):
        """An event."""
        size = len(audio) if audio is not None else audio_bytes
        self._events.append((t, client, {"type": kind, **fields}, size, audio))
        return self

    def stream(self, until, *, begin=0.1, voices=(), room=30.0, sound=None, audio=True):
        """Appends of 100 ms: the room, and the voice from each of these times on. ``sound`` replaces all of it."""
        count = round((until - begin) * RATE)
        samples = np.random.default_rng(7).normal(0, room, count).round() if sound is None else sound(count)
        for voice in voices if sound is None else ():
            first = round((voice - begin) * RATE)
            samples[first : first + len(VOICE)] += VOICE[: max(0, count - first)]
        data = np.clip(samples, -32768, 32767).astype("<i2").tobytes()
        step = round(CHUNK_S * RATE) * 2
        for number, start in enumerate(range(0, len(data), step)):
            piece = data[start : start + step]
            t = begin + (number + 1) * CHUNK_S
            self.at(
                t,
                "input_audio_buffer.append",
                client=True,
                audio=piece if audio else None,
                audio_bytes=len(piece),
            )
        return self

    def heard(self, number, started, stopped=None, *, committed=True):
        """The server takes a turn; times of its events, which are 0.5 s behind the audio."""
        item = f"item_{number}"
        self.at(started, "input_audio_buffer.speech_started", item_id=item, audio_start_ms=round(started * 1000) - 700)
        if stopped is not None:
            end = round(stopped * 1000) - 200
            self.at(stopped, "input_audio_buffer.speech_stopped", item_id=item, audio_end_ms=end)
            if committed:
                self.at(stopped + 0.01, "input_audio_buffer.committed", item_id=item)
        return self

    def answered(self, number, at, *, silent=False, status="completed", audio=True, done=True, kept=None):
        """A response with 1 s of audio, or with so many samples ``kept`` of each of its two pieces."""
        name = f"resp_{number}"
        self.at(at, "response.created", response={"id": name, "status": "in_progress"})
        sound = np.zeros(RATE // 2) if silent else np.random.default_rng(3).normal(0, 3000, RATE // 2)
        data = sound[:kept].astype("<i2").tobytes()
        for t in (at + 0.4, at + 0.6) if status == "completed" else ():
            self.at(
                t, "response.output_audio.delta", response_id=name, audio=data if audio else None, audio_bytes=len(data)
            )
        if done:
            details = {"error": {"code": "server_error"}} if status == "failed" else None
            response = {"id": name, "status": status, "status_details": details}
            self.at(at + 0.8, "response.done", response=response)
        return self

    def conversation(self):
        """A turn from 2 s to 5.1 s that was answered, as every one of these logs begins."""
        return self.heard(1, 2.4, 5.5).answered(1, 5.6)

    def closed(self, t, code, *, by_client=None):
        """The connection ends."""
        self._close = LoggedClose(round(t * SECOND), code, "", by_client)
        return self

    def session(self):
        """The log."""
        events = tuple(
            LoggedEvent(f"message {number}", round(t * SECOND), client, event, size, audio)
            for number, (t, client, event, size, audio) in enumerate(sorted(self._events, key=lambda each: each[0]), 1)
        )
        return SessionLog("test", "recorded", None, (LoggedSession("1", events, 0, None, self._close),))
