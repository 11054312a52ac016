"""Answers come in time: while nothing is faulty any more, an answer takes no longer than its bound.

Noise in the room counts as faulty: it may hold the user's turn. After the heal this is asked of the first utterance
alone: a later one that is answered after its bound breaks ``keeps_answering``. What is never answered is not late.
"""

from collections.abc import Iterator

from ...journal import UserSpeaks
from ...units import SECOND
from ...world.answers import HeardAnswer
from ..findings import Finding
from ..record import RunRecord
from . import Property


def _find(record: RunRecord) -> Iterator[Finding]:
    for utterance in record.answers.utterances:
        answer = record.answers.to(utterance)
        if answer is None or utterance.probe or not utterance.is_audible:
            continue
        since_us = max(utterance.end, _last_end(answer))
        if not record.is_faulty(utterance.end, answer.at_us) and not _noisy(record, utterance.end, answer.at_us):
            yield from _late(record, utterance, since_us, answer.at_us)
    for wait in record.waits[:1]:
        if wait.answer is not None and wait.utterance.is_audible:
            yield from _late(record, wait.utterance, wait.utterance.end, wait.answer.at_us)


def _noisy(record: RunRecord, begin: int, end: int) -> bool:
    """Whether there was noise in the room between two times: it may hold a turn, and no client can end the noise."""
    return any(noise.t < end and noise.t + noise.length_us > begin for noise in record.noises)


def _last_end(answer: HeardAnswer) -> int:
    """When the user was done with all that the answer is for."""
    assert answer.turn is not None
    return max(utterance.end for utterance in answer.turn.utterances)


def _late(record: RunRecord, utterance: UserSpeaks, since_us: int, at_us: int) -> Iterator[Finding]:
    if at_us - since_us > record.within_us:
        first = "the first utterance after the heal" if utterance.probe else "the utterance"
        reason = (
            f"{first}, at {utterance.t / SECOND:.3f} s, was answered {(at_us - since_us) / SECOND:.1f} s after its "
            f"end; {record.within_us / SECOND:.1f} s is allowed while nothing is faulty"
        )
        yield Finding(PROPERTY.name, since_us + record.within_us, reason)


PROPERTY = Property(
    name="answers_late",
    broken_when="an answer takes longer than the bound while nothing is faulty any more: of an utterance of the "
    "scenario, or of the first one after the heal",
    default="warn",
    because="the user waits and may give up; but a client that recovers within its time to recover did what it must",
    find=_find,
)
