"""The voice of a session, from the replies in a scenario."""

from dataclasses import dataclass, replace
from pathlib import Path

from ..scenario.model import FAILED_TRANSCRIPT, NOTHING, Reply, ReplyRule, ServerSetup
from ..server.captures import Captures, filled, filled_json, has_captures
from ..server.utterance import BABBLE, SILENCE, Utterance, utterance
from ..server.voice import FAILURES, Answer, AnswerRule, ScriptedFailure, ToolCall, Voice


def voice_of(server: ServerSetup, base: Path | None) -> Voice:
    """The voice of a scenario's server; files are relative to ``base``. Raises :exc:`harness.errors.AudioError`."""
    return Voice(
        _Template(server.reply, base).filled(Captures({})),
        tuple(_rule(rule, base) for rule in server.replies),
        tuple(map(_transcript, server.transcripts)),
    )


@dataclass(frozen=True, slots=True)
class _Template:
    """The answer of a reply whose texts have captures."""

    reply: Reply
    base: Path | None

    def filled(self, captures: Captures) -> Answer:
        """The answer, with what was captured in its texts."""
        text = None if self.reply.text is None else filled(self.reply.text, captures)
        calls = tuple(replace(call, arguments=filled_json(call.arguments, captures)) for call in self.reply.calls)
        return _answer(replace(self.reply, text=text, calls=calls), self.base)


def _rule(rule: ReplyRule, base: Path | None) -> AnswerRule:
    texts = (rule.reply.text or "", *(call.arguments for call in rule.reply.calls))
    answer = _Template(rule.reply, base) if any(map(has_captures, texts)) else _answer(rule.reply, base)
    return AnswerRule(answer, rule.turn, rule.heard, rule.typed, rule.instructions, rule.tools, rule.result)


def _answer(reply: Reply, base: Path | None) -> Answer:
    return Answer(
        _spoken(reply, base),
        latency_us=reply.latency_us,
        pace=reply.pace,
        created_after_us=reply.created_after_us,
        cancelled_after_us=reply.cancelled_after_us,
        reasoning_tokens=reply.reasoning_tokens,
        calls=tuple(ToolCall(call.name, call.arguments) for call in reply.calls),
        failure=None if reply.fails is None else FAILURES[reply.fails],
        incomplete=reply.incomplete,
        cut_after_us=reply.cut_after_us,
    )


def _spoken(reply: Reply, base: Path | None) -> Utterance | None:
    if reply.clip == NOTHING:
        return None
    is_file = reply.clip not in (BABBLE, SILENCE)
    return utterance(reply.clip, reply.lasts_us, base if is_file else None, reply.text, reply.level_dbfs)


def _transcript(words: str) -> str | ScriptedFailure:
    failure = FAILED_TRANSCRIPT.fullmatch(words)
    return FAILURES[failure[1]] if failure else words
