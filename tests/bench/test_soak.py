"""``make soak``: a run of hours in miniature, and its page."""

import gc
import itertools
import re
import tracemalloc
from pathlib import Path

import pytest

from harness.bench import soak as measured
from harness.units import SECOND
from harness.world import arrivals, captured, comparison

PAGE = Path(__file__).parents[2] / "docs" / "soak.md"


def held_mib():
    gc.collect()
    return tracemalloc.get_traced_memory()[0] / 2**20


def test_the_journal_grows_by_the_same_in_each_hour(monkeypatch):
    monkeypatch.setattr(measured, "_HOUR", 120 * SECOND)  # an hour of two minutes, of six utterances
    found = measured.soak(3)
    assert (found.said, found.answered, found.verdict) == (18 + 3, 18 + 3, "held")
    second, third = found.hours[1:]
    assert abs(second.entries - third.entries) <= 0.1 * second.entries
    assert measured.page(found).startswith("# 3 hours of conversation\n")


@pytest.mark.slow
def test_nothing_grows_but_the_journal(monkeypatch):
    """Found by the soak: all that the server had sent stayed in memory, 36 MiB an hour."""
    monkeypatch.setattr(measured, "_HOUR", 60 * SECOND)
    monkeypatch.setattr(measured, "_resident_mib", held_mib)
    monkeypatch.setattr(comparison, "RECOGNISED_BYTES", 400_000)
    for module in (arrivals, captured):
        monkeypatch.setattr(module, "REMEMBERED_CHUNKS", 500)
    tracemalloc.start()
    try:
        first, *others = measured.soak(4).hours
    finally:
        tracemalloc.stop()
    entries_mib = sum(hour.memory_bytes for hour in others) / 2**20
    assert 0.5 * entries_mib < others[-1].resident_mib - first.resident_mib < 1.5 * entries_mib


@pytest.mark.skipif(not PAGE.exists(), reason="`make soak` measures the page")
def test_the_page_is_of_a_whole_day():
    text = PAGE.read_text()
    rows = [list(map(int, row)) for row in re.findall(r"(?m)^\| (\d+) \| (\d+)" + r" \| (\d+)" * 3 + r" \|$", text)]
    assert [row[0] for row in rows] == list(range(1, 25))
    entries, resident = [row[1] for row in rows], [row[4] for row in rows]
    assert max(entries[1:]) <= 1.02 * min(entries[1:])
    grown = [later - before for before, later in itertools.pairwise(resident)]
    assert max(grown[10:]) <= 1.5 * max(grown[:10]), "memory grows faster than the journal"
    assert "verdict: held." in text


def test_a_session_expires_in_the_first_hours():
    assert measured.soak_scenario(24).timeline[0].repeat == 24 * 180
    assert measured.soak_scenario(24).server.lasts_us == 3600 * SECOND
