"""The page as a user sees it, in a real browser (`make test-browser`)."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from harness.errors import SettingError
from harness.live.faults import read_fault
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.server.session import SessionSetup
from tests.live.control.browser import chromium, tab
from tests.live.testing import DEAF, QUICK_VOICE, append, ask, dial, pieces, receive, spoken

A_REFRESH_S = 1.3
SEEN = "document.body.innerText"
HEADLINE = "document.getElementById('headline').innerText"
TITLE = "document.getElementById('title').innerText"
ACTIVE = "document.getElementById('active').innerText"
NUMBERS = "[...document.querySelectorAll('#sessions strong')].map(each => each.innerText).join()"
WATCH_POLICY = (
    "window.refused = []; addEventListener('securitypolicyviolation', event => refused.push(event.blockedURI))"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as devtools_port:
        yield devtools_port


@asynccontextmanager
async def page_of(browser, server, width=1280):
    async with tab(browser) as page:
        await page.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=4000, deviceScaleFactor=1, mobile=width < 500
        )
        await page.do("Page.enable")
        await page.do("Page.addScriptToEvaluateOnNewDocument", source=WATCH_POLICY)
        await page.visit(server)
        yield page
        assert await page.find("refused") == []


def start(name):
    """The button of a fault."""
    return (
        "[...document.querySelectorAll('.kinds li')].find(each => each.querySelector('code')?.innerText === "
        f"'{name}').querySelector('button')"
    )


async def speak(websocket):
    """A sentence, and two seconds of silence."""
    for piece in pieces(spoken("speech_en_f_arctic_a0009") + bytes(48_000), 4_800):
        await websocket.send(append(piece))


async def test_a_fault_is_started_by_a_click_and_the_verdict_changes(browser):
    setup = SessionSetup(voice=QUICK_VOICE, detector="energy")
    async with LiveServer(setup) as server, page_of(browser, server) as page, dial(server) as websocket:
        await page.until(f"{TITLE} === 'Session 1'")
        await page.until(f"{HEADLINE}.includes('nothing was said')")
        await speak(websocket)
        while (await receive(websocket))["type"] != "response.done":
            pass
        await page.until(f"{HEADLINE}.includes('was answered')")
        await page.click(await page.place_of(start("mute")))
        await page.until(f"{ACTIVE}.includes('in session 1, until ended')")
        assert [(fault.name, fault.session) for fault in server.faults()] == [("mute", 1)]
        await speak(websocket)
        await page.until(f"{HEADLINE} === '✖ silent: server_mute'")
        await page.until("document.querySelector('#sessions .silent').innerText.startsWith('✖ silent')")
        assert "the fault mute was injected" in await page.find("document.getElementById('picture').innerText")
        drawn = "[...document.querySelectorAll('#picture .lane')].map(each => each.innerText.trim())"
        assert {"faults", "sent", "server hears", "response", "delivered"} < set(await page.find(drawn))
        await page.click(await page.place_of(start("mute")))
        await page.until(f"{ACTIVE} === ''")
        assert server.faults() == []


async def test_a_fault_with_its_parameters_waits_for_the_next_session(browser, deaf_server):
    async with page_of(browser, deaf_server) as page:
        await page.until("document.querySelectorAll('.kinds li').length")
        await page.find("document.getElementById('search').focus()")
        await page.do("Input.insertText", text="delayed")
        await page.until("document.getElementById('found').innerText.startsWith('1 of ')")
        await page.click(await page.place_of("document.querySelector('input[value=next]')"))
        await page.find("document.querySelector('.kinds li:not([hidden]) summary').click()")
        delay = "document.querySelector('.kinds li:not([hidden]) input[placeholder=\"2s\"]')"
        await page.find(f"{delay}.focus()")
        await page.do("Input.insertText", text="3.5s")
        await page.find("document.getElementById('lasts').value = '20'")
        await page.click(await page.place_of(start("delayed-events")))
        await page.until(f"{ACTIVE}.includes('waits for the next session, for 20 s')")
        (fault,) = deaf_server.faults()
        assert (fault.sessions, fault.lasts_s, fault.parameters) == ("next", 20, {"delay": "3.5s"})


async def test_a_fault_whose_time_is_over_is_shown_no_more(browser, deaf_server):
    async with page_of(browser, deaf_server) as page, dial(deaf_server):
        deaf_server.start_fault("held-idle", session=1, lasts_s=2.0)
        await page.until(f"/in session 1, [01][.][0-9] s left/.test({ACTIVE})")
        assert await page.find("document.querySelectorAll('.kinds li.on').length") == 1
        await page.until(f"{ACTIVE} === ''")
        await page.until("!document.querySelectorAll('.kinds li.on').length")


async def test_why_a_click_did_nothing_stays_in_sight(browser, deaf_server, monkeypatch):
    def refuse(*_, **__):
        raise SettingError("the moon is full; wait for another night")

    async with page_of(browser, deaf_server) as page, dial(deaf_server):
        await page.until(f"{TITLE} === 'Session 1'")
        place = await page.place_of(start("mute"))
        with monkeypatch.context() as patched:
            patched.setattr(deaf_server, "start_fault", refuse)
            await page.click(place)
            await page.until(f"{SEEN}.includes('the moon is full')")
            await asyncio.sleep(2 * A_REFRESH_S)
            assert "the moon is full" in await page.find(SEEN)
            assert await page.place_of(start("mute")) == place, "and it has moved nothing"
        await page.click(place)
        await page.until(f"!{SEEN}.includes('the moon is full')")
        assert [fault.name for fault in deaf_server.faults()] == ["mute"]


async def test_a_server_that_was_restarted_is_another(browser):
    """Its sessions count from 1 again, and have nothing of the old ones."""
    entries = "document.getElementById('picture').querySelector('[aria-label$=\"entries, listed below\"]').ariaLabel"
    async with tab(browser) as page:
        async with LiveServer(DEAF) as server:
            await page.visit(server)
            async with dial(server) as websocket:
                for _ in range(5):
                    await ask(websocket, {"type": "nonsense"})
                await page.until(f"parseInt({entries}) === 7")
        async with LiveServer(DEAF, LiveSettings(port=server.port)) as again, dial(again):
            await page.until(f"{SEEN}.includes('events in 0')")
            assert await page.find(NUMBERS) == "1"
            await page.until(f"parseInt({entries}) === 2")


async def test_a_second_click_on_the_same_spot_starts_no_fault_in_another_session(browser, deaf_server):
    async with page_of(browser, deaf_server) as page, dial(deaf_server), dial(deaf_server), dial(deaf_server):
        await page.until(f"{TITLE} === 'Session 3'")
        place = await page.place_of(start("reset"))
        await page.click(place)
        await page.until(f"{SEEN}.includes('closed 1006')")
        async with dial(deaf_server):  # as a client does that dials again
            await asyncio.sleep(A_REFRESH_S)
            await page.click(place)
            await asyncio.sleep(A_REFRESH_S)
            assert [view.number for view in deaf_server.sessions() if view.state == "open"] == [1, 2, 4]
            await page.until(f"{NUMBERS} === '4,3,2,1'")
            await page.until(f"{TITLE} === 'Session 4'")  # once the pointer has rested


async def test_another_session_is_chosen_and_stays(browser, deaf_server):
    async with page_of(browser, deaf_server) as page, dial(deaf_server), dial(deaf_server):
        await page.until(f"{TITLE} === 'Session 2'")
        await page.click(await page.place_of("document.querySelectorAll('#sessions button')[1]"))
        await page.until(f"{TITLE} === 'Session 1'")
        async with dial(deaf_server):
            await page.until(f"{SEEN}.includes('3 open')")
            await asyncio.sleep(A_REFRESH_S)
            assert await page.find(TITLE) == "Session 1"
            assert await page.find("location.hash") == "#1"


async def test_a_fault_from_the_start_can_be_ended(browser):
    async with LiveServer(DEAF, LiveSettings(faults=(read_fault("mute"),))) as server, page_of(browser, server) as page:
        await page.until(f"{ACTIVE}.includes('in each new session, until ended')")
        await page.click(await page.place_of("document.querySelector('#active button')"))
        await page.until(f"{ACTIVE} === ''")
        assert server.faults() == []


async def test_what_a_client_says_is_text(browser, deaf_server):
    markup = "<img src=x onerror=alert(1)>"
    async with page_of(browser, deaf_server) as page:
        async with dial(deaf_server) as websocket:
            await ask(websocket, {"type": markup, "event_id": markup})
            await websocket.close(1000, markup)
        await page.until(f"{SEEN}.includes('closed 1000 {markup}')")
        await page.find("document.querySelector('details.entries').open = true")
        await page.until("document.querySelector('details.entries tbody').rows.length > 2")
        assert await page.find("document.querySelectorAll('img').length") == 0


async def test_it_fits_a_telephone(browser, deaf_server):
    async with page_of(browser, deaf_server, width=375) as page, dial(deaf_server):
        await page.until(f"{TITLE} === 'Session 1'")
        await page.find("document.querySelectorAll('#groups > details').forEach(each => { each.open = true; })")
        await page.find("document.querySelectorAll('.kinds details').forEach(each => { each.open = true; })")
        await asyncio.sleep(A_REFRESH_S)
        assert await page.find("document.documentElement.scrollWidth") == 375


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
