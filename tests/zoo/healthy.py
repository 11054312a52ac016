"""A plain, correct client, written without the client kit: each client of the zoo is this one with a small change.

What a client of the zoo does otherwise is one overridden method or setting, so each method here does one thing.
"""

import json
from typing import Any

from harness.audio.chunk import Chunk
from harness.clients.interface import (
    AppState,
    Closed,
    Command,
    Connect,
    DialFailed,
    Opened,
    Ping,
    Play,
    PlaybackEnded,
    Pong,
    ReopenCapture,
    ResumePlayback,
    Signal,
    StopPlayback,
)
from harness.protocol import events as e
from harness.protocol.objects import Content, Item
from harness.units import MS, SECOND

from .listening import Listening
from .playback import Playback
from .samples import is_audible

ANSWERED_WITHIN_US = 10 * SECOND
SILENCE_US = 3 * SECOND
NO_CHUNK_US = 1_500 * MS
PING_US = 5 * SECOND
SETTINGS_US = 5 * SECOND
LEAD_US = 500 * MS
"""What is sent again begins so long before the first loud sound."""
MOST_TRIES = 3
"""An utterance is sent again on so many new sessions at most."""
MOST_FAILURES = 3
"""After fewer failed responses in a row the user says it again in the same session."""
PLACEHOLDER = "(the user spoke; the words are not known)"
TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


class Healthy:
    """A client without a mistake: server-side turn detection, 20 ms chunks, all of them appended."""

    chunk_ms = 20
    patience_us = ANSWERED_WITHIN_US
    """How long after an utterance its answer may take."""
    detection: dict[str, Any] | None = {"type": "server_vad", "silence_duration_ms": 500}  # noqa: RUF012

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        self.settings = {"chunk_ms": self.chunk_ms, **(settings or {})}
        self.timers: dict[str, int] = {}
        self.playback, self.listening = Playback(), Listening()
        self.ready = False
        """Whether a session is there: events may be sent, and those that arrive count."""
        self.ready_at = 0
        self.sessions = 0
        self.attempts = 0
        self.foreground = True
        self.left_at = 0
        self.history: dict[str, tuple[str, str]] = {}
        """Role and text of each turn, by its item id, in order."""
        self.active: str | None = None
        """The response in progress."""
        self.dropped: set[str] = set()
        """Responses whose audio is not to be played any more."""
        self.calls: list[str] = []
        self.wants_reply = False
        self.creating = False
        self.failures = 0
        """Failed responses in a row."""
        self.started_at = 0
        self.owed_from: int | None = None
        """When the oldest utterance began that has no answer yet."""
        self.owed_item: str | None = None
        self.tries = 0
        self.setup()

    def setup(self) -> None:
        """Set what a client of the zoo needs beside this."""

    # --- the four methods of a client ---------------------------------------------------------------------------

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        out: list[Command] = []
        spoken = self.listening.hear(chunk, now, counts=not self.playback.playing)
        if spoken is not None:
            self.on_spoken(spoken, now)
        self.timers["capture"] = now + NO_CHUNK_US
        since = self.listening.silent_since
        if since is not None and now - since >= SILENCE_US:
            self.listening.silent_since = now
            out += self.microphone_is_silent()
        return [*out, *self.uplink(chunk, now)] if self.ready else out

    def receive(self, event: e.Event | Signal, now: int) -> list[Command]:
        if isinstance(event, e.Event):
            return self.on_event(event, now) if self.ready or isinstance(event, e.SessionCreated) else []
        return self.on_signal(event, now)

    def wake(self, now: int) -> list[Command]:
        out: list[Command] = []
        for name in [name for name, at in self.timers.items() if at <= now]:
            if self.timers.pop(name, None) is not None:
                out += getattr(self, f"due_{name}")(now)
        return out

    def next_wake(self) -> int | None:
        return min(self.timers.values()) if self.timers else None

    # --- signals and events -------------------------------------------------------------------------------------

    def on_signal(self, signal: Signal, now: int) -> list[Command]:
        match signal:
            case Opened():
                self.timers.pop("dialled", None)
                self.timers["hello"] = now + 5 * SECOND
            case Closed():
                return self.on_closed(signal, now)
            case DialFailed():
                return self.on_dial_failed(now)
            case Pong():
                self.timers.pop("pong", None)
            case PlaybackEnded():
                self.playback.ended()
                self.timers.pop("resume", None)
                return self.on_played(now)
            case AppState(foreground=foreground):
                return self.on_app(foreground, now)
        return []

    def on_event(self, event: e.Event, now: int) -> list[Command]:
        match event:
            case e.SessionCreated():
                return self.on_session(now)
            case e.SessionUpdated():
                self.timers.pop("settings", None)
            case e.ConversationItemAdded() if event.item.type == "message":
                self.remember(str(event.item.id), str(event.item.role), PLACEHOLDER)
            case e.TranscriptionCompleted():
                self.remember(event.item_id, "user", event.transcript)
            case e.ResponseOutputAudioTranscriptDone():
                self.remember(event.item_id, "assistant", event.transcript)
            case e.InputAudioBufferSpeechStarted():
                self.started_at = now
                return self.barge_in(now)
            case e.InputAudioBufferSpeechStopped():
                self.owe(self.started_at, now)
            case e.InputAudioBufferCommitted():
                self.owed_item = event.item_id
                return self.on_committed(now)
            case e.ResponseCreated():
                return self.on_response(event.response.id, now)
            case e.ResponseOutputAudioDelta():
                return [] if event.response_id in self.dropped else self.on_audio(event, now)
            case e.ResponseFunctionCallArgumentsDone():
                self.calls.append(event.call_id)
            case e.ResponseDone():
                return self.on_done(event, now)
            case e.ErrorEvent():
                return self.on_error(event, now)
        return []

    # --- connection ---------------------------------------------------------------------------------------------

    def on_closed(self, closed: Closed, now: int) -> list[Command]:
        return self.redial(now)

    def on_dial_failed(self, now: int) -> list[Command]:
        return self.redial(now)

    def redial(self, now: int) -> list[Command]:
        """Leave the session, and dial after the backoff."""
        if self.ready and now - self.ready_at > 10 * SECOND:
            self.attempts = 0
        self.ready = self.creating = self.wants_reply = False
        self.active = None
        self.failures = 0
        self.calls.clear()
        for name in ("hello", "settings", "ping", "pong", "answer", "dialled"):
            self.timers.pop(name, None)
        self.timers["dial"] = now + self.backoff()
        self.attempts += 1
        return []

    def backoff(self) -> int:
        return min(8 * SECOND, SECOND // 2 << self.attempts)

    def due_dial(self, now: int) -> list[Command]:
        self.timers["dialled"] = now + 10 * SECOND
        return [Connect()]

    def due_dialled(self, now: int) -> list[Command]:
        return self.redial(now)

    def due_hello(self, now: int) -> list[Command]:
        return self.redial(now)

    def due_ping(self, now: int) -> list[Command]:
        self.timers["ping"] = now + PING_US
        self.timers.setdefault("pong", now + PING_US)
        return [Ping()]

    def due_pong(self, now: int) -> list[Command]:
        return self.redial(now)

    # --- a new session ------------------------------------------------------------------------------------------

    def on_session(self, now: int) -> list[Command]:
        self.timers.pop("hello", None)
        self.timers["ping"] = now + PING_US
        self.ready, self.ready_at = True, now
        self.sessions += 1
        out: list[Command] = [*self.settings_events()]
        if out:
            self.timers["settings"] = now + SETTINGS_US
        if self.sessions > 1:
            since = self.sends_again(now)
            if since is not None and self.owed_item is not None:
                self.history.pop(self.owed_item, None)
            out += self.history_events()
            if since is not None:
                out += self.resend(since, now)
        return out

    def due_settings(self, now: int) -> list[Command]:
        """The settings were not confirmed: the session runs on others."""
        return self.redial(now)

    def settings_events(self) -> list[Command]:
        return [e.SessionUpdate(session=self.session())]

    def session(self) -> dict[str, Any]:
        """What is set in each session."""
        pcm = {"type": "audio/pcm", "rate": 24_000}
        return {
            "type": "realtime",
            "instructions": "You are the assistant of the zoo. Answer in one sentence.",
            "tools": [TOOL],
            "audio": {
                "input": {
                    "format": pcm,
                    "turn_detection": self.detection,
                    "transcription": {"model": "gpt-4o-mini-transcribe"},
                },
                "output": {"format": pcm, "voice": "cedar"},
            },
        }

    def history_events(self) -> list[Command]:
        return [self.history_event(item_id, role, text) for item_id, (role, text) in self.history.items()]

    def history_event(self, item_id: str, role: str, text: str) -> Command:
        content = [Content(type="output_text" if role == "assistant" else "input_text", text=text)]
        return e.ConversationItemCreate(item=Item(id=item_id, type="message", role=role, content=content))  # type: ignore[arg-type]

    def sends_again(self, now: int) -> int | None:
        """Since when unanswered speech is to be sent again; counts that it is. None: there is none."""
        began = self.listening.from_us
        if self.owed_from is None and began is not None:
            if not self.listening.voiced:
                return began - LEAD_US
            self.owed_from = began - LEAD_US
        if self.owed_from is not None and self.tries >= MOST_TRIES:
            self.settled()
        if self.owed_from is not None:
            self.tries += 1
            self.timers["answer"] = now + self.patience_us
        return self.owed_from

    def resend(self, since: int, now: int) -> list[Command]:
        return [e.InputAudioBufferAppend(audio=audio)] if (audio := self.listening.since(since)) else []

    def remember(self, item_id: str, role: str, text: str) -> None:
        if text != PLACEHOLDER or item_id not in self.history:
            self.history[item_id] = (role, text)

    # --- the user's turn ----------------------------------------------------------------------------------------

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return [e.InputAudioBufferAppend(audio=chunk.pcm)]

    def on_spoken(self, began: int, now: int) -> None:
        """The client itself heard the end of an utterance that began then."""
        self.owe(began, now)

    def owe(self, began: int, now: int) -> None:
        """An utterance that began then has ended: its answer is due."""
        if self.owed_from is None:
            self.owed_from = began - LEAD_US
        if self.ready:
            self.timers.setdefault("answer", now + self.patience_us)

    def settled(self) -> None:
        """The utterance is answered, or given up."""
        self.owed_from = self.owed_item = None
        self.tries = 0
        self.timers.pop("answer", None)

    def due_answer(self, now: int) -> list[Command]:
        """No answer came: the session is given up, and from the second time on the capture too."""
        reopens: list[Command] = [ReopenCapture()] if self.tries else []
        return reopens + self.redial(now)

    def on_committed(self, now: int) -> list[Command]:
        self.owe(self.started_at, now)
        return []

    # --- the assistant's turn -----------------------------------------------------------------------------------

    def on_response(self, response_id: str, now: int) -> list[Command]:
        self.active = response_id
        self.creating = self.wants_reply = False
        return []

    def on_audio(self, delta: e.ResponseOutputAudioDelta, now: int) -> list[Command]:
        if is_audible(delta.delta):
            self.settled()
        if self.active is None:  # its response.created was lost
            self.on_response(delta.response_id, now)
        self.attempts = 0
        self.playback.add(delta.delta, delta.item_id, delta.response_id, now)
        self.timers["resume"] = self.playback.ends + 2 * SECOND
        return self.played(delta)

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        return [Play(delta.delta, delta.item_id, delta.response_id)]

    def on_played(self, now: int) -> list[Command]:
        return []

    def barge_in(self, now: int) -> list[Command]:
        """The user speaks: stop, tell the server what was heard, and cancel where the server does not."""
        if self.active is not None:
            self.dropped.add(self.active)
        out: list[Command] = []
        if self.playback.playing:
            self.timers.pop("resume", None)
            cut = self.playback.stop(now)
            self.dropped.update(each.response_id for each, _ in cut)
            out = [StopPlayback(), *(self.truncation(each.item_id, played_ms) for each, played_ms in cut)]
        if self.active is not None and not (self.detection or {}).get("interrupt_response", self.detection is not None):
            out.append(e.ResponseCancel())
        self.active = None  # its response.done may be lost
        return out

    def truncation(self, item_id: str, played_ms: int) -> Command:
        return e.ConversationItemTruncate(item_id=item_id, content_index=0, audio_end_ms=played_ms)

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        if self.active == done.response.id:
            self.active = None
        self.failures = self.failures + 1 if done.response.status == "failed" else 0
        if self.failures == MOST_FAILURES:
            return self.redial(now)
        if self.failures:
            self.settled()
        return [*self.answer_calls(done, now), *self.create()]

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        calls, self.calls = self.calls, []
        if calls:
            self.wants_reply = True
            self.timers["answer"] = now + self.patience_us
        return [self.output_of(call) for call in calls]

    def output_of(self, call_id: str) -> Command:
        output = json.dumps({"weather": "sunny"})
        return e.ConversationItemCreate(item=Item(type="function_call_output", call_id=call_id, output=output))

    def create(self) -> list[Command]:
        """Ask for the response that is wanted, if none is in progress."""
        if not self.ready or not self.wants_reply or self.creating or self.active is not None:
            return []
        self.creating = True
        return [e.ResponseCreate()]

    def on_error(self, error: e.ErrorEvent, now: int) -> list[Command]:
        """A refused create is sent again when the response in progress is done."""
        self.creating = False
        return []

    # --- devices ------------------------------------------------------------------------------------------------

    def due_capture(self, now: int) -> list[Command]:
        self.timers["capture"] = now + NO_CHUNK_US
        return self.microphone_is_silent()

    def microphone_is_silent(self) -> list[Command]:
        return [ReopenCapture()] if self.foreground else []

    def on_app(self, foreground: bool, now: int) -> list[Command]:
        self.foreground = foreground
        if not foreground:
            self.left_at = now
            return []
        self.timers["capture"] = now + NO_CHUNK_US
        if self.playback.playing and self.playback.ends < now:
            self.playback.paused(now - max(self.left_at, self.playback.began or 0))
        return [ResumePlayback()]

    def due_resume(self, now: int) -> list[Command]:
        """The end of playback is overdue: the output is suspended."""
        self.timers["resume"] = now + 2 * SECOND
        return [ResumePlayback()]
