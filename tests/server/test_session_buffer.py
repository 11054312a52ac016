"""The audio buffer: commit, clear, formats and sizes."""

import base64

import pytest

from harness.audio.formats import PCMU
from harness.journal import TurnClosed
from harness.protocol.codec import MAX_APPEND_BYTES
from tests.server.playbook import (
    CLEAR,
    COMMIT,
    FINISHES,
    Id,
    Playbook,
    append,
    refuses,
    says,
    sends,
    silence,
    speech,
    update,
)
from tests.server.testing import ADDED, CLEARED, COMMITTED, DONE, STARTED, STOPPED, TURN, turn_taken

# --- commit -----------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("commit-no-stop", "commit-turn-id", "commit-no-response", "commit-idle")
def test_a_manual_commit_during_speech_takes_the_place_of_speech_stopped():
    """Captured and documented (§3.6): same item, no speech_stopped, and a commit alone never creates a response."""
    user = Id()
    play = Playbook() >> append(speech(5)) << says(STARTED, item_id=user)
    play >> COMMIT << says(COMMITTED, item_id=user) << says(ADDED, item={"id": user}) << says(DONE, item={"id": user})
    assert play >> append(silence(50)) >> FINISHES


@pytest.mark.behaviour("commit-idle")
def test_speech_that_goes_on_after_a_commit_is_a_new_turn():
    """Unknown of the service, the default (§3.6): detection is idle after the commit."""
    user, rest = Id(), Id()
    play = Playbook() >> append(silence(20) + speech(5)) << says(STARTED, item_id=user)
    play >> COMMIT << says(COMMITTED, item_id=user) << says(ADDED) << says(DONE)
    play >> append(speech(3)) << says(STARTED, item_id=rest, audio_start_ms=25 * 32 - 300)
    assert turn_taken(play >> append(silence(7)), rest, previous=user) << says("response.created")
    assert rest.value != user.value


@pytest.mark.behaviour("commit-active")
def test_detection_may_stay_active_after_a_manual_commit():
    """Unknown of the service (§3.6), a switch: the end of the same turn then still comes."""
    user, later = Id(), Id()
    play = Playbook(policy={"commit_during_speech": "active"}) >> append(speech(5)) << says(STARTED, item_id=user)
    play >> COMMIT << says(COMMITTED, item_id=user) << says(ADDED) << says(DONE)
    play >> append(silence(7)) << says(STOPPED, item_id=later, audio_end_ms=384)
    assert play << says(COMMITTED, item_id=later) << says(ADDED) << says(DONE) << says("response.created")
    assert later.value != user.value


@pytest.mark.behaviour("commit-empty")
@pytest.mark.parametrize(("frames", "buffered"), [(0, "0.00"), (3, "96.00"), (3.124, "99.96")])
def test_less_than_100_ms_cannot_be_committed(frames, buffered):
    """The text is reported verbatim (§4.4)."""
    message = (
        "Error committing input audio buffer: buffer too small. "
        f"Expected at least 100ms of audio, but buffer only has {buffered}ms of audio."
    )
    play = Playbook() >> append(silence(frames)) >> COMMIT
    assert play << refuses("input_audio_buffer_commit_empty", message, type="invalid_request_error", param=None)
    play >> append(silence(3.125 - frames)) >> COMMIT  # 100 ms in all
    assert play << says(COMMITTED) << says(ADDED) << says(DONE)


@pytest.mark.behaviour("commit-too-late")
def test_a_commit_after_the_server_has_committed_comes_too_late():
    """Reported (§4.4): the race of a client that commits under server VAD."""
    play = Playbook(turn_detection={"create_response": False}) >> append(TURN) << says(STARTED)
    assert turn_taken(play, Id()) >> COMMIT << refuses("input_audio_buffer_commit_empty")


# --- clear ------------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("clear")
def test_clear_of_an_empty_buffer_is_no_error():
    """Documented and reported (§4.4)."""
    play = Playbook() >> CLEAR << says(CLEARED)
    assert play >> append(silence(9)) >> CLEAR << says(CLEARED) >> COMMIT << refuses("input_audio_buffer_commit_empty")


@pytest.mark.behaviour("clear-reset")
def test_clear_drops_an_open_turn():
    """Policy ``reset`` (§4.4, unknown of the service): only ``cleared``, and the next onset has a new id."""
    old, new = Id(), Id()
    play = Playbook() >> append(speech(3)) << says(STARTED, item_id=old) >> CLEAR << says(CLEARED)
    assert play >> append(silence(50))
    play >> append(speech(1)) << says(STARTED, item_id=new, audio_start_ms=53 * 32 - 300)
    assert new.value != old.value and play
    assert play.noted(TurnClosed) == [TurnClosed(item_id=old.value, by="clear")]


@pytest.mark.behaviour("clear-reset")
@pytest.mark.parametrize("clears", [2, 3, 5])
@pytest.mark.parametrize("policy", ["reset", "buffer_only"])
def test_however_often_a_client_clears_within_one_speech_the_rest_of_it_is_a_turn(policy, clears):
    """Documented (§4.4): ``clear`` empties the buffer, and no more: a watchdog that fires again harms nothing."""
    user = Id()
    play = Playbook(policy={"clear_during_speech": policy}) >> append(speech(3)) << says(STARTED)
    for _ in range(clears):
        play >> CLEAR << says(CLEARED)
        play >> append(speech(4))
        if policy == "reset":
            play << says(STARTED)
    play >> append(silence(7))
    assert turn_taken(play, user, audio_end_ms=32 * (3 + 4 * clears + 7)) << says("response.created")


@pytest.mark.behaviour("clear-reset", "commit-idle")
def test_clears_and_commits_within_one_speech_leave_the_next_one_to_be_heard():
    """Each ends the turn that is open; what is said afterwards is heard as by a new session."""
    play = Playbook(strict=False) >> append(speech(4))
    for event in (CLEAR, COMMIT, CLEAR, CLEAR, COMMIT, COMMIT, CLEAR):
        play >> event >> append(speech(4))
    play >> append(silence(10)) >> FINISHES
    before = [event["type"] for event in play.said].count(STARTED)
    play >> append(TURN) >> FINISHES
    assert [event["type"] for event in play.said].count(STARTED) == before + 1


@pytest.mark.behaviour("clear-buffer-only")
def test_clear_may_empty_the_buffer_only():
    """Policy ``buffer_only`` (§4.4): the turn stays open, so speech raises no start, and the stop has the old id."""
    user = Id()
    play = Playbook(policy={"clear_during_speech": "buffer_only"}) >> append(speech(3)) << says(STARTED, item_id=user)
    play >> CLEAR << says(CLEARED)
    assert play >> append(speech(20))
    assert turn_taken(play >> append(silence(7)), user, audio_end_ms=960) << says("response.created")


@pytest.mark.behaviour("clear-wedge")
@pytest.mark.parametrize("clock", ["keep", "restart"])
def test_clear_may_wedge_detection_for_good(clock):
    """Policy ``wedge`` (§4.4): no speech_* any more in this session, whatever the clock does."""
    play = Playbook(policy={"clear_during_speech": "wedge", "clock_on_clear": clock})
    play >> append(speech(3)) << says(STARTED) >> CLEAR << says(CLEARED)
    assert play >> append(silence(50) + TURN) >> FINISHES >> CLEAR << says(CLEARED)
    assert play >> append(TURN) >> FINISHES


@pytest.mark.behaviour("clear-wedge")
def test_wedge_needs_speech():
    """Assumed (§4.4): a clear in silence does no harm under any policy."""
    play = Playbook(policy={"clear_during_speech": "wedge"}) >> append(silence(3)) >> CLEAR << says(CLEARED)
    assert play >> append(speech(1)) << says(STARTED)


@pytest.mark.behaviour("clear-keeps-clock", "clear-restarts-clock")
def test_clear_may_restart_the_clock():
    """Unknown (§4.4): positions then count from the clear; by default the clock goes on."""
    restarts = Playbook(policy={"clock_on_clear": "restart"}) >> append(silence(60)) >> CLEAR << says(CLEARED)
    assert restarts >> append(silence(20) + speech(1)) << says(STARTED, audio_start_ms=20 * 32 - 300)
    keeps = Playbook() >> append(silence(60)) >> CLEAR << says(CLEARED)
    assert keeps >> append(silence(20) + speech(1)) << says(STARTED, audio_start_ms=80 * 32 - 300)


@pytest.mark.behaviour("clear-restarts-clock")
def test_a_restarted_clock_leaves_an_open_turn_open():
    """Assumed (§4.4): the two policies are independent; the buffer's bytes and the clock go, the turn does not."""
    user = Id()
    play = Playbook(policy={"clear_during_speech": "buffer_only", "clock_on_clear": "restart"})
    play >> append(silence(60) + speech(3)) << says(STARTED, item_id=user) >> CLEAR << says(CLEARED)
    assert turn_taken(play >> append(silence(7)), user, audio_end_ms=7 * 32) << says("response.created")


# --- formats and limits -----------------------------------------------------------------------------------------------


@pytest.mark.behaviour("formats")
@pytest.mark.parametrize("name", ["audio/pcmu", "audio/pcma"])
def test_g711_takes_a_byte_for_each_of_8000_samples(name):
    """Documented (§4.3): 8 bytes a millisecond, so a frame is 256 bytes, and so in the answer."""
    loud, quiet = (bytes([0x00]), bytes([0xFF])) if name == PCMU.name else (bytes([0x2A]), bytes([0xD5]))
    form = {"type": name}
    play = Playbook() >> update(audio={"input": {"format": form}, "output": {"format": form}})
    play << says("session.updated", session={"audio": {"input": {"format": form}, "output": {"format": form}}})
    play >> append(quiet * 256 * 40 + loud * 256 * 3) << says(STARTED, audio_start_ms=980)
    turn_taken(play >> append(quiet * 256 * 7), Id(), audio_end_ms=1600) << says("response.created")
    play >> FINISHES
    deltas = [event["delta"] for event in play.said if event["type"] == "response.output_audio.delta"]
    assert [len(base64.b64decode(delta)) for delta in deltas] == [800, 800, 800, 400]


@pytest.mark.behaviour("wrong-format")
def test_100_ms_are_measured_in_the_declared_format():
    """800 bytes are 100 ms of G.711, and 16.67 ms of PCM (§4.3)."""
    play = Playbook() >> append(bytes(800)) >> COMMIT
    assert (
        play << refuses("input_audio_buffer_commit_empty")
        and "only has 16.67ms" in play.last("error")["error"]["message"]
    )
    play = Playbook() >> update(audio={"input": {"format": {"type": "audio/pcma"}}}) << says("session.updated")
    assert play >> append(b"\xd5" * 800) >> COMMIT << says(COMMITTED) << says(ADDED) << says(DONE)


@pytest.mark.behaviour("format-changes")
def test_audio_keeps_its_length_when_the_format_changes():
    """Assumed (§4.3): what was appended before was 96 ms in its own format."""
    play = Playbook() >> append(silence(3)) >> update(audio={"input": {"format": {"type": "audio/pcmu"}}})
    play << says("session.updated") >> COMMIT << refuses("input_audio_buffer_commit_empty")
    assert "only has 96.00ms" in play.last("error")["error"]["message"]


@pytest.mark.behaviour("odd-byte-carried", "odd-byte-dropped")
@pytest.mark.parametrize(("policy", "heard"), [("carry", True), ("drop", False)])
def test_half_a_sample_is_carried_or_dropped(policy, heard):
    """Unknown of the service (§4.3), a switch: behind half a sample, 0x0010 becomes 0x1000, which is loud."""
    play = Playbook(policy={"odd_byte": policy}, strict=False)
    play >> append(silence(1) + b"\x00") >> append(b"\x10\x00" * 768 * 3)
    assert (STARTED in play.types()) is heard


@pytest.mark.behaviour("append-size", "append-refused")
def test_15_mib_is_the_most_audio_of_one_append():
    """Documented (§4.4); one sample more is refused and not buffered."""
    play = Playbook() >> append(bytes(MAX_APPEND_BYTES + 2), event_id="big")
    (
        play
        << refuses("invalid_value", event_id="big", param="audio")
        >> COMMIT
        << refuses("input_audio_buffer_commit_empty")
    )
    assert play >> append(bytes(15 * 1024 * 1024)) >> COMMIT << says(COMMITTED) << says(ADDED) << says(DONE)


@pytest.mark.behaviour("output-clear")
def test_output_audio_buffer_clear_is_not_for_websockets():
    """Captured (§2.2): it is absent from the endpoint's own list of supported values."""
    assert Playbook() >> sends("output_audio_buffer.clear") << refuses("invalid_value", param="type")
