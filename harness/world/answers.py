"""Which answers the user heard, from the journal: used by the world during the run and by the judges after it."""

from collections.abc import Iterator

from ..journal import EventByServer, Journal, ResponseForItem, SpeakerHeard
from ..protocol.events import InputAudioBufferSpeechStarted


def answers_heard(journal: Journal, since: int) -> Iterator[int]:
    """The times (microseconds) at which answers were heard to speech that the server detected at or after ``since``."""
    noticed = {
        (entry.connection, entry.item_id): entry.t
        for entry in journal.events(EventByServer, InputAudioBufferSpeechStarted)
    }
    answered = {entry.response_id: (entry.connection, entry.item_id) for entry in journal.select(ResponseForItem)}
    for entry in journal.select(SpeakerHeard):
        item = answered.get(entry.response_id)
        if item is not None and noticed.get(item, -1) >= since:
            yield entry.t
