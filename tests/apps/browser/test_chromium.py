"""Which browser is started, and how: without one."""

import sys
import tempfile
from pathlib import Path

import pytest

from harness.apps.browser import chromium
from harness.apps.browser.chromium import BrowserSettings, command, find_chromium, needed_chromium
from harness.apps.browser.play import play_page
from harness.errors import InputError
from tests.apps.browser.testing import talk

SETTINGS = BrowserSettings(Path("/profile"), 4711, "KEY=")


def program(folder, name):
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_the_service_leads_to_our_port_and_no_other_host_does():
    words = command("chromium", SETTINGS, {})
    assert "--host-resolver-rules=MAP api.openai.com:443 127.0.0.1:4711" in words


def test_only_the_key_of_the_run_is_trusted_and_only_by_this_profile():
    words = command("chromium", SETTINGS, {})
    assert "--ignore-certificate-errors-spki-list=KEY=" in words
    assert "--user-data-dir=/profile" in words, "Chromium ignores the list without a profile of its own"
    assert not [word for word in words if word.rstrip("=") == "--ignore-certificate-errors"]


def test_no_proxy_gets_between():
    """With one, the browser leaves the names to it, and the mapping does nothing (measured)."""
    assert "--no-proxy-server" in command("chromium", SETTINGS, {"https_proxy": "http://proxy:3128"})


def test_the_sandbox_is_off_for_root_only(monkeypatch):
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 1000)
    assert "--no-sandbox" not in command("chromium", SETTINGS, {})
    assert "--no-sandbox" in command("chromium", SETTINGS, {"STILLTHERE_CHROMIUM_FLAGS": "--no-sandbox --x"})
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0)
    assert "--no-sandbox" in command("chromium", SETTINGS, {})


def test_a_named_browser_goes_before_those_of_the_system(tmp_path, monkeypatch):
    program(tmp_path, "google-chrome")
    named = program(tmp_path, "my-browser")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium({}) == str(tmp_path / "google-chrome")
    assert find_chromium({"STILLTHERE_CHROMIUM": str(named)}) == str(named)


def test_a_machine_without_one_is_told_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match=r"apt-get install chromium.*STILLTHERE_CHROMIUM.*stillthere doctor"):
        needed_chromium({})
    with pytest.raises(InputError, match="STILLTHERE_CHROMIUM names '/no/chrome', which is no program"):
        needed_chromium({"STILLTHERE_CHROMIUM": "/no/chrome"})


def test_a_log_that_cannot_be_written_leaves_no_profile_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("STILLTHERE_CHROMIUM", sys.executable)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "page.html").write_text("<title>a page</title>")
    with pytest.raises(FileNotFoundError):
        play_page(talk(), tmp_path / "page.html", device="none", output=tmp_path / "nowhere" / "log")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
