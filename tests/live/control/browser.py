"""A real browser: its tabs over the DevTools protocol."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import time
import urllib.request
from itertools import count

from websockets.asyncio.client import connect

from tests.live.testing import PATIENCE_S

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
STARTS_WITHIN_S = 30.0


@contextlib.contextmanager
def chromium(folder):
    """A browser with its profile in ``folder``; the port of its DevTools."""
    assert CHROMIUM, "there is no Chromium; make test-browser installs it"
    command = [CHROMIUM, *OPTIONS, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        told, began = folder / "DevToolsActivePort", time.monotonic()
        while not (told.exists() and "\n" in told.read_text()):
            assert time.monotonic() - began < STARTS_WITHIN_S, "the browser does not start"
            time.sleep(0.02)
        yield int(told.read_text().split()[0])
    finally:
        process.terminate()
        process.wait()


class Tab:
    """One page that is open."""

    def __init__(self, websocket):
        self._websocket = websocket
        self._ids = count(1)

    async def visit(self, server):
        """Open the server's page."""
        await self.do("Page.navigate", url=f"http://127.0.0.1:{server.port}/")

    async def do(self, method, **parameters):
        """One command of the protocol; its result."""
        number = next(self._ids)
        await self._websocket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(PATIENCE_S):
            while (answer := json.loads(await self._websocket.recv())).get("id") != number:
                pass
        assert "error" not in answer, answer
        return answer["result"]

    async def find(self, expression):
        """What a JavaScript expression is, as JSON."""
        result = await self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def until(self, expression):
        """What it is as soon as that is true."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await self.find(f"(() => {{ try {{ return {expression} }} catch {{ }} }})()")):
                await asyncio.sleep(0.02)
        return found

    async def place_of(self, element):
        """The middle of an element, a JavaScript expression."""
        box = await self.until(f"{element}.getBoundingClientRect().toJSON()")
        return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}

    async def click(self, place):
        """Move the mouse there and click."""
        await self.do("Input.dispatchMouseEvent", type="mouseMoved", **place)
        for kind in ("mousePressed", "mouseReleased"):
            await self.do("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    async def write(self, text):
        """Type into what has the focus, then press Enter."""
        await self.do("Input.insertText", text=text)
        for kind in ("keyDown", "keyUp"):
            await self.do("Input.dispatchKeyEvent", type=kind, key="Enter", windowsVirtualKeyCode=13, text="\r")


@contextlib.asynccontextmanager
async def tab(devtools_port):
    """An empty tab of the browser."""
    request = urllib.request.Request(f"http://127.0.0.1:{devtools_port}/json/new?about:blank", method="PUT")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        opened = json.load(answer)
    async with connect(opened["webSocketDebuggerUrl"], max_size=None, compression=None) as websocket:
        page = Tab(websocket)
        yield page
        await page.do("Page.close")
