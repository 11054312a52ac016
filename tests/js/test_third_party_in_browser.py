"""Unmodified agents-js in a real Chromium, over both transports: a turn, a barge-in, and a server that goes mute.

``make test-pages`` gets the package from its registry first.
"""

import asyncio

import pytest

from harness.server.session import SessionSetup
from harness.server.utterance import utterance
from harness.server.voice import Answer, Voice
from tests.js.live_page import ROOT, live_page, microphone

SAID = tuple((at_s, "speech_en_f_arctic_a0009") for at_s in range(5, 110, 7))
"""Three seconds long, so that each but the first falls into the answer to the one before."""
ANSWER = Voice(Answer(utterance("speech_en_m_jfk1961")))
"""Ten seconds."""
PAGE = "/tests/js/third_party/agents.html"
NOTICES_WITHIN_S = 15.0
IN_FLIGHT_S = 1.0

pytestmark = pytest.mark.skipif(
    not (ROOT / ".node/node_modules/@openai/agents-realtime").is_dir(), reason="run it by make test-pages"
)


def seen(name):
    return f"globalThis.seen?.filter((each) => each.name === '{name}').map((each) => each.type ?? each.state ?? '')"


def has(kind):
    return f"globalThis.seen?.some((each) => each.type === '{kind}')"


@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
async def test_a_turn_a_barge_in_and_a_server_that_goes_mute(tmp_path, transport):
    recording = microphone(tmp_path, *SAID)
    async with live_page(tmp_path, SessionSetup(voice=ANSWER), f"{PAGE}?transport={transport}", recording) as page:
        await page.until("globalThis.seen?.find((each) => each.name === 'connected' || each.name === 'failed')?.name")
        assert await page.run(seen("failed")) == []

        await page.until(has("response.created"))  # the turn is heard, and answered
        await page.until(has("conversation.item.truncated"))  # it is cut off by the second utterance
        told = await page.run(seen("audio_interrupted"))
        assert bool(told) == (transport == "websocket"), "over WebRTC the package does not tell it (WEBRTC.md, 2)"

        page.server.start_fault("mute", session=None, lasts_s=None)
        await asyncio.sleep(IN_FLIGHT_S)
        before = await page.run("globalThis.seen.length")
        await asyncio.sleep(NOTICES_WITHIN_S)
        assert await page.run(f"globalThis.seen.slice({before})") == [], "nothing is noticed of a mute server"
        assert await page.run("globalThis.session.transport.status") == "connected"
