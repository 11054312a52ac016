import pytest

from harness.clients.recovery.ladder import RecoveryLadder
from harness.clients.recovery.strategies import STRATEGIES
from harness.clients.recovery.symptoms import NEED_OF
from harness.clients.reference import RESILIENT_SETTINGS
from harness.units import SECOND


def climb(symptom, count, ladder=None, start=0):
    """The first ``count`` remedies with the second at which each is given, asked for every 250 ms."""
    ladder = ladder or RecoveryLadder(RESILIENT_SETTINGS)
    found, now = [], start
    while len(found) < count:
        remedy = ladder.next_remedy(symptom, now)
        if remedy is not None:
            found.append((remedy, now / SECOND))
        now += SECOND // 4
    return found


REOPEN, RESUME, TELL = "reopen_capture", "resume_playback", "tell_user"
HEARING = ["open_gate", "end_speech", "reconnect", "reconnect"]


@pytest.mark.parametrize(
    ("symptom", "remedies"),
    [
        ("capture_stopped", [REOPEN, REOPEN, TELL, REOPEN, REOPEN]),
        ("capture_silent", [REOPEN, REOPEN]),
        ("playback_stuck", [RESUME, RESUME, TELL, RESUME, RESUME]),
        ("speech_stuck", HEARING),
        ("speech_in_noise", ["raise_gate", "end_speech", REOPEN, "reconnect", "reconnect"]),
        ("speech_endless", ["commit_and_create", "end_speech", REOPEN, "reconnect", "reconnect"]),
        ("reply_failed", ["ask_for_response", "ask_for_response", "reconnect", "reconnect"]),
        ("nothing_heard", ["renew", "renew"]),
        ("voice_gated", HEARING),
        ("voice_unheard", ["end_speech", "reconnect", REOPEN, "reconnect", "reconnect"]),
        ("response_stuck", ["cancel_response", "reconnect", "reconnect"]),
        ("turn_unanswered", ["ask_for_response", "reconnect", "reconnect"]),
        ("peer_lost", ["reconnect", "reconnect"]),
    ],
)
def test_the_rungs_of_each_symptom_in_the_order_of_their_price(symptom, remedies):
    assert [remedy for remedy, _ in climb(symptom, len(remedies))] == remedies


def test_each_rung_has_three_seconds_and_the_last_repeats_after_twice_the_wait():
    assert [at for _, at in climb("voice_gated", 9)] == [0, 3, 6, 9, 15, 27, 51, 99, 159]


def test_the_symptoms_of_one_ladder_climb_it_together():
    ladder = RecoveryLadder(RESILIENT_SETTINGS)
    assert ladder.next_remedy("voice_gated", 0) == "open_gate"
    assert ladder.next_remedy("speech_stuck", 2 * SECOND) is None
    assert ladder.next_remedy("speech_stuck", 3 * SECOND) == "end_speech"


def test_ladders_are_climbed_apart():
    ladder = RecoveryLadder(RESILIENT_SETTINGS)
    assert ladder.next_remedy("voice_gated", 0) == "open_gate"
    assert ladder.next_remedy("capture_stopped", 0) == "reopen_capture"


def test_what_worked_is_climbed_from_the_bottom_next_time():
    ladder = RecoveryLadder(RESILIENT_SETTINGS)
    climb("voice_gated", 4, ladder)
    ladder.worked("hearing")
    assert climb("voice_gated", 2, ladder, 100 * SECOND) == [("open_gate", 100), ("end_speech", 103)]


def test_a_rung_with_nothing_to_do_is_skipped_without_a_wait():
    ladder = RecoveryLadder(RESILIENT_SETTINGS)
    assert ladder.next_remedy("voice_gated", 0) == "open_gate"
    assert ladder.skip("voice_gated", 0) == "end_speech"
    assert ladder.next_remedy("voice_gated", 3 * SECOND - 1) is None


def test_the_wait_is_a_setting():
    assert [
        at for _, at in climb("voice_unheard", 3, RecoveryLadder(RESILIENT_SETTINGS.changed(rung_wait_ms=1_000)))
    ] == [0, 1, 2]


def test_the_best_ladder_has_rungs_for_every_symptom():
    assert set(STRATEGIES["ladder"].ladders) == set(NEED_OF.values())
