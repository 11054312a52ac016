"""The examples of the README are programs that run: each is answered, and each fails where it says that it does."""

from harness.journal import AppFenced, SpeakerHeard
from tests.apps.real_time.testing import DEAD, EXAMPLES, MUTE, TALK, python, verdict_of


def test_the_openai_app_is_answered(monkeypatch):
    verdict, run = verdict_of(TALK, *python("tcp_devices.py", "voice_app:naive"), monkeypatch=monkeypatch)
    assert str(verdict) == "held"
    assert len(list(run.journal.select(SpeakerHeard))) == 4
    assert run.journal.header["stage"] == "real time"


def test_the_openai_app_does_not_survive_a_dead_capture(monkeypatch):
    assert (
        str(verdict_of(DEAD, *python("tcp_devices.py", "voice_app:naive"), monkeypatch=monkeypatch)[0])
        == "failed: capture_dead"
    )


def test_the_plain_socket_is_answered(monkeypatch):
    verdict, run = verdict_of(TALK, *python("plain_socket.py"), monkeypatch=monkeypatch)
    assert (str(verdict), list(run.journal.select(AppFenced))) == ("held", [])


def test_the_plain_socket_does_not_survive_a_mute_server(monkeypatch):
    assert str(verdict_of(MUTE, *python("plain_socket.py"), monkeypatch=monkeypatch)[0]) == "failed: server_mute"


def test_the_phone_bridge_is_answered(monkeypatch):
    verdict, run = verdict_of(TALK, *python("phone_bridge.py"), monkeypatch=monkeypatch, device="stdio")
    assert (str(verdict), list(run.journal.select(AppFenced))) == ("held", [])


def test_the_examples_are_short():
    for example in (*EXAMPLES.glob("*_app.*"), *EXAMPLES.glob("p*.py")):
        assert len(example.read_text().splitlines()) <= 60, example
