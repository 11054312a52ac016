import asyncio
import contextlib
import math
import os
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from harness.errors import ClientError, InputError
from harness.live import load as load_module
from harness.live import spawned
from harness.live.capacity import MOST_SESSIONS, Step, Target, most
from harness.live.load import Load, Metered, Outcome
from harness.live.longevity import growth
from harness.live.spawned import SpawnedServer, confined, cores
from harness.units import SECOND
from tests.live.talking import PATIENCE_S

GOOD = Outcome(
    sessions=100,
    seconds=1.0,
    p50_ms=1.0,
    p99_ms=5.0,
    asked=100,
    unanswered=0,
    appended_share=1.0,
    deltas_share=1.0,
    lag_p99_ms=1.0,
    generator_share=0.2,
    server_share=0.5,
    server_kept_waiting=0.001,
    turns=0,
    closed=0,
    errors=(),
)


@asynccontextmanager
async def loaded(url, sessions):
    """A load whose callers are open."""
    load = Load(url)
    try:
        await load.open(sessions)
        yield load
    finally:
        await load.close()


class Scripted:
    """A server that answers each retrieval after so long, and otherwise does nothing but say what it is told to say.

    In what it is unrealistic: it has no conversation, no responses and no ear.
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
    monkeypatch.setattr(load_module, "DIAL_WITHIN_S", PATIENCE_S)


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
        assert Step(outcome, None).verdict == "not met"

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
        assert outcome.errors[:2] == ("no", "an error without words")
        assert "no event" in outcome.errors[2]
        assert len(outcome.errors) == 5
        assert Step(outcome, None).verdict != "met"

    async def test_connections_that_are_lost_are_counted(self):
        async with scripted(closes_after=20) as (_, url):
            outcome = await outcome_of(url, sessions=2)
        assert outcome.closed == 1
        assert not outcome.loaded

    async def test_a_server_that_does_not_read_gets_a_bounded_amount(self, monkeypatch):
        monkeypatch.setattr("harness.live.caller.MOST_WAITING_BYTES", 0)
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


class TestDialling:
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
        monkeypatch.setattr(load_module, "DIAL_WITHIN_S", 0.2)
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


class TestVerdict:
    @pytest.mark.parametrize(
        ("changes", "verdict"),
        [
            ({}, "met"),
            ({"p99_ms": 20.0}, "not met"),
            ({"p99_ms": math.inf, "asked": 0}, "not met"),
            ({"unanswered": 1}, "not met"),
            ({"appended_share": 0.98}, "not met"),
            ({"deltas_share": 0.94}, "not met"),
            ({"turns": 1}, "not met"),
            ({"closed": 1}, "not met"),
            ({"errors": ("no",)}, "not met"),
            ({"p99_ms": 20.0, "lag_p99_ms": 11.0}, "not shown"),
            ({"p99_ms": 20.0, "generator_share": 0.95}, "not shown"),
            ({"p99_ms": 20.0, "server_kept_waiting": 0.03}, "not shown"),
            ({"p99_ms": 20.0, "server_kept_waiting": None}, "not met"),
            ({"lag_p99_ms": 11.0}, "met"),  # a round trip counts from when it was due, so the lag is in it already
        ],
    )
    def test_of_a_step(self, changes, verdict):
        assert Step(replace(GOOD, **changes), None).verdict == verdict

    def test_cpu_of_a_session(self):
        assert Step(GOOD, None).cpu_percent_per_session == pytest.approx(0.5)
        assert Step(replace(GOOD, server_share=None), None).cpu_percent_per_session is None


class FakeTarget(Target):
    """A server that serves up to ``limit`` sessions in time, measured by a generator that is good up to ``reach``."""

    def __init__(self, limit, reach=math.inf):
        super().__init__("", None)
        object.__setattr__(self, "limits", (limit, reach))

    async def step(self, sessions, seconds):
        limit, reach = self.limits
        p99_ms = 5.0 if sessions <= limit else 50.0
        return Step(
            replace(GOOD, sessions=sessions, p99_ms=p99_ms, lag_p99_ms=1.0 if sessions <= reach else 99.0), 18.0
        )


class TestSearch:
    @pytest.mark.parametrize("limit", [1, 5, 37, 200, 799, 1000, MOST_SESSIONS, 100_000])
    async def test_comes_within_a_twentieth(self, limit):
        told = []
        steps = await most(FakeTarget(limit), 200, 1.0, told.append)
        assert told == steps
        best = max((step.outcome.sessions for step in steps if step.verdict == "met"), default=0)
        assert best <= limit
        assert best >= min(limit, MOST_SESSIONS) / 1.06 - 1
        assert len(steps) < 16

    async def test_ends_where_the_generator_does_after_a_few_tries(self):
        steps = await most(FakeTarget(limit=500, reach=500), 200, 1.0, lambda _: None)
        assert [(step.outcome.sessions, step.verdict) for step in steps] == [
            (200, "met"),
            (400, "met"),
            *[(800, "not shown")] * 3,
        ]

    async def test_goes_on_when_a_neighbour_has_gone(self):
        target = FakeTarget(limit=1_000_000)
        noisy = iter([True, False, True, True])

        async def step(sessions, seconds):
            shown = await FakeTarget.step(target, sessions, seconds)
            if next(noisy, False):
                return replace(shown, outcome=replace(shown.outcome, p99_ms=50.0, server_kept_waiting=0.2))
            return shown

        object.__setattr__(target, "step", step)
        steps = await most(target, MOST_SESSIONS // 2, 1.0, lambda _: None)
        assert [step.verdict for step in steps] == ["not shown", "met", "not shown", "not shown", "met"]
        assert steps[-1].outcome.sessions == MOST_SESSIONS


class TestSpawnedServer:
    async def test_is_measured_from_outside(self):
        async with SpawnedServer("energy", None) as server, loaded(server.url, 2) as load:
            before = server.cpu_s
            outcome = await load.run(1.0, warm_up_s=0.5, meter=lambda: Metered(server.cpu_s, server.waited_s))
            after, rss_kib = server.cpu_s, server.rss_kib
        if before is None:
            pytest.skip("this system has neither /proc nor ps")
        assert 0 < before <= after
        assert outcome.server_share == pytest.approx(after - before, abs=after - before + 0.1)
        assert 20_000 < rss_kib < 2_000_000
        # What it is for: a load that is wholly there, both ways.
        assert outcome.appended_share == 1.0
        assert outcome.deltas_share > 0.8
        assert outcome.errors == ()
        assert outcome.turns == outcome.closed == outcome.unanswered == 0

    async def test_ends_with_the_block(self):
        async with SpawnedServer("energy", None) as server:
            pid = server._process.pid
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    async def test_one_that_does_not_start_says_why(self):
        with pytest.raises(ClientError, match=r"did not start: .*psychic"):
            async with SpawnedServer("psychic", None):
                pass

    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins nothing")
    async def test_has_a_core_of_its_own(self):
        split = cores()
        if split is None:
            pytest.skip("there is but one core")
        before = os.sched_getaffinity(0)
        with confined(split[1]):
            async with SpawnedServer("energy", split[0]) as server:
                assert os.sched_getaffinity(server._process.pid) == {split[0]}
                assert os.sched_getaffinity(0) == split[1]
        assert os.sched_getaffinity(0) == before

    def test_proc_and_ps_agree(self):
        if spawned._proc_stat(os.getpid()) is None or spawned._ps(os.getpid(), "rss") is None:
            pytest.skip("only one of them is here")
        page_kib = os.sysconf("SC_PAGE_SIZE") / 1024
        proc_kib = int(spawned._proc_stat(os.getpid())[21]) * page_kib
        assert float(spawned._ps(os.getpid(), "rss")) == pytest.approx(proc_kib, rel=0.1)

    @pytest.mark.parametrize(("told", "seconds"), [("0:07.25", 7.25), ("01:02:03", 3723), ("2-00:00:01", 172_801)])
    def test_cpu_time_as_ps_tells_it(self, told, seconds):
        assert spawned._seconds(told) == seconds


class TestLongevity:
    def test_what_grows_is_the_conversation(self):
        """An hour more than ten minutes adds what its items take up; half the time adds about half."""
        short, long = (growth("energy", from_us=60 * SECOND, until_us=60 * SECOND * n) for n in (6, 11))
        assert (short.responses, long.responses) == (15, 30)
        assert 0 < long.kib < 60
        assert long.kib < 2.5 * short.kib + 5
