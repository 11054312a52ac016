"""The resilient client whose user is not heard: by the server, or by its own capture."""

import pytest

from harness.clients.interface import Connect, Log
from harness.protocol import events
from tests.clients.talk import chunk, cleared, room, started
from tests.clients.test_strange_servers import Talk, answered


def test_a_voice_that_is_not_heard_opens_the_gate_ends_speech_and_leaves_the_session():
    talk = Talk(renew_after_ms=60_000)
    talk.pass_by(1)
    talk.speak(3)
    assert not talk.client.gate.is_open
    talk.pass_by(7)
    assert talk.client.gate.is_open
    assert len(talk.sent(events.InputAudioBufferClear)) == 1
    assert talk.times(Connect) == []
    talk.tell(cleared())
    talk.pass_by(7)
    assert talk.symptoms() == ["voice_unheard", "voice_unheard"]
    assert len(talk.times(Connect)) == 1


def test_a_voice_that_is_heard_at_last_begins_at_the_bottom_next_time():
    talk = Talk(renew_after_ms=60_000)
    talk.pass_by(1)
    talk.speak(3)
    talk.pass_by(7)
    answered(talk)
    talk.pass_by(3)
    talk.speak(3)
    talk.pass_by(7)
    assert talk.symptoms() == ["voice_unheard", "voice_unheard"]
    assert talk.times(Connect) == []


def test_a_gate_that_was_raised_over_wrong_bytes_is_set_as_before_when_they_are_gone():
    """Noise at full scale, which the server takes for speech."""
    noise = [room(6000, index) for index in range(50)]
    talk = Talk()
    talk.pass_by(2)
    talk.speak(2)
    answered(talk)
    talk.pass_by(1)
    talk.tell(started("item_2"))
    talk.pass_by(20, lambda index: noise[index % 50])
    assert "speech_in_noise" in talk.symptoms()
    assert "capture_garbled" in talk.symptoms()
    assert talk.client.gate.raised
    talk.pass_by(4)
    assert not talk.client.gate.raised


@pytest.mark.parametrize("recovery", ["none", "clear", "reconnect_empty"])
def test_a_dead_capture_is_not_treated_at_every_look_by_who_cannot_cure_it(recovery):
    """Digital zeros for half a minute, after a capture that worked."""
    talk = Talk(recovery=recovery)
    talk.pass_by(1)
    talk.speak(2)
    answered(talk)
    talk.pass_by(36, lambda _: chunk(0))
    logs = [command for _, command in talk.did if isinstance(command, Log) and command.kind in ("remedy", "noticed")]
    assert 1 <= len(logs) <= 6


def test_a_dead_capture_hides_no_voice_that_the_server_does_not_hear():
    """The capture dies after the voice: while it is given its time, the session is treated."""
    talk = Talk(capture_dead_ms=2_000, rung_wait_ms=10_000)
    talk.pass_by(1)
    talk.speak(3)
    talk.pass_by(8, lambda _: chunk(0))
    assert talk.symptoms()[:2] == ["capture_silent", "voice_unheard"]
