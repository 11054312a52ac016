"""One Realtime session, sans I/O.

Give every client event to :meth:`Session.receive` and call :meth:`Session.wake` when :attr:`Session.next_wake` has
come; both hand back what to send, in order. Begin with :meth:`Session.open`. A message that is no event goes to
:meth:`Session.refuse`. The session never raises on what a client sends.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from harness.errors import ProtocolError
from harness.protocol.codec import MAX_APPEND_BYTES
from harness.protocol.events import (
    ClientEvent,
    ConversationCreated,
    ConversationItemAdded,
    ConversationItemCreate,
    ConversationItemDelete,
    ConversationItemDeleted,
    ConversationItemDone,
    ConversationItemRetrieve,
    ConversationItemRetrieved,
    ConversationItemTruncate,
    ConversationItemTruncated,
    ErrorEvent,
    Event,
    InputAudioBufferAppend,
    InputAudioBufferClear,
    InputAudioBufferCleared,
    InputAudioBufferCommit,
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    OutputAudioBufferClear,
    ResponseCancel,
    ResponseCreate,
    SessionCreated,
    SessionUpdate,
    SessionUpdated,
)
from harness.protocol.objects import Content, ErrorDetails, Item
from harness.server.config import SessionConfig
from harness.server.conversation import Conversation, check_item
from harness.server.hearing import Hearing, Transition
from harness.server.ids import IdSource
from harness.server.outputs import Note, Output
from harness.server.policy import ServerPolicy
from harness.server.response import RATE_LIMITS_AFTER_US, LiveResponse
from harness.server.voice import Voice, utterance
from harness.units import MS
from harness.vad.detector import make_detector
from harness.vad.turn import SpeechStarted

MINIMUM_COMMIT_US = 100 * MS
"""Less than this cannot be committed (captured in the error's text)."""


@dataclass(frozen=True, slots=True)
class SessionSetup:
    """What a session is made of."""

    voice: Voice = field(default_factory=lambda: Voice(utterance("speech_en_f_tts_hibari")))
    detector: str = "silero"
    turn_detection: dict[str, Any] = field(default_factory=dict)
    policy: ServerPolicy = field(default_factory=ServerPolicy)
    model: str = "gpt-realtime"
    expires_at: int = 3600
    """Unix time in seconds that ``session.created`` shows."""


class Session:
    """The server's side of one connection."""

    def __init__(self, setup: SessionSetup, name: str) -> None:
        self.policy = setup.policy
        self.response: LiveResponse | None = None
        """The one response in progress in the default conversation."""
        self._ids = IdSource(name)
        self._voice = setup.voice
        session_id = self._ids.mint("sess")
        self.conversation = Conversation("conv_" + session_id.removeprefix("sess_"))
        self.config = SessionConfig(session_id, setup.model, setup.turn_detection, setup.expires_at)
        self.hearing = Hearing(make_detector(setup.detector), self.config.input_format, self._turn_settings())
        self.hearing.listening = self.config.turn_detection is not None
        self._open_item: str | None = None
        self._started_ms = 0
        self._limits_due: deque[tuple[int, LiveResponse]] = deque()
        self._handlers: dict[type[Event], Callable[[Any, int], list[Output]]] = {
            InputAudioBufferAppend: self._append,
            InputAudioBufferCommit: self._commit,
            InputAudioBufferClear: self._clear,
            OutputAudioBufferClear: self._output_clear,
            SessionUpdate: self._update,
            ConversationItemCreate: self._create_item,
            ConversationItemDelete: self._delete_item,
            ConversationItemRetrieve: self._retrieve_item,
            ConversationItemTruncate: self._truncate_item,
            ResponseCreate: self._create_response,
            ResponseCancel: self._cancel_response,
        }

    # --- the machine ---

    def open(self, now: int) -> list[Output]:
        """The first events of the connection."""
        outputs: list[Output] = [SessionCreated(event_id=self._event_id(), session=self.config.echo)]
        if self.policy.conversation_created == "after_session":
            conversation = {"id": self.conversation.id, "object": "realtime.conversation"}
            outputs.append(ConversationCreated(event_id=self._event_id(), conversation=conversation))
        return outputs

    def receive(self, event: ClientEvent, now: int) -> list[Output]:
        """Answer a client event; an illegal one is answered by an ``error`` event and changes nothing."""
        try:
            return self._handlers[type(event)](event, now)
        except ProtocolError as error:
            return [self.refuse(error, event.event_id)]

    def wake(self, now: int) -> list[Output]:
        """What time alone brings: the next audio of a response, rate limits."""
        outputs: list[Output] = []
        while self._limits_due and self._limits_due[0][0] <= now:
            outputs.append(self._limits_due.popleft()[1].rate_limits())
        if self.response is not None and self.response.next_wake is not None and self.response.next_wake <= now:
            outputs.extend(self.response.wake(now))
            self._settle(now)
        return outputs

    @property
    def next_wake(self) -> int | None:
        """When :meth:`wake` must be called next, in microseconds; None if only an event can change anything."""
        due = self.response.next_wake if self.response is not None else None
        if self._limits_due:
            limits_due = self._limits_due[0][0]
            due = limits_due if due is None else min(due, limits_due)
        return due

    def change_policy(self, changes: dict[str, str]) -> None:
        """Set policy switches from now on, for a response in progress too. Raises :exc:`SettingError`."""
        self.policy = self.policy.changed(**changes)
        self.hearing.configure(self._turn_settings())
        if self.response is not None:
            self.response.policy = self.policy

    def refuse(self, error: ProtocolError, event_id: str | None) -> Event:
        """The ``error`` event for a message that breaks the protocol; the session is as before."""
        details = ErrorDetails(
            type=error.error_type, code=error.code, message=error.message, param=error.param, event_id=event_id
        )
        return ErrorEvent(event_id=self._event_id(), error=details)

    # --- audio in ---

    def _append(self, event: InputAudioBufferAppend, now: int) -> list[Output]:
        if len(event.audio) > MAX_APPEND_BYTES:
            message = (
                f"Invalid 'audio': {len(event.audio)} bytes in one append; "
                f"send at most {MAX_APPEND_BYTES} bytes (15 MiB) at a time."
            )
            raise ProtocolError("invalid_value", message, param="audio")
        decided, shadow = self.hearing.hear(event.audio)
        if not decided and not shadow:
            return []
        outputs: list[Output] = [_shadow_note(transition) for transition in shadow]
        for transition in decided:
            if isinstance(transition, SpeechStarted):
                outputs.extend(self._speech_started(transition.audio_start_ms, now))
            else:
                outputs.extend(self._speech_stopped(transition.audio_end_ms, now))
        return outputs

    def _speech_started(self, audio_start_ms: int, now: int) -> list[Output]:
        self._open_item = self._ids.mint("item")
        self._started_ms = audio_start_ms
        outputs: list[Output] = [
            InputAudioBufferSpeechStarted(
                event_id=self._event_id(), audio_start_ms=audio_start_ms, item_id=self._open_item
            )
        ]
        if self.response is not None and self._detection("interrupt_response"):
            outputs.extend(self.response.cancel("turn_detected"))
            self._settle(now)
        return outputs

    def _speech_stopped(self, audio_end_ms: int, now: int) -> list[Output]:
        item_id = self._open_item or self._ids.mint("item")
        outputs: list[Output] = [
            InputAudioBufferSpeechStopped(event_id=self._event_id(), audio_end_ms=audio_end_ms, item_id=item_id)
        ]
        self._open_item = None
        outputs.extend(self._commit_item(item_id, left_bytes=self.hearing.bytes_after(audio_end_ms)))
        if self._detection("create_response") and self.policy.reply != "never_starts":
            if self.response is None:
                outputs.extend(self._respond(item_id, now, audio_end_ms - self._started_ms))
            else:
                # Documented: with interrupt_response off, a turn that ends during a response may get none.
                outputs.append(Note("server", "unanswered", {"item_id": item_id, "active": self.response.id}))
        return outputs

    def _commit(self, event: InputAudioBufferCommit, now: int) -> list[Output]:
        if self.hearing.buffered_us < MINIMUM_COMMIT_US:
            message = (
                "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
                f"but buffer only has {self.hearing.buffered_us / MS:.2f}ms of audio."
            )
            raise ProtocolError("input_audio_buffer_commit_empty", message)
        item_id = self._open_item or self._ids.mint("item")
        self.hearing.shadow.reset()
        closed: list[Output] = []
        if self.policy.commit_during_speech == "idle":
            closed = self._close_turn("commit")
        self._open_item = None
        return closed + self._commit_item(item_id)

    def _commit_item(self, item_id: str, left_bytes: int = 0) -> list[Output]:
        self.hearing.empty(left_bytes)
        content = [Content(type="input_audio", transcript=None)]
        item = Item(id=item_id, type="message", status="completed", role="user", content=content)
        previous = self.conversation.add(item)
        return [
            InputAudioBufferCommitted(event_id=self._event_id(), previous_item_id=previous, item_id=item_id),
            ConversationItemAdded(event_id=self._event_id(), previous_item_id=previous, item=item),
            ConversationItemDone(event_id=self._event_id(), previous_item_id=previous, item=item),
        ]

    def _clear(self, event: InputAudioBufferClear, now: int) -> list[Output]:
        outputs: list[Output] = []
        self.hearing.empty()
        if self.hearing.turn.speaking and self.policy.clear_during_speech == "wedge":
            self.hearing.turn.wedge()
            outputs.append(Note("server", "wedged", {"item_id": self._open_item}))
        elif self.policy.clear_during_speech == "reset":
            outputs = self._close_turn("clear")
        self.hearing.shadow.reset()
        if self.policy.clock_on_clear == "restart":
            self.hearing.restart_clock()
            self._started_ms = 0
        return [*outputs, InputAudioBufferCleared(event_id=self._event_id())]

    def _output_clear(self, event: OutputAudioBufferClear, now: int) -> list[Output]:
        raise ProtocolError(
            "invalid_value", "output_audio_buffer.clear is for WebRTC and SIP connections only.", param="type"
        )

    # --- session and conversation ---

    def _update(self, event: SessionUpdate, now: int) -> list[Output]:
        before = self.config.turn_detection
        self.config.update(event.session, voice_locked=self.conversation.has_assistant_audio)
        self.hearing.declare(self.config.input_format)
        after = self.config.turn_detection
        outputs: list[Output] = []
        if after is None or (after != before and self.policy.update_during_speech == "reset"):
            outputs = self._close_turn("session.update")
            self.hearing.shadow.reset()
        self.hearing.listening = after is not None
        self.hearing.configure(self._turn_settings())
        return [*outputs, SessionUpdated(event_id=self._event_id(), session=self.config.echo)]

    def _create_item(self, event: ConversationItemCreate, now: int) -> list[Output]:
        item = event.item
        check_item(item)
        if not isinstance(item.id, str):
            item = msgspec.structs.replace(item, id=self._ids.mint("item"))
        item = msgspec.structs.replace(item, status="completed")
        previous = self.conversation.add(item, after=event.previous_item_id)
        return [
            ConversationItemAdded(event_id=self._event_id(), previous_item_id=previous, item=item),
            ConversationItemDone(event_id=self._event_id(), previous_item_id=previous, item=item),
        ]

    def _delete_item(self, event: ConversationItemDelete, now: int) -> list[Output]:
        self.conversation.delete(event.item_id)
        return [ConversationItemDeleted(event_id=self._event_id(), item_id=event.item_id)]

    def _retrieve_item(self, event: ConversationItemRetrieve, now: int) -> list[Output]:
        item = self.conversation.get(event.item_id)
        return [ConversationItemRetrieved(event_id=self._event_id(), item=item)]

    def _truncate_item(self, event: ConversationItemTruncate, now: int) -> list[Output]:
        self.conversation.truncate(event.item_id, event.content_index, event.audio_end_ms)
        return [
            ConversationItemTruncated(
                event_id=self._event_id(),
                item_id=event.item_id,
                content_index=event.content_index,
                audio_end_ms=event.audio_end_ms,
            )
        ]

    # --- responses ---

    def _create_response(self, event: ResponseCreate, now: int) -> list[Output]:
        if self.response is not None:
            message = (
                f"Conversation already has an active response in progress: {self.response.id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise ProtocolError("conversation_already_has_active_response", message)
        return self._respond(self.conversation.last_id, now, 0)

    def _respond(self, item_id: str | None, now: int, input_ms: int) -> list[Output]:
        self.response = LiveResponse(self._ids, self.config, self.conversation, self._voice, self.policy)
        outputs: list[Output] = [Note("server", "answers", {"response_id": self.response.id, "item_id": item_id})]
        outputs.extend(self.response.begin(now, input_ms))
        return outputs

    def _cancel_response(self, event: ResponseCancel, now: int) -> list[Output]:
        if self.response is None or event.response_id not in (None, self.response.id):
            raise ProtocolError("response_cancel_not_active", "Cancellation failed: no active response found")
        outputs: list[Output] = list(self.response.cancel("client_cancelled"))
        self._settle(now)
        return outputs

    def _settle(self, now: int) -> None:
        """If the response has ended, free its place and have its rate limits follow."""
        if self.response is not None and self.response.finished:
            if self.policy.rate_limits == "after_done":
                self._limits_due.append((now + RATE_LIMITS_AFTER_US, self.response))
            self.response = None

    # --- small things ---

    def _close_turn(self, by: str) -> list[Output]:
        """End an open turn without a word to the client: it is orphaned."""
        if not self.hearing.turn.speaking:
            return []
        self.hearing.turn.reset()
        orphan, self._open_item = self._open_item, None
        return [Note("server", "turn_closed", {"item_id": orphan, "by": by})]

    def _event_id(self) -> str:
        return self._ids.mint("event")

    def _detection(self, name: str) -> bool:
        return bool((self.config.turn_detection or {}).get(name))

    def _turn_settings(self) -> Any:
        return self.config.turn_settings(self.policy.prefix_in_start == "yes")


def _shadow_note(transition: Transition) -> Note:
    if isinstance(transition, SpeechStarted):
        return Note("shadow", "speech_started", {"audio_start_ms": transition.audio_start_ms})
    return Note("shadow", "speech_stopped", {"audio_end_ms": transition.audio_end_ms})
