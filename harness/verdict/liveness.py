"""The property: the client never enters an unrecoverable silent state.

After the heal the user speaks again and again. Within the scenario's ``recover within`` the user must hear an answer to
something said after the heal; an answer to older speech does not count. A single utterance would give false alarms.
"""

from ..causes import CAUSES
from ..journal import Journal, UserSpeaks
from ..units import SECOND
from ..world.answers import answers_heard
from .diagnosis import diagnose
from .findings import Finding

NAME = "never_silent_forever"


def answered_at(journal: Journal) -> int | None:
    """When an answer to something said after the heal was heard, in microseconds; None if never."""
    probes = probes_of(journal)
    if not probes:
        return None
    return next(answers_heard(journal, probes[0].t), None)


def probes_of(journal: Journal) -> list[UserSpeaks]:
    """What the persistent user said after the heal."""
    return [entry for entry in journal.select(UserSpeaks) if entry.probe]


def find(journal: Journal) -> list[Finding]:
    """The finding, if the client stayed silent."""
    if answered_at(journal) is not None:
        return []
    end = journal.end
    complete = [probe for probe in probes_of(journal) if probe.end + SECOND <= end]
    if not complete:
        return [Finding("premise", end, "the user never spoke after the heal: the time to recover is too short")]
    if not complete[-1].is_audible:
        return [Finding("premise", end, "the user could not be heard: an honest detector does not take it for speech")]
    diagnosis = diagnose(journal, complete[-1])
    if diagnosis.cause is None:
        return [Finding("premise", end, f"the user could not be heard: {diagnosis.evidence[0]}")]
    said = f"the user spoke {len(complete)} times from {complete[0].t / SECOND:.3f} s on and was never answered"
    reason = f"{said}: {CAUSES[diagnosis.cause]}"
    return [Finding(NAME, end, reason, diagnosis.cause, diagnosis.evidence)]
