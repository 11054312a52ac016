"""The two apps of voice_app.py as classes for stillthere: the same rules, without a network library."""

from stillthere import Closed, Connect, DialFailed, Disconnect, Opened, Play, PlaybackEnded, ReopenCapture, StopPlayback
from stillthere.events import (
    ConversationItemTruncate,
    InputAudioBufferAppend,
    InputAudioBufferSpeechStarted,
    ResponseOutputAudioDelta,
    ServerEvent,
    SessionUpdate,
)
from stillthere.kit import PlaybackMeter

SECOND = 1_000_000


class Naive:
    """A quick start: it sends, plays, and stops playback when the user speaks."""

    def __init__(self):
        self.connected = False
        self.meter = PlaybackMeter()

    def hear(self, chunk, now):
        return [InputAudioBufferAppend(audio=chunk.pcm)] if self.connected else []

    def receive(self, event, now):
        if isinstance(event, Opened):
            self.connected = True
            return [SessionUpdate(session={"type": "realtime", "instructions": "Be brief."})]
        if isinstance(event, Closed | DialFailed):
            return self.lost(now)
        if isinstance(event, PlaybackEnded):
            self.meter.ended()
        elif isinstance(event, ResponseOutputAudioDelta):
            self.meter.accept(event.item_id, event.delta, now)
            return [Play(event.delta, event.item_id, event.response_id)]
        elif isinstance(event, InputAudioBufferSpeechStarted) and (stopped := self.meter.interrupt(now)):
            item, played_ms = stopped
            return [
                StopPlayback(),
                ConversationItemTruncate(item_id=item, content_index=0, audio_end_ms=played_ms),
            ]
        return []

    def lost(self, now):
        """The connection is closed: the app of the quick start ends."""
        self.connected = False
        return []

    def wake(self, now):
        return []

    def next_wake(self):
        return None


class Careful(Naive):
    """It doubts its microphone and its server, and dials anew."""

    def __init__(self):
        super().__init__()
        self.loud_at = self.heard_at = self.look_at = 0
        self.dial_at = None

    def hear(self, chunk, now):
        if chunk.peak > 110:
            self.loud_at = now
        return super().hear(chunk, now)

    def receive(self, event, now):
        if isinstance(event, Opened):
            self.loud_at = self.heard_at = now
            self.look_at = now + SECOND
        elif isinstance(event, ServerEvent):
            self.heard_at = now
        return super().receive(event, now)

    def lost(self, now):
        self.dial_at = now + SECOND // 2
        return super().lost(now)

    def wake(self, now):
        commands = []
        if self.dial_at is not None and now >= self.dial_at:
            self.dial_at = None
            commands.append(Connect())
        if self.connected and now >= self.look_at:
            self.look_at = now + SECOND
            if now - self.loud_at > 6 * SECOND:
                self.loud_at = now
                commands.append(ReopenCapture())
            if now - self.heard_at > 20 * SECOND:
                commands.append(Disconnect())
        return commands

    def next_wake(self):
        due = [self.dial_at, self.look_at if self.connected else None]
        return min((time for time in due if time is not None), default=None)
