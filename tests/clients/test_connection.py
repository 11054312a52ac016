from harness.clients.connection import Heartbeat, Redial
from harness.clients.settings import ClientSettings
from harness.units import MS, SECOND


def test_redial_waits_twice_as_long_each_time_up_to_the_longest():
    redial = Redial(ClientSettings())
    waits = []
    for _ in range(7):
        redial.failed(0)
        waits.append(redial.due // MS)
    assert waits == [500, 1000, 2000, 4000, 8000, 8000, 8000]
    assert redial.failures == 7


def test_redial_counts_from_the_failure_and_starts_again_after_a_success():
    redial = Redial(ClientSettings())
    redial.failed(0)
    redial.failed(10 * SECOND)
    assert redial.due == 11 * SECOND
    redial.dialled(10 * SECOND)
    assert redial.due is None
    redial.succeeded()
    redial.failed(20 * SECOND)
    assert redial.due == 20 * SECOND + 500 * MS
    assert redial.failures == 1


def test_pings_are_sent_at_their_interval():
    heartbeat = Heartbeat(ClientSettings(ping_interval_ms=5_000))
    assert not heartbeat.ping_due(100 * SECOND)
    heartbeat.start(0)
    sent = []
    for now in range(0, 20 * SECOND, 250 * MS):
        if heartbeat.ping_due(now):
            sent.append(now)
            heartbeat.pong()
    assert sent == [5 * SECOND, 10 * SECOND, 15 * SECOND]
    assert not heartbeat.is_lost(20 * SECOND)


def test_a_peer_is_lost_when_one_pong_is_overdue_whatever_was_asked_since():
    heartbeat = Heartbeat(ClientSettings(ping_interval_ms=2_000, pong_timeout_ms=5_000))
    heartbeat.start(0)
    for now in (2, 4, 6):
        assert heartbeat.ping_due(now * SECOND)
    assert not heartbeat.is_lost(7 * SECOND - 1)
    assert heartbeat.is_lost(7 * SECOND)
    heartbeat.stop()
    assert not heartbeat.is_lost(60 * SECOND)
    assert not heartbeat.ping_due(60 * SECOND)


def test_a_late_pong_saves_the_connection():
    heartbeat = Heartbeat(ClientSettings(pong_timeout_ms=5_000))
    heartbeat.start(0)
    heartbeat.ping_due(5 * SECOND)
    heartbeat.pong()
    assert not heartbeat.is_lost(60 * SECOND)
