"""``run --transport``: what is said of it, and what is not there without the extra."""

import pytest

from harness.apps.browser.play import play_page
from harness.apps.real_time import play as real_time
from harness.errors import InputError
from harness.world.play import play
from tests.world.testing import Mute, say, story

CALL = story(say(1), transport="webrtc")
QUICK = """\
scenario: A greeting
lasts: 2s
recover within: 2s
timeline:
  - {at: 500ms, say: speech_en_m_arctic_a0007, lasts: 900ms}
"""


def test_the_command_that_plays_it_again_names_the_transport(stillthere, tmp_path):
    file = tmp_path / "greeting.yaml"
    file.write_text(QUICK)
    over_a_call = stillthere("run", file, "--client", "reported", "--transport", "webrtc").out
    assert "--transport webrtc" in over_a_call[over_a_call.index("  again  ") :]
    assert "--transport" not in stillthere("run", file, "--client", "reported").out


@pytest.mark.parametrize("of_their_own", [5, ["tcp"], {"a": 1}, (), ("tcp",), property(lambda self: 1 / 0)])
def test_what_a_client_calls_transports_may_be_something_of_its_own(of_their_own):
    assert play(CALL, type("Theirs", (Mute,), {"transports": of_their_own})).journal.header["transport"] == "webrtc"


def test_a_call_of_a_page_or_a_program_without_the_extra_is_refused_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(real_time, "lacks_extra", lambda: True)
    (tmp_path / "page.html").write_text("<title>a page</title>")
    monkeypatch.setenv("STILLTHERE_CHROMIUM", "/bin/sh")
    for calls in (
        lambda: play_page(CALL, tmp_path / "page.html", device="none", dial_within_s=1),
        lambda: real_time.play_program(CALL, ["sleep", "1"], dial_within_s=0.1),
    ):
        with pytest.raises(InputError, match=r"pip install 'stillthere\[webrtc\]'"):
            calls()
