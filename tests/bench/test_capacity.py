"""What a load shows of a server, and the search for the largest one."""

import math
from dataclasses import replace

import pytest

from harness.bench.capacity import MOST_SESSIONS, LoadStep, MeasuredServer, find_capacity
from tests.bench.testing import GOOD


class TestStep:
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
        assert LoadStep(replace(GOOD, **changes), None).verdict == verdict

    def test_cpu_of_a_session(self):
        assert LoadStep(GOOD, None).cpu_percent_per_session == pytest.approx(0.5)
        assert LoadStep(replace(GOOD, server_share=None), None).cpu_percent_per_session is None


class FakeServer(MeasuredServer):
    """A server that serves up to ``limit`` sessions in time, measured by a generator that is good up to ``reach``."""

    def __init__(self, limit, reach=math.inf):
        super().__init__("", None)
        object.__setattr__(self, "limits", (limit, reach))

    async def step(self, sessions, seconds):
        limit, reach = self.limits
        p99_ms = 5.0 if sessions <= limit else 50.0
        return LoadStep(
            replace(GOOD, sessions=sessions, p99_ms=p99_ms, lag_p99_ms=1.0 if sessions <= reach else 99.0), 18.0
        )


class TestSearch:
    @pytest.mark.parametrize("limit", [1, 5, 37, 200, 799, 1000, MOST_SESSIONS, 100_000])
    async def test_comes_within_a_twentieth(self, limit):
        reported = []
        steps = await find_capacity(FakeServer(limit), 200, 1.0, reported.append)
        assert reported == steps
        best = max((step.outcome.sessions for step in steps if step.verdict == "met"), default=0)
        assert best <= limit
        assert best >= min(limit, MOST_SESSIONS) / 1.06 - 1
        assert len(steps) < 16

    async def test_ends_where_the_generator_does_after_a_few_tries(self):
        steps = await find_capacity(FakeServer(limit=500, reach=500), 200, 1.0, lambda _: None)
        assert [(step.outcome.sessions, step.verdict) for step in steps] == [
            (200, "met"),
            (400, "met"),
            *[(800, "not shown")] * 3,
        ]

    async def test_goes_on_when_a_neighbour_has_gone(self):
        target = FakeServer(limit=1_000_000)
        noisy = iter([True, False, True, True])

        async def step(sessions, seconds):
            shown = await FakeServer.step(target, sessions, seconds)
            if next(noisy, False):
                return replace(shown, outcome=replace(shown.outcome, p99_ms=50.0, server_kept_waiting=0.2))
            return shown

        object.__setattr__(target, "step", step)
        steps = await find_capacity(target, MOST_SESSIONS // 2, 1.0, lambda _: None)
        assert [step.verdict for step in steps] == ["not shown", "met", "not shown", "not shown", "met"]
        assert steps[-1].outcome.sessions == MOST_SESSIONS
