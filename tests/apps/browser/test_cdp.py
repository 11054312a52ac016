"""The DevTools protocol over pipes: its messages, and a browser's answers, errors and end."""

import asyncio
import itertools
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.apps.browser.cdp import DevTools, DevToolsError, DevToolsSession, Framing, framed, thrown_text

MESSAGES = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3), max_size=5)


@given(messages=MESSAGES, cuts=st.lists(st.integers(0, 200), max_size=8))
def test_messages_are_the_same_however_the_pipe_cuts_them(messages, cuts):
    stream = b"".join(json.dumps(each).encode() + b"\0" for each in messages)
    framing, places = Framing(), sorted({0, *(min(cut, len(stream)) for cut in cuts), len(stream)})
    found = [each for begin, end in itertools.pairwise(places) for each in framing.receive(stream[begin:end])]
    assert found == messages


def test_half_a_character_of_a_page_ends_nothing():
    said = (
        rb'{"method": "a", "params": {"whole": "\ud83d\ude00", "half": "\uD800!", "other": "\udc00", "no": "\\ud800"}}'
    )
    (message,) = Framing().receive(said + b"\0")
    assert message["params"] == {"whole": "\U0001f600", "half": "\ufffd!", "other": "\ufffd", "no": "\\ud800"}


def test_a_command_names_its_session_only_if_it_has_one():
    command = json.loads(framed(7, "Page.enable", {}, "S")[:-1])
    assert command == {"id": 7, "method": "Page.enable", "params": {}, "sessionId": "S"}
    assert "sessionId" not in json.loads(framed(8, "Browser.close", {}, None)[:-1])


def test_what_was_thrown_is_one_line():
    details = {"text": "Uncaught", "exception": {"description": "TypeError: x is not\na function\n    at page.js:1"}}
    assert thrown_text(details) == "TypeError: x is not a function"


class FakeBrowser:
    """The other end of the pipes. Unlike a browser, it says only what the test says."""

    def __init__(self):
        reads, self.writes = os.pipe()
        self.reads, writes = os.pipe()
        self.devtools = DevTools(reads, writes)

    def says(self, message):
        os.write(self.writes, json.dumps(message).encode() + b"\0")

    def hears(self):
        return json.loads(os.read(self.reads, 2**16).rstrip(b"\0"))


@pytest.fixture
async def browser():
    found = FakeBrowser()
    await found.devtools.open()
    yield found
    found.devtools.close()
    os.close(found.reads)


async def test_a_command_gets_its_own_answer(browser):
    first = asyncio.create_task(browser.devtools.do("A"))
    await asyncio.sleep(0)
    second = asyncio.create_task(browser.devtools.do("B"))
    await asyncio.sleep(0)
    browser.says({"id": 2, "result": {"of": "B"}})
    browser.says({"id": 1, "result": {"of": "A"}})
    assert (await first, await second) == ({"of": "A"}, {"of": "B"})


async def test_events_go_to_their_session(browser):
    heard = []
    page = DevToolsSession(browser.devtools, "S", "T")
    page.listen(lambda method, event: heard.append((method, event)))
    browser.says({"method": "Page.x", "params": {"a": 1}, "sessionId": "S"})
    browser.says({"method": "Page.x", "params": {"a": 2}, "sessionId": "other"})
    asking = asyncio.create_task(page.do("Y"))
    await asyncio.sleep(0)
    browser.says({"id": 1, "result": {}, "sessionId": "S"})
    await asking
    assert heard == [("Page.x", {"a": 1})]


async def test_a_refused_command_says_why(browser):
    asking = asyncio.create_task(browser.devtools.do("Nothing.there"))
    await asyncio.sleep(0)
    browser.says({"id": 1, "error": {"message": "'Nothing.there' wasn't found"}})
    with pytest.raises(DevToolsError, match="wasn't found"):
        await asking


async def test_what_the_page_throws_is_raised(browser):
    page = DevToolsSession(browser.devtools, "S", "T")
    asking = asyncio.create_task(page.run("boom()"))
    await asyncio.sleep(0)
    assert browser.hears()["params"]["expression"] == "boom()"
    thrown = {"exception": {"description": "ReferenceError: boom is not defined"}}
    browser.says({"id": 1, "result": {"exceptionDetails": thrown, "result": {}}, "sessionId": "S"})
    with pytest.raises(DevToolsError, match="boom is not defined"):
        await asking


async def test_the_end_of_the_browser_ends_what_waits_and_what_follows(browser):
    asking = asyncio.create_task(browser.devtools.do("A"))
    await asyncio.sleep(0)
    os.close(browser.writes)
    with pytest.raises(DevToolsError, match="has ended"):
        await asking
    with pytest.raises(DevToolsError, match="has ended, so B cannot be done"):
        await browser.devtools.do("B")


async def test_the_end_of_the_browser_is_told_to_who_listens_to_a_page(browser):
    heard = []
    DevToolsSession(browser.devtools, "S", "T").listen(lambda method, event: heard.append((method, event["reason"])))
    os.close(browser.writes)
    await asyncio.wait_for(browser.devtools.gone.wait(), 1)
    assert heard == [("Inspector.detached", "the browser has ended")]
