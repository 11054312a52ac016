"""A scriptable voice: what the assistant answers, by turn, by what the user said, or by default.

An answer is data: something to say, tool calls, or both, how fast it is sent, and how it ends. A script is a default
answer and rules; the first rule that fits decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import SettingError
from ..units import MS
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


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """``answer`` is for the ``turn``-th turn, from 1, or for words that ``heard`` finds. A rule may set both."""

    answer: Answer
    turn: int | None = None
    heard: str | None = None
    """A regular expression that is searched for in the user's last words, in upper or lower case."""

    def fits(self, turn: int | None, words: str) -> bool:
        """Whether it applies."""
        if self.turn is not None and self.turn != turn:
            return False
        return self.heard is None or re.search(self.heard, words, re.IGNORECASE) is not None


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

    def answer(self, turn: int | None, words: str) -> Answer:
        """The ``turn``-th answer of the conversation (None: out of band), to a user who said ``words``."""
        return next((rule.answer for rule in self.rules if rule.fits(turn, words)), self.default)
