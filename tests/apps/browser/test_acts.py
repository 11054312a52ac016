"""What is done to a page, without a browser: what cannot be done is said."""

import asyncio

import pytest

from harness.apps.browser.acts import PageActs


class FakePage:
    """A page with nothing in it: every function finds no objects."""

    async def do(self, method, **parameters):
        if method == "Runtime.queryObjects":
            return {"objects": {"objectId": "1"}}
        return {"result": {"objectId": "2", "value": 0}}

    async def call(self, function, on, *arguments):
        return {"objectId": "3"}


class FakeView:
    capturing = frozenset()


@pytest.mark.parametrize("does", ["stop-tracks", "suspend", "suspend-playback"])
async def test_what_the_page_has_none_of_cannot_be_done_to_it(does):
    done, failed = [], []
    acts = PageActs(None, FakePage(), FakeView(), None, done.append, lambda what, why: failed.append((what, why)))
    acts.begin(does)
    await asyncio.wait_for(acts._last, 1)
    ((what, why),) = failed
    assert not done and what == f"page: {does}" and why.startswith("the page has no ")


@pytest.mark.filterwarnings("error")
async def test_what_is_left_to_do_at_the_end_is_not_done():
    acts = PageActs(None, FakePage(), FakeView(), None, lambda what: None, lambda what, why: None)
    acts.begin("run", "1")
    acts.begin("run", "2")
    acts.close()
    await asyncio.sleep(0)
