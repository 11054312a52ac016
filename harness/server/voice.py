"""A scriptable voice: what the assistant answers, by what it is asked, or by default.

An answer is data: something to say, tool calls, or both, how fast it is sent, and how it ends. A script is a default
answer and rules; the first rule that matches decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from ..errors import SettingError
from ..units import MS
from .asked import Asked, ResultPattern, ToolResult
from .captures import Captures, NotCaptured
from .utterance import DELTA_US, Utterance


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function call; ``arguments`` is JSON text."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class ScriptedFailure:
    """What went wrong, as ``status_details.error`` or a transcription's ``error`` shows it (reported)."""

    type: str = "server_error"
    code: str | None = None
    message: str = (
        "The server had an error while processing your request. Sorry about that! You can retry your request, or "
        "contact us through our help center at help.openai.com if the error persists. "
        "(include session ID in your message: {session_id}). We recommend you retry your request."
    )


FAILURES = {
    "server_error": ScriptedFailure(),
    "rate_limit_exceeded": ScriptedFailure(
        "rate_limit_exceeded", "rate_limit_exceeded", "Rate limit reached for the model. Please try again later."
    ),
    "insufficient_quota": ScriptedFailure(
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
}
"""Failures that were reported inside ``response.done``, by name. The message of ``server_error`` is the service's own;
those of the other two are ours."""

IncompleteReason = Literal["max_output_tokens", "content_filter"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One response of the assistant.

    ``latency_us`` passes between the end of the turn and the first output; then audio is sent ``pace`` times as fast as
    it plays (faster than real time is documented; the factor is assumed). Raises :exc:`SettingError`.
    """

    utterance: Utterance | None = None
    """None says nothing: only the calls are made."""
    latency_us: int = 400 * MS
    pace: float = 5.0
    created_after_us: int = 0
    """How late ``response.created`` is sent; until then a cancel finds nothing to cancel (reported)."""
    cancelled_after_us: int = 100 * MS
    """How long after the client's ``response.cancel`` it ends (assumed; that it is not at once is reported)."""
    reasoning_tokens: int = 0
    """Tokens of thought, which its usage names if there are any."""
    calls: tuple[ToolCall, ...] = ()
    failure: ScriptedFailure | None = None
    """It ends as failed."""
    incomplete: IncompleteReason | None = None
    """It ends as incomplete, for this reason."""
    cut_after_us: int | None = None
    """How much audio a failed or incomplete answer still sends. None: half of it if incomplete, nothing if failed."""

    def __post_init__(self) -> None:
        if not self.pace >= 0.01 or self.latency_us < 0:
            raise SettingError(
                f"a voice of pace {self.pace} and latency {self.latency_us} us cannot speak; "
                "give a pace of 0.01 or more and a latency of 0 or more"
            )

    @property
    def delta_interval_us(self) -> int:
        """Time between two audio deltas."""
        return max(1, round(DELTA_US / self.pace))

    @property
    def says(self) -> Utterance | None:
        """What is said before it ends; a failure comes first unless ``cut_after_us`` lets it speak."""
        return None if self.failure is not None and not self.cut_after_us else self.utterance

    def pieces_before_end(self, pieces: int) -> int:
        """Of so many audio deltas, how many are sent."""
        if self.failure is None and self.incomplete is None:
            return pieces
        return pieces // 2 if self.cut_after_us is None else min(pieces, self.cut_after_us // DELTA_US)


class AnswerTemplate(Protocol):
    """An answer that is made when its rule matches, of what was captured."""

    def filled(self, captures: Captures) -> Answer:
        """The answer. Raises :exc:`harness.server.captures.NotCaptured`."""


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """An answer, and when it is given: all that is set must be true. Patterns are searched for, in upper or lower case.

    A rule without ``result`` takes no notice of words after which a tool's result came back. A rule whose answer uses
    what was not captured does not match.
    """

    answer: Answer | AnswerTemplate
    turn: int | None = None
    """The number of the answer in the conversation, from 1."""
    heard: str | None = None
    """A pattern for the user's last words, spoken or typed."""
    typed: str | None = None
    """A pattern for the text that the user typed last."""
    instructions: str | None = None
    """A pattern for the instructions of the response, or else of the session."""
    tools: tuple[str, ...] | str | None = None
    """Functions that the response may call, all of them; or a pattern for one of their names."""
    result: ResultPattern | None = None
    """What came back from a tool since the user's last words."""

    def answer_to(self, asked: Asked) -> Answer | None:
        """The answer to what is asked; None if this rule is not about that."""
        if self.turn is not None and self.turn != asked.turn:
            return None
        if self.result is None:
            is_answered = bool(asked.results)
            return self._answer(replace(asked, words=None, typed=None) if is_answered else asked, None)
        found = (self._answer(asked, result) for result in asked.results if self.result.tool in (None, result.tool))
        return next((answer for answer in found if answer is not None), None)

    def _answer(self, asked: Asked, result: ToolResult | None) -> Answer | None:
        """The answer, about this result if there is one."""
        searches = [(self.heard, asked.words), (self.typed, asked.typed), (self.instructions, asked.instructions)]
        if self.result is not None and result is not None:
            searches.append((self.result.output, result.output))
        captured = [_groups(pattern, text) for pattern, text in searches if pattern is not None]
        captured.append(self._offered(asked.tools))
        if None in captured:
            return None
        groups = {name: text for found in captured if found is not None for name, text in found.items()}
        if isinstance(self.answer, Answer):
            return self.answer
        captures = Captures(groups) if result is None else Captures(groups, result.output, result.arguments)
        try:
            return self.answer.filled(captures)
        except NotCaptured:
            return None

    def _offered(self, names: tuple[str, ...]) -> dict[str, str | None] | None:
        """What the pattern for a tool captures; None if the tools are not offered."""
        if not isinstance(self.tools, str):
            return {} if {*(self.tools or ())} <= {*names} else None
        matches = (_groups(self.tools, name) for name in names)
        return next((found for found in matches if found is not None), None)


def _groups(pattern: str, text: str | None) -> dict[str, str | None] | None:
    """What the pattern captures in the text; None if it is not in it, or there is no text."""
    match = None if text is None else re.search(pattern, text, re.IGNORECASE)
    return None if match is None else match.groupdict()


@dataclass(frozen=True, slots=True)
class Voice:
    """The script of one session."""

    default: Answer
    rules: tuple[AnswerRule, ...] = ()
    transcripts: Sequence[str | ScriptedFailure] = ()
    """What the user's spoken turns say, in order; after these, a turn is what recordings are recognised in it."""

    @property
    def listens(self) -> bool:
        """Whether a rule depends on the user's words."""
        return any(rule.heard is not None for rule in self.rules)

    def answer(self, asked: Asked) -> Answer:
        """The answer of the first rule that matches, or the default."""
        answers = (rule.answer_to(asked) for rule in self.rules)
        return next((answer for answer in answers if answer is not None), self.default)
