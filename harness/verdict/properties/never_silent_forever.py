"""The client never enters an unrecoverable silent state.

After the heal the user speaks again and again. Within the scenario's ``recover within`` the user must hear an answer to
something said after the heal; an answer to older speech does not count. A single utterance would give false alarms.
"""

from collections.abc import Iterator

from ...causes import CAUSES
from ...units import SECOND
from ..diagnosis import diagnose_silence
from ..findings import Finding
from ..record import RunRecord
from . import Property

ANSWER_US = 8 * SECOND
"""An utterance is diagnosed if this much of the run follows it: what has just begun shows nothing."""


def _find(record: RunRecord) -> Iterator[Finding]:
    if record.first_answer is not None:
        return
    end = record.end_us
    complete = [probe for probe in record.probes if probe.end + SECOND <= end]
    if not complete:
        yield Finding("premise", end, "the user never spoke after the heal: the time to recover is too short")
    elif not complete[-1].is_audible:
        yield Finding("premise", end, "the user could not be heard: an honest detector does not take it for speech")
    else:
        had_time = [probe for probe in complete if probe.end + ANSWER_US <= end]
        diagnosis = diagnose_silence(record.journal, had_time or complete[-1:])
        if diagnosis.cause is None:
            yield Finding("premise", end, f"the user could not be heard: {diagnosis.evidence[0]}")
            return
        said = f"the user spoke {len(complete)} times from {complete[0].t / SECOND:.3f} s on and was never answered"
        reason = f"{said}: {CAUSES[diagnosis.cause]}"
        yield Finding(PROPERTY.name, end, reason, diagnosis.cause, diagnosis.evidence)


PROPERTY = Property(
    name="never_silent_forever",
    broken_when="after the heal the user speaks again and again and hears no answer within the time to recover (60 s)",
    default="fail",
    because="a user who is not answered for a minute has to restart the app",
    find=_find,
)
