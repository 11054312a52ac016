"""Which answers the user heard, and to what: read from the journal by the world while it plays and by the judges."""

from collections.abc import Iterator

from harness.journal import Journal


def answers_heard(journal: Journal, since: int) -> Iterator[int]:
    """When answers were heard to speech that the server noticed at or after ``since`` (microseconds)."""
    noticed = {
        (entry.fields["connection"], entry.fields["item_id"]): entry.t
        for entry in journal.select("server", "input_audio_buffer.speech_started")
    }
    answered = {
        entry.fields["response_id"]: (entry.fields["connection"], entry.fields["item_id"])
        for entry in journal.select("server", "answers")
    }
    for entry in journal.select("speaker", "heard"):
        item = answered.get(entry.fields["response_id"])
        if item is not None and noticed.get(item, -1) >= since:
            yield entry.t
