"""A server in a process of its own."""

import os

import pytest

from harness.bench import server_process
from harness.bench.load import ServerUsage
from harness.bench.server_process import ServerProcess, confined, cores
from harness.errors import ClientError
from tests.bench.testing import loaded

pytestmark = pytest.mark.slow


class TestServerProcess:
    async def test_is_measured_from_outside(self):
        async with ServerProcess("energy", None) as server, loaded(server.url, 2) as load:
            before = server.cpu_s
            outcome = await load.run(1.0, warm_up_s=0.5, meter=lambda: ServerUsage(server.cpu_s, server.waited_s))
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
        async with ServerProcess("energy", None) as server:
            pid = server._process.pid
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    async def test_one_that_does_not_start_says_why(self):
        with pytest.raises(ClientError, match=r"did not start: .*psychic"):
            async with ServerProcess("psychic", None):
                pass

    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins nothing")
    async def test_has_a_core_of_its_own(self):
        split = cores()
        if split is None:
            pytest.skip("there is but one core")
        before = os.sched_getaffinity(0)
        with confined(split[1]):
            async with ServerProcess("energy", split[0]) as server:
                assert os.sched_getaffinity(server._process.pid) == {split[0]}
                assert os.sched_getaffinity(0) == split[1]
        assert os.sched_getaffinity(0) == before

    def test_proc_and_ps_agree(self):
        if server_process._proc_stat(os.getpid()) is None or server_process._ps(os.getpid(), "rss") is None:
            pytest.skip("only one of them is here")
        page_kib = os.sysconf("SC_PAGE_SIZE") / 1024
        proc_kib = int(server_process._proc_stat(os.getpid())[21]) * page_kib
        assert float(server_process._ps(os.getpid(), "rss")) == pytest.approx(proc_kib, rel=0.1)

    @pytest.mark.parametrize(("text", "seconds"), [("0:07.25", 7.25), ("01:02:03", 3723), ("2-00:00:01", 172_801)])
    def test_cpu_time_as_ps_writes_it(self, text, seconds):
        assert server_process._seconds(text) == seconds
