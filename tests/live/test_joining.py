"""One journal for the connections of one client."""

import asyncio

from harness import journal
from harness.journal import ConnectionClosed, ConnectionDialFailed, ConnectionOpened
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from tests.live.testing import DEAF, PATIENCE_S, dial, still_works

ANOTHER = {"Authorization": "Bearer sk-another"}


async def closed(server, number):
    """Wait until the server knows that a connection is closed."""
    async with asyncio.timeout(PATIENCE_S):
        while server.sessions()[number - 1].state == "open":
            await asyncio.sleep(0.01)


def opened(server, number=1):
    """The connections in the journal of a session."""
    parsed = journal.parse(server.journal(number).decode().splitlines(), "live")
    return [entry.connection for entry in parsed.select(ConnectionOpened)]


async def test_a_client_that_connects_again_continues_its_journal(tmp_path):
    async with LiveServer(DEAF, LiveSettings(journal_dir=tmp_path)) as server:
        async with dial(server):
            pass
        await closed(server, 1)
        await asyncio.sleep(0.2)
        async with dial(server) as again:
            await still_works(again)
            assert opened(server, 1) == opened(server, 2) == [1, 2]
    (path,) = tmp_path.iterdir()
    found = journal.read(path)
    first, second = found.select(ConnectionOpened)
    assert (first.connection, second.connection) == (1, 2)
    assert first.t == 0 and second.t >= 200_000, "one clock"
    assert [entry.by for entry in found.select(ConnectionClosed)] == ["client", "client"]
    assert [entry.t for entry in found.entries] == sorted(entry.t for entry in found.entries)


async def test_not_with_another_key(deaf_server):
    async with dial(deaf_server):
        pass
    await closed(deaf_server, 1)
    async with dial(deaf_server, additional_headers=ANOTHER):
        assert opened(deaf_server, 1) == [1] and opened(deaf_server, 2) == [2]


async def test_not_while_the_earlier_session_is_open(deaf_server):
    async with dial(deaf_server), dial(deaf_server):
        assert opened(deaf_server, 1) == [1] and opened(deaf_server, 2) == [2]


async def test_not_if_two_that_are_gone_could_be_meant(deaf_server):
    async with dial(deaf_server), dial(deaf_server):
        pass
    await closed(deaf_server, 1)
    await closed(deaf_server, 2)
    async with dial(deaf_server):
        assert opened(deaf_server, 3) == [3]


async def test_not_after_the_resume_window():
    async with LiveServer(DEAF, LiveSettings(resume_within_s=0.05)) as server:
        async with dial(server):
            pass
        await closed(server, 1)
        await asyncio.sleep(0.1)
        async with dial(server):
            assert opened(server, 2) == [2]


async def test_a_client_that_leaves_a_dead_connection_behind(deaf_server):
    """The server cannot see that it has left: nothing of it arrives."""
    async with dial(deaf_server, close_timeout=0.1):
        deaf_server.start_fault("half-open", session=1, lasts_s=None)
        async with dial(deaf_server):
            assert opened(deaf_server) == [1, 2]


async def test_dials_that_fail_stand_in_it(deaf_server):
    async with dial(deaf_server):
        deaf_server.start_fault("black-holed", session=None, lasts_s=None)
        await closed(deaf_server, 1)
        try:
            async with dial(deaf_server, open_timeout=0.1):
                pass
        except TimeoutError:
            pass
    parsed = journal.parse(deaf_server.journal(1).decode().splitlines(), "live")
    assert [entry.by for entry in parsed.select(ConnectionClosed)] == ["server"]
    assert len(list(parsed.select(ConnectionDialFailed))) == 1


class TestNames:
    PATH = "/v1/realtime?model=gpt-realtime&journal=test-7"

    async def test_all_connections_with_one_name_share_a_journal(self, tmp_path):
        header = {"X-Stillthere-Journal": "test-7", **ANOTHER}
        settings = LiveSettings(journal_dir=tmp_path, resume_within_s=0)
        async with (
            LiveServer(DEAF, settings) as server,
            dial(server, self.PATH),
            dial(server),
            dial(server, additional_headers=header),
        ):
            assert opened(server, 1) == opened(server, 3) == [1, 3]
        names = sorted(path.name.split("-", 3)[-1] for path in tmp_path.iterdir())
        assert names == ["001-test-7.jsonl", "002.jsonl"]

    async def test_a_name_that_is_no_part_of_a_file_s_name(self, deaf_server):
        try:
            async with dial(deaf_server, "/v1/realtime?model=gpt-realtime&journal=../x"):
                raise AssertionError("it got a session")
        except AssertionError as error:
            assert "it got a session" not in str(error)
        assert deaf_server.sessions()[0].close_reason == "invalid_request_error.invalid_journal"


async def test_the_users_hand_stands_in_the_journal(deaf_server):
    async with dial(deaf_server):
        assert not deaf_server.hands().pressed
        deaf_server.move_hands(pressed=True)
        assert deaf_server.hands().pressed
        parsed = journal.parse(deaf_server.journal(1).decode().splitlines(), "live")
        assert [entry.pressed for entry in parsed.select(journal.HandsMoved)] == [True]
