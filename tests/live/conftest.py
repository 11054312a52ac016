"""Fixtures: a server with a quick voice, and a check that no test left a trace on standard error or a task running."""

import asyncio
import logging

import pytest

from harness.live.server import LiveServer
from harness.server.session import SessionSetup
from tests.live.testing import DEAF, PATIENCE_S, QUICK_VOICE


@pytest.fixture
async def server():
    async with LiveServer(SessionSetup(voice=QUICK_VOICE)) as running:
        yield running


@pytest.fixture
async def deaf_server():
    async with LiveServer(DEAF) as running:
        yield running


@pytest.fixture(autouse=True)
async def leaves_no_trace(caplog, capfd):
    before = asyncio.all_tasks()
    yield
    async with asyncio.timeout(PATIENCE_S):
        while asyncio.all_tasks() - before - {asyncio.current_task()}:
            await asyncio.sleep(0.01)
    logged = [*caplog.get_records("setup"), *caplog.get_records("call"), *caplog.records]
    assert [record for record in logged if record.levelno >= logging.WARNING] == []
    assert capfd.readouterr().err == ""
