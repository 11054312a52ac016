"""What the browser reports of a page, as entries of the journal: without one."""

import asyncio

import pytest

from harness.apps.browser.view import PageView
from harness.apps.real_time.clock import WallClock
from harness.journal import (
    AudioNodeCollected,
    Journal,
    PageConsole,
    PageContext,
    PageLifecycle,
    PageNodeCreated,
    PageNote,
    PageTrack,
)


class FakePage:
    """Says what the test says; unlike a browser, it does nothing."""

    def __init__(self):
        self.says = lambda method, event: None

    def listen(self, listener):
        self.says = listener

    async def do(self, method, **parameters):
        return {}

    def context(self, number, state, kind="contextChanged"):
        self.says(
            f"WebAudio.{kind}",
            {"context": {"contextId": f"C{number}", "contextType": "realtime", "contextState": state}},
        )

    def node(self, context, number, kind="MediaStreamAudioSource"):
        node = {"nodeId": f"N{number}", "contextId": f"C{context}", "nodeType": kind}
        self.says("WebAudio.audioNodeCreated", {"node": node})


class Watched:
    """A view, its page, its journal, and whether the output runs."""

    def __init__(self):
        self.page, self.journal, self.runs, self.crashes = FakePage(), Journal({}), [], []
        self.clock = WallClock(asyncio.get_running_loop())
        self.view = PageView(self.page, self.clock, self.journal, self.runs.append, self.crashes.append)


@pytest.fixture
async def watched():
    found = Watched()
    await found.view.open()
    found.page.context(1, "suspended", "contextCreated")
    found.page.context(1, "running")
    found.page.context(2, "running", "contextCreated")
    found.page.node(1, 1)
    yield found
    found.clock.fail(None)


def begin(watched):
    watched.clock.start()
    watched.view.begin()


async def test_what_happened_before_time_began_is_noted_at_0(watched):
    assert watched.journal.entries == []
    begin(watched)
    assert [(e.t, e.context, e.state) for e in watched.journal.select(PageContext)] == [
        (0, 1, "suspended"), (0, 1, "running"), (0, 2, "running"),
    ]  # fmt: skip
    assert [entry.is_source for entry in watched.journal.select(PageNodeCreated)] == [True]


async def test_the_output_runs_if_what_captures_nothing_runs(watched):
    begin(watched)
    watched.page.context(1, "suspended")
    watched.page.context(2, "interrupted")
    watched.page.context(2, "running")
    assert watched.runs == [True, False, True]


async def test_a_page_with_one_context_for_both_is_silent_with_it(watched):
    begin(watched)
    watched.page.says("WebAudio.contextWillBeDestroyed", {"contextId": "C2"})
    watched.page.context(1, "suspended")
    assert watched.runs[-1] is False


async def test_a_source_that_is_destroyed_was_collected(watched):
    begin(watched)
    watched.page.node(1, 2)
    watched.page.says("WebAudio.audioNodeWillBeDestroyed", {"contextId": "C1", "nodeId": "N1"})
    watched.page.says("WebAudio.audioNodeWillBeDestroyed", {"contextId": "C1", "nodeId": "N2"})
    assert [entry.left for entry in watched.journal.select(AudioNodeCollected)] == [1, 0]


async def test_a_source_that_the_page_gave_up_was_not(watched):
    begin(watched)
    watched.page.says("WebAudio.nodesDisconnected", {"contextId": "C1", "sourceId": "N1"})
    watched.page.says("WebAudio.audioNodeWillBeDestroyed", {"contextId": "C1", "nodeId": "N1"})
    watched.page.node(1, 2)
    watched.page.context(1, "closed")
    watched.page.says("WebAudio.contextWillBeDestroyed", {"contextId": "C1"})
    watched.page.says("WebAudio.audioNodeWillBeDestroyed", {"contextId": "C1", "nodeId": "N2"})
    assert list(watched.journal.select(AudioNodeCollected)) == []


async def test_what_the_page_says_of_itself(watched):
    begin(watched)
    says = watched.page.says
    says("Runtime.bindingCalled", {"name": "stillthereSeen", "payload": "hidden"})
    says("Runtime.bindingCalled", {"name": "stillthereTrack", "payload": '["mute", "Microphone"]'})
    says("Runtime.bindingCalled", {"name": "stillthereNoted", "payload": '["gate", {"before": 812}]'})
    says("Runtime.bindingCalled", {"name": "stillthereNoted", "payload": "no JSON"})
    says("Runtime.consoleAPICalled", {"type": "warning", "args": [{"value": "closed"}, {"value": 1006}]})
    says("Runtime.exceptionThrown", {"exceptionDetails": {"exception": {"description": "Error: x\n    at y"}}})
    assert [entry.event for entry in watched.journal.select(PageLifecycle)] == ["hidden"]
    assert [(entry.event, entry.label) for entry in watched.journal.select(PageTrack)] == [("mute", "Microphone")]
    assert [(entry.name, entry.values) for entry in watched.journal.select(PageNote)] == [("gate", {"before": 812})]
    assert [(entry.level, entry.text) for entry in watched.journal.select(PageConsole)] == [
        ("warning", "closed 1006"), ("uncaught", "Error: x"),
    ]  # fmt: skip
    assert watched.view.errors == ["Error: x"]


async def test_a_page_that_writes_without_end_does_not_fill_the_journal(watched):
    begin(watched)
    for _ in range(2000):
        watched.page.says("Runtime.consoleAPICalled", {"type": "log", "args": [{"value": "x" * 2000}]})
    lines = list(watched.journal.select(PageConsole))
    assert len(lines) == 500 and max(len(entry.text) for entry in lines) == 500


async def test_a_crash_ends_the_app(watched):
    begin(watched)
    watched.page.says("Inspector.targetCrashed", {})
    assert watched.crashes == ["the page's process died"]
