"""The ``server:`` of a scenario file: its detection, its policies, and what the assistant answers."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from ..server.detection import SEMANTIC
from ..server.utterance import BABBLE, SILENCE
from . import values
from .map import Loc, Map, Mistake
from .model import Call, Reply, ReplyRule, ServerSetup


class CallDocument(Map):
    """A tool call; its arguments are a map."""

    name: values.YamlName
    """The function."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Its arguments."""

    def call(self) -> Call:
        """The call of the model."""
        return Call(self.name, json.dumps(self.arguments, ensure_ascii=False))


class ReplyDocument(Map):
    """What the assistant answers."""

    clip: values.OptionalKey[values.YamlAnswerClip] = None
    """A recording; babble and silence are synthesised, as long as the text; none has no output."""
    text: values.OptionalKey[values.YamlText] = None
    """The transcript; default that of the recording."""
    lasts: values.OptionalKey[values.YamlDurationRange] = None
    """Only the first part of the recording."""
    level: values.OptionalKey[values.YamlLevelRange] = None
    """The level of the voice; default that of the recording."""
    latency: values.OptionalKey[values.YamlDurationRange] = None
    """From the end of the turn to the first audio; default 400 ms."""
    pace: values.OptionalKey[values.YamlPace] = None
    """Seconds of audio that are sent in each second; default 5."""
    calls: values.OptionalKey[list[CallDocument]] = None
    """Tool calls of the answer."""
    fails: values.OptionalKey[values.YamlFailure] = None
    """The answer fails in this way."""
    incomplete: values.OptionalKey[values.YamlIncompleteReason] = None
    """The answer stays incomplete for this reason."""
    cut_after: values.OptionalKey[values.YamlDurationRange] = Field(None, alias="cut after")
    """How much audio is sent before the answer fails or stays incomplete."""
    created_after: values.OptionalKey[values.YamlDurationRange] = Field(None, alias="created after")
    """How late response.created is sent."""

    def reply(self) -> Reply:
        """The reply of the model. Without a clip, text gives babble, and calls alone give no output."""
        given = self.given(
            clip="clip", text="text", lasts_us="lasts", level_dbfs="level", latency_us="latency", pace="pace",
            fails="fails", incomplete="incomplete", cut_after_us="cut_after", created_after_us="created_after",
        )  # fmt: skip
        if "clip" not in given and (self.text is not None or self.calls):
            given["clip"] = BABBLE if self.text is not None else values.NOTHING
        return Reply(**given, calls=tuple(call.call() for call in self.calls or ()))


class ReplyRuleDocument(ReplyDocument):
    """An answer, and when it is given."""

    turn: values.OptionalKey[values.YamlCount] = None
    """The number of the turn that it answers, from 1."""
    heard: values.OptionalKey[values.YamlPattern] = None
    """What the user must have said: a regular expression."""

    def rule(self) -> ReplyRule:
        """The rule of the model."""
        return ReplyRule(self.reply(), self.turn, self.heard)


class TurnDetectionDocument(Map):
    """Defaults of a new session, named as in the protocol."""

    type: values.OptionalKey[values.YamlDetectionType] = None
    """The kind of turn detection."""
    threshold: values.OptionalKey[values.YamlFraction] = None
    """The probability from which a frame is speech."""
    prefix_padding_ms: values.OptionalKey[values.YamlPaddingMs] = None
    """Audio before the start of speech that belongs to the turn."""
    silence_duration_ms: values.OptionalKey[values.YamlSilenceMs] = None
    """Silence that ends a turn."""
    idle_timeout_ms: values.YamlIdleTimeoutMs = None
    """After this much silence the server responds by itself; null: never."""
    eagerness: values.OptionalKey[values.YamlEagerness] = None
    """How soon a semantic turn ends."""
    create_response: values.OptionalKey[values.YamlFlag] = None
    """Whether each turn gets a response automatically."""
    interrupt_response: values.OptionalKey[values.YamlFlag] = None
    """Whether speech cancels the answer."""


class ServerDocument(Map):
    """The server that the scenario is played against."""

    detector: values.OptionalKey[values.YamlDetectorName] = None
    """The detector of speech in audio."""
    model: values.OptionalKey[values.YamlName] = None
    """The model that sessions report."""
    turn_detection: values.OptionalKey[TurnDetectionDocument] = None
    """Defaults of a new session."""
    policy: values.YamlPolicy = Field(default_factory=dict)
    """Switches for behaviour of the service that is unknown, or was reported broken."""
    reply: values.OptionalKey[ReplyDocument] = None
    """The answer where no rule matches."""
    replies: values.OptionalKey[list[ReplyRuleDocument]] = None
    """Answers to certain turns or words; the first rule that matches decides."""
    transcripts: values.OptionalKey[list[values.YamlTranscript]] = None
    """The words of the user's turns, in order; a failure in angle brackets is a transcription that fails."""
    lasts: values.OptionalKey[values.YamlDurationRange] = None
    """When a session expires; default 60 min."""

    def setup(self) -> ServerSetup:
        """The server of the model."""
        return ServerSetup(
            **self.given(detector="detector", model="model", lasts_us="lasts"),
            turn_detection=self.turn_detection.model_dump(exclude_unset=True) if self.turn_detection else {},
            policy=ServerSetup().policy.changed(**self.policy),
            reply=self.reply.reply() if self.reply else Reply(),
            replies=tuple(rule.rule() for rule in self.replies or ()),
            transcripts=tuple(self.transcripts or ()),
        )


def server_mistakes(server: dict[str, Any], loc: Loc) -> Iterator[Mistake]:
    """Mistakes across the keys of ``server:``, given as plain data of the file."""
    detection = server.get("turn_detection")
    if isinstance(detection, dict) and detection.get("type") == "semantic_vad":
        for key in detection:
            if key not in SEMANTIC:
                yield Mistake((*loc, "turn_detection", key), f"{key!r} goes with server_vad only", True)
    elif isinstance(detection, dict) and "eagerness" in detection:
        yield Mistake((*loc, "turn_detection", "eagerness"), "'eagerness' goes with type: semantic_vad", True)
    yield from _reply_mistakes(server.get("reply"), (*loc, "reply"))
    replies = server.get("replies")
    for index, rule in enumerate(replies if isinstance(replies, list) else ()):
        where = (*loc, "replies", index)
        if isinstance(rule, dict) and not {"turn", "heard"} & {*rule}:
            yield Mistake(where, "say when this answer is given: turn: 2, or heard: some words")
        yield from _reply_mistakes(rule, where)


def _reply_mistakes(reply: object, loc: Loc) -> Iterator[Mistake]:
    if not isinstance(reply, dict):
        return
    if "fails" in reply and "incomplete" in reply:
        yield Mistake((*loc, "incomplete"), "an answer 'fails' or is 'incomplete', not both", True)
    if "level" in reply and reply.get("clip") in (SILENCE, values.NOTHING):
        yield Mistake((*loc, "level"), f"clip: {reply['clip']} has no 'level'; name another clip", True)
    if "cut after" in reply and not {"fails", "incomplete"} & {*reply}:
        yield Mistake((*loc, "cut after"), "'cut after' goes with 'fails' or 'incomplete'", True)
