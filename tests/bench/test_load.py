"""The load generator, against servers that answer as a script says."""

import asyncio
import contextlib
import math
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from harness.bench import load as load_module
from harness.bench.capacity import LoadStep
from harness.bench.load import Load
from harness.errors import ClientError, InputError
from tests.bench.testing import loaded
from tests.live.testing import PATIENCE_S

pytestmark = pytest.mark.slow


class Scripted:
    """A server that answers each retrieval after so long, and otherwise only sends what it was made to send.

    It is unrealistic in this: it has no conversation, no responses and no turn detection.
    """

    def __init__(self, *, answers_after_s=0.0, says=(), closes_after=None, reads=True):
        self.events = []
        self._answers_after_s = answers_after_s
        self._says = says
        self._closes_after = closes_after
        self._reads = reads

    async def __call__(self, websocket):
        with contextlib.suppress(ConnectionClosed):  # a load ends its connections without a Close frame
            await self._serve(websocket)

    async def _serve(self, websocket):
        await websocket.send('{"type": "session.created"}')
        for text in self._says:
            await websocket.send(text)
        if not self._reads:
            websocket.transport.pause_reading()
            await asyncio.sleep(1)
            websocket.transport.abort()
        async for message in websocket:
            kind = message[10:].split('"')[0]
            self.events.append(kind)
            if kind == "conversation.item.retrieve" and self._answers_after_s is not None:
                await asyncio.sleep(self._answers_after_s)
                await websocket.send('{"type": "conversation.item.retrieved"}')
            if len(self.events) == self._closes_after:
                return


@asynccontextmanager
async def scripted(**script):
    server = Scripted(**script)
    async with serve(server, "127.0.0.1", 0, compression=None) as listening:
        yield server, f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(load_module, "PATIENCE_S", 0.3)
    monkeypatch.setattr(load_module, "_CONNECT_WITHIN_S", PATIENCE_S)


async def outcome_of(url, sessions=2, seconds=0.5):
    async with loaded(url, sessions) as load:
        return await load.run(seconds, warm_up_s=0.05)


class TestLoad:
    async def test_each_caller_appends_asks_and_wants_to_be_spoken_to(self):
        async with scripted() as (server, url):
            outcome = await outcome_of(url, sessions=3, seconds=2.0)
        sent = {kind: server.events.count(kind) for kind in set(server.events)}
        assert sent["conversation.item.create"] == sent["response.create"] == 3
        assert sent["conversation.item.retrieve"] in (6, 7)  # one at 0 s, 1 s and 2 s, the others between
        assert 303 <= sent["input_audio_buffer.append"] <= 318
        assert outcome.appended_share == 1.0
        assert outcome.unanswered == 0
        assert outcome.asked >= 3

    async def test_a_round_trip_lasts_as_long_as_the_server_takes(self):
        async with scripted(answers_after_s=0.1) as (_, url):
            outcome = await outcome_of(url, seconds=1.2)
        assert 100 <= outcome.p50_ms < 1000
        assert LoadStep(outcome, None).verdict == "not met"

    async def test_what_was_asked_to_warm_up_does_not_count(self):
        async with scripted(answers_after_s=0.2) as (server, url):
            outcome = await outcome_of(url, sessions=1, seconds=0.5)
        assert server.events.count("conversation.item.retrieve") == 1
        assert outcome.asked == 0
        assert outcome.p99_ms == math.inf

    async def test_a_response_that_is_done_is_followed_by_another(self):
        async with scripted(says=['{"type": "response.done"}'] * 3) as (server, url):
            await outcome_of(url, sessions=1)
        assert server.events.count("response.create") == 4

    async def test_what_has_no_answer_counts_as_long_as_it_was_waited_for(self):
        async with scripted(answers_after_s=None) as (_, url):
            outcome = await outcome_of(url, seconds=1.2)
        assert outcome.unanswered == outcome.asked > 0
        assert outcome.p50_ms >= 300

    async def test_what_the_server_says_of_errors_and_turns_is_kept(self):
        says = ['{"type": "error", "error": {"message": "no"}}', '{"type": "error"}', "[]", "not JSON"] * 5
        async with scripted(says=says) as (_, url):
            outcome = await outcome_of(url, sessions=1)
        assert outcome.errors[:2] == ("no", "an error without a message")
        assert "not an event" in outcome.errors[2]
        assert len(outcome.errors) == 5
        assert LoadStep(outcome, None).verdict != "met"

    async def test_connections_that_are_lost_are_counted(self):
        async with scripted(closes_after=20) as (_, url):
            outcome = await outcome_of(url, sessions=2)
        assert outcome.closed == 1
        assert not outcome.loaded

    async def test_a_server_that_does_not_read_gets_a_bounded_amount(self, monkeypatch):
        monkeypatch.setattr("harness.bench.caller._MOST_WAITING_BYTES", 0)
        async with scripted(reads=False) as (_, url), loaded(url, 1) as load:
            caller = load.callers[0]
            while caller.write(b"x" * 100_000):
                await asyncio.sleep(0)
            assert not caller.write(b"x")
            outcome = await load.run(0.2, warm_up_s=0.05)
        assert outcome.appended_share == 0
        assert not outcome.loaded

    async def test_a_fragmented_event_is_one_event(self):
        async with scripted(says=[["{", '"type": "response.done"', "}"]]) as (server, url):
            await outcome_of(url, sessions=1)
        assert server.events.count("response.create") == 2


class TestConnecting:
    @pytest.mark.parametrize("url", ["http://127.0.0.1/", "127.0.0.1:80", "ws://", "ws://127.0.0.1:x/", ""])
    async def test_no_websocket_url(self, url):
        with pytest.raises(InputError, match="write ws://"):
            await Load(url).open(1)

    async def test_nobody_listens(self):
        async with serve(Scripted(), "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
        with pytest.raises(ClientError, match=f"ws://127.0.0.1:{port} cannot be connected to"):
            await Load(f"ws://127.0.0.1:{port}").open(3)

    async def test_refused(self):
        async def refuse(connection, request):
            return connection.respond(404, "no")

        async with serve(Scripted(), "127.0.0.1", 0, process_request=refuse) as listening:
            url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            with pytest.raises(ClientError, match="404"):
                await Load(url).open(2)

    async def test_a_server_that_says_nothing(self, monkeypatch):
        monkeypatch.setattr(load_module, "_CONNECT_WITHIN_S", 0.2)
        silent = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
        async with silent:
            with pytest.raises(ClientError, match="does not answer"):
                await Load(f"ws://127.0.0.1:{silent.sockets[0].getsockname()[1]}").open(2)

    async def test_callers_do_not_all_ask_in_the_same_moment(self):
        """As clients that dial when they like: the questions of 25 fall into many of the second's 50 appends."""
        async with scripted() as (server, url):
            await outcome_of(url, sessions=25, seconds=1.0)
        asked = [index for index, kind in enumerate(server.events) if kind == "conversation.item.retrieve"]
        appended = [server.events[:index].count("input_audio_buffer.append") // 25 for index in asked]
        assert len(set(appended)) >= 10
