"""Each utterance gets one answer: none is answered twice, and no answer is played into another.

The responses of one chain of tool calls, a spoken preamble among them, are one answer. So is a repetition of an answer
that failed, was cut off or was lost on the way.
"""

from collections.abc import Iterator, Mapping

from ...journal import (
    EventAtClient,
    EventByServer,
    ResponseAudio,
    ResponseForItem,
    SpeakerEnded,
    SpeakerPlaying,
    SpeakerStopped,
    UserSpeaks,
)
from ...protocol.events import ResponseCreate, ResponseDone, ResponseFunctionCallArgumentsDone
from ...units import SECOND
from ...world.answers import HeardAnswer, Turn
from ..findings import Finding
from ..record import RunRecord
from . import Property

_LOST_MS = 500
"""An answer of which more was not played is no whole answer: asking again is right."""
_TWICE_MS = 1000
"""An answer of which so much more was played than there is was played twice."""
_PROMPT_US = 3 * SECOND
"""A response with instructions of its own so long after an answer is something new: a reminder, or a proposal."""


def _find(record: RunRecord) -> Iterator[Finding]:
    yield from _twice(record)
    yield from _mixed(record)
    yield from _repeated(record)


def _twice(record: RunRecord) -> Iterator[Finding]:
    """A second answer to the same turn, or to the same words sent again."""
    whole: dict[str | UserSpeaks, list[HeardAnswer]] = {}
    reported: set[str] = set()
    for answer in record.answers.heard:
        if answer.turn is None or not answer.response_id:  # each part of a sentence has a transcript of its own
            continue
        for before in _alike(whole, answer.turn):
            if before.turn is None or before.turn.item_id in reported or not _same_words(before.turn, answer.turn):
                continue
            if not _is_whole(record, before.response_id, answer):
                continue
            if not _is_one(record, before, answer) and not _is_prompt(record, before, answer):
                reported.add(before.turn.item_id)
                reason = (
                    f"the user heard two answers to the turn {before.turn.item_id}: {before.response_id} at "
                    f"{before.at_us / SECOND:.3f} s and {answer.response_id} at {answer.at_us / SECOND:.3f} s"
                )
                yield Finding(PROPERTY.name, answer.at_us, reason)
        whole.setdefault(answer.turn.item_id, []).append(answer)
        for utterance in answer.turn.utterances:
            whole.setdefault(utterance, []).append(answer)


def _alike(answers: Mapping[str | UserSpeaks, list[HeardAnswer]], turn: Turn) -> Iterator[HeardAnswer]:
    """The answers that may be to the same words, in order: those to this turn, and to the first thing said in it."""
    found = [*answers.get(turn.item_id, ())]
    found += [each for said in turn.utterances[:1] for each in answers.get(said, ()) if each not in found]
    yield from sorted(found, key=lambda answer: answer.at_us)


def _same_words(first: Turn, second: Turn) -> bool:
    """Whether a turn is the other one, or carries nothing that the other one did not carry."""
    carried = second.utterances
    return first.item_id == second.item_id or (bool(carried) and all(each in first.utterances for each in carried))


def _is_one(record: RunRecord, first: HeardAnswer, second: HeardAnswer) -> bool:
    """Whether two answers belong to one chain of tool calls."""
    calling = {entry.response_id for entry in record.journal.events(EventByServer, ResponseFunctionCallArgumentsDone)}
    return _begin_of_chain(first, calling) == _begin_of_chain(second, calling)


def _begin_of_chain(answer: HeardAnswer, calling: set[str | None]) -> str:
    """The response whose tool calls led to this one, step by step; it itself if there is none."""
    begin = answer.response_id
    for response_id in reversed(answer.chain[:-1]):
        if response_id not in calling:
            break
        begin = response_id
    return begin


def _is_whole(record: RunRecord, response_id: str, later: HeardAnswer) -> bool:
    """Whether the client got a response whole and played it whole, so that there is no reason to ask again."""
    begun = _begun_us(record, later.response_id)
    completed = any(
        entry.response_id == response_id and entry.status == "completed" and entry.t <= begun
        for entry in record.journal.events(EventAtClient, ResponseDone)
    )
    sent_ms = sum(entry.audio_ms for entry in record.journal.select(ResponseAudio) if entry.response_id == response_id)
    parts = [entry for entry in record.journal.select(SpeakerEnded, SpeakerStopped) if entry.response_id == response_id]
    stopped = any(isinstance(entry, SpeakerStopped) for entry in parts)
    return completed and not stopped and sum(entry.played_ms for entry in parts) >= sent_ms - _LOST_MS


def _is_prompt(record: RunRecord, first: HeardAnswer, second: HeardAnswer) -> bool:
    """Whether the second one was asked for as something new, long after the first."""
    begun = _begun_us(record, second.response_id)
    ended = [end for response_id, _, _, end in record.playing() if response_id == first.response_id]
    asked = [entry for entry in record.journal.events(EventAtClient, ResponseCreate) if entry.t <= begun]
    if not asked or begun - max(ended, default=begun) < _PROMPT_US:
        return False
    return "instructions" in asked[-1].settings or bool(asked[-1].fields.get("given"))


def _begun_us(record: RunRecord, response_id: str) -> int:
    """When the server began a response, in microseconds."""
    begun = (entry.t for entry in record.journal.select(ResponseForItem) if entry.response_id == response_id)
    return next(begun, record.end_us)


def _mixed(record: RunRecord) -> Iterator[Finding]:
    """An answer that continues after another one was played in between."""
    left: dict[str, str] = {}
    reported: set[frozenset[str]] = set()
    sent = {entry.response_id for entry in record.journal.select(ResponseForItem)}
    last: SpeakerPlaying | None = None
    for entry in record.journal.select(SpeakerPlaying):
        if entry.response_id not in sent:
            continue  # a sound of the app's own
        if last is not None and last.response_id != entry.response_id:
            left[last.item_id] = entry.response_id
            other = left.get(entry.item_id)
            pair = frozenset((entry.response_id, other or ""))
            if other is not None and other != entry.response_id and pair not in reported:
                reported.add(pair)
                reason = (
                    f"two answers were played into each other: {entry.response_id} goes on at "
                    f"{entry.t / SECOND:.3f} s after a part of {other}"
                )
                yield Finding(PROPERTY.name, entry.t, reason)
        last = entry


def _repeated(record: RunRecord) -> Iterator[Finding]:
    """More was played of an answer than the server sent, unless the wire repeats messages."""
    if any(kind == "duplicated-events" for _, _, kind in record.faulty):
        return
    sent_ms: dict[str, int] = {}
    for sent in record.journal.select(ResponseAudio):
        sent_ms[sent.response_id] = sent_ms.get(sent.response_id, 0) + sent.audio_ms
    played_ms: dict[str, int] = {}
    for entry in record.journal.select(SpeakerEnded, SpeakerStopped):
        played = played_ms[entry.response_id] = played_ms.get(entry.response_id, 0) + entry.played_ms
        limit_ms = sent_ms.get(entry.response_id, 0) + _TWICE_MS
        if entry.response_id in sent_ms and played - entry.played_ms <= limit_ms < played:
            length_s = (limit_ms - _TWICE_MS) / 1000
            reason = f"{played / 1000:.1f} s were played of {entry.response_id}, which is {length_s:.1f} s long"
            yield Finding(PROPERTY.name, entry.t, reason)


PROPERTY = Property(
    name="one_answer",
    broken_when="two answers to one utterance are heard, or one is played into another",
    default="fail",
    because="two voices at once, or the same answer twice, cannot be followed; a chain of tool calls is one answer",
    find=_find,
)
