"""The client keeps answering: after the first answer each later utterance is answered within its bound.

A client may also reach its bound by dialling a new session after each utterance and sending the utterance again. If
every later utterance needs that while nothing is faulty, none of its sessions answers, and the property is broken.
"""

from collections.abc import Iterator

from ...causes import CAUSES
from ...units import SECOND, format_duration
from ..diagnosis import diagnose
from ..findings import Finding
from ..links import STUCK_US, Diagnosis
from ..record import RunRecord, Wait
from . import Property


def _find(record: RunRecord) -> Iterator[Finding]:
    later = record.waits[1:]
    for number, wait in enumerate(later, start=2):
        if not wait.kept:
            yield _unanswered(record, wait, number)
    if len(later) > 1 and all(wait.kept and _needed_a_dial(record, wait) for wait in later):
        last = later[-1].utterance
        yield Finding(
            PROPERTY.name,
            record.end_us,
            f"each utterance after the first answer was answered only in a session that was dialled after it was said, "
            f"the last one at {last.t / SECOND:.3f} s: no session answers what is said in it",
            "client_waiting",
        )


def _unanswered(record: RunRecord, wait: Wait, number: int) -> Finding:
    said = f"utterance {number} after the heal, at {wait.utterance.t / SECOND:.3f} s,"
    if wait.waited_us is not None:
        late = (
            f"{said} was answered after {wait.waited_us / SECOND:.1f} s; {format_duration(wait.within_us)} is allowed"
        )
        return Finding(PROPERTY.name, wait.since_us + wait.within_us, late)
    diagnosis = diagnose(record.journal, wait.utterance)
    if diagnosis.cause == "response_stuck" and record.end_us - (diagnosis.since_us or 0) < STUCK_US:
        diagnosis = Diagnosis(None, ("a response has started, and the run ends before its answer is heard",))
    why = f": {CAUSES[diagnosis.cause]}" if diagnosis.cause is not None else ""
    reason = f"{said} was not answered within {format_duration(wait.within_us)}{why}"
    return Finding(PROPERTY.name, wait.since_us + wait.within_us, reason, diagnosis.cause, diagnosis.evidence)


def _needed_a_dial(record: RunRecord, wait: Wait) -> bool:
    """Whether the answer is of a session that was dialled only after the utterance."""
    assert wait.answer is not None and wait.answer.turn is not None
    number = wait.answer.turn.connection
    session = next((each for each in record.sessions if each.connection == number), None)
    return session is not None and session.begin_us > wait.utterance.end


PROPERTY = Property(
    name="keeps_answering",
    broken_when="after the first answer a later utterance is not answered within its bound, or each only through a new "
    "session that was dialled for it",
    default="fail",
    because="a client that is answered once and never again is as silent as one that is never answered",
    find=_find,
)
