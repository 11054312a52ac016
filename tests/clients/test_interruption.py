from harness.clients.interruption import Interruption, Watchdog
from harness.clients.settings import ClientSettings
from harness.units import SECOND


def test_an_interruption_is_a_loud_chunk_of_the_last_second():
    """0.03125 of full scale is 1024 LSB."""
    interruption = Interruption(ClientSettings(interruption_threshold=0.03125))
    interruption.chunk(1024**2 * 480 - 1, 480, 5 * SECOND)
    assert not interruption.is_one(5 * SECOND)
    interruption.chunk(1024**2 * 480, 480, 6 * SECOND)
    assert interruption.is_one(7 * SECOND)
    assert not interruption.is_one(7 * SECOND + 1)


def test_it_fires_every_period_until_speech_stops():
    watchdog = Watchdog(30_000)
    watchdog.arm(2 * SECOND)
    fired = [now for now in range(120) if watchdog.fires(now * SECOND)]
    assert fired == [32, 62, 92]
    watchdog.disarm()
    assert not any(watchdog.fires(now * SECOND) for now in range(120, 200))


def test_it_is_due_one_period_after_speech_started():
    watchdog = Watchdog(30_000)
    assert watchdog.due is None
    watchdog.arm(5)
    assert watchdog.due == 30 * SECOND + 5
    assert not watchdog.fires(30 * SECOND + 4)
    assert watchdog.fires(30 * SECOND + 5)


def test_a_new_speech_started_begins_a_new_wait():
    watchdog = Watchdog(30_000)
    watchdog.arm(0)
    watchdog.arm(20 * SECOND)
    assert not watchdog.fires(30 * SECOND)
    assert watchdog.fires(50 * SECOND)


def test_without_a_period_there_is_no_watchdog():
    watchdog = Watchdog(None)
    watchdog.arm(0)
    assert watchdog.due is None
    assert not watchdog.fires(3600 * SECOND)
