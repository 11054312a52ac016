"""The connections of a server, a page at a time: a page costs what is on it, however many connections there are."""

import pytest

from harness.live.journal_lines import JournalLines
from harness.live.journal_writer import JournalWriter
from harness.live.registry import ConnectionRegistry, OpenConnection
from harness.live.server import LiveServer
from harness.live.session import LiveSession
from harness.live.settings import LiveSettings
from harness.live.socket.inbox import ReceiveMemory
from harness.live.socket.timers import WakeTimer
from harness.server.session import Session
from tests.live.testing import DEAF, dial


def live_session(number, lines=None):
    journal = JournalWriter(number, lines or JournalLines({}, None))
    return LiveSession(
        number,
        Session(DEAF, "x"),
        journal,
        WakeTimer(),
        ReceiveMemory(),
        on_start=lambda _: None,
        on_end=lambda _: None,
    )


@pytest.fixture
async def registry(monkeypatch):
    """300 connections, of which every second is closed; ``made`` are the numbers of the views of open ones."""
    known = ConnectionRegistry()
    for number in range(1, 301):
        known.add(OpenConnection(live_session(number), None, "127.0.0.1:1"))
        if number % 2 == 0:
            known.close(number)
    known.made = []
    view = OpenConnection.view

    def noted(connection):
        known.made.append(connection.handler.number)
        return view(connection)

    monkeypatch.setattr(OpenConnection, "view", noted)
    return known


def numbers(page):
    return [view.number for view in page.sessions]


async def test_the_newest_ones_the_oldest_of_them_first(registry):
    page = registry.page(4, None, None)
    assert numbers(page) == [297, 298, 299, 300]
    assert (page.open, page.closed, page.older) == (150, 100, 297)


async def test_only_the_views_of_a_page_are_made(registry):
    registry.page(12, None, "open")
    assert len(registry.made) == 12
    registry.made.clear()
    registry.view(1)
    registry.page(12, 50, None)
    assert len(registry.made) == 13


@pytest.mark.parametrize("state", [None, "open", "closed"])
async def test_page_after_page_has_each_once(registry, state):
    """All 150 open ones, and the last 100 that closed: 102, 104 and so on."""
    expected = {*range(1, 300, 2), *range(102, 301, 2)}
    if state is not None:
        expected = {number for number in expected if (number % 2 == 1) == (state == "open")}
    seen, before = [], None
    while True:
        page = registry.page(7, before, state)
        seen += numbers(page)
        before = page.older
        if before is None:
            break
        assert before == numbers(page)[0]
    assert sorted(seen) == sorted(expected)


async def test_one_by_its_number(registry):
    assert registry.view(1).state == "open"
    assert registry.view(300).number == 300
    assert registry.view(2) is None, "it is forgotten"
    assert registry.session(1).number == 1


async def test_sessions_that_share_a_journal_are_found_by_it():
    async with LiveServer(DEAF, LiveSettings()) as server:
        path = "/v1/realtime?model=gpt-realtime&journal=one"
        async with dial(server, path), dial(server, path):
            count, entries = server.entries(1, 0)
            assert count == len(entries)
            assert {entry["connection"] for entry in entries} == {1, 2}
