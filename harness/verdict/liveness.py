"""The conversation after the heal, for reports: when the user was answered, and how long each utterance waited."""

from ..journal import Journal
from .record import RunRecord, Wait


def answered_at(journal: Journal) -> int | None:
    """When an answer to something said after the heal was heard, in microseconds; None if never."""
    record = RunRecord(journal)
    first = record.first_answer if record.probes else None
    return None if first is None else first.at_us


def waits(journal: Journal) -> tuple[Wait, ...]:
    """The utterances after the heal, and their answers."""
    return RunRecord(journal).waits
