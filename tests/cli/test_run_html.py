"""`run --html`: where the report is, and what is in it."""

import json
import re

BROKEN = """
class Broken:
    def hear(self, chunk, now):
        raise RuntimeError("<b>no</b>")
    receive = wake = hear
    def next_wake(self):
        return None
"""


def documents(path):
    return json.loads(re.search(r'id="documents">(.*?)</script>', path.read_text(), re.DOTALL)[1])


def test_a_run_is_a_page_that_can_be_heard(stillthere, tmp_path):
    outcome = stillthere("run", "quiet_first_chunk", "--html", tmp_path / "report.html")
    assert f"report: {tmp_path / 'report.html'}" in outcome.err
    (shown,) = documents(tmp_path / "report.html")
    assert shown["again"] == "stillthere run quiet_first_chunk --client reported --seed 0"
    assert shown["audio"]["type"] == "audio/ogg"
    assert all("wave" in lane for lane in shown["lanes"] if lane["name"] in ("microphone", "sent", "assistant"))


def test_two_clients_on_a_scenario_are_compared(stillthere, tmp_path):
    clients = ("--client", "reported", "--client", "resilient")
    stillthere("run", "quiet_first_chunk", *clients, "--html", tmp_path / "report.html")
    assert len(documents(tmp_path / "report.html")) == 2


def test_a_client_that_breaks_has_a_page_too(stillthere, tmp_path, monkeypatch):
    (tmp_path / "broken_mine.py").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    outcome = stillthere("run", "quiet_first_chunk", "--client", "broken_mine:Broken", "--html", tmp_path / "report")
    assert outcome.code == 4
    written = (tmp_path / "report" / "index.html").read_text()
    assert "&lt;b&gt;no&lt;/b&gt;" in written and documents(tmp_path / "report" / "index.html") == []


def test_a_page_that_cannot_be_written_is_said_in_a_sentence(stillthere, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = stillthere("run", "quiet_first_chunk", "--html", tmp_path / "file" / "report.html")
    assert "cannot be written" in outcome.err and "Traceback" not in outcome.err
