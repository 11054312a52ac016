"""Answers are played as loud as the service sent them, within 12 dB.

A client that turns the output down while the user speaks, and forgets to turn it up again, is whispering from then on.
Turning one answer down while the user speaks is right.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ...journal import SpeakerEnded, SpeakerPlayed, SpeakerStopped
from ...units import MS, SECOND
from ..findings import Finding
from ..record import RunRecord
from . import Property

_QUIETER_DB = 12.0
"""Ducking is 6 to 15 dB; a voice that is 12 dB quieter than meant is hard to follow in a room."""
_IN_A_ROW = 2


@dataclass(slots=True)
class _Heard:
    """One answer as it was played."""

    response_id: str
    begin_us: int
    end_us: int
    gain_db: float
    """Of its loudest item."""


def _find(record: RunRecord) -> Iterator[Finding]:
    heard = list(_heard(record))
    quiet: list[_Heard] = []
    for at, answer in enumerate(heard):
        is_last = at == len(heard) - 1
        if answer.gain_db < -_QUIETER_DB:
            if not _user_speaks(record, answer):
                quiet.append(answer)
            if not is_last:
                continue
        if len(quiet) >= _IN_A_ROW or (quiet and is_last and quiet[-1] is answer):
            yield _finding(quiet, is_last and quiet[-1] is answer)
        quiet = []


def _heard(record: RunRecord) -> Iterator[_Heard]:
    """The answers of which something can be heard, in the order in which they were played to their end."""
    answers: dict[str, _Heard] = {}
    for entry in record.journal.select(SpeakerEnded, SpeakerStopped):
        if not isinstance(entry.audible_ms, int) or not entry.audible_ms:
            continue
        begin_us = entry.t - entry.played_ms * MS
        answer = answers.setdefault(entry.response_id, _Heard(entry.response_id, begin_us, entry.t, _gain_db(entry)))
        answer.end_us = entry.t
        answer.gain_db = max(answer.gain_db, _gain_db(entry))
    yield from answers.values()


def _gain_db(entry: SpeakerPlayed) -> float:
    return entry.gain_db if isinstance(entry.gain_db, float | int) else 0.0


def _user_speaks(record: RunRecord, answer: _Heard) -> bool:
    return any(said.t < answer.end_us and said.end > answer.begin_us for said in record.answers.utterances)


def _finding(quiet: list[_Heard], to_the_end: bool) -> Finding:
    count = "1 answer was" if len(quiet) == 1 else f"{len(quiet)} answers in a row were"
    until = ", to the end of the run" if to_the_end else ""
    loudest_db = max(answer.gain_db for answer in quiet)
    reason = (
        f"from {quiet[0].begin_us / SECOND:.3f} s on {count} played {-loudest_db:.1f} dB or more quieter than the "
        f"service sent them{until}"
    )
    return Finding(PROPERTY.name, quiet[min(len(quiet), _IN_A_ROW) - 1].end_us, reason)


PROPERTY = Property(
    name="output_level",
    broken_when="from some moment on answers are played over 12 dB quieter than the service sent them: two in a row, "
    "or the last one, while the user does not speak",
    default="warn",
    because="the user can turn the volume up and understands the answer; a level that is not heard at all is a silence",
    find=_find,
)
