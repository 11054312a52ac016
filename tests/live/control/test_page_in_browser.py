"""The page as a user sees it, in a real browser (`make test-browser`)."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from harness.errors import SettingError
from harness.live.faults import read_fault
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from tests.live.control.browser import chromium, tab
from tests.live.testing import DEAF, ask, dial

A_REFRESH_S = 0.8
SEEN = "document.body.innerText"
MUTE_ALL = "[...document.querySelectorAll('#everywhere button')].find(button => button.innerText === 'mute')"
NUMBERS = "[...document.querySelectorAll('article h2')].map(title => title.innerText.split(' ')[1]).join()"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as devtools_port:
        yield devtools_port


@asynccontextmanager
async def page_of(browser, server):
    async with tab(browser) as page:
        await page.visit(server)
        yield page


def reset_of(session):
    buttons = f"document.querySelectorAll('[aria-label=\"Faults for session {session}\"] button')"
    return f"[...{buttons}].find(button => button.innerText === 'reset')"


async def test_why_a_click_did_nothing_stays_in_sight(browser, deaf_server, monkeypatch):
    def refuse(*_, **__):
        raise SettingError("the moon is full; wait for another night")

    async with page_of(browser, deaf_server) as page:
        with monkeypatch.context() as patched:
            patched.setattr(deaf_server, "start_fault", refuse)
            place = await page.place_of(MUTE_ALL)
            await page.click(place)
            await page.until(f"{SEEN}.includes('the moon is full')")
            await asyncio.sleep(2 * A_REFRESH_S)
            assert "the moon is full" in await page.find(SEEN)
            assert await page.place_of(MUTE_ALL) == place, "and it has moved nothing"
        await page.click(place)
        await page.until(f"!{SEEN}.includes('the moon is full')")
        assert [fault.name for fault in deaf_server.faults()] == ["mute"]


async def test_a_server_that_was_restarted_is_another(browser):
    """Its sessions count from 1 again, and have nothing of the old ones."""
    errors = "document.querySelectorAll('article rect.mark').length"
    async with tab(browser) as page:
        async with LiveServer(DEAF) as server:
            await page.visit(server)
            async with dial(server) as websocket:
                await ask(websocket, {"type": "nonsense"})
                await page.until(f"{errors} === 1")
        async with LiveServer(DEAF, LiveSettings(port=server.port)) as again, dial(again):
            await page.until(f"{SEEN}.includes('events in 0')")
            assert await page.find(NUMBERS) == "1"
            assert await page.find(errors) == 0


async def test_a_second_click_on_the_same_spot_starts_no_fault_in_another_session(browser, deaf_server):
    async with page_of(browser, deaf_server) as page, dial(deaf_server), dial(deaf_server), dial(deaf_server):
        place = await page.place_of(reset_of(3))
        await page.click(place)
        await page.until(f"{SEEN}.includes('closed 1006')")
        async with dial(deaf_server):  # as a client does that dials again
            await asyncio.sleep(A_REFRESH_S)
            await page.click(place)
            await asyncio.sleep(A_REFRESH_S)
            assert [view.number for view in deaf_server.sessions() if view.state == "open"] == [1, 2, 4]
            await page.until(f"{NUMBERS} === '4,3,2,1'")  # once the pointer has rested


async def test_a_fault_from_the_start_can_be_ended(browser):
    async with LiveServer(DEAF, LiveSettings(faults=(read_fault("mute"),))) as server, page_of(browser, server) as page:
        await page.until(f"{MUTE_ALL}.getAttribute('aria-pressed') === 'true'")
        await page.click(await page.place_of(MUTE_ALL))
        await page.until(f"{MUTE_ALL}.getAttribute('aria-pressed') === 'false'")
        assert server.faults() == []


async def test_a_token_is_asked_for(browser):
    async with LiveServer(DEAF, LiveSettings(token="tok123456")) as server, page_of(browser, server) as page:
        for given, said in (("日本", "a token has only characters"), ("wrong", "the token is wrong")):
            await page.until("document.getElementById('token').getClientRects().length")
            await page.find("document.getElementById('token').select()")
            await page.write(given)
            await page.until(f'{SEEN}.includes("{said}")')
            assert "does not answer" not in await page.find(SEEN)
        await page.find("document.getElementById('token').select()")
        await page.write("tok123456")
        await page.until(f"{SEEN}.includes('0 open, 0 closed')")
