"""What the assistant answers, in a scenario file: answers, their tool calls, and the rules that choose them."""

import json
from typing import Any

from pydantic import Field

from ..server.asked import ResultPattern
from ..server.utterance import BABBLE
from . import values
from .map import Map
from .model import NOTHING, Call, Reply, ReplyRule


class CallDocument(Map):
    """A tool call; its arguments are a map."""

    name: values.YamlName
    """The function."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Its arguments; in a rule their texts may use captures."""

    def call(self) -> Call:
        """The call of the model."""
        return Call(self.name, json.dumps(self.arguments, ensure_ascii=False))


class ReplyDocument(Map):
    """What the assistant answers."""

    clip: values.OptionalKey[values.YamlAnswerClip] = None
    """A recording; babble and silence are synthesised, as long as the text; none has no output."""
    text: values.OptionalKey[values.YamlText] = None
    """The transcript; default that of the recording. In a rule it may use captures, such as {city}."""
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
    cancelled_after: values.OptionalKey[values.YamlDurationRange] = Field(None, alias="cancelled after")
    """How long after the client's response.cancel it ends; default 100 ms."""
    reasoning_tokens: values.OptionalKey[values.YamlTokens] = Field(None, alias="reasoning tokens")
    """Tokens of thought that its usage names; default none."""

    def reply(self) -> Reply:
        """The reply of the model. Without a clip, text gives babble, and calls alone give no output."""
        given = self.given(
            clip="clip", text="text", lasts_us="lasts", level_dbfs="level", latency_us="latency", pace="pace",
            fails="fails", incomplete="incomplete", cut_after_us="cut_after", created_after_us="created_after",
            cancelled_after_us="cancelled_after", reasoning_tokens="reasoning_tokens",
        )  # fmt: skip
        if "clip" not in given and (self.text is not None or self.calls):
            given["clip"] = BABBLE if self.text is not None else NOTHING
        return Reply(**given, calls=tuple(call.call() for call in self.calls or ()))


class ResultDocument(Map):
    """A result that came back from a tool."""

    tool: values.OptionalKey[values.YamlName] = None
    """The name of the tool."""
    output: values.OptionalKey[values.YamlPattern] = None
    """A pattern for what came back."""

    def pattern(self) -> ResultPattern:
        """The pattern of the model."""
        return ResultPattern(self.tool, self.output)


class ReplyRuleDocument(ReplyDocument):
    """An answer, and when it is given."""

    turn: values.OptionalKey[values.YamlCount] = None
    """The number of the turn that it answers, from 1."""
    heard: values.OptionalKey[values.YamlPattern] = None
    """A pattern for what the user said or typed last."""
    typed: values.OptionalKey[values.YamlPattern] = None
    """A pattern for what the user typed last; speech does not match."""
    instructions: values.OptionalKey[values.YamlPattern] = None
    """A pattern for the instructions of the response, or else of the session."""
    tools: values.OptionalKey[values.YamlTools] = None
    """Functions that the response may call: a list, and it may call all of them; or a pattern for the name of one."""
    result: values.OptionalKey[ResultDocument] = None
    """What came back from a tool since the user's last words."""

    def rule(self) -> ReplyRule:
        """The rule of the model."""
        result = self.result.pattern() if self.result is not None else None
        return ReplyRule(self.reply(), self.turn, self.heard, self.typed, self.instructions, self.tools, result)
