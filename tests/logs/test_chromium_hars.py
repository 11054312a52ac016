"""What a real Chromium recorded of a page is read as what the page did."""

import numpy as np
import pytest

from harness.logs.read import read_log

from .testing import FIXTURES

NAMES = sorted(path.name.removesuffix(".har.gz") for path in (FIXTURES / "chromium").glob("*.har.gz"))


def peaks(session, since_s):
    """The largest samples of the appends from a time on."""
    sent = [event for event in session.events if event.type == "input_audio_buffer.append" and event.t >= since_s * 1e6]
    return [int(np.abs(np.frombuffer(event.audio, np.int16).astype(int)).max()) for event in sent]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_sent_25_chunks_a_second_for_20_s(name):
    log = read_log(FIXTURES / "chromium" / f"{name}.har.gz")
    (session,) = log.sessions
    sent = [event for event in session.events if event.type == "input_audio_buffer.append"]
    assert len(sent) == (225 if name == "clock_frozen" else pytest.approx(500, abs=3))
    assert {event.audio_bytes for event in sent} == {1920}
    first = [event.type for event in session.events[:12] if not event.by_client]
    assert first[:2] == ["session.created", "session.updated"]
    assert log.notes == () and max(peaks(session, 0)) > 3000, "the voice is in it"


def test_what_the_capture_sent_after_9_s():
    """The page begins to count when its socket is open, so its 9 s are a little later in the log."""
    read = {name: read_log(FIXTURES / "chromium" / f"{name}.har.gz").sessions[0] for name in NAMES}
    assert set(peaks(read["gate_closed"], 9.5)) == {0}
    assert set(peaks(read["capture_dead"], 9.5)) == {41}
    assert peaks(read["clock_frozen"], 9.5) == [] and read["clock_frozen"].ended_us > 19e6
    assert max(peaks(read["none"], 9.5)) > 3000


def test_the_reply_of_zeros_is_seen():
    session = read_log(FIXTURES / "chromium" / "silent_reply.har.gz").sessions[0]
    deltas = [event for event in session.events if event.type == "response.output_audio.delta"]
    loud = [bool(np.frombuffer(event.audio, np.int16).any()) for event in deltas]
    assert any(loud) and not all(loud) and not any(loud[loud.index(False) :])
