"""Unmodified client packages hold a transcription session with the server, at real-time pace: two sentences."""

import asyncio

import numpy as np
import pytest

from harness.audio.clips import load_clip
from harness.live.server import LiveServer
from harness.server.session import SessionSetup
from tests.clients.real import scene
from tests.clients.real.environments import TRANSCRIBERS, Dictated, run

CLIPS = ("speech_en_f_arctic_a0009", "speech_en_m_arctic_a0007")
ENDS_WITHIN_S = 5.0


def pytest_generate_tests(metafunc):
    """By default only the clients that need no environment of their own."""
    every = metafunc.config.getoption("all_clients")
    metafunc.parametrize("client", [client for client in TRANSCRIBERS if every or client.in_suite], ids=str)


def microphone() -> bytes:
    """A second of silence, and two sentences with two seconds behind each."""
    pause = np.zeros(48_000, np.int16)
    return np.concatenate(
        [pause[:24_000], *(part for clip in CLIPS for part in (load_clip(clip).samples, pause))]
    ).tobytes()


@pytest.mark.slow
async def test_two_sentences_are_written_down(client, tmp_path, pytestconfig):
    own_environment = pytestconfig.getoption("all_clients")
    heard = tmp_path / "microphone.pcm"
    heard.write_bytes(microphone())
    async with LiveServer(SessionSetup()) as server:
        told = await run(client, server.url, heard, None, own_environment=own_environment, tells=Dictated)
        async with asyncio.timeout(ENDS_WITHIN_S):
            while server.connections:
                await asyncio.sleep(0.01)
        [session] = server.sessions()
        journal = scene.Journal(server.entries(session.number, 0)[1])
    print(told, journal, sep="\n")
    assert told.errors == []
    assert " ".join(told.words) == " ".join(load_clip(clip).transcript for clip in CLIPS)
    assert journal.first("server", "session.created")["session_type"] == "transcription"
    model = "gpt-realtime-whisper" if client.name.endswith("local") else "gpt-4o-transcribe"
    assert journal.first("server", "session.updated")["transcribes"] == model
    assert not journal.all("server", "response.created")
    scene.has_no_error_but(journal, frozenset())
    scene.closed_by_the_client(journal)
