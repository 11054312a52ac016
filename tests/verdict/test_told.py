"""The first thing that a client is told after a fault, in journals made by hand. Times are in seconds."""

import pytest

from harness.journal import CallStateChanged, ClientDisconnects, ConnectionClosed, ConnectionDialFailed
from harness.protocol.events import ErrorEvent, ResponseDone, ResponseOutputAudioDone
from harness.units import SECOND
from harness.verdict.told import first_told
from tests.verdict.journals import Tale


def told(tale, since_s=10):
    found = first_told(tale.end(), since_s * SECOND)
    return found and (found.after_us / SECOND, found.what)


def test_a_client_is_told_of_a_close_of_a_failed_dial_and_of_errors():
    assert told(Tale().add(12, ConnectionClosed, connection=1, code=1006)) == (2, "close 1006")
    assert told(Tale().add(11, ConnectionDialFailed, connection=2)) == (1, "no connection")
    assert told(Tale().client(14, ErrorEvent)) == (4, "`error`")
    assert told(Tale().client(14, ResponseDone, response_id="r", status="failed")) == (4, "response failed")


@pytest.mark.parametrize(
    ("state", "what"),
    [
        ("disconnected", "disconnected"),
        ("failed", "failed"),
        ("channel_closed", "data channel closed"),
        ("connected", None),
        ("given_up", None),
    ],
)
def test_a_browser_tells_the_state_of_a_call_but_not_what_the_server_does(state, what):
    found = told(Tale().add(16.3, CallStateChanged, connection=1, state=state))
    assert found == (what and (pytest.approx(6.3), what))


def test_the_first_sign_after_the_fault_counts():
    tale = Tale().add(5, ConnectionClosed, connection=1, code=1000)
    tale.client(13, ErrorEvent).add(20, ConnectionClosed, connection=2, code=1006)
    assert told(tale) == (3, "`error`")


def test_what_is_well_or_absent_or_its_own_doing_tells_nothing():
    assert told(Tale()) is None
    assert told(Tale().client(12, ResponseOutputAudioDone, response_id="r")) is None
    assert told(Tale().client(12, ResponseDone, response_id="r", status="completed")) is None
    own = Tale().add(12, ClientDisconnects, code=1000).add(12.1, ConnectionClosed, connection=1, code=1000)
    assert told(own) is None
    assert told(own.add(15, ConnectionClosed, connection=2, code=1011)) == (5, "close 1011")
