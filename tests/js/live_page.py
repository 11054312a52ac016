"""A page in a real Chromium on a live server, with a recording as its microphone; no sound server is needed."""

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import soundfile

from harness.apps.browser.browser import Browser
from harness.apps.browser.chromium import BrowserSettings, needed_chromium
from harness.apps.browser.location import FolderHost
from harness.apps.choices import HOSTS
from harness.audio.clips import load_clip
from harness.audio.formats import SAMPLE_RATE_HZ
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.live.tls import make_identity

ROOT = Path(__file__).resolve().parents[2]
_LONGEST_S = 120


def microphone(folder, *said):
    """A file of room noise, with each clip at its second; it ends with noise, which Chromium repeats."""
    wave = np.rint(np.random.default_rng(1).normal(0, 20, _LONGEST_S * SAMPLE_RATE_HZ)).astype(np.int16)
    for at_s, clip in said:
        samples = load_clip(clip).samples
        wave[int(at_s * SAMPLE_RATE_HZ) :][: samples.size] += samples
    path = folder / "microphone.wav"
    soundfile.write(path, wave, SAMPLE_RATE_HZ)
    return path


class LivePage:
    """The page, and what its server wrote about it."""

    def __init__(self, server, page):
        self.server, self._page = server, page

    async def run(self, expression):
        """What an expression of JavaScript is in the page."""
        return await self._page.run(expression)

    async def until(self, expression, within_s=90.0):
        """Wait until an expression is true in the page; gives its value."""
        deadline = asyncio.get_running_loop().time() + within_s
        while not (found := await self.run(expression)):
            assert asyncio.get_running_loop().time() < deadline, f"{expression} did not become true in {within_s} s"
            await asyncio.sleep(0.1)
        return found

    async def until_server(self, holds, within_s=90.0):
        """Wait until something is true of the entries of the server's first journal."""
        deadline = asyncio.get_running_loop().time() + within_s
        while not holds(self.entries()):
            assert asyncio.get_running_loop().time() < deadline, self.entries()[-5:]
            await asyncio.sleep(0.2)

    def entries(self):
        """The entries of the journal of the first client."""
        journals = self.server.journals()
        return [json.loads(line) for line in journals[0].splitlines()[1:]] if journals else []


@asynccontextmanager
async def live_page(folder, setup, path, recording):
    """Serve ``setup``, open a page of this repository by its path, and let it hear a recording."""
    identity = make_identity(folder, further=HOSTS)
    settings = LiveSettings(tls=identity.context, allow_hosts=HOSTS)
    browser, host = Browser(), FolderHost(ROOT)
    async with LiveServer(setup, settings) as server:
        try:
            chosen = BrowserSettings(browser.profile, server.port, identity.spki_sha256, recording)
            await browser.start(needed_chromium(), chosen, {"PATH": "/usr/bin:/bin", "HOME": str(folder)}, None)
            page = await browser.first_page()
            await page.do("Page.navigate", url=await host.open() + path)
            yield LivePage(server, page)
        finally:
            await browser.end()
            host.close()
