"""A run that takes too long is ended, whatever the client does about it."""

import signal
import threading
import time

import pytest

from harness.search.watched import TookTooLong, ended_after

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="has no timers")


def test_a_loop_and_a_sleep_are_ended():
    for work in (lambda: time.sleep(60), lambda: [None for _ in iter(int, 1)]):
        with pytest.raises(TookTooLong, match="the run did not end within"), ended_after(0.05):
            work()


def test_one_who_catches_what_ends_it_is_ended_again():
    caught = 0
    with pytest.raises(TookTooLong), ended_after(0.05):
        while True:
            try:
                time.sleep(60)
            except BaseException:
                caught += 1
                if caught > 1:
                    raise


def test_afterwards_everything_is_as_before():
    before = signal.getsignal(signal.SIGALRM)
    with ended_after(0.02):
        pass
    time.sleep(0.05)
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_without_a_limit_and_in_another_thread_nothing_is_ended():
    done = []

    def work():
        with ended_after(0.01):
            time.sleep(0.05)
        done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    with ended_after(None):
        time.sleep(0.02)
    assert done == [True]
