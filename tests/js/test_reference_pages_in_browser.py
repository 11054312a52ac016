"""The reference pages in a real Chromium, on a live server: they are heard and answered."""

from importlib.util import find_spec

import pytest

from harness.server.session import SessionSetup
from harness.server.utterance import utterance
from harness.server.voice import Answer, Voice
from harness.units import SECOND
from tests.js.live_page import live_page, microphone

SETUP = SessionSetup(voice=Voice(Answer(utterance("speech_en_f_tts_hibari", 2 * SECOND))))
SAID = tuple((at_s, "speech_en_f_arctic_a0009") for at_s in range(5, 110, 9))
NEEDS_AIORTC = pytest.mark.skipif(find_spec("aiortc") is None, reason="calls need aiortc: run it by make test-pages")
TRANSPORTS = ["websocket", pytest.param("webrtc", marks=NEEDS_AIORTC)]
LOG = "document.querySelector('#log').innerText"


def page(**query):
    return "/js/pages/client.html?" + "&".join(f"{name}={value}" for name, value in query.items())


async def answers(shown, number):
    """Wait until the server has answered so often."""
    await shown.until_server(lambda entries: sum(each["kind"] == "response.done" for each in entries) >= number)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("client", ["reported", "resilient"])
async def test_the_user_is_answered_again_and_again(tmp_path, client, transport):
    said = microphone(tmp_path, *SAID)
    async with live_page(tmp_path, SETUP, page(client=client, transport=transport), said) as shown:
        await answers(shown, 2)
        log = await shown.run(LOG)
        assert "remedy" not in log, "nothing was wrong"
        assert len(shown.server.sessions()) == 1


async def test_a_page_that_waits_for_a_click(tmp_path):
    said = microphone(tmp_path, *SAID)
    async with live_page(tmp_path, SETUP, page(client="resilient", start="click"), said) as shown:
        await shown.until("document.querySelector('#start')?.disabled === false")
        assert shown.entries() == []
        await shown.run("document.querySelector('#start').click()")
        await answers(shown, 1)


async def test_a_wrong_setting_is_shown(tmp_path):
    said = microphone(tmp_path)
    async with live_page(tmp_path, SETUP, page(client="resilient", gate_threshold=2), said) as shown:
        state = "document.querySelector('#state')?.textContent"
        await shown.until(f"{state}?.includes('RangeError')")
        assert "client setting gate_threshold is 2; give a value from 0 to 1" in await shown.run(state)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_resilient_page_dials_again(tmp_path, transport):
    said = microphone(tmp_path, *SAID)
    async with live_page(tmp_path, SETUP, page(client="resilient", transport=transport), said) as shown:
        await answers(shown, 1)
        shown.server.close(1, 1011, "a fault")
        await shown.until_server(lambda entries: spoke_in(entries, connection=2))


async def test_the_resilient_page_leaves_a_server_that_is_mute(tmp_path):
    said = microphone(tmp_path, *SAID)
    async with live_page(tmp_path, SETUP, page(client="resilient"), said) as shown:
        await answers(shown, 1)
        shown.server.start_fault("mute", session=1, lasts_s=None)
        await shown.until_server(lambda entries: spoke_in(entries, connection=2))
        assert "remedy" in await shown.run(LOG)


@NEEDS_AIORTC
async def test_a_suspended_output_does_not_freeze_a_call(tmp_path):
    """Over a WebSocket it does: there the page itself has to notice the end of what it plays."""
    said = microphone(tmp_path, *SAID)
    async with live_page(tmp_path, SETUP, page(client="reported", transport="webrtc"), said) as shown:
        await answers(shown, 1)
        await shown.run("document.querySelector('#assistant').pause()")
        await answers(shown, 3)


def spoke_in(entries, connection):
    """Whether the server has answered in a connection."""
    return any(each["kind"] == "response.done" and each["connection"] == connection for each in entries)
