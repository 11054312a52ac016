"""``stillthere doctor``."""

import json

from harness.cli import doctor


def states(out):
    return {need["name"]: need for need in json.loads(out)["needs"]}


def test_it_says_what_is_missing_and_the_line_that_gets_it(stillthere, monkeypatch, tmp_path):
    monkeypatch.setenv("STILLTHERE_CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    done = stillthere("doctor")
    assert done.code == 0
    lines = [line.rstrip() for line in done.out.splitlines()]
    place = next(number for number, line in enumerate(lines) if line.startswith("○ Chromium"))
    assert "missing  pages in a real browser" in lines[place] and "apt-get install chromium" in lines[place + 1]
    assert any(line.startswith("● Python") for line in lines)
    found = states(stillthere("doctor", "--json").out)
    assert found["Chromium"]["state"] == "missing" and "apt-get" in found["Chromium"]["cure"]
    assert found["completion"]["cure"] == "stillthere completion bash --install"
    assert {"Python", "packages", "files", "PulseAudio", "Node", "[apps]", "[webrtc]"} <= found.keys()
    stillthere("completion", "bash", "--install")
    assert states(stillthere("doctor", "--json").out)["completion"]["state"] == "here"


def test_only_what_nothing_works_without_decides_the_exit_code(stillthere, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.shipped, "scenarios", lambda: tmp_path)
    done = stillthere("doctor")
    assert done.code == 2 and "Nothing works without files." in done.out and "▲ files" in done.out


def test_a_package_that_is_too_old_is_named(stillthere, monkeypatch):
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda _: ["numpy>=99.1", "rich>=13", "x>=1; extra"])
    needed = states(stillthere("doctor", "--json").out)["packages"]
    assert (needed["state"], needed["cure"]) == ("needed", "pip install 'numpy>=99.1'")
