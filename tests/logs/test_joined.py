"""A client's log beside our server's journal of the same session."""

from harness.journal import AudioArrived, ConnectionDialFailed, ConnectionOpened, Journal
from harness.logs.diagnosis import diagnose_log
from harness.logs.joined import join
from tests.journal.testing import entry
from tests.logs.sessions import Log


def answered():
    """A log whose last words were answered."""
    return Log().stream(9, voices=(2,)).conversation().session()


def served(*entries):
    """A live journal in which all that the log appended has arrived."""
    journal = Journal({"stage": "live"})
    journal.entries.extend((*entries, entry(9, AudioArrived, connection=entries[0].connection, arrived_ms=9_000)))
    return journal


def test_what_both_sides_call_answered_is_answered():
    assert diagnose_log(answered()).state == "answered"
    opened = entry(0, ConnectionOpened, connection=1)
    assert join(answered(), served(opened)).state == "answered"


def test_a_silence_that_only_the_server_has_seen_is_not_called_answered():
    found = join(answered(), served(entry(8, ConnectionDialFailed, connection=0)))
    assert found.state == "unknown" and found.causes == ("unreachable",)
    assert "the log does not" in found.suspects[0].why
