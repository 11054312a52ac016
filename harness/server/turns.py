"""The input buffer and the turns in it: append, commit, clear, and what turn detection decides."""

from ..errors import ProtocolError
from ..journal import (
    CommitIgnored,
    OnsetNotSent,
    SessionEntry,
    SessionWedged,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    TurnClosed,
    TurnTaken,
)
from ..protocol.codec import MAX_APPEND_BYTES, oversize_append
from ..protocol.events import (
    ConversationItemAdded,
    ConversationItemDone,
    InputAudioBufferAppend,
    InputAudioBufferClear,
    InputAudioBufferCleared,
    InputAudioBufferCommit,
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    InputAudioBufferTimeoutTriggered,
)
from ..protocol.objects import Content, Item
from ..units import MS
from ..vad.turn import SpeechStarted
from .hearing import Hearing, Transition
from .idle import IdleTimer
from .outputs import Output
from .replies import Replies
from .response import LiveResponse
from .shared import Shared
from .states import (
    COMMIT,
    DROP,
    HIDDEN,
    HIDDEN_COMMITTED,
    HIDDEN_START,
    NO_TURN,
    OFF,
    STALE,
    START,
    STICKY_DROP,
    STOP,
    TURN_STAGES,
    TurnCause,
    follow,
)
from .transcripts import Transcripts

_MINIMUM_COMMIT_US = 100 * MS
"""Less than this cannot be committed (captured in the error's text)."""
_LEAST_SPEECH_MS = 64
"""Speech from which words are written down where turn detection is off (ours)."""

_SILENT_USER = (
    "The user has said nothing for a while. Ask whether they are still there, or go on from their last words."
)
"""That there is such a message is captured; these words are ours."""


class Turns:
    """Turn detection over the buffer. ``replies`` answers turns, ``transcripts`` has their words."""

    def __init__(self, shared: Shared, hearing: Hearing, transcripts: Transcripts) -> None:
        self._shared = shared
        self._hearing = hearing
        self._transcripts = transcripts
        self.replies = Replies(shared, self._answered)
        self._idle = IdleTimer()
        self._open_item: str | None = None
        self._stage = NO_TURN
        self._started_ms = 0

    @property
    def next_wake(self) -> int | None:
        """When :meth:`wake` must be called next."""
        if not self._idle.armed or self._busy:
            return None
        return self._idle.next_wake(self._idle_timeout_ms)

    def wake(self, now: int) -> list[Output]:
        """What is due by ``now``: an idle timeout."""
        return self._check_idle(now) if self._idle.armed else []

    def append(self, event: InputAudioBufferAppend, now: int) -> list[Output]:
        """Append audio; the outputs are what turn detection decides in it. Raises :exc:`ProtocolError`."""
        if len(event.audio) > MAX_APPEND_BYTES:
            raise oversize_append(len(event.audio))
        outputs: list[Output] = []
        for decided, shadow in self._hearing.hear(event.audio):
            if shadow is not None:
                outputs.append(_shadow_note(shadow))
            if isinstance(decided, SpeechStarted):
                outputs.extend(self._speech_started(decided.audio_start_ms, now))
            elif decided is not None:
                outputs.extend(self._speech_stopped(decided.audio_end_ms, now))
            if self._idle.armed:
                outputs.extend(self._check_idle(now))
        if self._hearing.listener is not None and self._transcripts.streams:
            outputs.extend(self._spoken(now))
        return outputs

    def _spoken(self, now: int) -> list[Output]:
        """The words so far. Without turn detection the item of the next commit begins with the first speech."""
        hearing = self._hearing
        if self._open_item is None and not hearing.listening:
            if hearing.speech_ms(hearing.buffered_us // MS) < _LEAST_SPEECH_MS:
                return []
            self._open_item = self._shared.ids.mint("item")
            self._transcripts.speech_started(self._open_item, now)
        return self._transcripts.spoken(now, hearing.recognise)

    def commit(self, event: InputAudioBufferCommit, now: int) -> list[Output]:
        """The client ends a turn; that alone never makes a response (documented). Raises :exc:`ProtocolError`."""
        if self._shared.policy.manual_commit == "ignored":
            return [CommitIgnored(buffered_ms=self._hearing.buffered_us // MS)]
        if self._hearing.buffered_us < _MINIMUM_COMMIT_US:
            message = (
                "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
                f"but buffer only has {self._hearing.buffered_us / MS:.2f}ms of audio."
            )
            raise ProtocolError("input_audio_buffer_commit_empty", message)
        item_id = self._open_item or self._shared.ids.mint("item")
        audio_ms = self._hearing.buffered_us // MS
        taken = self._taken(item_id, audio_ms)
        committed = [taken, *self._commit_item(item_id, audio_ms, now)]
        self._hearing.shadow.reset()
        closed: list[Output] = []
        if self._shared.policy.commit_during_speech == "idle":
            closed = self.close_turn("commit")
        self._take(COMMIT)
        self._open_item = None
        self._started_ms = self._hearing.position_ms
        return closed + committed

    def clear(self, event: InputAudioBufferClear, now: int) -> list[Output]:
        """Empty the buffer; a policy decides about an open turn."""
        policy, hearing = self._shared.policy, self._hearing
        outputs: list[Output] = []
        hearing.empty()
        if not hearing.listening:
            self._open_item = None
            self._transcripts.turn_closed()
        if hearing.turn.speaking and policy.clear_during_speech == "wedge":
            hearing.turn.wedge()
            outputs.append(SessionWedged(item_id=self._open_item))
        elif policy.clear_during_speech == "reset":
            outputs = self.close_turn("clear")
        hearing.shadow.reset()
        if policy.clock_on_clear == "restart":
            hearing.restart_clock()
            self._started_ms = 0
        if policy.idle_on_clear == "restart" and self._idle.armed:
            self._idle.arm(now, wall=policy.idle_clock == "wall")
        return [*outputs, InputAudioBufferCleared(event_id=self._shared.event_id())]

    def reconfigure(self, before: dict[str, object] | None) -> list[Output]:
        """The client updated the session, whose turn detection was ``before``."""
        after = self._shared.config.turn_detection
        outputs: list[Output] = []
        if after is None or (after != before and self._shared.policy.update_during_speech == "reset"):
            outputs = self.close_turn("session.update")
        if after is None:
            self._take(OFF)
            self._hearing.shadow.reset()
        elif before is None:
            self._open_item = None
            self._transcripts.turn_closed()
        if self._idle_timeout_ms is None and self._shared.policy.idle_on_vad_off == "reset":
            self._idle.disarm()
        self._hearing.listening = after is not None
        self._hearing.configure(self._shared.config.turn_settings(self._shared.policy))
        return outputs

    def close_turn(self, by: str) -> list[Output]:
        """Drop an open turn, without an event to the client."""
        if not self._hearing.turn.speaking:
            return []
        self._hearing.turn.reset()
        return self._drop(by)

    def _drop(self, by: str) -> list[Output]:
        """End the turn without an event; a policy decides whether its start still counts."""
        hidden = self._hidden
        self._take(DROP if self._shared.policy.onset == "tells" else STICKY_DROP)
        if hidden:
            return []
        self._transcripts.turn_closed()
        dropped, self._open_item = self._open_item, None
        return [TurnClosed(item_id=dropped, by=by)]

    @property
    def _hidden(self) -> bool:
        """Whether the client gets no event of the turn that detection is in."""
        return self._stage is HIDDEN or self._stage is HIDDEN_COMMITTED

    def _take(self, cause: TurnCause) -> None:
        self._stage = follow(TURN_STAGES, self._stage, cause)

    def _speech_started(self, audio_start_ms: int, now: int) -> list[Output]:
        if self._stage is STALE and self._shared.policy.onset == "sticky":
            self._take(HIDDEN_START)
            return [OnsetNotSent(audio_start_ms=audio_start_ms)]
        self._take(START)
        self._open_item = self._shared.ids.mint("item")
        self._started_ms = audio_start_ms
        self._idle.disarm()
        self._transcripts.speech_started(self._open_item, now)
        outputs: list[Output] = [
            InputAudioBufferSpeechStarted(
                event_id=self._shared.event_id(), audio_start_ms=audio_start_ms, item_id=self._open_item
            )
        ]
        if self._detection("interrupt_response"):
            outputs.extend(self.replies.interrupt(now))
        return outputs

    def _speech_stopped(self, audio_end_ms: int, now: int) -> list[Output]:
        if self._hidden:
            self._take(STOP)
            return []
        left_bytes = self._hearing.bytes_after(audio_end_ms)
        if self._shared.policy.turn_end == "discards":
            self._hearing.empty(left_bytes)
            return self._drop("discard")
        self._take(STOP)
        item_id = self._open_item or self._shared.ids.mint("item")
        outputs: list[Output] = [
            InputAudioBufferSpeechStopped(event_id=self._shared.event_id(), audio_end_ms=audio_end_ms, item_id=item_id)
        ]
        self._open_item = None
        audio_ms = audio_end_ms - self._started_ms
        outputs.append(self._taken(item_id, audio_ms, left_bytes, audio_end_ms))
        outputs.extend(self._commit_item(item_id, audio_ms, now, left_bytes=left_bytes))
        if self._detection("create_response") and self._shared.policy.reply != "never_starts":
            outputs.extend(self.replies.answer(item_id, now))
        return outputs

    def _taken(self, item_id: str, audio_ms: int, left_bytes: int = 0, end_ms: int | None = None) -> TurnTaken:
        hearing = self._hearing
        to_ms = (hearing.appended_us - hearing.format.duration_us(left_bytes)) // MS
        speech_ms = hearing.speech_ms(audio_ms, end_ms)
        return TurnTaken(item_id=item_id, from_ms=max(0, to_ms - audio_ms), to_ms=to_ms, speech_ms=speech_ms)

    def _commit_item(self, item_id: str, audio_ms: int, now: int, left_bytes: int = 0) -> list[Output]:
        recognised = self._hearing.recognise() if self._transcripts.wanted else None
        self._hearing.empty(left_bytes)
        self._transcripts.committed(item_id, recognised, audio_ms, now)
        return self._add_item(item_id, audio_ms)

    def _add_item(self, item_id: str, audio_ms: int) -> list[Output]:
        event_id = self._shared.event_id
        content = [Content(type="input_audio", transcript=None)]
        item = Item(id=item_id, type="message", status="completed", role="user", content=content)
        previous = self._shared.conversation.add(item, audio_ms=audio_ms)
        return [
            InputAudioBufferCommitted(event_id=event_id(), previous_item_id=previous, item_id=item_id),
            *self._added(previous, item),
        ]

    def _added(self, previous: str | None, item: Item) -> list[Output]:
        event_id = self._shared.event_id
        return [
            ConversationItemAdded(event_id=event_id(), previous_item_id=previous, item=item),
            ConversationItemDone(event_id=event_id(), previous_item_id=previous, item=item),
        ]

    # --- idle ---

    @property
    def _idle_timeout_ms(self) -> int | None:
        timeout_ms: int | None = (self._shared.config.turn_detection or {}).get("idle_timeout_ms")
        return timeout_ms

    @property
    def _busy(self) -> bool:
        """Whether the user or the assistant speaks: the idle timer rests."""
        return self.replies.active is not None or self._hearing.turn.speaking

    def _answered(self, response: LiveResponse, now: int) -> None:
        """A response is done: the idle time counts from when its audio has been played (documented)."""
        if not self._hearing.turn.speaking and self._idle_timeout_ms is not None:
            self._idle.arm(now + response.audio_ms * MS, wall=self._shared.policy.idle_clock == "wall")

    def _check_idle(self, now: int) -> list[Output]:
        timeout_ms = self._idle_timeout_ms
        if timeout_ms is None or self._busy:
            return []
        idled = self._idle.check(now, self._hearing.position_ms, timeout_ms)
        if idled is None:
            return []
        item_id = self._shared.ids.mint("item")
        self._hearing.empty()
        outputs: list[Output] = [
            InputAudioBufferTimeoutTriggered(
                event_id=self._shared.event_id(),
                audio_start_ms=idled.audio_start_ms,
                audio_end_ms=idled.audio_end_ms,
                item_id=item_id,
            ),
            *self._tell_silence(),
            *self._add_item(item_id, idled.audio_end_ms - idled.audio_start_ms),
        ]
        self._transcripts.silent(item_id, now)
        return outputs + self.replies.answer(item_id, now)

    def _tell_silence(self) -> list[Output]:
        """The system message of an idle timeout."""
        if self._shared.policy.idle_prompt == "none":
            return []
        content = [Content(type="input_text", text=_SILENT_USER)]
        item_id = self._shared.ids.mint("item")
        item = Item(id=item_id, type="message", status="completed", role="system", content=content)
        previous = self._shared.conversation.add(item)
        return self._added(previous, item)

    def _detection(self, name: str) -> bool:
        return self._shared.config.responds and bool((self._shared.config.turn_detection or {}).get(name))


def _shadow_note(transition: Transition) -> SessionEntry:
    if isinstance(transition, SpeechStarted):
        return ShadowSpeechStarted(audio_start_ms=transition.audio_start_ms)
    return ShadowSpeechStopped(audio_end_ms=transition.audio_end_ms)
