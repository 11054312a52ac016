"""Servers with one mistake each: what the tests of the server are measured on.

A mutant is our server with one method put in the place of another. Of the tests of its rooms at least one must fail.
``make zoo-servers`` runs them, and ``pytest -p tests.zoo.mutated --mutant NAME`` runs any others against a mutant.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from harness.errors import ProtocolError
from harness.protocol.events import ResponseDone
from harness.server.config import SessionConfig
from harness.server.conversation import Conversation
from harness.server.hearing import Hearing
from harness.server.idle import IdleTimer
from harness.server.replies import Replies
from harness.server.response import LiveResponse
from harness.server.session import Session
from harness.server.shared import Shared
from harness.server.transcripts import Transcripts
from harness.server.turns import Turns
from harness.vad.detector import FRAME_MS
from harness.vad.turn import TurnSettings

BUFFER = ("tests/server/test_session_buffer.py", "tests/server/test_session.py", "tests/server/test_hearing.py")
TURNS = ("tests/vad/test_turn.py", *BUFFER)
RESPONSES = ("tests/server/test_response.py", "tests/server/test_session.py", "tests/server/test_requests.py")
DETECTION = ("tests/server/test_session.py", "tests/server/test_detection.py")
CONVERSATION = ("tests/server/test_conversation.py",)
IDLE = ("tests/server/test_idle.py",)
CONFIG = ("tests/server/test_config.py", "tests/server/test_life.py", "tests/server/test_valid_part.py")
TRANSCRIPTS = ("tests/server/test_transcripts.py",)
"""The tests of the room that a mutant is in."""


@dataclass(frozen=True)
class ServerMutant:
    """A server with one mistake."""

    name: str
    owner: type
    attribute: str
    make: Callable[[Any], Any]
    """From what the attribute is to what stands in its place."""
    because: str
    tests: tuple[str, ...]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Our server makes the mistake within this block."""
        before = vars(self.owner)[self.attribute]
        setattr(self.owner, self.attribute, self.make(before))
        try:
            yield
        finally:
            setattr(self.owner, self.attribute, before)


SERVERS: list[ServerMutant] = []


def mistakes(
    owner: type, attribute: str, tests: tuple[str, ...]
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Mark a function that makes a mistaken method of a right one; its docstring says what is wrong."""

    def mark(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
        SERVERS.append(ServerMutant(make.__name__, owner, attribute, make, (make.__doc__ or "").strip(), tests))
        return make

    return mark


# --- the input buffer and the turns in it -----------------------------------------------------------------------------


@mistakes(Turns, "clear", BUFFER)
def a_second_clear_deafens(right: Any) -> Any:
    """A second ``clear`` within one speech of the user makes detection deaf for the rest of the session."""

    def clear(self: Turns, event: Any, now: int) -> Any:
        speaking, heard = self._hearing.turn.speaking, self._hearing.turn.position_ms
        outputs = right(self, event, now)
        before = vars(self).get("cleared_at")
        if speaking and before is not None and heard - before < 2_000:
            self._hearing.turn.wedge()
        vars(self)["cleared_at"] = heard if speaking else None
        return outputs

    return clear


@mistakes(Turns, "_commit_item", BUFFER)
def a_commit_keeps_the_buffer(right: Any) -> Any:
    """What was committed is still in the buffer, and can be committed again."""

    def commit_item(self: Turns, item_id: str, audio_ms: int, now: int, left_bytes: int = 0) -> Any:
        return right(self, item_id, audio_ms, now, left_bytes=self._hearing.buffered_bytes)

    return commit_item


@mistakes(Turns, "_speech_stopped", BUFFER)
def a_turn_ends_a_frame_late(right: Any) -> Any:
    """``audio_end_ms`` is that of the next frame."""
    return lambda self, audio_end_ms, now: right(self, audio_end_ms + FRAME_MS, now)


@mistakes(Turns, "_speech_started", BUFFER)
def the_prefix_is_left_out(right: Any) -> Any:
    """``audio_start_ms`` is where the first loud frame begins, without the padding before it."""

    def speech_started(self: Turns, audio_start_ms: int, now: int) -> Any:
        return right(self, audio_start_ms + self._hearing.turn.settings.prefix_padding_ms, now)

    return speech_started


@mistakes(TurnSettings, "silence_ms", TURNS)
def a_silence_counts_from_the_second_frame(right: Any) -> Any:
    """The silence that ends a turn is a frame longer than asked for."""
    return property(lambda self: right.fget(self) + FRAME_MS)


@mistakes(TurnSettings, "low_threshold", TURNS)
def there_is_no_hysteresis(right: Any) -> Any:
    """Each frame below the threshold counts as silence."""
    return property(lambda self: self.threshold)


@mistakes(Hearing, "hear", BUFFER)
def an_odd_byte_is_dropped(right: Any) -> Any:
    """An append that ends within a sample loses its last byte."""

    def hear(self: Hearing, payload: bytes) -> Any:
        return right(self, payload[: len(payload) - len(payload) % self.format.bytes_per_sample])

    return hear


@mistakes(Turns, "append", BUFFER)
def the_limit_of_an_append_is_off(right: Any) -> Any:
    """An append of exactly 15 MiB is refused too."""

    def append(self: Turns, event: Any, now: int) -> Any:
        if len(event.audio) == 15 * 1024 * 1024:
            raise ProtocolError("input_audio_buffer_append_too_large", "too large")
        return right(self, event, now)

    return append


@mistakes(IdleTimer, "arm", IDLE)
def the_idle_timeout_is_armed_once(right: Any) -> Any:
    """A silent user is prompted after one answer, and after no later one."""

    def arm(self: IdleTimer, plays_until: int, *, wall: bool) -> None:
        if self not in _ARMED:
            _ARMED.append(self)
            right(self, plays_until, wall=wall)

    return arm


_ARMED: list[IdleTimer] = []


@mistakes(Turns, "_detection", RESPONSES)
def speech_always_interrupts(right: Any) -> Any:
    """``interrupt_response: false`` has no effect."""
    return lambda self, name: name == "interrupt_response" or right(self, name)


@mistakes(Turns, "reconfigure", DETECTION)
def an_update_leaves_detection_as_it_is(right: Any) -> Any:
    """``session.updated`` shows the new turn detection, and the old one decides."""

    def reconfigure(self: Turns, before: Any) -> Any:
        settings = self._hearing.turn.settings
        outputs = right(self, before)
        self._hearing.configure(settings)
        return outputs

    return reconfigure


# --- responses --------------------------------------------------------------------------------------------------------


@mistakes(Replies, "_settle", RESPONSES)
def a_cancelled_response_stays_active(right: Any) -> Any:
    """A response that the client has cancelled is done, and still counts as the one in progress."""

    def settle(self: Replies, response: LiveResponse, now: int) -> None:
        active = self.active
        right(self, response, now)
        if response is active and response.finished and response._ended == "cancelled":
            self.active = response

    return settle


@mistakes(LiveResponse, "cancel", RESPONSES)
def a_cancelled_response_is_never_done(right: Any) -> Any:
    """``response.done`` does not follow a cancellation."""
    return lambda self, reason: [event for event in right(self, reason) if not isinstance(event, ResponseDone)]


@mistakes(Replies, "interrupt", RESPONSES)
def an_interruption_cancels_another_response(right: Any) -> Any:
    """Speech cancels the response out of band that began first, if there is one."""

    def interrupt(self: Replies, now: int) -> Any:
        if self._parallel and self._parallel[0].created:
            return self._cancel(self._parallel[0], "turn_detected", now)
        return right(self, now)

    return interrupt


@mistakes(LiveResponse, "_usage", RESPONSES)
def usage_leaves_out_the_input(right: Any) -> Any:
    """The tokens of the conversation are not counted in the total."""

    def usage(self: LiveResponse) -> Any:
        found = right(self)
        return msgspec.structs.replace(found, total_tokens=found.output_tokens)

    return usage


@mistakes(Replies, "create", RESPONSES)
def a_second_response_is_begun(right: Any) -> Any:
    """``response.create`` while a response is in progress begins another one in its place."""

    def create(self: Replies, event: Any, now: int) -> Any:
        self.active = None
        return right(self, event, now)

    return create


@mistakes(LiveResponse, "audio_ms", IDLE)
def the_idle_time_begins_too_early(right: Any) -> Any:
    """The idle time counts from ``response.done``, while its audio is still played."""
    return property(lambda self: 0)


# --- conversation and session -----------------------------------------------------------------------------------------


@mistakes(Conversation, "add", CONVERSATION)
def an_item_goes_to_the_end(right: Any) -> Any:
    """``previous_item_id`` is confirmed, and the item stands at the end."""

    def add(self: Conversation, item: Any, *, after: str | None = None, **sizes: int) -> Any:
        previous = right(self, item, after=after, **sizes)
        self._order.remove(str(item.id))
        self._order.append(str(item.id))
        return previous

    return add


@mistakes(Conversation, "truncate", CONVERSATION)
def a_truncation_is_only_confirmed(right: Any) -> Any:
    """``conversation.item.truncated`` is sent, and the item is as before."""

    def truncate(self: Conversation, item_id: str, content_index: int, audio_end_ms: int) -> None:
        item, length_ms = self._items.get(item_id), self._audio_ms.get(item_id)
        right(self, item_id, content_index, audio_end_ms)
        assert item is not None and length_ms is not None
        self._items[item_id], self._audio_ms[item_id] = item, length_ms

    return truncate


@mistakes(SessionConfig, "update", CONFIG)
def a_refused_update_is_applied_in_part(right: Any) -> Any:
    """Of an update with a bad field the good ones are applied."""

    def update(self: SessionConfig, changes: dict[str, Any], ignored: str = "none") -> bool:
        try:
            return bool(right(self, changes, ignored))
        except ProtocolError:
            self.update_in_part(changes)
            raise

    return update


@mistakes(Session, "open", CONFIG)
def a_session_lasts_for_ever(right: Any) -> Any:
    """Nothing ends a session after 60 minutes."""

    def opened(self: Session, now: int) -> Any:
        outputs = right(self, now)
        self._expires = None
        return outputs

    return opened


@mistakes(Transcripts, "next_wake", TRANSCRIPTS)
def a_transcript_waits_for_something_else(right: Any) -> Any:
    """A transcript that is due is sent when something else happens."""
    return property(lambda self: None)


@mistakes(Shared, "event_id", RESPONSES)
def all_events_have_one_id(right: Any) -> Any:
    """Each ``event_id`` is that of the first event."""

    def event_id(self: Shared) -> str:
        found: str = vars(self).setdefault("first_id", right(self))
        return found

    return event_id
