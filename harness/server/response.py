"""The life of one response, from ``response.created`` to ``response.done``, in the GA order (captured).

A response is a small machine: :meth:`LiveResponse.begin`, then :meth:`LiveResponse.wake` whenever
:attr:`LiveResponse.next_wake` has come, or :meth:`LiveResponse.cancel` at any time.
"""

from collections.abc import Iterator
from typing import TypedDict

from msgspec import UNSET

from harness.protocol.events import (
    ConversationItemAdded,
    ConversationItemDone,
    Event,
    RateLimitsUpdated,
    ResponseContentPartAdded,
    ResponseContentPartDone,
    ResponseCreated,
    ResponseDone,
    ResponseOutputAudioDelta,
    ResponseOutputAudioDone,
    ResponseOutputAudioTranscriptDelta,
    ResponseOutputAudioTranscriptDone,
    ResponseOutputItemAdded,
    ResponseOutputItemDone,
    ResponseOutputTextDelta,
    ResponseOutputTextDone,
)
from harness.protocol.objects import (
    Content,
    Item,
    Part,
    RateLimit,
    Response,
    ResponseStatus,
    Status,
    StatusDetails,
    TokenDetails,
    Usage,
)
from harness.server.config import SessionConfig
from harness.server.conversation import Conversation
from harness.server.ids import IdSource
from harness.server.policy import ServerPolicy
from harness.server.voice import DELTA_US, Voice, deltas
from harness.units import MS

RATE_LIMITS_AFTER_US = 43 * MS
"""``rate_limits.updated`` follows ``response.done`` by this (captured)."""
USER_MS_PER_TOKEN = 100
ASSISTANT_MS_PER_TOKEN = 50


class _Where(TypedDict):
    response_id: str
    item_id: str
    output_index: int
    content_index: int


class LiveResponse:
    """A response in progress in the default conversation."""

    def __init__(
        self, ids: IdSource, config: SessionConfig, conversation: Conversation, voice: Voice, policy: ServerPolicy
    ) -> None:
        self.id = ids.mint("resp")
        self.next_wake: int | None = None
        self.finished = False
        self._ids = ids
        self._conversation = conversation
        self._voice = voice
        self.policy = policy
        self._modalities = tuple(config.echo["output_modalities"])
        self._text_only = self._modalities == ("text",)
        output = config.echo["audio"]["output"]
        self._audio = {"output": {"format": output["format"], "voice": output["voice"]}}
        self._pieces = () if self._text_only else deltas(voice.utterance, config.output_format)
        self._words = voice.utterance.transcript.split()
        self._item_id: str | None = None
        self._sent = 0
        self._words_sent = 0
        self._input_ms = 0

    @property
    def audio_ms(self) -> int:
        """How much audio has been sent."""
        whole_ms = self._voice.utterance.duration_us // MS
        return min(whole_ms, self._sent * DELTA_US // MS)

    @property
    def total_us(self) -> int:
        """How much audio it will have if nothing cuts it short."""
        return 0 if self._text_only else self._voice.utterance.duration_us

    def begin(self, now: int, input_ms: int) -> list[Event]:
        """``response.created``; the first output follows after the voice's latency."""
        self._input_ms = input_ms
        self.next_wake = now + self._voice.latency_us
        events: list[Event] = [ResponseCreated(event_id=self._event_id(), response=self._response("in_progress"))]
        if self.policy.rate_limits == "after_created":
            events.append(self.rate_limits())
        return events

    def wake(self, now: int) -> list[Event]:
        """All output due by ``now``."""
        events: list[Event] = []
        while self.next_wake is not None and self.next_wake <= now:
            if self._item_id is None:
                events.extend(self._open())
            events.extend(self._speak())
            if self.policy.reply == "stalls" and self._sent * 2 >= len(self._pieces):
                self.next_wake = None
            elif self._sent >= len(self._pieces):
                events.extend(self._finish("completed", None))
            else:
                self.next_wake += self._voice.delta_interval_us
        return events

    def cancel(self, reason: str) -> list[Event]:
        """End it now, as ``turn_detected`` or ``client_cancelled``; what was said so far stays said."""
        return list(self._finish("cancelled", StatusDetails(type="cancelled", reason=reason)))

    def rate_limits(self) -> Event:
        """The figures that go with this response."""
        return RateLimitsUpdated(
            event_id=self._event_id(),
            rate_limits=[RateLimit(name="tokens", limit=40_000, remaining=39_000, reset_seconds=1.5)],
        )

    def _event_id(self) -> str:
        return self._ids.mint("event")

    def _open(self) -> Iterator[Event]:
        self._item_id = self._ids.mint("item")
        item = self._item("in_progress")
        previous = self._conversation.add(item)
        yield ResponseOutputItemAdded(event_id=self._event_id(), response_id=self.id, output_index=0, item=item)
        yield ConversationItemAdded(event_id=self._event_id(), previous_item_id=previous, item=item)
        part = Part(type="text", text="") if self._text_only else Part(type="audio", transcript="")
        yield ResponseContentPartAdded(event_id=self._event_id(), part=part, **self._where())

    def _speak(self) -> Iterator[Event]:
        """The words that run ahead of the next piece of audio, then the piece."""
        said = (self._sent + 1) / (0.7 * len(self._pieces)) if self._pieces else 1.0
        upto = min(len(self._words), max(1, round(len(self._words) * said)))
        delta = ResponseOutputTextDelta if self._text_only else ResponseOutputAudioTranscriptDelta
        for index in range(self._words_sent, upto):
            word = self._words[index] if index == 0 else f" {self._words[index]}"
            yield delta(event_id=self._event_id(), delta=word, **self._where())
        self._words_sent = max(self._words_sent, upto)
        if self._pieces:
            piece = self._pieces[self._sent]
            yield ResponseOutputAudioDelta(event_id=self._event_id(), delta=piece, **self._where())
            self._sent += 1
            self._conversation.spoke(str(self._item_id), self.audio_ms)

    def _finish(self, status: ResponseStatus, details: StatusDetails | None) -> Iterator[Event]:
        self.finished = True
        self.next_wake = None
        if self._item_id is not None:
            item = self._item("completed" if status == "completed" else "incomplete")
            self._conversation.replace(item)
            if status == "completed" or self.policy.cancel_chain == "full":
                yield from self._close(item)
        yield ResponseDone(event_id=self._event_id(), response=self._response(status, details))

    def _close(self, item: Item) -> Iterator[Event]:
        text = " ".join(self._words[: self._words_sent])
        if self._text_only:
            yield ResponseOutputTextDone(event_id=self._event_id(), text=text, **self._where())
            part = Part(type="text", text=text)
        else:
            yield ResponseOutputAudioDone(event_id=self._event_id(), **self._where())
            yield ResponseOutputAudioTranscriptDone(event_id=self._event_id(), transcript=text, **self._where())
            part = Part(type="audio", transcript=text)
        yield ResponseContentPartDone(event_id=self._event_id(), part=part, **self._where())
        yield ConversationItemDone(event_id=self._event_id(), previous_item_id=None, item=item)
        yield ResponseOutputItemDone(event_id=self._event_id(), response_id=self.id, output_index=0, item=item)

    def _where(self) -> _Where:
        return {"response_id": self.id, "item_id": str(self._item_id), "output_index": 0, "content_index": 0}

    def _item(self, status: Status) -> Item:
        content: list[Content] = []
        if status != "in_progress":
            text = " ".join(self._words[: self._words_sent])
            content = [
                Content(type="output_text", text=text)
                if self._text_only
                else Content(type="output_audio", transcript=text)
            ]
        return Item(id=str(self._item_id), type="message", status=status, role="assistant", content=content)

    def _response(self, status: ResponseStatus, details: StatusDetails | None = None) -> Response:
        ended = status != "in_progress"
        said = self._item_id if ended and self._item_id is not None and self._item_id in self._conversation else None
        output = [self._conversation.get(said)] if said is not None else []
        return Response(
            id=self.id,
            status=status,
            status_details=details,
            output=output,
            conversation_id=self._conversation.id,
            output_modalities=self._modalities,
            audio=UNSET if self._text_only else self._audio,
            usage=self._usage() if ended else None,
        )

    def _usage(self) -> Usage:
        if self._item_id is None:
            return Usage()  # cancelled before any output: zeros (captured)
        heard, spoken = self._input_ms // USER_MS_PER_TOKEN, self.audio_ms // ASSISTANT_MS_PER_TOKEN
        words = self._words_sent
        return Usage(
            total_tokens=heard + spoken + words,
            input_tokens=heard,
            output_tokens=spoken + words,
            input_token_details=TokenDetails(audio_tokens=heard, cached_tokens=0),
            output_token_details=TokenDetails(text_tokens=words, audio_tokens=spoken),
        )
