"""Unmodified client packages hold a spoken turn and a barge-in with the server, at real-time pace."""

import asyncio
import logging

import pytest

from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.live.tls import make_identity
from harness.server.session import SessionSetup
from tests.clients.real import scene
from tests.clients.real.environments import CLIENTS, Client, Told, run

ENDS_WITHIN_S = 5.0


def pytest_generate_tests(metafunc):
    """By default only the clients that need no environment of their own; the others would be noise."""
    every = metafunc.config.getoption("all_clients")
    metafunc.parametrize("client", [client for client in CLIENTS if every or client.in_suite], ids=str)


async def conversation(client: Client, setup: SessionSetup, folder, own_environment) -> tuple[Told, scene.Journal]:
    """What the driver told, and what the server wrote down of the one session that there was."""
    identity = make_identity(folder) if client.dials == "wss" else None
    microphone = folder / "microphone.pcm"
    microphone.write_bytes(scene.microphone())
    async with LiveServer(setup, LiveSettings(tls=identity and identity.context)) as server:
        told = await run(client, server.url, microphone, identity and identity.ca_file, own_environment=own_environment)
        async with asyncio.timeout(ENDS_WITHIN_S):
            while server.connections:
                await asyncio.sleep(0.01)
        [session] = server.sessions()
        return told, scene.Journal(server.entries(session.number, 0)[1])


@pytest.mark.slow
async def test_turn_and_barge_in(client, tmp_path, pytestconfig, caplog):
    own_environment = pytestconfig.getoption("all_clients")
    told, journal = await conversation(client, scene.setup(), tmp_path, own_environment)
    print(told, journal, sep="\n")
    scene.has_two_turns(journal)
    scene.first_answer_is_cut_short(journal)
    scene.second_answer_begins(journal)
    scene.truncated_to_what_was_played(journal)
    scene.has_no_error_but(journal, client.provokes)
    scene.closed_by_the_client(journal)
    assert told.audio_ms >= scene.LEAST_AUDIO_MS
    assert told.interruptions == 1
    assert told.errors == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
