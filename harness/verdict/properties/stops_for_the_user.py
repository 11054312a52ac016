"""The assistant falls silent when the user speaks over it: what the output has queued is dropped.

The service cancels the response, and by then it has sent seconds of audio that were not played yet. Only the client can
stop those. It may wait until it is sure that somebody speaks. A session whose turn detection does not interrupt, by
``interrupt_response`` or because it is off, is meant to talk on, and is not judged.
"""

from collections.abc import Iterator
from typing import Any

from ...journal import EventAtClient, EventByServer, SpeakerResumed, SpeakerSuspended, UserSpeaks
from ...protocol.events import InputAudioBufferSpeechStarted, SessionCreated, SessionUpdated
from ...units import SECOND
from ..findings import Finding
from ..record import RunRecord
from . import Property

_SPEAKS_ON_US = 3 * SECOND // 2
"""A word or a cough that is over sooner need not stop anything."""
_STOPS_WITHIN_US = 2 * SECOND
"""From when the client is told that speech began."""


def _find(record: RunRecord) -> Iterator[Finding]:
    for told in record.journal.events(EventAtClient, InputAudioBufferSpeechStarted):
        said = _spoken_at(record, told.t)
        if said is None or said.end - told.t < _SPEAKS_ON_US or not _interrupts(record, told.connection, told.t):
            continue
        for response_id, _, begin, end in record.playing():
            if begin <= told.t and end > told.t + _STOPS_WITHIN_US and not _suspended(record, begin, end):
                reason = (
                    f"{response_id} was played on until {end / SECOND:.3f} s, although the user spoke from "
                    f"{said.t / SECOND:.3f} s to {said.end / SECOND:.3f} s and the client was told of it at "
                    f"{told.t / SECOND:.3f} s"
                )
                yield Finding(PROPERTY.name, told.t + _STOPS_WITHIN_US, reason)


def _spoken_at(record: RunRecord, t: int) -> UserSpeaks | None:
    """What the user is saying at a time (microseconds)."""
    return next((said for said in record.answers.utterances if said.t <= t <= said.end), None)


def _interrupts(record: RunRecord, connection: int, t: int) -> bool:
    """Whether the session's turn detection lets speech interrupt a response."""
    detection: Any = None
    for entry in record.journal.events(EventByServer, SessionCreated, SessionUpdated):
        if entry.connection == connection and entry.t <= t and entry.tells_turn_detection:
            detection = entry.turn_detection
    return isinstance(detection, dict) and detection.get("interrupt_response", True) is not False


def _suspended(record: RunRecord, begin: int, end: int) -> bool:
    """Whether the output was suspended at any time between two times (microseconds)."""
    since: int | None = None
    for entry in record.journal.select(SpeakerSuspended, SpeakerResumed):
        if isinstance(entry, SpeakerSuspended):
            since = entry.t
        else:
            if since is not None and since < end and entry.t > begin:
                return True
            since = None
    return since is not None and since < end


PROPERTY = Property(
    name="stops_for_the_user",
    broken_when="the user speaks over an answer, and 2 s after the client is told of it the answer is still played",
    default="warn",
    because="the user is talked over, but answered afterwards; a client may keep echo and noise from stopping answers",
    find=_find,
)
