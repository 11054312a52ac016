"""What the tests of the bench share."""

from contextlib import asynccontextmanager

from harness.bench.load import Load, LoadOutcome

GOOD = LoadOutcome(
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
"""A load that was served in time."""


@asynccontextmanager
async def loaded(url, sessions):
    """A load whose callers are open."""
    load = Load(url)
    try:
        await load.open(sessions)
        yield load
    finally:
        await load.close()
