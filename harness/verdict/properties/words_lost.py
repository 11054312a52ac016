"""No words are lost: each utterance is in a turn of a session whose answer was heard afterwards.

A transcription session gives no answers: there the transcript of that very turn must have reached the client.
What the persistent user says again until the first answer counts as one utterance. What was said while a fault of the
microphone destroyed it is lost as well, whoever is to blame: the user must say it again, and a client could ask for it.
"""

from collections.abc import Iterator

from ...faults import CATALOGUE
from ...journal import EventByServer, SpeakerHeard, UserSpeaks
from ...protocol.events import ResponseCreated
from ...units import SECOND
from ..findings import Finding
from ..record import RunRecord
from . import Property

_LEFT_US = 3 * SECOND
"""What ends so shortly before the end of the run is not judged: its answer may still come."""
_SHOWN = 5
"""So many times are told in the reason."""


def lost_utterances(record: RunRecord) -> list[UserSpeaks]:
    """The utterances that are lost, in order; of what was said several times until it was answered, the first one."""
    heard_us = _last_heard(record)
    written = {each.turn.item_id for each in record.answers.heard if each.turn is not None and not each.response_id}

    def is_known(utterance: UserSpeaks) -> bool:
        carried = record.answers.carried(utterance)
        return any(turn.item_id in written or heard_us.get(turn.connection, -1) >= turn.at_us for turn in carried)

    return [said[0] for said in judged_utterances(record) if not any(map(is_known, said))]


def judged_utterances(record: RunRecord) -> Iterator[list[UserSpeaks]]:
    """What can be lost: each utterance with its repetitions."""
    first = record.first_answer
    again: list[UserSpeaks] = []
    for utterance in record.answers.utterances:
        if not utterance.is_audible or utterance.end + _LEFT_US > record.end_us:
            continue
        if utterance.probe and (first is None or utterance.t <= first.at_us):
            again.append(utterance)
        else:
            yield [utterance]
    if again:
        yield again


def _last_heard(record: RunRecord) -> dict[int, int]:
    """When an answer of each connection was heard last, in microseconds."""
    created = record.journal.events(EventByServer, ResponseCreated)
    connection_of = {entry.response_id: entry.connection for entry in created}
    heard = record.journal.select(SpeakerHeard)
    return {connection_of[entry.response_id]: entry.t for entry in heard if entry.response_id in connection_of}


def _find(record: RunRecord) -> Iterator[Finding]:
    lost = sorted(lost_utterances(record), key=lambda utterance: utterance.t)
    if not lost:
        return
    told = [_told(record, utterance) for utterance in lost[:_SHOWN]]
    more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
    count = "1 utterance is" if len(lost) == 1 else f"{len(lost)} utterances are"
    yield Finding(
        PROPERTY.name,
        min(lost[-1].end + _LEFT_US, record.end_us),
        f"{count} in no turn of a session whose answer was heard afterwards: {', '.join(told)}{more}",
    )


def _told(record: RunRecord, utterance: UserSpeaks) -> str:
    at = f"at {utterance.t / SECOND:.3f} s"
    destroyed = [
        kind
        for begin, end, kind in record.faulty
        if begin <= utterance.end and end >= utterance.t and kind in CATALOGUE and CATALOGUE[kind].seam == "source"
    ]
    return f"{at} (the microphone was {destroyed[0]})" if destroyed else at


PROPERTY = Property(
    name="words_lost",
    broken_when="an utterance is in no turn of any session whose answer was heard afterwards",
    default="warn",
    because="the user must say it again, which is harm; but while a fault lasts no client can save it all",
    find=_find,
)
