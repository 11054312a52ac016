"""What is shown of a live session while it goes on is what its journal says: the verdict, and the picture."""

import asyncio
import json

import pytest

from harness import journal
from harness.journal import FORMAT
from harness.live import journal_lines, watching
from harness.live.journal_lines import JournalLines
from harness.live.server import LiveServer
from harness.live.watching import GrowingJournal, Watching
from harness.server.session import SessionSetup
from harness.verdict.diagnosis import diagnose
from tests.live.testing import QUICK_VOICE, append, dial, pieces, receive, spoken

CLIP = "speech_en_f_arctic_a0009"
SETUP = SessionSetup(voice=QUICK_VOICE, detector="energy")


async def speak(websocket):
    """A sentence, and two seconds of silence."""
    for piece in pieces(spoken(CLIP) + bytes(48_000), 4_800):
        await websocket.send(append(piece))


async def answered(websocket):
    while (await receive(websocket))["type"] != "response.done":
        pass


def of_journal(server, number=1):
    """What `stillthere diagnose` says of the journal."""
    found = diagnose(journal.parse(server.journal(number).decode().splitlines(), "live"))
    return found.state, found.cause, None if found.since_us is None else found.since_us / 1e6


def shown(server, number=1):
    found = server.verdict(number)
    return found.state, found.cause, found.since_s


@pytest.fixture
def judged_at_once(monkeypatch):
    monkeypatch.setattr(watching, "_JUDGED_EVERY_S", 0.0)


async def test_the_verdict_is_that_of_the_journal(judged_at_once):
    async with LiveServer(SETUP) as server, dial(server) as websocket:
        assert shown(server) == of_journal(server) == ("quiet", None, None)
        await speak(websocket)
        await answered(websocket)
        assert shown(server) == of_journal(server) == ("answered", None, None)
        server.start_fault("mute", session=1, lasts_s=None)
        await speak(websocket)
        async with asyncio.timeout(8):
            while shown(server)[1] != "server_mute":
                await asyncio.sleep(0.05)
        assert shown(server) == of_journal(server)


async def test_it_is_judged_once_a_second_at_most(monkeypatch):
    asked = []
    monkeypatch.setattr(watching, "diagnose_live", lambda found: asked.append(found) or diagnose(found))
    async with LiveServer(SETUP) as server, dial(server) as websocket:
        for _ in range(5):
            server.verdict(1)
            await websocket.send('{"type": "input_audio_buffer.clear"}')
            await receive(websocket)
        assert len(asked) == 1
        await asyncio.sleep(1.05)
        server.verdict(1)
        assert len(asked) == 2


async def test_a_closed_session_is_judged_once(judged_at_once, monkeypatch):
    async with LiveServer(SETUP) as server:
        async with dial(server):
            pass
        await asyncio.sleep(0.05)
        first = server.verdict(1)
        monkeypatch.setattr(watching, "diagnose_live", None)
        assert server.verdict(1) == first


async def test_many_are_judged_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr(watching, "JUDGES_FOR_S", -1.0)
    async with LiveServer(SETUP) as server, dial(server), dial(server):
        assert server.verdicts([1, 2]) == {}
        monkeypatch.setattr(watching, "JUDGES_FOR_S", 5.0)
        assert server.verdicts([1, 2]).keys() == {1, 2}


async def test_the_picture_grows_by_the_entries_that_follow():
    async with LiveServer(SETUP) as server, dial(server) as websocket:
        server.start_fault("held-idle", session=1, lasts_s=None)
        start, whole = server.picture(1, 0)
        assert [entry["kind"] for entry in whole["entries"]] == ["open", "session.created", "held-idle"]
        await websocket.send('{"type": "input_audio_buffer.clear"}')
        await receive(websocket)
        following, grown = server.picture(1, start)
        assert [entry["kind"] for entry in grown["entries"]] == [
            "input_audio_buffer.clear",
            "input_audio_buffer.cleared",
        ]
        assert server.picture(1, following)[1]["entries"] == []
        assert server.picture(1, 10**9)[1]["entries"] == []
        lanes = {lane["name"]: lane for lane in grown["lanes"]}
        assert [span[3] for span in lanes["faults"]["spans"]] == ["server held-idle"]
        assert [span[3] for span in lanes["connection"]["spans"]] == ["open"]


async def test_that_an_answer_was_delivered_does_not_say_that_it_was_played():
    async with LiveServer(SETUP) as server, dial(server) as websocket:
        await speak(websocket)
        await answered(websocket)
        found = server.picture(1, 0)[1]["diagnosis"]
        states = {link["link"]: link["state"] for link in found["chain"]}
        assert found["state"] == "answered"
        assert (states["delivered"], states["played"]) == ("works", "unknown")


async def test_a_fault_in_the_picture_ends_when_it_ended():
    async with LiveServer(SETUP) as server, dial(server):
        fault = server.start_fault("held-idle", session=1, lasts_s=None)
        await asyncio.sleep(0.1)
        server.end_fault(fault.id)
        await asyncio.sleep(0.2)
        _, document = server.picture(1, 0)
        (lane,) = (lane for lane in document["lanes"] if lane["name"] == "faults")
        ((start, end, *_),) = lane["spans"]
        assert 90 <= end - start < 190
        assert document["length"] >= end + 150


async def test_the_picture_shows_what_was_kept_back():
    async with LiveServer(SETUP) as server, dial(server) as websocket:
        server.start_fault("mute", session=1, lasts_s=None)
        await speak(websocket)
        async with asyncio.timeout(8):
            while not (spans := delivered(server)):
                await asyncio.sleep(0.05)
        assert spans[0][3].startswith("0.0 s delivered, ")
        assert spans[0][3].endswith(" s kept back")


def delivered(server):
    _, document = server.picture(1, 0)
    return [span for lane in document["lanes"] if lane["name"] == "delivered" for span in lane["spans"]]


class TestGrowing:
    """What is read as it grows is what a file would have."""

    def lines(self):
        return JournalLines({"stage": "live"}, None)

    def add(self, lines, numbers):
        for t in numbers:
            lines.add({"t": t, "lane": "uplink", "kind": "arrived", "connection": 1, "arrived_ms": t})

    def same(self, growing, lines):
        parsed = journal.parse(lines.document().decode().splitlines(), "lines")
        read = growing.read(None)
        assert read.entries == parsed.entries
        assert read.header == parsed.header
        return len(read.entries)

    def test_line_by_line(self):
        lines = self.lines()
        growing = GrowingJournal(lines)
        assert self.same(growing, lines) == 0
        for start in range(0, 30, 10):
            self.add(lines, range(start, start + 10))
            assert self.same(growing, lines) == start + 10

    def test_what_is_forgotten_is_missing(self, monkeypatch):
        monkeypatch.setattr(journal_lines, "REMEMBERED_ENTRIES", 8)
        lines = self.lines()
        growing = GrowingJournal(lines)
        self.add(lines, range(6))
        assert self.same(growing, lines) == 6
        self.add(lines, range(6, 12))
        assert self.same(growing, lines) == 1 + 8
        self.add(lines, range(12, 40))
        assert self.same(growing, lines) == 1 + 8

    def test_the_memory_that_it_takes_has_a_bound(self, monkeypatch):
        monkeypatch.setattr(watching, "_MOST_READ", 10)
        watched, several = Watching(), [self.lines() for _ in range(4)]
        for lines in several:
            self.add(lines, range(6))
            watched.picture(lines, None, 0)
        assert sum(map(len, watched._read.values())) <= 10
        assert json.loads(several[0].document().splitlines()[0])["stillthere"] == FORMAT
