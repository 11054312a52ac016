"""``run --page`` and ``check-page``: what is said without a browser."""

import pytest

STEP = """\
scenario: A click
timeline:
  - {at: 1s, page: click Start}
"""


@pytest.fixture
def page(tmp_path):
    found = tmp_path / "index.html"
    found.write_text("<title>a page</title>")
    return found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--client", "resilient"), "--client and --page contradict each other"),
        (("--tls",), "--tls is for a program; a page reaches api.openai.com by https and wss anyway"),
        (("--device", "tcp"), "--device 'tcp' is unknown"),
        (("--speaker", "loud"), "--speaker 'loud' is unknown"),
        (("--", "true"), "--page and a command after -- contradict each other"),
    ],
)
def test_options_that_do_not_fit_a_page(stillthere, page, arguments, said):
    outcome = stillthere("run", "reported_freeze", "--page", page, *arguments)
    assert outcome.code == 2 and said in outcome.err


def test_a_page_that_is_not_there(stillthere):
    outcome = stillthere("run", "reported_freeze", "--page", "nowhere.html")
    assert outcome.code == 2 and "--page 'nowhere.html' is no file, and no URL" in outcome.err


def test_a_setup_without_a_page(stillthere):
    outcome = stillthere("run", "reported_freeze", "--setup", "start.js")
    assert outcome.code == 2 and "--setup runs in a page; give it with --page URL" in outcome.err


@pytest.mark.parametrize("command", [("run", "reported_freeze", "--page"), ("check-page",)])
def test_without_a_browser_the_cure_is_told(stillthere, page, command, monkeypatch):
    monkeypatch.setenv("STILLTHERE_CHROMIUM", "/nowhere/chromium")
    outcome = stillthere(*command, page)
    assert outcome.code == 2 and "STILLTHERE_CHROMIUM names '/nowhere/chromium', which is no program" in outcome.err


def test_a_step_on_a_page_needs_a_page(stillthere, tmp_path):
    scenario = tmp_path / "click.yaml"
    scenario.write_text(STEP)
    outcome = stillthere("run", scenario, "--client", "reported")
    assert outcome.code == 2
    assert "the scenario 'A click' acts on a page in line 3 (`page: click`)" in outcome.err
    assert "play it with --page URL" in outcome.err


def test_without_a_sound_server_the_cure_is_told(stillthere, page, monkeypatch):
    monkeypatch.setattr("harness.apps.browser.play.missing_programs", lambda: ["pulseaudio", "parec"])
    monkeypatch.setattr("harness.apps.browser.play.needed_chromium", lambda: "chromium")
    outcome = stillthere("run", "reported_freeze", "--page", page)
    assert outcome.code == 2
    assert "pulseaudio, parec is not installed; install it" in outcome.err and "--device none" in outcome.err
