"""The resilient client whose user is not heard: by the server, or by its own capture."""

import pytest

from harness.clients.interface import Connect, Log
from harness.protocol import events
from tests.clients.testing import DrivenClient, answered, chunk, cleared, room, started


def test_a_voice_that_is_not_heard_opens_the_gate_ends_speech_and_leaves_the_session():
    driven = DrivenClient(renew_after_ms=60_000)
    driven.advance(1)
    driven.speak(3)
    assert not driven.client.gate.is_open
    driven.advance(7)
    assert driven.client.gate.is_open
    assert len(driven.sent(events.InputAudioBufferClear)) == 1
    assert driven.times(Connect) == []
    driven.deliver(cleared())
    driven.advance(7)
    assert driven.symptoms() == ["voice_unheard", "voice_unheard"]
    assert len(driven.times(Connect)) == 1


def test_a_voice_that_is_heard_at_last_begins_at_the_bottom_next_time():
    driven = DrivenClient(renew_after_ms=60_000)
    driven.advance(1)
    driven.speak(3)
    driven.advance(7)
    answered(driven)
    driven.advance(3)
    driven.speak(3)
    driven.advance(7)
    assert driven.symptoms() == ["voice_unheard", "voice_unheard"]
    assert driven.times(Connect) == []


def test_a_gate_that_was_raised_over_wrong_bytes_is_set_as_before_when_they_are_gone():
    """Noise at full scale, which the server takes for speech."""
    noise = [room(6000, index) for index in range(50)]
    driven = DrivenClient()
    driven.advance(2)
    driven.speak(2)
    answered(driven)
    driven.advance(1)
    driven.deliver(started("item_2"))
    driven.advance(20, lambda index: noise[index % 50])
    assert "speech_in_noise" in driven.symptoms()
    assert "capture_garbled" in driven.symptoms()
    assert driven.client.gate.raised
    driven.advance(4)
    assert not driven.client.gate.raised


@pytest.mark.parametrize("recovery", ["none", "clear", "reconnect_empty"])
def test_a_dead_capture_is_not_treated_at_every_check_by_who_cannot_cure_it(recovery):
    """Digital zeros for half a minute, after a capture that worked."""
    driven = DrivenClient(recovery=recovery)
    driven.advance(1)
    driven.speak(2)
    answered(driven)
    driven.advance(36, lambda _: chunk(0))
    logs = [
        command for _, command in driven.commands if isinstance(command, Log) and command.kind in ("remedy", "noticed")
    ]
    assert 1 <= len(logs) <= 6


def test_a_dead_capture_hides_no_voice_that_the_server_does_not_hear():
    """The capture dies after the voice: while its remedy has time to work, the session is treated."""
    driven = DrivenClient(capture_dead_ms=2_000, rung_wait_ms=10_000)
    driven.advance(1)
    driven.speak(3)
    driven.advance(8, lambda _: chunk(0))
    assert driven.symptoms()[:2] == ["capture_silent", "voice_unheard"]
