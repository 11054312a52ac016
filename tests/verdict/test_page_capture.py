"""A page that has lost its microphone behind its track, told by its browser and by itself."""

import pytest

from harness.journal import Journal, PageContext, PageNodeCreated, PageNote, PageTrack
from harness.units import SECOND
from harness.verdict.page_capture import lost_in_page

SPOKEN = 20 * SECOND, 24 * SECOND
SOURCE = PageNodeCreated(t=1 * SECOND, context=1, node="MediaStreamAudioSource")
ANOTHER = PageNodeCreated(t=15 * SECOND, context=1, node="MediaStreamAudioSource")
ENDED = PageTrack(t=10 * SECOND, event="ended", label="Microphone")
SUSPENDED = PageContext(t=11 * SECOND, context=1, state="suspended")
RUNS = PageContext(t=12 * SECOND, context=1, state="running")
OTHER = PageContext(t=12 * SECOND, context=2, state="suspended")


def notes(*levels):
    return [PageNote(t=(21 + at) * SECOND, name="levels", values={"before": level}) for at, level in enumerate(levels)]


def found(*entries):
    journal = Journal({})
    for entry in sorted(entries, key=lambda each: each.t):
        journal.add(entry)
    return lost_in_page(journal, *SPOKEN)


@pytest.mark.parametrize(
    ("entries", "since_s", "words"),
    [
        ([SOURCE, ENDED], 10, "track has ended"),
        ([SOURCE, SUSPENDED], 11, "suspended"),
        ([SOURCE, *notes(0.0, 0.0, 0.0)], 20, "before its gate"),
    ],
)
def test_what_the_browser_or_the_page_says_is_why(entries, since_s, words):
    said, since_us = found(*entries)
    assert words in said and since_us == since_s * SECOND


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [SOURCE],
        [SOURCE, ENDED, ANOTHER],
        [SOURCE, SUSPENDED, RUNS],
        [SOURCE, OTHER],
        [SOURCE, *notes(0.0, 0.2, 0.0)],
        [SOURCE, *notes(0.0)],
        [SOURCE, PageTrack(t=10 * SECOND, event="ended", label="remote audio")],
        [SOURCE, PageTrack(t=22 * SECOND, event="ended", label="Microphone")],
    ],
)
def test_else_it_is_not_known(entries):
    assert found(*entries) is None
