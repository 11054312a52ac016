"""The journal in memory: the same bytes for the same entries, and entries by class."""

import hashlib

from hypothesis import given

from harness.journal import (
    FORMAT,
    ClientLog,
    ConnectionEntry,
    ConnectionOpened,
    EventAtClient,
    EventByServer,
    Journal,
    RunEnded,
    SpeakerEnded,
    SpeakerHeard,
    UnknownEntry,
)
from harness.protocol.events import ResponseCreated, ResponseDone
from tests.journal.strategies import written
from tests.journal.testing import at_client, by_server, entry, journal_of


def test_the_lines_of_a_small_journal():
    journal = journal_of({"seed": 7}, [ConnectionOpened(t=0, connection=1), ClientLog(t=1_500, kind="é", fields={})])
    assert b"".join(journal.lines()).decode() == (
        f'{{"stillthere":{FORMAT},"seed":7}}\n'
        '{"t":0,"lane":"connection","kind":"open","connection":1}\n'
        '{"t":1500,"lane":"client","kind":"é"}\n'
    )


@given(written)
def test_the_digest_is_that_of_the_lines(entries):
    journal = journal_of({"seed": 1}, entries)
    assert journal.sha256() == hashlib.sha256(b"".join(journal.lines())).hexdigest()
    assert journal.sha256() == journal_of({"seed": 1}, entries).sha256() != journal_of({"seed": 2}, entries).sha256()


STORY = [
    ConnectionOpened(t=0, connection=1),
    by_server(1, ResponseCreated, response_id="r1"),
    at_client(2, ResponseCreated, response_id="r1"),
    entry(3, SpeakerHeard, response_id="r1"),
    by_server(4, ResponseDone, response_id="r1", status="completed"),
    entry(5, SpeakerEnded, response_id="r1", played_ms=2_000),
    UnknownEntry(t=6_000_000, lane="speaker", kind="heard", fields={}),
]


def test_entries_by_class_in_their_order():
    journal = journal_of({}, STORY)
    assert list(journal.select(SpeakerHeard)) == [STORY[3]]
    assert list(journal.select(SpeakerEnded, SpeakerHeard)) == [STORY[3], STORY[5]]
    assert list(journal.select(ConnectionEntry)) == [STORY[0]]
    assert list(journal.select(RunEnded)) == []


def test_events_by_their_side_and_class():
    journal = journal_of({}, STORY)
    assert list(journal.events(EventByServer, ResponseCreated)) == [STORY[1]]
    assert list(journal.events(EventAtClient, ResponseCreated, ResponseDone)) == [STORY[2]]
    assert list(journal.events(EventByServer, ResponseDone, ResponseCreated)) == [STORY[1], STORY[4]]


def test_the_end_is_that_of_the_last_entry():
    assert journal_of({}, STORY).end == 6_000_000
    assert Journal({}).end == 0
