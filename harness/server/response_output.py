"""The items that a response puts out: a message, piece by piece, and tool calls. Each is a small machine:
:meth:`begin`, :meth:`step` while :attr:`left`, :meth:`end`.
"""

from collections.abc import Iterator
from typing import Protocol, TypedDict

from msgspec import UNSET, UnsetType

from ..protocol.events import (
    ConversationItemAdded,
    ConversationItemDone,
    Event,
    ResponseContentPartAdded,
    ResponseContentPartDone,
    ResponseFunctionCallArgumentsDelta,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputAudioDelta,
    ResponseOutputAudioDone,
    ResponseOutputAudioTranscriptDelta,
    ResponseOutputAudioTranscriptDone,
    ResponseOutputItemAdded,
    ResponseOutputItemDone,
    ResponseOutputTextDelta,
    ResponseOutputTextDone,
)
from ..protocol.objects import Content, Item, MessagePhase, Part, Status
from ..units import MS
from .request import ResponseRequest
from .shared import Shared
from .tokens import ASSISTANT_MS_PER_TOKEN, Tokens, of_json
from .utterance import DELTA_US, Utterance, deltas, silent_delta
from .voice import ToolCall

_ARGUMENTS_PER_DELTA = 16
"""Characters of a call's arguments in one delta (assumed)."""
_WORDS_FIRST = 3
"""Words that come before the first audio (captured)."""
_AHEAD = 0.7
"""All words of an answer have been sent by this part of its audio (assumed; that they run ahead is captured)."""
_TAIL = 2, 5
"""The part of an answer's audio that is not sent, if it loses its tail (assumed; the last deltas are reported)."""
_PADDING = "aLxx0jTEciOGe7Qm"


class _Place(TypedDict):
    """Which item of which response."""

    response_id: str
    item_id: str
    output_index: int


class OutputItem(Protocol):
    """One item of a response's output."""

    item_id: str

    @property
    def left(self) -> int:
        """Pieces still to send."""

    @property
    def tokens(self) -> Tokens:
        """What was put out so far, roughly."""

    def begin(self) -> Iterator[Event]:
        """Announce it."""

    def step(self) -> Iterator[Event]:
        """The next piece."""

    def end(self, status: Status) -> Iterator[Event]:
        """Close it."""

    def item(self, status: Status) -> Item:
        """As it stands now."""


def obfuscation(piece: str) -> str:
    """Padding that hides a delta's length on an encrypted wire (captured; the length rule is assumed)."""
    return _PADDING[: 16 - len(piece) % 16]


class _AnnouncedItem:
    """What both kinds of items have in common: they are announced, stored and closed."""

    def __init__(self, shared: Shared, response_id: str, index: int, *, in_conversation: bool) -> None:
        self.item_id = shared.ids.mint("item")
        self._shared = shared
        self._in_conversation = in_conversation
        self._follows: str | None = None
        self._place: _Place = {"response_id": response_id, "item_id": self.item_id, "output_index": index}

    def item(self, status: Status) -> Item:
        raise NotImplementedError

    def _announce(self) -> Iterator[Event]:
        shared, item = self._shared, self.item("in_progress")
        yield ResponseOutputItemAdded(
            event_id=shared.event_id(),
            response_id=self._place["response_id"],
            output_index=self._place["output_index"],
            item=item,
        )
        if self._in_conversation:
            previous = shared.conversation.add(item)
            self._follows = previous if len(shared.conversation) > 2 else None
            yield ConversationItemAdded(event_id=shared.event_id(), previous_item_id=previous, item=item)

    def _conclude(self, item: Item) -> Iterator[Event]:
        shared = self._shared
        if self._in_conversation:
            # Of the second item of a conversation the predecessor is not named when it is done (captured).
            yield ConversationItemDone(event_id=shared.event_id(), previous_item_id=self._follows, item=item)
        yield ResponseOutputItemDone(
            event_id=shared.event_id(),
            response_id=self._place["response_id"],
            output_index=self._place["output_index"],
            item=item,
        )


class MessageOutput(_AnnouncedItem):
    """The assistant speaks, or writes."""

    def __init__(
        self,
        shared: Shared,
        request: ResponseRequest,
        response_id: str,
        index: int,
        utterance: Utterance,
        phase: MessagePhase | UnsetType,
    ) -> None:
        super().__init__(shared, response_id, index, in_conversation=request.in_conversation)
        self._phase = phase
        self._text_only = request.text_only
        self._voice = request.voice
        self._pieces = () if self._text_only else deltas(utterance, request.audio_format)
        self._words = utterance.transcript.split()
        self._audio_format = request.audio_format
        self._silent = 0
        self._whole_ms = utterance.duration_us // MS
        self._words_sent = 0
        self.sent = 0
        """Pieces sent."""
        self.pieces = max(1, len(self._words if self._text_only else self._pieces))
        """Pieces in all: audio deltas, or words where there is no audio."""

    @property
    def left(self) -> int:
        """Pieces still to send."""
        return self.pieces - self.sent

    @property
    def has_audio(self) -> bool:
        """Whether it speaks."""
        return bool(self._pieces)

    @property
    def silent(self) -> bool:
        """Whether it sends silent audio by now."""
        return self._silent > 0

    @property
    def audio_ms(self) -> int:
        """How much audio has been sent."""
        spoken_ms = min(self._whole_ms, self.sent * DELTA_US // MS) if self._pieces else 0
        return spoken_ms + self._silent * DELTA_US // MS

    @property
    def tokens(self) -> Tokens:
        """Its words, and its audio."""
        return Tokens(self._words_sent, self.audio_ms // ASSISTANT_MS_PER_TOKEN)

    def begin(self) -> Iterator[Event]:
        """Announce the item and its part."""
        yield from self._announce()
        part = Part(type="text", text="") if self._text_only else Part(type="audio", transcript="")
        yield ResponseContentPartAdded(
            event_id=self._shared.event_id(), part=part, content=self._again(part), content_index=0, **self._place
        )

    def step(self) -> Iterator[Event]:
        """The words that run ahead of the next piece of audio (captured), then the piece; or the next word alone."""
        ahead, first = (1.0, 1) if self._text_only else (_AHEAD, _WORDS_FIRST)
        upto = min(len(self._words), max(first, round(len(self._words) * (self.sent + 1) / (ahead * self.pieces))))
        delta = ResponseOutputTextDelta if self._text_only else ResponseOutputAudioTranscriptDelta
        for index in range(self._words_sent, upto):
            word = self._words[index] if index == 0 else f" {self._words[index]}"
            yield delta(
                event_id=self._shared.event_id(),
                delta=word,
                obfuscation=obfuscation(word),
                content_index=0,
                **self._place,
            )
        self._words_sent = max(self._words_sent, upto)
        self.sent += 1
        if self._pieces:
            yield from self._speak(self._piece())

    def silence(self) -> Iterator[Event]:
        """A piece of silent audio that belongs to nothing that is said."""
        self._silent += 1
        yield from self._speak(silent_delta(self._audio_format))

    def _piece(self) -> bytes | None:
        """The audio of the piece that was counted last, as the policy has it; None: it is not sent."""
        if self._in_lost_tail:
            return None
        piece = self._pieces[self.sent - 1]
        return silent_delta(self._audio_format)[: len(piece)] if self._shared.policy.reply == "silent" else piece

    @property
    def _in_lost_tail(self) -> bool:
        part, whole = _TAIL
        return self._shared.policy.reply == "loses_tail" and self.left < max(1, self.pieces * part // whole)

    def _speak(self, piece: bytes | None) -> Iterator[Event]:
        """Send audio; None is audio that counts as spoken and is not sent."""
        if piece is not None:
            yield ResponseOutputAudioDelta(
                event_id=self._shared.event_id(), delta=piece, content_index=0, **self._place
            )
        self._shared.conversation.spoke(self.item_id, self.audio_ms)
        if self._shared.config.spoken_voice is None:
            self._shared.config.spoken_voice = self._voice

    def end(self, status: Status) -> Iterator[Event]:
        """Close the part and the item, in the order of GA captures."""
        event_id, text = self._shared.event_id, self._text
        if self._text_only:
            yield ResponseOutputTextDone(event_id=event_id(), text=text, content_index=0, **self._place)
            part = Part(type="text", text=text)
        else:
            yield ResponseOutputAudioDone(event_id=event_id(), content_index=0, **self._place)
            yield ResponseOutputAudioTranscriptDone(
                event_id=event_id(), transcript=text, content_index=0, **self._place
            )
            part = Part(type="audio", transcript=text)
        yield ResponseContentPartDone(
            event_id=event_id(), part=part, content=self._again(part), content_index=0, **self._place
        )
        yield from self._conclude(self.item(status))

    def _again(self, part: Part) -> Part | UnsetType:
        """The part, where its event has it twice."""
        return part if self._shared.policy.content_part == "twice" else UNSET

    def item(self, status: Status) -> Item:
        """The item with what was sent so far."""
        content: list[Content] = []
        if status != "in_progress":
            content = [
                Content(type="output_text", text=self._text)
                if self._text_only
                else Content(type="output_audio", transcript=self._text)
            ]
        return Item(
            id=self.item_id, type="message", status=status, role="assistant", content=content, phase=self._phase
        )

    @property
    def _text(self) -> str:
        return " ".join(self._words[: self._words_sent])


class CallOutput(_AnnouncedItem):
    """The assistant calls a function of the client."""

    def __init__(self, shared: Shared, request: ResponseRequest, response_id: str, index: int, call: ToolCall) -> None:
        super().__init__(shared, response_id, index, in_conversation=request.in_conversation)
        self._call = call
        self._call_id = shared.ids.mint("call")
        self._characters_sent = 0
        self._started = False

    @property
    def left(self) -> int:
        """Pieces of the arguments still to send; empty arguments are one."""
        rest = len(self._call.arguments) - self._characters_sent
        return -(-rest // _ARGUMENTS_PER_DELTA) if rest else int(not self._started)

    @property
    def tokens(self) -> Tokens:
        """Its arguments."""
        return Tokens(of_json(self._call.arguments[: self._characters_sent]))

    def begin(self) -> Iterator[Event]:
        """Announce the item."""
        return self._announce()

    def step(self) -> Iterator[Event]:
        """More of the arguments."""
        self._started = True
        piece = self._call.arguments[self._characters_sent : self._characters_sent + _ARGUMENTS_PER_DELTA]
        self._characters_sent += len(piece)
        yield ResponseFunctionCallArgumentsDelta(
            event_id=self._shared.event_id(),
            call_id=self._call_id,
            delta=piece,
            obfuscation=obfuscation(piece),
            **self._place,
        )

    def end(self, status: Status) -> Iterator[Event]:
        """The whole arguments, and the item."""
        yield ResponseFunctionCallArgumentsDone(
            event_id=self._shared.event_id(),
            call_id=self._call_id,
            name=self._call.name,
            arguments=self._call.arguments[: self._characters_sent],
            **self._place,
        )
        yield from self._conclude(self.item(status))

    def item(self, status: Status) -> Item:
        """The item with what was sent so far."""
        return Item(
            id=self.item_id,
            type="function_call",
            status=status,
            call_id=self._call_id,
            name=self._call.name,
            arguments=self._call.arguments[: self._characters_sent],
        )
