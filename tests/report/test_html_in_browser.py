"""The report in Chromium (`make test-browser`): what it draws, plays, and answers to keys and the mouse."""

import asyncio
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from harness.picture.document import document
from harness.report.html import comparison_page, page
from harness.report.html_files import run_document
from harness.scenario import load
from harness.verdict.findings import Finding
from harness.verdict.judge import Verdict, judge
from harness.world.play import play
from tests.live.control.browser import chromium, tab
from tests.report.test_html import HOSTILE, spoilt_journal

TROUBLES = """
globalThis.troubles = [];
addEventListener("error", (event) => troubles.push(event.message));
addEventListener("unhandledrejection", (event) => troubles.push(String(event.reason)));
document.addEventListener("securitypolicyviolation", (event) => troubles.push(event.violatedDirective));
"""
CLOCK = "document.querySelector('output').textContent.split(' ')[0]"
DRAWN = "document.readyState === 'complete' && document.querySelector('#pictures').children.length > 0"
AXIS = "[...document.querySelectorAll('.lane canvas')].map(each => each.width * each.height).every(size => size > 0)"
MICROPHONE = "[...document.querySelectorAll('.lane')].find(each => each.innerText === 'microphone').lastChild"
HOVERED = "document.querySelector('.hover').hidden ? '' : document.querySelector('.hover').textContent"
NAMES = """
[...document.querySelectorAll("button, input, select, a, summary, [role=application], [role=toolbar], canvas")]
  .filter((each) => !(each.ariaLabel || each.textContent.trim() || each.title)).map((each) => each.outerHTML)
"""
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4')].map(each => +each.tagName[1])"
POOR = """
(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.getClientRects().length || ["SCRIPT", "STYLE"].includes(e.tagName)) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push([e.tagName, e.className, e.textContent.slice(0, 30), ratio]);
  }
  return poor;
})()
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as devtools_port:
        yield devtools_port


@pytest.fixture(scope="module")
def pictures():
    scenario = load("reported_freeze")
    runs = [play(scenario, client) for client in ("reported", "resilient")]
    return [run_document(run, judge(run.journal, scenario)) for run in runs]


@asynccontextmanager
async def opened(browser, text, folder, *, width=1280, theme="light"):
    file = folder / "page.html"
    file.write_text(text)
    async with tab(browser) as page:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700}
        await page.do("Emulation.setDeviceMetricsOverride", **metrics)
        theme = {"name": "prefers-color-scheme", "value": theme}
        await page.do("Emulation.setEmulatedMedia", features=[theme])
        await page.do("Page.enable")
        await page.do("Page.addScriptToEvaluateOnNewDocument", source=TROUBLES)
        await page.do("Page.navigate", url=file.as_uri())
        await page.until(DRAWN)
        yield page
        assert await page.find("troubles") == []


async def press(page, key, text=""):
    await page.do("Input.dispatchKeyEvent", type="keyDown", key=key, text=text)
    await page.do("Input.dispatchKeyEvent", type="keyUp", key=key)


async def mouse(page, kind, place, *, right=0, **more):
    await page.do("Input.dispatchMouseEvent", type=kind, **{**place, "x": place["x"] + right}, **more)


def moment_of(said):
    """The time that a hovered envelope names, in seconds."""
    return float(said.split(" at ")[-1].split(" ")[0])


async def test_it_opens_on_the_first_finding_and_keys_go_on(browser, pictures, tmp_path):
    async with opened(browser, page(pictures[0]), tmp_path) as shown:
        await shown.until(AXIS)
        assert await shown.find(CLOCK) == "40.670"
        await press(shown, "n", "n")
        assert await shown.find(CLOCK) == "33.670"
        await press(shown, "p", "p")
        assert await shown.find(CLOCK) == "40.670"
        await press(shown, "End")
        assert await shown.find(CLOCK) == "99.670"
        await press(shown, "Home")
        await press(shown, ".", ".")
        assert '"kind": "dial"' in await shown.find("document.querySelector('.details pre').textContent")
        await press(shown, "?", "?")
        assert await shown.find("document.querySelector('dialog').open")


async def test_a_moment_of_the_evidence_moves_the_cursor(browser, pictures, tmp_path):
    async with opened(browser, page(pictures[0]), tmp_path) as shown:
        await shown.click(await shown.place_of("document.querySelector('.evidence button')"))
        assert await shown.find(CLOCK) == "90.670"


async def test_it_plays_and_the_cursor_goes_along(browser, pictures, tmp_path):
    async with opened(browser, page(pictures[0]), tmp_path) as shown:
        await press(shown, "Home")
        await shown.click(await shown.place_of("document.querySelector('button.play')"))
        await shown.until("document.querySelector('button.play').textContent.includes('Pause')")
        await shown.until(f"+{CLOCK} > 0.3")
        await shown.click(await shown.place_of("document.querySelector('button.play')"))
        await shown.until("document.querySelector('button.play').textContent.includes('Play')")


async def test_the_wheel_zooms_where_the_mouse_is_and_a_drag_pans(browser, pictures, tmp_path):
    async with opened(browser, page(pictures[0]), tmp_path) as shown:
        await shown.until(AXIS)
        await shown.find("document.querySelector('.lanes').scrollIntoView()")
        place = await shown.place_of(MICROPHONE)
        await mouse(shown, "mouseMoved", place)
        before = await shown.until(HOVERED)
        for _ in range(3):
            await mouse(shown, "mouseWheel", place, deltaX=0, deltaY=-300, modifiers=2)
        await asyncio.sleep(0.2)
        await mouse(shown, "mouseMoved", place, right=1)
        after = await shown.until(HOVERED)
        assert before.startswith("microphone") and abs(moment_of(before) - moment_of(after)) < 0.5
        await mouse(shown, "mousePressed", place, button="left", clickCount=1)
        await mouse(shown, "mouseMoved", place, right=300, button="left", buttons=1)
        await mouse(shown, "mouseReleased", place, right=300, button="left")
        await mouse(shown, "mouseMoved", place)
        assert moment_of(await shown.until(HOVERED)) < moment_of(after) - 0.5


async def test_pictures_that_are_compared_move_together(browser, pictures, tmp_path):
    async with opened(browser, comparison_page(pictures, "They differ."), tmp_path) as shown:
        clocks = "[...document.querySelectorAll('output')].map(each => each.textContent.split(' ')[0]).join()"
        assert await shown.find(clocks) == "40.670,40.670"
        await press(shown, "n", "n")
        assert await shown.find(clocks) == "33.670,33.670"
        await shown.find("document.querySelectorAll('.lanes')[1].focus()")
        await press(shown, " ", " ")
        playing = "[...document.querySelectorAll('.play')].map(each => each.textContent.includes('Pause')).join()"
        await shown.until(f"{playing} === 'false,true'")
        await shown.click(await shown.place_of("document.querySelector('.play')"))
        await shown.until(f"{playing} === 'true,false'")
        axis = "[...document.querySelectorAll('.lanes')].map(each => each.querySelector('canvas').ariaLabel).join()"
        assert await shown.find(axis) == "Time axis, 0 to 99.670 s,Time axis, 0 to 99.670 s"


@pytest.mark.parametrize("width", [1280, 768, 375])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_everybody_can_read_and_reach_it(browser, pictures, tmp_path, width, theme):
    for number, text in enumerate((page(pictures[0]), comparison_page(pictures, "They differ."))):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with opened(browser, text, folder, width=width, theme=theme) as shown:
            await shown.find("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert await shown.find("document.documentElement.scrollWidth") <= width
            assert await shown.find(NAMES) == []
            assert await shown.find(POOR) == []
            levels = await shown.find(HEADINGS)
            assert levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))
            ids = await shown.find("[...document.querySelectorAll('[id]')].map(each => each.id)")
            assert len(ids) == len(set(ids))


async def test_what_a_run_says_does_nothing(browser, tmp_path):
    for number, text in enumerate(HOSTILE):
        folder = tmp_path / str(number)
        folder.mkdir()
        finding = Finding(text, 2_000_000, text, None, (text,), 3)
        shown = document(spoilt_journal(text), Verdict("failed", (finding,)), title=text, about=text, again=text)
        async with opened(browser, page(shown), folder) as seen:
            await seen.until(AXIS)
            await seen.find("document.querySelectorAll('details').forEach(each => each.open = true)")
            for _ in range(3):
                await press(seen, ".", ".")
            assert await seen.find("typeof globalThis.taken") == "undefined"
            assert await seen.find("document.querySelectorAll('script').length") == 2
            assert await seen.find("document.querySelectorAll('img, svg, iframe').length") == 0


async def test_a_growing_run_goes_along_with_its_end(browser, pictures, tmp_path):
    async with opened(browser, page(pictures[0]), tmp_path) as shown:
        grown = """(() => {
          const doc = JSON.parse(document.getElementById("documents").textContent)[0];
          const short = { ...doc, length: 50000, findings: [], audio: null };
          const view = drawPicture(document.body, short, { follow: true, parts: ["lanes"] });
          const before = [view.from, view.to, view.cursor];
          view.update({ ...short, length: 90000 });
          const after = [view.from, view.to, view.cursor];
          view.remove();
          return [before, after, document.querySelectorAll(".picture").length];
        })()"""
        before, after, left = await shown.find(grown)
        assert before == [0, 50_000, 50_000] and after == [30_000, 90_000, 90_000] and left == 1, "its last minute"
