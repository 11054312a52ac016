"""The voice of a session, from the replies in a scenario."""

from pathlib import Path

from ..scenario.model import Reply, ServerSetup
from ..scenario.values import FAILED_TRANSCRIPT, NOTHING
from ..server.utterance import BABBLE, SILENCE, Utterance, utterance
from ..server.voice import FAILURES, Answer, AnswerRule, ScriptedFailure, ToolCall, Voice


def voice_of(server: ServerSetup, base: Path | None) -> Voice:
    """The voice of a scenario's server; files are relative to ``base``. Raises :exc:`harness.errors.AudioError`."""
    return Voice(
        _answer(server.reply, base),
        tuple(AnswerRule(_answer(rule.reply, base), rule.turn, rule.heard) for rule in server.replies),
        tuple(map(_transcript, server.transcripts)),
    )


def _answer(reply: Reply, base: Path | None) -> Answer:
    return Answer(
        _spoken(reply, base),
        latency_us=reply.latency_us,
        pace=reply.pace,
        created_after_us=reply.created_after_us,
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
