"""The ``server:`` of a scenario file: its detection, its policies, and what the assistant answers."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from harness.scenario import values
from harness.scenario.map import Loc, Map, Mistake
from harness.scenario.model import Call, Reply, ReplyRule, ServerSetup
from harness.server.detection import SEMANTIC


class CallDocument(Map):
    """A tool call; its arguments are a map."""

    name: values.Name
    """The function."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Its arguments."""

    def call(self) -> Call:
        """The call of the model."""
        return Call(self.name, json.dumps(self.arguments, ensure_ascii=False))


class ReplyDocument(Map):
    """What the assistant answers."""

    clip: values.Given[values.AnswerClip] = None
    """A recording; babble and silence are made up, as long as the text; none says nothing."""
    text: values.Given[values.Text] = None
    """The words; without it those of the recording."""
    lasts: values.Given[values.Durations] = None
    """Only the first part of the recording."""
    latency: values.Given[values.Durations] = None
    """From the end of the turn to the first audio; 400 ms unless told."""
    pace: values.Given[values.Pace] = None
    """Seconds of audio that are sent in a second; 5 unless told."""
    calls: values.Given[list[CallDocument]] = None
    """Tool calls of the answer."""
    fails: values.Given[values.FailureName] = None
    """The answer fails in this way."""
    incomplete: values.Given[values.IncompleteReason] = None
    """The answer stays incomplete for this reason."""
    cut_after: values.Given[values.Durations] = Field(None, alias="cut after")
    """How much audio is sent before a failure, or before the answer stays incomplete."""
    created_after: values.Given[values.Durations] = Field(None, alias="created after")
    """How late response.created comes."""

    def reply(self) -> Reply:
        """The reply of the model: words without a recording are made up, and calls alone say nothing."""
        given = self.given(
            clip="clip", text="text", lasts_us="lasts", latency_us="latency", pace="pace", fails="fails",
            incomplete="incomplete", cut_after_us="cut_after", created_after_us="created_after",
        )  # fmt: skip
        if "clip" not in given and (self.text is not None or self.calls):
            given["clip"] = values.BABBLE if self.text is not None else values.NOTHING
        return Reply(**given, calls=tuple(call.call() for call in self.calls or ()))


class ReplyRuleDocument(ReplyDocument):
    """An answer, and when it is given."""

    turn: values.Given[values.Count] = None
    """In which turn it is given, from 1."""
    heard: values.Given[values.Pattern] = None
    """What the user must have said: a regular expression."""

    def rule(self) -> ReplyRule:
        """The rule of the model."""
        return ReplyRule(self.reply(), self.turn, self.heard)


class TurnDetectionDocument(Map):
    """Defaults of a new session, named as in the protocol."""

    type: values.Given[values.DetectionType] = None
    """Which turn detection."""
    threshold: values.Given[values.Fraction] = None
    """The probability from which a frame is speech."""
    prefix_padding_ms: values.Given[values.PaddingMs] = None
    """Audio before the begin of speech that belongs to the turn."""
    silence_duration_ms: values.Given[values.SilenceMs] = None
    """Silence that ends a turn."""
    idle_timeout_ms: values.IdleTimeoutMs = None
    """After this much silence the server asks by itself; null: never."""
    eagerness: values.Given[values.Eagerness] = None
    """How soon a semantic turn ends."""
    create_response: values.Given[values.Flag] = None
    """Whether a turn is answered without being asked to."""
    interrupt_response: values.Given[values.Flag] = None
    """Whether speech cancels the answer."""


class ServerDocument(Map):
    """The server that the scenario is played against."""

    detector: values.Given[values.Detector] = None
    """What hears speech in audio."""
    model: values.Given[values.Name] = None
    """The model that sessions say they are."""
    turn_detection: values.Given[TurnDetectionDocument] = None
    """Defaults of a new session."""
    policy: values.Policy = Field(default_factory=dict)
    """Switches for what is unknown of the service, or was reported broken."""
    reply: values.Given[ReplyDocument] = None
    """The answer that no rule asks for."""
    replies: values.Given[list[ReplyRuleDocument]] = None
    """Answers to certain turns or words; the first that fits is given."""
    transcripts: values.Given[list[values.Transcript]] = None
    """What the user's turns say, in order; a failure in angle brackets is a transcription that fails."""
    lasts: values.Given[values.Durations] = None
    """When a session expires; 60 min unless told."""

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
    """What the keys of ``server:`` owe each other; it is given as it stands in the file."""
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
    if "cut after" in reply and not {"fails", "incomplete"} & {*reply}:
        yield Mistake((*loc, "cut after"), "'cut after' goes with 'fails' or 'incomplete'", True)
