"""Pages in a real Chromium with a private PulseAudio (`make test-browser`)."""

import asyncio

import pytest

from harness.apps.browser.browser import Browser
from harness.apps.browser.garbage import check_capture
from harness.errors import ClientError, InputError
from harness.journal import (
    AppEnded,
    AppFenced,
    ClientReopensCapture,
    ConnectionClosed,
    ConnectionOpened,
    PageActed,
    PageConsole,
    PageContext,
    PageLifecycle,
    PageNote,
    PageTrack,
    SpeakerResumed,
    SpeakerSuspended,
    StepsBegin,
)
from tests.apps.browser.testing import PAGES, talk, verdict_of


def fences(journal):
    return [entry.what for entry in journal.select(AppFenced)]


def acts(journal):
    return [entry.what for entry in journal.select(PageActed)]


def test_a_page_is_heard_and_answered(monkeypatch):
    verdict, journal = verdict_of(talk(), "talk.html", monkeypatch)
    assert (verdict, fences(journal)) == ("held", [])
    assert (journal.header["device"], journal.header["speaker"]) == ("pulse", "device")
    assert journal.header["browser"].startswith("Chrome/")
    (begin,) = journal.select(StepsBegin)
    assert begin.steady and 0 < begin.t < 5_000_000, "the start of the browser costs the scenario nothing"
    assert [entry.state for entry in journal.select(PageContext)].count("running") == 2
    assert list(journal.select(PageNote)), "what the page notes is in the journal"
    assert not [entry for entry in journal.select(PageConsole) if entry.level in ("error", "uncaught")]


def test_a_page_that_waits_for_a_click_and_mints_its_key(monkeypatch):
    """The request for a client secret has a preflight, and its answer is for the page's own origin."""
    scenario = talk("at: 0s, page: click Start")
    verdict, journal = verdict_of(scenario, "talk.html?wait=1&mint=1", monkeypatch)
    assert (verdict, fences(journal)) == ("held", [])


def test_an_app_switch_suspends_the_output_until_the_page_resumes_it(monkeypatch):
    switch = "at: 3s, app: background, playback: suspended, lasts: 1s"
    verdict, journal = verdict_of(talk(switch, lasts="5s", reply="3s"), "talk.html", monkeypatch)
    assert verdict.startswith("failed") and fences(journal) == []
    assert {"hidden", "visible"} <= {entry.event for entry in journal.select(PageLifecycle)}
    suspended = [entry for entry in journal.select(PageContext) if entry.state == "suspended" and entry.t]
    assert len({entry.context for entry in suspended}) == 1, "the context that captures is left alone"
    assert list(journal.select(SpeakerSuspended))
    assert list(journal.select(SpeakerResumed)) == [], "this page never resumes it"


def test_a_frozen_page_loses_its_socket(monkeypatch):
    verdict, journal = verdict_of(
        talk("at: 3s, app: background, as: electron, lasts: 1500ms", lasts="6s"), "talk.html", monkeypatch
    )
    assert verdict == "failed: client_left", "the browser closes the connection, and this page does not dial again"
    assert {"freeze", "resume"} <= {entry.event for entry in journal.select(PageLifecycle)}
    assert len(list(journal.select(ConnectionOpened))) == 1 and list(journal.select(ConnectionClosed))


def test_a_stopped_renderer_comes_back(monkeypatch):
    verdict, journal = verdict_of(
        talk("at: 3s, app: background, as: chrome-android, lasts: 1500ms", lasts="6s"), "talk.html", monkeypatch
    )
    assert (verdict, fences(journal)) == ("held", [])
    assert acts(journal) == ["the page's process stands still", "the page's process runs again"]


@pytest.mark.parametrize(("keep", "verdict"), [("nothing", "failed: capture_graph_collected"), ("source", "held")])
def test_a_source_that_nothing_holds_is_collected_in_the_background(keep, verdict, monkeypatch):
    scenario = talk(
        "at: 3s, app: background, as: chrome-context-suspended, lasts: 2s",
        "at: 4s, page: collect-garbage",
        lasts="6s",
    )
    found, journal = verdict_of(scenario, f"talk.html?keep={keep}", monkeypatch)
    assert (found, fences(journal)) == (verdict, [])


def test_the_system_takes_the_microphone_away(monkeypatch):
    scenario = talk(
        "at: 3s, page: volume -40 dB, lasts: 500ms",
        "at: 4s, page: hide, lasts: 500ms",
        "at: 5s, page: minimise, lasts: 500ms",
        "at: 6s, page: suspend, lasts: 500ms",
        "at: 7s, page: stop-audio, lasts: 500ms",
        "at: 8s, page: press Space",
        "at: 8s, page: run 'document.title = 1'",
        "at: 9s, page: deny",
        lasts="11s",
    )
    verdict, journal = verdict_of(scenario, "talk.html", monkeypatch)
    assert verdict == "failed: gate_closed" and fences(journal) == []
    assert "ended" in [entry.event for entry in journal.select(PageTrack)]
    assert len(acts(journal)) == 13, "five that end, and three that do not"


def test_the_audio_process_dies_and_the_microphone_is_unplugged(monkeypatch):
    scenario = talk("at: 3s, page: unplug", "at: 5s, page: kill-audio", lasts="7s")
    verdict, journal = verdict_of(scenario, "talk.html", monkeypatch)
    assert verdict.startswith("failed") and fences(journal) == []
    assert "ended" in [entry.event for entry in journal.select(PageTrack)]
    assert list(journal.select(ClientReopensCapture)) == []


def test_a_check_of_the_capture_needs_no_waiting():
    deaf = check_capture(PAGES / "talk.html?keep=worklet")
    assert not deaf.goes_on and deaf.collected == 1
    assert deaf.cured is not None and "a new source of the same stream cures it" in str(deaf)
    assert check_capture(PAGES / "talk.html").goes_on


def test_a_page_that_does_not_dial_is_one_sentence(tmp_path):
    from harness.apps.browser.play import play_page

    broken = tmp_path / "broken.html"
    broken.write_text("<script>nonsense()</script>")
    with pytest.raises(ClientError, match=r"broken.html did not dial .* its console says: .*nonsense is not defined"):
        play_page(talk(), broken, dial_within_s=1.0)
    with pytest.raises(ClientError, match="cannot be opened: net::ERR_CONNECTION_REFUSED"):
        play_page(talk(), "http://127.0.0.1:1999/")
    with pytest.raises(ClientError, match="has no button, link or element 'Begin'"):
        play_page(talk("at: 0s, page: click Begin"), PAGES / "talk.html?wait=1")
    with pytest.raises(InputError, match="`page: volume` is done by a sound server"):
        play_page(talk("at: 1s, page: volume -3 dB"), PAGES / "talk.html", device="none")


def test_a_frame_that_is_not_shown_is_interrupted(monkeypatch):
    """The state that a phone's call gives: here a permission of the frame does."""
    show = "document.getElementById(`frame`).style.display"
    scenario = talk(f'at: 3s, page: "run {show} = `none`"', f'at: 4500ms, page: "run {show} = ``"', lasts="6s")
    verdict, journal = verdict_of(scenario, "framed.html", monkeypatch)
    assert (verdict, fences(journal)) == ("held", [])
    assert "interrupted" in {entry.state for entry in journal.select(PageContext)}
    assert list(journal.select(SpeakerSuspended)) and list(journal.select(SpeakerResumed))


def test_a_step_that_the_page_has_no_place_for_proves_nothing(monkeypatch):
    scenario = talk("at: 300ms, page: click Nowhere", lasts="7s")
    verdict, journal = verdict_of(scenario, "talk.html", monkeypatch)
    assert verdict == "vacuous"
    (fence,) = fences(journal)
    assert "`page: click` could not be done: the page has no button, link or element 'Nowhere'" in fence


def test_a_browser_that_dies_is_said(monkeypatch):
    """Before the page dials, and while it talks."""
    began = []

    async def dies(browser, program, settings, environment, log):
        await start(browser, program, settings, environment, log)
        asyncio.get_running_loop().call_later(began[-1], browser._process.kill)

    start = Browser.start
    monkeypatch.setattr(Browser, "start", dies)
    began.append(2)
    with pytest.raises(ClientError, match=r"the browser ended before the page talk\.html dialled"):
        verdict_of(talk("at: 2s, page: click Start"), "talk.html?wait=1", monkeypatch)
    began.append(6)
    verdict, journal = verdict_of(talk(), "talk.html", monkeypatch)
    assert [entry.error for entry in journal.select(AppEnded)] == ["the browser has ended"]
    assert verdict == "failed: app_ended"
