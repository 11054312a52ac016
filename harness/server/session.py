"""One Realtime session, sans I/O.

Call :meth:`Session.open` first. Give every client event to :meth:`Session.receive`, and call :meth:`Session.wake` at
:attr:`Session.next_wake`; each returns what to send, in order. A message that is no event goes to
:meth:`Session.refuse`. The session never raises on what a client sends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import msgspec
from msgspec import UNSET

from ..audio.recognition import Recogniser
from ..errors import ProtocolError, SettingError, did_you_mean
from ..journal import SettingIgnored
from ..protocol.codec import decode_client_event, scripted_event, unsupported_type
from ..protocol.events import (
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
    InputAudioBufferCommit,
    OutputAudioBufferClear,
    ResponseCancel,
    ResponseCreate,
    ServerEvent,
    SessionCreated,
    SessionUpdate,
    SessionUpdated,
)
from ..protocol.objects import ErrorDetails
from ..units import MS, SECOND
from ..vad.detector import make_detector
from .config import SessionConfig
from .conversation import Conversation
from .hearing import Hearing
from .items import audio_bytes, shown_when_added, stored
from .outputs import Close, Output
from .policy import ServerPolicy
from .response import LiveResponse
from .shared import IdSource, Shared
from .transcripts import Transcripts
from .turns import Turns
from .utterance import utterance
from .voice import Answer, Voice

SessionKind = Literal["realtime", "transcription", "translation"]
"""As ``session.type`` names them."""
_MOST_ITEMS, _MOST_BYTES = 10_000, 64 * 1024 * 1024
"""A client cannot create more (ours: the service bounds the context by tokens, and drops the oldest)."""
LASTS_US = 3600 * SECOND
"""The longest a session can be (documented)."""
EXPIRED = "Your session hit the maximum duration of 60 minutes."
"""The text of the error and of the Close that follows it (reported)."""
GOING_AWAY = 1001


@dataclass(frozen=True, slots=True)
class SessionSetup:
    """What a session is made of."""

    voice: Voice = field(default_factory=lambda: Voice(Answer(utterance("speech_en_f_tts_hibari"))))
    detector: str = "silero"
    turn_detection: Mapping[str, Any] = field(default_factory=dict)
    policy: ServerPolicy = field(default_factory=ServerPolicy)
    model: str = "gpt-realtime"
    kind: SessionKind = "realtime"
    """A conversation, a transcription or a translation; :func:`harness.server.sessions.make_session` makes it."""
    any_model: bool = False
    """Whether a transcription session takes models that are not the service's."""
    expires_at: int = 3600
    """Unix time in seconds that ``session.created`` shows."""
    lasts_us: int = LASTS_US
    """When the session expires."""


class Session:
    """The server's side of one connection."""

    def __init__(self, setup: SessionSetup, name: str) -> None:
        ids = IdSource(name)
        session_id = ids.mint("sess")
        self.config = self._configured(setup, session_id)
        self.conversation = Conversation("conv_" + session_id.removeprefix("sess_"))
        self.closed = False
        """Whether the server has closed the connection; then nothing is answered any more."""
        self._shared = Shared(ids, setup.policy, self.config, self.conversation, setup.voice)
        settings = self.config.turn_settings(setup.policy)
        self.hearing = Hearing(make_detector(setup.detector), self.config.input_format, settings)
        self.hearing.listening = self.config.turn_detection is not None
        self.hearing.carries_odd_bytes = setup.policy.odd_byte == "carry"
        self._transcripts = Transcripts(self._shared)
        self._turns = Turns(self._shared, self.hearing, self._transcripts)
        self._replies = self._turns.replies
        self._lasts_us = setup.lasts_us
        self._expires: int | None = None
        self._listen()
        self._handlers: dict[type[Event], Callable[[Any, int], list[Output]]] = {
            InputAudioBufferAppend: self._turns.append,
            InputAudioBufferCommit: self._turns.commit,
            InputAudioBufferClear: self._turns.clear,
            OutputAudioBufferClear: self._output_clear,
            SessionUpdate: self._update,
            ConversationItemCreate: self._create_item,
            ConversationItemDelete: self._delete_item,
            ConversationItemRetrieve: self._retrieve_item,
            ConversationItemTruncate: self._truncate_item,
            ResponseCreate: self._replies.create,
            ResponseCancel: self._replies.cancel,
        }

    append_type = "input_audio_buffer.append"
    """The ``type`` of the event that carries the client's audio."""

    def decode(self, text: str | bytes) -> Any:
        """A client event of this kind of session. Raises :exc:`ProtocolError`."""
        return decode_client_event(text)

    def _configured(self, setup: SessionSetup, session_id: str) -> SessionConfig:
        """The configuration of a new session."""
        return SessionConfig(session_id, setup.model, setup.turn_detection, setup.expires_at)

    # --- the machine ---

    def open(self, now: int) -> list[Output]:
        """The first events of the connection."""
        self._expires = now + self._lasts_us
        outputs: list[Output] = [SessionCreated(event_id=self.mint_event_id(), session=self.config.echo)]
        if self.policy.conversation_created == "after_session":
            conversation = {"id": self.conversation.id, "object": "realtime.conversation"}
            outputs.append(ConversationCreated(event_id=self.mint_event_id(), conversation=conversation))
        return outputs

    def receive(self, event: ClientEvent, now: int) -> list[Output]:
        """Answer a client event; an illegal one is answered by an ``error`` event and changes nothing."""
        if self.closed:
            return []
        try:
            return self._handlers[type(event)](event, now)
        except ProtocolError as error:
            return [self.refuse(error, event.event_id)]

    def wake(self, now: int) -> list[Output]:
        """What is due by ``now``: more of a response, rate limits, transcripts, an idle timeout, the session's end."""
        if self.closed:
            return []
        outputs = self._replies.wake(now)
        outputs.extend(self._transcripts.wake(now))
        outputs.extend(self._turns.wake(now))
        if self._expires is not None and self._expires <= now:
            outputs.extend(self.expire(now))
        return outputs

    def expire(self, now: int) -> list[Output]:
        """The session's time is up: the error, and the Close with the same text. Nothing if it is closed already."""
        if self.closed:
            return []
        self.closed = True
        return [self.refuse(ProtocolError("session_expired", EXPIRED), None), Close(GOING_AWAY, EXPIRED)]

    @property
    def next_wake(self) -> int | None:
        """When :meth:`wake` must be called next, in microseconds; None if only an event can change anything."""
        if self.closed:
            return None
        first = self._expires
        for due in (self._replies.next_wake, self._transcripts.next_wake, self._turns.next_wake):
            if due is not None and (first is None or due < first):
                first = due
        return first

    @property
    def policy(self) -> ServerPolicy:
        """The switches in force."""
        return self._shared.policy

    @property
    def response(self) -> LiveResponse | None:
        """The one response in progress in the default conversation."""
        return self._replies.active

    def change_policy(self, changes: dict[str, str], now: int) -> None:
        """Set policy switches from now on, for a response in progress too. Raises :exc:`SettingError`.

        :attr:`next_wake` may be earlier afterwards: a response that was stalled may go on.
        """
        self._shared.policy = self._shared.policy.changed(**changes)
        self._replies.resume(now)
        self.hearing.configure(self.config.turn_settings(self.policy))
        self.hearing.carries_odd_bytes = self.policy.odd_byte == "carry"

    def forget(self) -> None:
        """The connection is closed: free what may be large. Do not use the session after this."""
        self.closed = True
        self.conversation.clear()
        self.hearing.empty()
        self._shared.spoken.clear()

    def refuse(self, error: ProtocolError, event_id: str | None) -> Event:
        """The ``error`` event for a message that breaks the protocol; the session is as before."""
        details = ErrorDetails(
            type=error.error_type, code=error.code, message=error.message, param=error.param, event_id=event_id
        )
        return ErrorEvent(event_id=self.mint_event_id(), error=details)

    def emit(self, document: Mapping[str, Any], now: int) -> list[Output]:
        """Send a scripted event that is not simulated, such as one of MCP or DTMF; it changes nothing here.

        It gets an ``event_id`` if it has none. Raises :exc:`SettingError` if it is no server event.
        """
        try:
            return [] if self.closed else [scripted_event(document, self.mint_event_id())]
        except msgspec.ValidationError as error:
            given, known = document.get("type"), [str(event.__struct_config__.tag) for event in get_args(ServerEvent)]
            problem = f"is no server event that can be sent; {did_you_mean(str(given), known)}"
            if given in known:
                problem = f"cannot be sent like this: {error}"
            raise SettingError(f"{given!r} {problem}") from None

    # --- session and conversation ---

    def _update(self, event: SessionUpdate, now: int) -> list[Output]:
        before = self.config.turn_detection
        answer: Event
        notes: list[Output] = []
        try:
            if self.config.update(event.session, self.policy.ignored_setting):
                notes.append(SettingIgnored(setting=self.policy.ignored_setting))
        except ProtocolError as error:
            if self.policy.update_error == "atomic":
                raise
            self.config.update_in_part(event.session)
            answer = self.refuse(error, event.event_id)
        else:
            answer = SessionUpdated(event_id=self.mint_event_id(), session=self.config.echo)
        self.hearing.declare(self.config.input_format)
        self._listen()
        return [*notes, *self._turns.reconfigure(before), answer]

    def _create_item(self, event: ConversationItemCreate, now: int) -> list[Output]:
        item = stored(event.item)
        if len(self.conversation) >= _MOST_ITEMS or self.conversation.created_bytes >= _MOST_BYTES:
            message = f"The conversation holds {_MOST_ITEMS} items or {_MOST_BYTES >> 20} MiB. Delete some first."
            raise ProtocolError("conversation_full", message)
        if item.id is UNSET:
            item = msgspec.structs.replace(item, id=self._shared.ids.mint("item"))
        audio_ms = self.config.input_format.duration_us(audio_bytes(item)) // MS
        size = len(msgspec.json.encode(item))
        previous = self.conversation.add(item, after=event.previous_item_id, audio_ms=audio_ms, created_bytes=size)
        shown = shown_when_added(item)
        return [
            ConversationItemAdded(event_id=self.mint_event_id(), previous_item_id=previous, item=shown),
            ConversationItemDone(event_id=self.mint_event_id(), previous_item_id=previous, item=shown),
        ]

    def _delete_item(self, event: ConversationItemDelete, now: int) -> list[Output]:
        self.conversation.delete(event.item_id)
        return [ConversationItemDeleted(event_id=self.mint_event_id(), item_id=event.item_id)]

    def _retrieve_item(self, event: ConversationItemRetrieve, now: int) -> list[Output]:
        item = self.conversation.get(event.item_id)
        return [ConversationItemRetrieved(event_id=self.mint_event_id(), item=item)]

    def _truncate_item(self, event: ConversationItemTruncate, now: int) -> list[Output]:
        self.conversation.truncate(event.item_id, event.content_index, event.audio_end_ms)
        return [
            ConversationItemTruncated(
                event_id=self.mint_event_id(),
                item_id=event.item_id,
                content_index=event.content_index,
                audio_end_ms=event.audio_end_ms,
            )
        ]

    def _output_clear(self, event: OutputAudioBufferClear, now: int) -> list[Output]:
        raise unsupported_type("output_audio_buffer.clear")

    # --- small things ---

    def _listen(self) -> None:
        """Start to recognise the user's words once they are needed: it costs time."""
        if self._transcripts.wanted and self.hearing.listener is None:
            self.hearing.listener = Recogniser()

    def mint_event_id(self) -> str:
        """The id of the next event, for one that the session does not make itself."""
        return self._shared.event_id()
