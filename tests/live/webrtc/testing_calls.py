"""What the tests with aiortc share: a server and a caller in a loop whose clock jumps."""

import asyncio
from contextlib import asynccontextmanager
from functools import wraps

import numpy as np

from benchmarks.webrtc.jumping import run
from harness.audio.clips import load_clip
from harness.live.server import LiveServer
from harness.live.webrtc.media_loop import MediaLoop
from harness.server.policy import ServerPolicy
from harness.server.session import SessionSetup
from harness.server.utterance import utterance
from harness.server.voice import Answer, Voice
from harness.units import MS, SECOND
from tests.live.webrtc.caller import Caller

SPEECH = load_clip("speech_en_m_librivox_0870").samples[: 3 * 24_000]
VOICE = Voice(Answer(utterance("speech_en_f_tts_hibari", 3 * SECOND), latency_us=100 * MS))


class _OnOneLoop(LiveServer):
    def _media_loop(self):
        return MediaLoop(on=asyncio.get_running_loop())


def silence(seconds):
    return np.zeros(int(seconds * 24_000), np.int16)


def in_jumping_time(test):
    @wraps(test)
    def played():
        run(test())

    return played


@asynccontextmanager
async def serving(**policy):
    """A server whose media run on the same loop."""
    setup = SessionSetup(voice=VOICE, policy=ServerPolicy(**policy))
    async with _OnOneLoop(setup) as server:
        yield server


@asynccontextmanager
async def calling(server, *sounds, without_candidates=False, **encoding):
    """A client that says this, and is closed afterwards."""
    caller = Caller(np.concatenate([silence(0.5), *sounds]), **encoding)
    await caller.dial(server, without_candidates=without_candidates)
    yield caller
    await caller.close()
